/** The two panes, and when each of their layers is drawn again. */

import { desk, on } from "./desk.js";
import { $ } from "./dom.js";
import { Pane } from "./pane.js";
import { drawPointers } from "./pointers.js";
import { fit, view } from "./view.js";

export const panes = [];

const due = new Set();

/** Draw at the next frame: "film", "still", "mask", "pointer". */
export function redraw(...layers) {
  if (due.size === 0) requestAnimationFrame(drawDue);
  for (const layer of layers) due.add(layer);
}

export function redrawAll() {
  redraw("film", "still", "mask", "pointer");
}

function drawDue() {
  const layers = new Set(due);
  due.clear();
  for (const pane of panes.filter((each) => each.visible)) {
    const whole = [0, 0, pane.width, pane.height];
    if (layers.has("film")) pane.drawFilm(whole);
    if (layers.has("still")) pane.drawStill();
    if (layers.has("mask")) pane.drawMask(whole);
  }
  drawPointers();
}

/** How many panes are seen, and their sizes. */
export function arrange() {
  const two = desk.told !== null || (desk.mode === "side" && desk.left !== desk.right);
  $("pane-left").hidden = !two;
  for (const pane of panes.filter((each) => each.visible)) pane.resize();
  $("swipe").hidden = desk.mode !== "swipe" || desk.told !== null;
  if (view.fitted && desk.exams.length) fitAll();
  redrawAll();
}

export function rightPane() {
  return panes[1];
}

export function fitAll() {
  fit(rightPane().width, rightPane().height);
}

/** Make the panes; keep the same part of the film in sight when the window's size changes. */
export function setUpStage() {
  panes.push(new Pane("left", $("frame-left")), new Pane("right", $("frame-right")));
  on("view", redrawAll);
  const observer = new ResizeObserver(() => {
    const before = rightPane().width;
    arrange();
    if (before > 1 && !view.fitted) view.scale *= rightPane().width / before;
    redrawAll();
  });
  observer.observe($("stage"));
}
