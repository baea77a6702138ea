/** Window and level of the films: by mouse, presets and keys. Both films move together, each in its own units. */

import { announce, desk } from "./desk.js";
import { redraw } from "./stage.js";

/** Show every film through its window. */
export function applyWindows() {
  for (const exam of desk.exams) exam.setWindow(exam.window, desk.inverted);
  announce("window");
  redraw("film");
}

/** Sideways: wider or narrower (250 pixels double it); down and up: darker or brighter. */
export function dragWindow(index, dx, dy) {
  const [, first] = desk.exams[index].known.window;
  const widen = 2 ** (dx / 250);
  const shift = (dy / 600) * (desk.exams[index].window[1] / first);
  for (const exam of desk.exams) {
    const [centre, width] = exam.window;
    const own = exam.known.window[1];
    const range = exam.known.highest - exam.known.lowest;
    exam.window = [
      Math.max(exam.known.lowest - range, Math.min(exam.known.highest + range, centre + shift * own)),
      Math.max(range / 500, Math.min(4 * range, width * widen)),
    ];
  }
  applyWindows();
}

export function preset(name) {
  for (const exam of desk.exams) {
    const found = exam.presets.find((each) => each.name === name);
    if (found) exam.window = [...found.window];
  }
  applyWindows();
}

export function resetWindows() {
  for (const exam of desk.exams) exam.window = [...exam.known.window];
  desk.inverted = false;
  applyWindows();
}

/** The next preset of the exam in hand, around and around. */
export function nextPreset() {
  const { presets } = desk.exams[desk.active];
  if (!presets.length) return "";
  const { window } = desk.exams[desk.active];
  const now = presets.findIndex((each) => each.window[0] === window[0] && each.window[1] === window[1]);
  const next = presets[(now + 1) % presets.length].name;
  preset(next);
  return next;
}
