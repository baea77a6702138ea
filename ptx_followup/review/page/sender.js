/**
 * Brings strokes to the server, one request at a time, while drawing goes on.
 *
 * Touched rectangles wait until the one before has been answered, and are joined meanwhile; what is sent are the pixels
 * as they are at that moment. Where no server answers, they wait and are tried again: nothing is lost but with the tab.
 */

import { Refused, post } from "./api.js";
import { pack, toBase64 } from "./bits.js";
import { announce, desk } from "./desk.js";
import { union } from "./rect.js";

const AGAIN_MS = 1000;

/** Layer of the server and label of the grid, by kind; left before right, so that a pixel's new side comes last. */
const LAYERS = {
  mask: [["mask", 1]],
  hemithoraces: [["left", 2], ["right", 1]],
};

const waiting = new Map();
let revision = 0;
let busy = false;
let stopped = false;

/** Start anew with a case. */
export function startAt(known) {
  waiting.clear();
  revision = known;
  stopped = false;
}

export function currentRevision() {
  return revision;
}

export function allSent() {
  return waiting.size === 0 && !busy;
}

/** Resolves when everything has reached the server, or false where it cannot. */
export async function sent() {
  while (!allSent()) {
    if (stopped) return false;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  return !stopped;
}

/** Pixels of an exam were changed: send them soon. */
export function touch(exam, kind, rect) {
  for (const [layer, label] of LAYERS[kind]) {
    const key = `${exam} ${layer}`;
    const before = waiting.get(key);
    waiting.set(key, { exam, kind, layer, label, rect: union(before?.rect ?? null, rect) });
  }
  announce("sending");
  if (!busy) send();
}

async function send() {
  busy = true;
  while (waiting.size && !stopped) {
    const [key, stroke] = waiting.entries().next().value;
    waiting.delete(key);
    await sendOne(key, stroke);
  }
  busy = false;
  announce("sending");
}

async function sendOne(key, { exam, kind, layer, label, rect }) {
  const grid = desk.exams[exam].grids[kind];
  const bits = toBase64(pack(grid.width, rect, (offset) => grid.data[offset] === label));
  try {
    const figures = await post(`case/${desk.case.id}/stroke`, { tab: desk.tab, exam, layer, revision, rect, bits });
    revision = figures.revision;
    announce("online");
    announce("figures", figures);
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    const later = waiting.get(key);
    waiting.set(key, { exam, kind, layer, label, rect: union(rect, later?.rect ?? null) });
    if (problem.status !== 0) {
      stopped = true;
      announce(problem.status === 409 ? "conflict" : "failed", problem);
      return;
    }
    announce("offline");
    await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  }
}
