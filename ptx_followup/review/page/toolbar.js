/** Buttons, captions of the panes and the status line: they show the desk as it is. */

import { setTarget, setTool, showExams } from "./commands.js";
import { desk, on, plain } from "./desk.js";
import { $, element } from "./dom.js";
import { sizes } from "./figures.js";
import { resizeBrush } from "./hands.js";
import { allSent } from "./sender.js";
import { panes, redraw } from "./stage.js";
import { steps } from "./strokes.js";
import { preset } from "./windows.js";

const SAID_MS = 5000;

const buttons = (attribute) => document.querySelectorAll(`button[data-${attribute}]`);

function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}

/** Give every button its deed, its key in the tooltip, and the focus back to the film after a click. */
function bind(table) {
  const byName = new Map(table.map((command) => [command.name, command]));
  for (const button of buttons("command")) {
    const command = byName.get(button.dataset.command);
    button.title = `${command.says}  [${command.keys[0]}]`;
    button.setAttribute("aria-keyshortcuts", command.keys[0].replace("Ctrl", "Control"));
    button.addEventListener("click", (event) => {
      command.run();
      if (event.detail > 0 && !document.querySelector("dialog[open]") && desk.told === null) panes[1].frame.focus({ preventScroll: true });
    });
  }
}

function showTool() {
  for (const button of buttons("tool")) press(button, button.dataset.tool === desk.tool);
  for (const button of buttons("edits")) button.disabled = !desk.editable;
  $("target").value = desk.target;
  $("target").disabled = !desk.editable;
  $("stage").dataset.tool = desk.tool;
}

function showMode() {
  const told = desk.told !== null;
  for (const button of buttons("mode")) {
    press(button, !told && button.dataset.mode === desk.mode);
    button.disabled = desk.left === desk.right && button.dataset.mode !== "side";
  }
  showCaptions();
  showPickers();
}

/** In a series, which exams stand beside each other is chosen. */
function showPickers() {
  $("pickers").hidden = desk.exams.length < 3;
  for (const side of ["left", "right"]) {
    $(`pick-${side}`).replaceChildren(...desk.exams.map(({ known, index }) =>
      element("option", { value: String(index) }, plain(known.name))));
    $(`pick-${side}`).value = String(desk[side]);
  }
}

function showLayers() {
  document.querySelector("[data-layer=projected]").hidden = desk.left === desk.right;
  for (const name of ["reader 1", "reader 2"]) {
    document.querySelector(`[data-layer="${name}"]`).hidden = !desk.exams.some((exam) => exam.known.layers.includes(name));
  }
  for (const button of buttons("layer")) press(button, desk.layers[button.dataset.layer]);
  for (const name of ["aligned", "magnified", "inverted"]) press($(name), desk[name]);
}

