/**
 * The reading desk: which case lies on it, what is shown of it, and what the reader holds in hand.
 * One object, and the news that something of it changed.
 */

export const desk = {
  session: null,
  /** A random name of this tab, by which the server knows who edits. */
  tab: "",
  /** The case as the server describes it, or null. */
  case: null,
  /** @type {import("./exam.js").Exam[]} */
  exams: [],
  /** Whether the server has measured the case, so that its masks can be had. */
  measured: false,
  /** Whether strokes are taken (this tab has the case to itself, and everything is loaded). */
  editable: false,
  /** Exams in the left and the right pane; the right one is the reference of the view. */
  left: 0,
  right: 0,
  /** The exam that is edited, and whose report is open. */
  active: 0,
  mode: "side",
  blinkShows: "right",
  swipeAt: 0.5,
  aligned: false,
  tool: "move",
  target: "mask",
  /** Diameter of the brush, in pixels of the film. */
  brush: 20,
  layers: {
    outline: true, projected: true, hemithoraces: false, lines: false, shown: false, measured: false,
    "reader 1": false, "reader 2": false,
  },
  magnified: false,
  inverted: false,
  /** Other words that are being tried: {exam, grid, without, percent} or null. */
  told: null,
};

const listeners = new Map();

/** Call `listener(detail)` whenever `name` is announced. */
export function on(name, listener) {
  if (!listeners.has(name)) listeners.set(name, []);
  listeners.get(name).push(listener);
}

export function announce(name, detail) {
  for (const listener of listeners.get(name) ?? []) listener(detail);
}

/** Say something to the reader: in the status line, and to a screen reader. */
export function say(text) {
  announce("said", text);
}

/** Why nothing can be changed now, "" where it can. */
export function locked() {
  if (desk.editable) return "";
  return desk.measured
    ? "This case can only be looked at here: another tab has it."
    : "The case is still being measured; a moment.";
}

export function plain(name) {
  return name === "followup" ? "Follow-up" : name.charAt(0).toUpperCase() + name.slice(1);
}
