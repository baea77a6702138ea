/**
 * Everything that the reader can do: one table, by which keys, buttons and the help all go.
 * A key is written as in the help; "Ctrl" is Command on a Mac.
 */

import { announce, desk, locked, on, plain, say } from "./desk.js";
import { activate, closePolygon, resizeBrush } from "./hands.js";
import * as report from "./report.js";
import { decide } from "./saving.js";
import { arrange, fitAll, redraw, redrawAll, rightPane } from "./stage.js";
import * as strokes from "./strokes.js";
import { between, pan, view, zoomAt } from "./view.js";
import { applyWindows, dragWindow, nextPreset, resetWindows } from "./windows.js";
import { showWorklist } from "./worklist.js";

const LAYERS = {
  outline: "Outline of the pneumothorax",
  projected: "Prior's outline, projected onto the follow-up (dashed)",
  hemithoraces: "Hemithoraces",
  lines: "Measure lines",
  shown: "First mask as shown: under the report's own words",
  measured: "First mask as measured: both films under one sentence, where that leads",
  "reader 1": "Mask of the first reader, where two are adjudicated",
  "reader 2": "Mask of the second reader",
};

export function setMode(mode) {
  if (mode !== "side" && desk.left === desk.right) {
    say("There is one film only.");
    return;
  }
  if (["swipe", "difference"].includes(mode) && !between(desk.left, desk.right).registered) {
    say("The films could not be laid on each other: no swipe and no difference.");
    return;
  }
  report.close();
  desk.mode = mode;
  arrange();
  if (mode === "difference") setTool("move");
  announce("mode");
}

/** Said when a tool is taken up. */
const HINTS = {
  window: "Drag sideways for contrast, up and down for brightness. The right button does so with every tool.",
  brush: "Draw on the film. Wheel zooms, Shift and drag moves the films, E erases.",
  eraser: "Erase on the film. B draws again.",
  polygon: "Click the corners; double click or Enter closes the polygon.",
  fill: "Click into what is enclosed by the outline.",
};

function blink() {
  if (desk.left === desk.right) return;
  if (desk.mode !== "blink") {
    desk.blinkShows = "left";
    setMode("blink");
  } else {
    desk.blinkShows = desk.blinkShows === "left" ? "right" : "left";
    activate(desk[desk.blinkShows]);
    redrawAll();
    announce("mode");
  }
  say(plain(desk.exams[desk[desk.blinkShows]].known.name));
}

export function setTool(tool) {
  if (!["move", "window"].includes(tool) && locked()) {
    say(locked());
    return;
  }
  desk.tool = tool;
  announce("tool");
  redraw("mask", "pointer");
  if (HINTS[tool]) say(HINTS[tool]);
}

/** Show other exams of a series. */
export function showExams(left, right) {
  const last = desk.exams.length - 1;
  if (left < 0 || right < 0 || left > last || right > last) return;
  report.close();
  Object.assign(desk, { left, right });
  if (desk.active !== left && desk.active !== right) activate(right);
  if (left === right) desk.mode = "side";
  arrange();
  fitAll();
  announce("mode");
}

function shiftExams(step) {
  showExams(desk.left + step, desk.right + step);
}

export async function setTarget(target) {
  desk.target = target;
  announce("tool");
  await loadLayers();
  say(`Strokes now change the ${strokes.targetName()}.`);
}

export async function toggleLayer(name) {
  desk.layers[name] = !desk.layers[name];
  announce("layers");
  say(`${LAYERS[name]}: ${desk.layers[name] ? "on" : "off"}.`);
  await loadLayers();
}

/** Fetch what is switched on and not there yet. */
export async function loadLayers() {
  if (!desk.measured) return;
  const { layers, exams, target } = desk;
  if (layers.hemithoraces || target !== "mask") await Promise.all(exams.map((exam) => exam.grid("hemithoraces")));
  for (const name of ["shown", "measured", "reader 1", "reader 2"].filter((each) => layers[each])) {
    await Promise.all(exams.filter((exam) => exam.known.layers.includes(name)).map((exam) => exam.layer(name)));
  }
  redraw("mask", "still");
}

function zoomMiddle(factor) {
  const pane = rightPane();
  const at = { exam: desk.right, film: [view.x, view.y], x: pane.width / 2 - 0.5, y: pane.height / 2 - 0.5 };
  zoomAt(factor, at, pane.width, pane.height, true);
}

function flag(name, words) {
  desk[name] = !desk[name];
  say(`${words}: ${desk[name] ? "on" : "off"}.`);
  announce("layers");
}

function otherExam() {
  const next = desk.active === desk.right ? desk.left : desk.right;
  activate(next);
  if (desk.mode === "blink") desk.blinkShows = next === desk.left ? "left" : "right";
  redrawAll();
  announce("mode");
  say(`In hand: ${plain(desk.exams[next].known.name)}.`);
}

const TARGETS = ["mask", "right", "left"];

