/** The pointer on the films: what each button and the wheel do, by the tool in hand. */

import { inverse } from "./affine.js";
import { announce, desk, say } from "./desk.js";
import { brush } from "./grid.js";
import { drawPointers, pointer } from "./pointers.js";
import * as strokes from "./strokes.js";
import { panes } from "./stage.js";
import { pan, zoomAt } from "./view.js";
import { dragWindow } from "./windows.js";

/** Diameter, in pixels, of a brush that touches the centre of a pixel wherever it is. */
const SMALLEST = 1.5;

let drag = null;

/** What a press of a button begins: "draw", "corner", "fill", "window" or "pan". */
function deed(event) {
  if (event.button === 2) return "window";
  if (event.button === 1 || event.shiftKey) return "pan";
  return { move: "pan", window: "window", brush: "draw", eraser: "draw", polygon: "corner", fill: "fill" }[desk.tool];
}

function down(pane, event) {
  if (event.button > 2 || drag) return;
  event.preventDefault();
  pane.frame.focus({ preventScroll: true });
  const point = pane.point(event);
  follow(pane, point);
  activate(point.exam);
  const what = deed(event);
  if (what === "corner") return addCorner(point);
  if (what === "fill") return desk.told ? undefined : strokes.fillAt(point.film);
  if (what === "draw" && (desk.told || desk.mode === "difference")) {
    return say(desk.told
      ? "Take the mask or close the other words before you draw."
      : "Choose a film to draw on: side by side, swipe or blink.");
  }
  if (what === "draw" && !strokes.ready(point.exam)) return undefined;
  drag = { what, pane, exam: point.exam, last: event, film: point.film, add: desk.tool !== "eraser" };
  try {
    pane.frame.setPointerCapture(event.pointerId);
  } catch {
    // A pointer that is gone already has nothing to be captured.
  }
  if (what === "draw") {
    strokes.begin(point.exam);
    strokes.go((grid, label) => brush(grid, point.film, point.film, desk.brush / 2, label, drag.add));
  }
  return undefined;
}

function move(pane, event) {
  if (!drag) {
    follow(pane, pane.point(event));
    return;
  }
  if (drag.what === "draw") draw(event);
  else {
    const dx = (event.clientX - drag.last.clientX) * pane.ratio;
    const dy = (event.clientY - drag.last.clientY) * pane.ratio;
    if (drag.what === "pan") pan(dx, dy);
    else dragWindow(drag.exam, dx / pane.ratio, dy / pane.ratio);
    drag.last = event;
    follow(pane, pane.point(event));
  }
}

/** Draw through every place where the pointer was since the last event. */
function draw(event) {
  const { pane, exam } = drag;
  const back = inverse(pane.map(exam));
  const box = pane.frame.getBoundingClientRect();
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) {
    const x = (each.clientX - box.left) * pane.ratio - 0.5;
    const y = (each.clientY - box.top) * pane.ratio - 0.5;
    const next = [back[0] * x + back[1] * y + back[2], back[3] * x + back[4] * y + back[5]];
    const from = drag.film;
    strokes.go((grid, label) => brush(grid, from, next, desk.brush / 2, label, drag.add));
    drag.film = next;
  }
  pointer.at = { exam, film: drag.film, pane };
  drawPointers();
}

function up() {
  if (drag?.what === "draw") strokes.end();
  drag = null;
}

function follow(pane, { exam, film }) {
  pointer.at = { exam, film, pane };
  pointer.byKeys = false;
  drawPointers();
  announce("pointed");
}

function leave() {
  if (drag) return;
  pointer.at = null;
  drawPointers();
  announce("pointed");
}

/** The exam that is edited from now on. */
export function activate(exam) {
  if (desk.active === exam) return;
  desk.active = exam;
  pointer.corners = [];
  announce("active");
}

export function addCorner({ exam, film }) {
  if (desk.told || desk.mode === "difference" || !strokes.ready(exam)) return;
  if (pointer.corners.length === 0) say("Polygon: click the corners; double click or Enter closes it, Escape gives it up.");
  pointer.corners.push(film);
  drawPointers();
}

export function closePolygon(add = true) {
  const corners = pointer.corners;
  pointer.corners = [];
  if (corners.length >= 3) strokes.polygon(corners, add);
  else if (corners.length) say("A polygon needs three corners.");
  drawPointers();
}

function wheel(pane, event) {
  event.preventDefault();
  if (event.ctrlKey && ["brush", "eraser"].includes(desk.tool)) {
    resizeBrush(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    return;
  }
  const point = pane.point(event);
  const factor = Math.exp(-Math.max(-120, Math.min(120, event.deltaY)) * 0.002);
  zoomAt(factor, point, pane.width, pane.height, pane.laid(point.exam));
  follow(pane, pane.point(event));
}

export function resizeBrush(factor) {
  const exam = desk.exams[desk.active];
  desk.brush = Math.max(SMALLEST, Math.min(exam.columns / 4, Math.max(desk.brush * factor, factor > 1 ? desk.brush + 1 : 0)));
  announce("brush");
  drawPointers();
}

export function setUpHands() {
  for (const pane of panes) {
    const { frame } = pane;
    frame.addEventListener("pointerdown", (event) => down(pane, event));
    frame.addEventListener("pointermove", (event) => move(pane, event));
    frame.addEventListener("pointerup", up);
    frame.addEventListener("pointercancel", up);
    frame.addEventListener("pointerleave", leave);
    frame.addEventListener("wheel", (event) => wheel(pane, event), { passive: false });
    frame.addEventListener("contextmenu", (event) => event.preventDefault());
    frame.addEventListener("dblclick", () => desk.tool === "polygon" && closePolygon());
  }
}
