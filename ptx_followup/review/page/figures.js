/** What was measured and judged, beside the films: words and figures as the server gives them. */

import { desk, on, plain } from "./desk.js";
import { $, drawing, element } from "./dom.js";

const SIDES = ["right", "left"];

export function percent(value) {
  if (value === null || value === undefined) return "–";
  return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} %`;
}

function signed(value) {
  if (value === null || value === undefined) return "–";
  const text = Math.abs(value) < 10 ? Math.abs(value).toFixed(1).replace(/\.0$/, "") : String(Math.round(Math.abs(value)));
  return text === "0" ? "0" : `${value < 0 ? "−" : "+"}${text}`;
}

/** The sentence of the results, with signs in place of their plain letters. */
function readable(sentence) {
  return sentence.replaceAll("->", "→").replace(/(^|[ (])-(?=\d)/g, "$1−");
}

function range(interval, write) {
  return interval ? `${write(interval[0])} to ${write(interval[1])}` : "";
}

/** Size of both sides on one exam in few words, for the caption of its pane. */
export function sizes(figures, exam) {
  const known = SIDES.map((side) => [side, figures?.sides?.[side]?.exams[exam]?.percent]);
  const present = known.filter(([, value]) => value);
  if (present.length) return present.map(([side, value]) => `${side} ${percent(value)}`).join(", ");
  return known.some(([, value]) => value === 0) ? "none" : "";
}

function sizeCell(size) {
  if (!size) return element("td", {}, "–");
  const area = size.area_mm2 ? `${(size.area_mm2 / 100).toFixed(1)} cm²` : `${size.area_px} px`;
  return element("td", { title: `${size.area_px} pixels` },
    element("strong", {}, percent(size.percent)),
    element("small", {}, range(size.interval95, (value) => String(Math.round(value)))),
    element("small", {}, size.area_px ? area : ""));
}

function changeCell(change) {
  if (!change) return element("td", {}, "–");
  return element("td", {},
    element("strong", {}, signed(change.difference)),
    element("small", {}, range(change.interval95, signed)));
}

/** The sizes of a series: one line an exam, with what became of it since the one before. */
function seriesTable(figures) {
  const sides = SIDES.filter((side) => figures.sides[side]);
  const lines = desk.exams.map((exam) => element("tr", {},
    element("th", { scope: "row" }, plain(exam.known.name)),
    ...sides.map((side) => {
      const cell = sizeCell(figures.sides[side].exams[exam.index]);
      const step = figures.sides[side].steps?.[exam.index - 1];
      if (step && step.verdict) cell.append(element("small", {}, `since: ${step.verdict}, ${signed(step.difference)}`));
      return cell;
    })));
  return element("table", { className: "sizes" },
    element("caption", {}, "Percent of the hemithorax, with 95 % interval"),
    element("thead", {}, element("tr", {}, ...["", ...sides.map(plain)].map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...lines));
}

function table(figures) {
  if (desk.exams.length > 2) return seriesTable(figures);
  const exams = desk.exams.map((exam) => plain(exam.known.name));
  const withChange = SIDES.some((side) => figures.sides[side]?.change);
  const head = ["", ...exams, ...(withChange ? ["Change"] : [])];
  const body = SIDES.filter((side) => figures.sides[side]).map((side) => element("tr", {},
    element("th", { scope: "row" }, plain(side)),
    ...figures.sides[side].exams.map(sizeCell),
    withChange ? changeCell(figures.sides[side].change) : null));
  return element("table", { className: "sizes" },
    element("caption", {}, "Percent of the hemithorax, with 95 % interval"),
    element("thead", {}, element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...body));
}

/** Points with their intervals on one axis, of the sides that have any air. */
function chart(figures) {
  const rows = SIDES.flatMap((side) => (figures.sides[side]?.exams ?? [])
    .map((size, index) => ({ side, size, index })))
    .filter(({ side, size }) => size.interval95 && figures.sides[side].exams.some((each) => each.percent));
  if (!rows.length) return null;
  const most = Math.min(100, Math.max(10, ...rows.map(({ size }) => Math.max(size.interval95[1], size.percent))));
  const end = Math.ceil(most / 10) * 10;
  const at = (value) => 82 + (Math.min(value, end) / end) * 214;
  const height = 18 * rows.length + 20;
  const lines = rows.flatMap(({ side, size, index }, row) => {
    const y = 12 + 18 * row;
    const name = `${plain(side).charAt(0)} ${plain(desk.exams[index].known.name)}`;
    const kind = index === desk.exams.length - 1 ? "late" : "early";
    return [
      drawing("text", { x: 0, y: y + 4 }, name),
      drawing("line", { x1: at(size.interval95[0]), x2: at(size.interval95[1]), y1: y, y2: y, class: kind }),
      drawing("circle", { cx: at(size.percent), cy: y, r: 4.5, class: kind }),
    ];
  });
  const ticks = [0, end / 2, end].flatMap((value) => [
    drawing("line", { x1: at(value), x2: at(value), y1: 2, y2: height - 16, class: "tick" }),
    drawing("text", { x: at(value), y: height - 2, "text-anchor": value === end ? "end" : "middle" }, `${value}${value ? " %" : ""}`),
  ]);
  return drawing("svg", { viewBox: `0 0 300 ${height}`, class: "intervals", "aria-hidden": "true" }, ...ticks, ...lines);
}

function chances(change) {
  if (!change?.probability) return "";
  const { increase, decrease, within_5_points: within } = change.probability;
  // Rounded down, as in the sentence: no probability is stated that is not reached.
  const share = (value) => (value > 0.99 ? "> 99 %" : `${Math.floor(100 * value)} %`);
  const parts = [`smaller ${share(decrease)}`, `larger ${share(increase)}`];
  if (within !== undefined && within !== null) parts.push(`within 5 points ${share(within)}`);
  return parts.join(" · ");
}

function verdicts(figures) {
  return SIDES.map((side) => ({ side, change: figures.sides[side]?.change }))
    .filter(({ side, change }) => change && figures.sides[side].exams.some((size) => size.percent))
    .map(({ side, change }) => element("div", { className: "verdict" },
      element("h3", {}, `${plain(side)}: `, element("em", {}, change.verdict)),
      element("p", { className: "quiet" }, chances(change))));
}

function notes(id, texts) {
  const once = new Map(texts.map((text) => [text.toLowerCase(), text]));
  $(id).replaceChildren(...[...once.values()].map((text) => element("li", {}, text)));
  $(id).parentElement.hidden = texts.length === 0;
}

function show(figures) {
  desk.figures = figures;
  $("judged").textContent = desk.exams.length > 1 ? "Change" : "Size";
  $("sentence").textContent = readable(figures?.sentence ?? "Measuring… The films can be looked at meanwhile.");
  if (!figures) {
    $("figures").replaceChildren();
    return;
  }
  $("figures").replaceChildren(...[...verdicts(figures), table(figures), chart(figures)].filter(Boolean));
  const ofExams = desk.exams.flatMap((exam) => exam.known.warnings.map((text) => `${plain(exam.known.name)}: ${text}`));
  const { registration } = desk.case;
  const refused = registration && !registration.accepted && registration.reason
    ? [`The films could not be laid on each other: ${registration.reason}`] : [];
  notes("warnings", [...figures.warnings, ...ofExams, ...refused]);
  notes("concordance", figures.concordance.map(({ exam, message }) =>
    (desk.exams.length > 1 ? `${plain(desk.exams[exam].known.name)}: ${message}` : message)));
}

export function setUpFigures() {
  on("figures", show);
}
