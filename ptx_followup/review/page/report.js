/** The report of the exam in hand, with the sentences that counted; and the mask that other words would give. */

import { Refused, post } from "./api.js";
import { fromBase64 } from "./bits.js";
import { announce, desk, locked, on, plain, say } from "./desk.js";
import { $, element } from "./dom.js";
import { percent } from "./figures.js";
import { fromBits } from "./grid.js";
import { arrange, redraw } from "./stage.js";
import { takeOver } from "./strokes.js";

const PAUSE_MS = 120;
const TOLD_NOTHING = "nothing: the mask rests on the image alone, or the report denies a pneumothorax.";

let timer = 0;
let asked = 0;

function exam() {
  return desk.exams[desk.active];
}

function show() {
  if (!desk.exams.length) return;
  const { known } = exam();
  $("report-of").textContent = plain(known.name);
  const pieces = known.report?.pieces ?? [];
  $("report").replaceChildren(...pieces.map(({ text, kind, note }) =>
    kind ? element("mark", { className: kind, title: note ?? "" }, text) : document.createTextNode(text)));
  const kept = desk.session.time_points === "hidden";
  if (!pieces.length) $("report").textContent = kept ? "It is not shown in this read." : "There is no report of this exam.";
  $("told-row").hidden = kept;
  $("try").hidden = kept;
  $("told").textContent = desk.case.ready === false ? "…" : known.told || TOLD_NOTHING;
  $("legend").hidden = pieces.length === 0;
  $("try").disabled = !desk.editable;
}

function reportText() {
  return (exam().known.report?.pieces ?? []).map((piece) => piece.text).join("");
}

/** Open or close the place where the words can be changed. */
export function tryWords() {
  if (!$("words").hidden) {
    close();
    return;
  }
  if (desk.session.time_points === "hidden") return;
  if (locked()) {
    say(locked());
    return;
  }
  desk.told = { exam: desk.active, grid: null, without: null, percent: null };
  $("words").hidden = false;
  $("reading").hidden = true;
  $("text").value = reportText() || exam().known.told || "";
  $("left-out").replaceChildren();
  arrange();
  announce("mode");
  toFirstCounted();
  askServer(false);
}

/** The cursor to the first sentence that counted, in sight. */
function toFirstCounted() {
  const pieces = exam().known.report?.pieces ?? [];
  const counted = pieces.findIndex((piece) => piece.kind === "counted");
  const before = pieces.slice(0, Math.max(0, counted)).map((piece) => piece.text).join("");
  const area = $("text");
  const all = area.value;
  area.focus();
  area.value = before;
  area.scrollTop = area.scrollHeight;
  const scrolled = area.scrollTop;
  area.value = all;
  area.scrollTop = scrolled;
  area.setSelectionRange(before.length, before.length);
}

export function close() {
  if ($("words").hidden) return;
  desk.told = null;
  $("words").hidden = true;
  $("reading").hidden = false;
  arrange();
  announce("mode");
}

async function askServer(words) {
  const { told } = desk;
  if (!told) return;
  asked += 1;
  const mine = asked;
  $("answer").textContent = words ? "Leaving out one word after the other…" : "…";
  try {
    const address = `case/${desk.case.id}/told`;
    const answer = await post(address, { exam: told.exam, text: $("text").value, ...(words ? { words: true } : {}) });
    if (mine === asked && desk.told === told) take(told, answer);
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    if (mine === asked) $("answer").textContent = problem.message;
  }
}

function both(shares) {
  const present = ["right", "left"].filter((side) => shares?.[side]);
  return present.map((side) => `${side} ${percent(shares[side])}`).join(", ") || "none";
}

function take(told, answer) {
  const { columns, rows } = desk.exams[told.exam];
  told.grid = fromBits(columns, rows, answer.mask.rect, fromBase64(answer.mask.bits));
  told.without = answer.network ? fromBits(columns, rows, answer.network.rect, fromBase64(answer.network.bits)) : null;
  told.percent = both(answer.percent);
  $("answer").replaceChildren(
    element("strong", {}, `With these words: ${told.percent}. `),
    answer.told ? `The network is told: “${answer.told}”` : "The network is told nothing.",
    ...(answer.warnings ?? []).map((text) => element("span", { className: "warned" }, text)));
  if (answer.left_out) {
    $("left-out").replaceChildren(...answer.left_out.map(({ word, side, percent: shares }) =>
      element("li", {}, element("span", { className: "word" }, side ? `${word} (${side})` : word), element("span", {}, both(shares)))));
  }
  announce("told");
  redraw("mask");
}

function use() {
  const { told } = desk;
  if (!told?.grid) return;
  close();
  desk.active = told.exam;
  desk.target = "mask";
  announce("active");
  takeOver(told.grid);
}

export function setUpReport() {
  on("active", () => {
    close();
    show();
  });
  on("case", () => {
    close();
    show();
  });
  $("try").addEventListener("click", tryWords);
  $("close-words").addEventListener("click", close);
  $("use").addEventListener("click", use);
  $("leave-out").addEventListener("click", () => askServer(true));
  $("text").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => askServer(false), PAUSE_MS);
  });
  $("text").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    say("Back to the report.");
    $("try").focus();
  });
}