function when(known) {
  if (!known.acquired) return "";
  const made = new Date(known.acquired);
  return made.toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

function source(exam) {
  return exam.touched ? "corrected by a reader" : exam.known.mask_source;
}

function caption(pane) {
  const { told, mode } = desk;
  const names = [desk.right, desk.left].map((index) => plain(desk.exams[index].known.name));
  if (told) return pane.side === "left" ? `Mask as it stands: ${sizes(desk.figures, told.exam)}` : `With other words: ${told.percent ?? "…"}`;
  if (mode === "difference") return `${names[0]} minus ${names[1].toLowerCase()}`;
  if (mode === "swipe") return `${names[1]} | ${names[0]}`;
  return plain(desk.exams[pane.examAt()].known.name);
}

function showCaptions() {
  if (!desk.exams.length) return;
  for (const pane of panes) {
    const exam = desk.exams[pane.examAt()];
    const place = $(`caption-${pane.side}`);
    const single = desk.told === null && ["side", "blink"].includes(desk.mode);
    const details = single ? [when(exam.known), exam.known.view, sizes(desk.figures, exam.index), source(exam)] : [];
    const chosen = single && exam.index === desk.active;
    place.replaceChildren(
      element("strong", {}, caption(pane)),
      ...details.filter(Boolean).map((text) => element("span", {}, text)),
      chosen && desk.left !== desk.right && desk.mode === "side" ? element("span", { className: "in-hand" }, "being corrected") : "");
    pane.frame.setAttribute("aria-label", [caption(pane), ...details].filter(Boolean).join(", "));
    pane.frame.closest(".pane").classList.toggle("active", chosen && desk.mode === "side" && desk.left !== desk.right);
  }
}

function showHistory() {
  for (const [name, possible] of [["undo", steps().canUndo], ["redo", steps().canRedo]]) {
    document.querySelector(`button[data-command=${name}]`).disabled = !desk.editable || !possible;
  }
}

function showWindow() {
  const exam = desk.exams[desk.active];
  if (!exam) return;
  const [centre, width] = exam.window.map(Math.round);
  $("window-values").textContent = `Window ${width}, level ${centre}`;
  const names = exam.presets;
  const now = names.find(({ window }) => window[0] === exam.window[0] && window[1] === exam.window[1]);
  $("presets").replaceChildren(
    element("option", { value: "" }, "by hand"), ...names.map(({ name }) => element("option", { value: name }, name)));
  $("presets").value = now?.name ?? "";
}

function showBrush() {
  const exam = desk.exams[desk.active];
  if (!exam) return;
  const spacing = exam.known.spacing_mm?.[1];
  const size = spacing ? `${(desk.brush * spacing).toFixed(1)} mm` : `${Math.round(desk.brush)} px`;
  $("brush-words").textContent = size;
  $("brush-size").value = String(Math.round(Math.log(desk.brush) * 100));
  $("brush-size").max = String(Math.round(Math.log(exam.columns / 4) * 100));
  $("brush-size").setAttribute("aria-valuetext", size);
}

/** Where strokes are: on their way, kept as a draft, or waiting for a server. */
function showSending(offline) {
  const text = offline ? "Strokes wait in this tab" : allSent() ? "Draft kept" : "Keeping…";
  $("draft").textContent = steps().canUndo || desk.exams.some((exam) => exam.touched) || offline ? text : "";
  $("draft").classList.toggle("alarm", offline);
  $("offline").hidden = !offline;
}

let saidTimer = 0;

/** Above the lower edge of the films for a while; a screen reader says it at once. */
function showSaid(text) {
  $("said").textContent = text;
  $("said").classList.remove("old");
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => $("said").classList.add("old"), SAID_MS);
}

function setUpLists() {
  $("target").addEventListener("change", (event) => setTarget(event.target.value));
  $("presets").addEventListener("change", (event) => preset(event.target.value));
  $("brush-size").addEventListener("input", (event) => {
    resizeBrush(Math.exp(Number(event.target.value) / 100) / desk.brush);
    if (!["brush", "eraser"].includes(desk.tool)) setTool("brush");
    redraw("pointer");
  });
  for (const id of ["pick-left", "pick-right"]) {
    $(id).addEventListener("change", () => showExams(Number($("pick-left").value), Number($("pick-right").value)));
  }
}

/** Let buttons show what is on. @param {ReturnType<import("./commands.js").commands>} table */
export function setUpToolbar(table) {
  bind(table);
  setUpLists();
  on("tool", showTool);
  on("mode", showMode);
  on("layers", showLayers);
  on("window", showWindow);
  on("brush", showBrush);
  on("told", showCaptions);
  on("edited", () => {
    showHistory();
    showCaptions();
  });
  on("figures", showCaptions);
  on("active", () => {
    showCaptions();
    showWindow();
    showBrush();
  });
  let offline = false;
  on("offline", () => showSending(offline = true));
  on("online", () => showSending(offline = false));
  on("sending", () => showSending(offline));
  on("said", showSaid);
  on("case", () => {
    for (const show of [showTool, showMode, showLayers, showWindow, showBrush, showHistory]) show();
    showSending(offline);
    $("case-name").textContent = desk.case.name;
  });
}