/** @returns {{group: string, name: string, keys: string[], says: string, run: () => void}[]} */
export function commands(go) {
  on("opened", loadLayers);
  const looking = (name, keys, says, run) => ({ group: "Looking", name, keys, says, run });
  const light = (name, keys, says, run) => ({ group: "Window and level", name, keys, says, run });
  const layer = (name, key) => ({ group: "Outlines", name, keys: [key], says: LAYERS[name], run: () => toggleLayer(name) });
  const editing = (name, keys, says, run) => ({ group: "Correcting", name, keys, says, run });
  const deciding = (name, keys, says, run) => ({ group: "Case", name, keys, says, run });
  return [
    deciding("save", ["S", "Ctrl+S"], "Decide and save", decide),
    deciding("next", ["PageDown", "."], "Next case", () => go(1)),
    deciding("previous", ["PageUp", ","], "Case before", () => go(-1)),
    deciding("open-worklist", ["Q"], "Worklist", showWorklist),
    deciding("try", ["R"], "Try other words of the report", report.tryWords),
    deciding("help", ["?"], "This help", () => document.getElementById("help-dialog").showModal()),
    looking("side", ["1"], "Side by side", () => setMode("side")),
    looking("swipe", ["2"], "Swipe between the two films", () => setMode("swipe")),
    looking("blinking", ["3"], "Blink: one film at a time", () => setMode("blink")),
    looking("difference", ["4"], "Difference: follow-up minus prior", () => setMode("difference")),
    looking("blink", ["Space"], "Blink to the other film", blink),
    looking("fit", ["0"], "Fit to the window", fitAll),
    looking("larger", ["+", "="], "Zoom in (also: wheel)", () => zoomMiddle(1.25)),
    looking("smaller", ["-"], "Zoom out", () => zoomMiddle(0.8)),
    looking("align", ["A"], "Turn the prior onto the follow-up", () => {
      flag("aligned", "Prior turned onto the follow-up");
      redrawAll();
    }),
    looking("magnify", ["Z"], "Magnifier under the pointer", () => {
      flag("magnified", "Magnifier");
      redraw("pointer");
    }),
    looking("earlier", ["<"], "Earlier exams of a series", () => shiftExams(-1)),
    looking("later", [">"], "Later exams of a series", () => shiftExams(1)),
    looking("move", ["V"], "Move the films (also: Shift and drag, middle button)", () => setTool("move")),
    light("window", ["W"], "Window: drag sideways for contrast, up and down for brightness (also: right button)", () => setTool("window")),
    light("invert", ["I"], "Invert", () => {
      flag("inverted", "Inverted");
      applyWindows();
    }),
    light("preset", ["Y"], "Next preset", () => say(`Window: ${nextPreset() || "no preset"}.`)),
    light("reset-window", ["Shift+Y"], "Window as at first", resetWindows),
    light("wider", ["Shift+ArrowRight"], "Less contrast", () => dragWindow(desk.active, 15, 0)),
    light("narrower", ["Shift+ArrowLeft"], "More contrast", () => dragWindow(desk.active, -15, 0)),
    light("brighter", ["Shift+ArrowUp"], "Brighter", () => dragWindow(desk.active, 0, -15)),
    light("darker", ["Shift+ArrowDown"], "Darker", () => dragWindow(desk.active, 0, 15)),
    layer("outline", "O"),
    layer("projected", "J"),
    layer("hemithoraces", "H"),
    layer("lines", "L"),
    layer("shown", "N"),
    layer("measured", "M"),
    layer("reader 1", "5"),
    layer("reader 2", "6"),
    editing("brush", ["B"], "Brush", () => setTool("brush")),
    editing("eraser", ["E"], "Eraser", () => setTool("eraser")),
    editing("polygon", ["P"], "Polygon: click its corners, Enter closes it", () => setTool("polygon")),
    editing("fill", ["F"], "Fill what is enclosed", () => setTool("fill")),
    editing("brush-smaller", ["["], "Smaller brush (also: Ctrl and wheel)", () => resizeBrush(1 / 1.25)),
    editing("brush-larger", ["]"], "Larger brush", () => resizeBrush(1.25)),
    editing("grow", ["G"], "Grow by half a millimetre", strokes.grow),
    editing("shrink", ["Shift+G"], "Shrink by half a millimetre", strokes.shrink),
    editing("none", ["Delete"], "Empty: no pneumothorax at all", strokes.none),
    editing("original", ["K"], "Reset: back to the first mask", strokes.original),
    editing("undo", ["Ctrl+Z", "U"], "Undo (200 steps)", strokes.undo),
    editing("redo", ["Ctrl+Y", "Ctrl+Shift+Z", "Shift+U"], "Redo", strokes.redo),
    editing("target", ["X"], "Change what is corrected: pneumothorax, right or left hemithorax", () =>
      setTarget(TARGETS[(TARGETS.indexOf(desk.target) + 1) % 3])),
    editing("exam", ["T"], "Take the other exam in hand", otherExam),
    editing("close-polygon", ["Shift+Enter"], "Take a polygon away from the mask", () => closePolygon(false)),
  ];
}

/** Arrow keys: the films move, or with a tool that draws, the point of that tool. */
export function arrow(dx, dy) {
  const step = Math.round(rightPane().width / 20);
  pan(-dx * step, -dy * step);
}
