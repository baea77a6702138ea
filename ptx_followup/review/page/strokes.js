/** Changes of a mask from the first touch to the server: drawn at once, remembered for undo, sent. */

import { announce, desk, locked, plain, say } from "./desk.js";
import * as grids from "./grid.js";
import { History, flip } from "./history.js";
import { union } from "./rect.js";
import { touch } from "./sender.js";
import { panes, redraw } from "./stage.js";

/** A long stroke is sent in pieces, so that less than two seconds of it can be lost. */
const PIECE_MS = 600;

let history = new History();
let hand = null;

export function forget() {
  clearInterval(hand?.timer);
  history = new History();
  hand = null;
}

export function steps() {
  return history;
}

/** The grid that the reader has chosen to change, and its label there. */
export function target() {
  const kind = desk.target === "mask" ? "mask" : "hemithoraces";
  return { kind, label: desk.target === "left" ? 2 : 1 };
}

export function targetName() {
  return { mask: "pneumothorax", right: "right hemithorax", left: "left hemithorax" }[desk.target];
}

/** Whether a stroke on this exam can begin; says why not. */
export function ready(exam) {
  const { kind } = target();
  if (locked()) say(locked());
  else if (!desk.exams[exam].grids[kind]) say("The mask is still being loaded.");
  else return true;
  return false;
}

/** Take a stroke in hand on an exam. */
export function begin(exam) {
  hand = { exam, ...target(), rect: null, unsent: null, inPieces: false, timer: setInterval(sendPiece, PIECE_MS) };
}

/** Draw a piece of the stroke in hand: `change(grid, label)` returns what it touched. */
export function go(change) {
  const { exam, kind, label } = hand;
  const rect = change(desk.exams[exam].grids[kind], label);
  if (!rect) return;
  hand.rect = union(hand.rect, rect);
  hand.unsent = union(hand.unsent, rect);
  for (const pane of panes) pane.drawTouched(exam, rect);
}

function sendPiece() {
  if (!hand?.unsent) return;
  touch(hand.exam, hand.kind, hand.unsent);
  hand.unsent = null;
  hand.inPieces = true;
}

/** End the stroke: remember it, and send what has not been sent. Returns whether anything changed. */
export function end() {
  const { exam, kind, rect, unsent, inPieces, timer } = hand;
  clearInterval(timer);
  hand = null;
  if (!rect) return false;
  const model = desk.exams[exam];
  const changed = history.record(exam, kind, model.grids[kind], model.before[kind], rect);
  if (changed && !inPieces) touch(exam, kind, changed);
  else if (unsent && inPieces) touch(exam, kind, unsent);
  model.touched ||= changed !== null;
  settled();
  return changed !== null;
}

function settled() {
  announce("edited");
  redraw("mask", "still");
}

/** One change at once, on the exam that is edited. */
function once(change, done, nothing) {
  if (hand) {
    say("Lift the brush first (Enter).");
    return;
  }
  if (!ready(desk.active)) return;
  begin(desk.active);
  go(change);
  say(end() ? `${plain(desk.exams[desk.active].known.name)}: ${done}` : nothing);
}

/** Half a millimetre where the film has a scale, else a thousandth of its height; at least one pixel. */
function borderStep() {
  const exam = desk.exams[desk.active];
  const spacing = exam.known.spacing_mm?.[0];
  return Math.max(1, spacing ? 0.5 / spacing : exam.rows / 1000);
}

export function grow() {
  once((grid, label) => grids.offsetBorder(grid, borderStep(), label, true), `${targetName()} grown.`, "Nothing to grow.");
}

export function shrink() {
  once((grid, label) => grids.offsetBorder(grid, borderStep(), label, false), `${targetName()} shrunk.`, "Nothing to shrink.");
}

export function none() {
  once((grid, label) => grids.empty(grid, label), `no ${targetName()}. Undo brings it back.`, "It is empty already.");
}

export function fillAt(point) {
  once((grid, label) => grids.fill(grid, point, label), "filled.", "Not enclosed: nothing was filled.");
}

export function polygon(points, add) {
  const done = add ? "polygon added." : "polygon taken away.";
  once((grid, label) => grids.polygon(grid, points, label, add), done, "The polygon holds no pixel.");
}

export function takeOver(other) {
  once((grid, label) => grids.take(grid, other, label), "mask taken over.", "It is this mask already.");
}

/** Back to what the network drew (or what was given to the comparison in its place). */
export async function original() {
  const exam = desk.exams[desk.active];
  const layer = await exam.layer(desk.target === "mask" ? "shown" : "hemithoraces");
  once((grid, label) => grids.take(grid, layer, label), "back to the first mask.", "It is the first mask already.");
}

function flipped(step, nothing, word) {
  if (!step) {
    say(nothing);
    return;
  }
  const exam = desk.exams[step.exam];
  flip(step, exam.grids[step.kind], exam.before[step.kind]);
  touch(step.exam, step.kind, step.rect);
  for (const each of desk.exams) each.touched = each.known.edited || history.touches(each.index);
  say(`${plain(exam.known.name)}: ${word}.`);
  settled();
}

export function undo() {
  if (desk.editable && !hand) flipped(history.undo(), "Nothing to undo.", "undone");
}

export function redo() {
  if (desk.editable && !hand) flipped(history.redo(), "Nothing to redo.", "done again");
}
