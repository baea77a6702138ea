/** The keyboard: commands by their keys, and drawing without a mouse. */

import { apply, inverse } from "./affine.js";
import { arrow } from "./commands.js";
import { desk, on, say } from "./desk.js";
import { brush } from "./grid.js";
import { addCorner, closePolygon } from "./hands.js";
import { drawPointers, pointer } from "./pointers.js";
import { panes, rightPane } from "./stage.js";
import * as strokes from "./strokes.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const DRAWING = ["brush", "eraser", "polygon", "fill"];

/** A key event as the table of commands writes it. */
export function written(event) {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shifted = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${shifted ? "Shift+" : ""}${key}`;
}

/** Whether the key belongs to what has the focus: a field, a button's own keys, an open dialog. */
function belongsElsewhere(event) {
  const { target } = event;
  if (document.querySelector("dialog[open]")) return true;
  if (target.matches("textarea, input:not([type=range]), select")) return true;
  if (target.matches("input[type=range], [role=slider]")) return event.key in ARROWS || event.key === "Home" || event.key === "End";
  return target.matches("button, a, summary") && ["Enter", " "].includes(event.key);
}

export function setUpKeys(table) {
  on("tool", () => pointer.brushDown && liftBrush());
  const byKey = new Map(table.flatMap((command) => command.keys.map((key) => [key, command])));
  document.addEventListener("keydown", (event) => {
    if (belongsElsewhere(event) || event.altKey) return;
    const key = written(event);
    if (desk.case && drawn(event, key)) {
      event.preventDefault();
      return;
    }
    const command = byKey.get(key);
    if (!command || (!desk.case && command.group !== "Case")) return;
    event.preventDefault();
    command.run();
  });
}

/** What arrows, Enter and Escape do. */
function drawn(event, key) {
  if (key in ARROWS) {
    if (DRAWING.includes(desk.tool)) movePoint(...ARROWS[key]);
    else arrow(...ARROWS[key]);
    return true;
  }
  if (key === "Enter" && DRAWING.includes(desk.tool)) {
    press();
    return true;
  }
  if (key === "Escape") {
    if (pointer.brushDown) liftBrush();
    pointer.corners = [];
    drawPointers();
    return true;
  }
  return false;
}

/** The pane and the point that keys move: where the pointer is, else the middle of the exam in hand. */
function pointByKeys() {
  if (pointer.at && pointer.at.exam === desk.active) return pointer.at;
  const pane = panes.find((each) => each.visible && each.shows(desk.active)) ?? rightPane();
  const film = apply(inverse(pane.map(desk.active)), pane.width / 2, pane.height / 2);
  pointer.at = { exam: desk.active, film, pane };
  return pointer.at;
}

/** One pixel of the screen times eight; a held key goes on. The brush draws while it is down. */
function movePoint(dx, dy) {
  const at = pointByKeys();
  const map = at.pane.map(at.exam);
  const [x, y] = apply(map, ...at.film);
  const step = 8 * at.pane.ratio;
  const film = apply(inverse(map), x + dx * step, y + dy * step);
  if (pointer.brushDown) {
    const from = at.film;
    strokes.go((grid, label) => brush(grid, from, film, desk.brush / 2, label, desk.tool === "brush"));
  }
  pointer.at = { ...at, film };
  pointer.byKeys = true;
  drawPointers();
}

function press() {
  const at = pointByKeys();
  const byMouse = !pointer.byKeys;
  pointer.byKeys = true;
  if (desk.tool === "fill") strokes.fillAt(at.film);
  else if (desk.tool === "polygon") corner(at, byMouse);
  else if (pointer.brushDown) liftBrush();
  else if (!desk.told && desk.mode !== "difference" && strokes.ready(at.exam)) {
    pointer.brushDown = true;
    strokes.begin(at.exam);
    strokes.go((grid, label) => brush(grid, at.film, at.film, desk.brush / 2, label, desk.tool === "brush"));
    say("Brush down: arrows draw, Enter lifts it.");
  }
  drawPointers();
}

function liftBrush() {
  pointer.brushDown = false;
  strokes.end();
  say("Brush lifted.");
}

/** A corner where the point is; a second time at the same place closes the polygon, and so does Enter after clicks. */
function corner(at, byMouse) {
  const last = pointer.corners.at(-1);
  const same = last && Math.hypot(last[0] - at.film[0], last[1] - at.film[1]) < 0.5;
  if (same || (byMouse && pointer.corners.length)) closePolygon();
  else addCorner(at);
}
