/** What is drawn on the films: outlines, measure lines, the mask in hand. Colours are those of every figure of ptx. */

import { apply, compose, inverse } from "./affine.js";
import { desk } from "./desk.js";
import { border, seen } from "./outlines.js";
import { between } from "./view.js";

export const COLOURS = {
  pneumothorax: "#ffb000",
  projected: "#56b4e9",
  told: "#d55e00",
  hemithorax: "#c8dce6",
  text: "#ffffff",
};

const FILL = 0.16;

/** Exams of a pane, each with the strip of the canvas in which it is seen. */
function strips(pane, [x, y, w, h]) {
  if (desk.mode !== "swipe" || desk.told) return [{ exam: pane.examAt(x), rect: [x, y, w, h] }];
  const split = Math.round(desk.swipeAt * pane.width);
  return [
    { exam: desk.left, rect: [x, y, Math.min(w, split - x), h] },
    { exam: desk.right, rect: [Math.max(x, split), y, x + w - Math.max(x, split), h] },
  ].filter(({ rect }) => rect[2] > 0);
}

/** The strip, clipped, and the rectangle around it by which a line at its edge is drawn whole. */
function clipped(context, pane, [x, y, w, h], draw) {
  context.save();
  context.beginPath();
  context.rect(x, y, w, h);
  context.clip();
  const margin = Math.ceil(4 * pane.ratio);
  const left = Math.max(0, x - margin);
  const top = Math.max(0, y - margin);
  draw([left, top, Math.min(pane.width, x + w + margin) - left, Math.min(pane.height, y + h + margin) - top]);
  context.restore();
}

function outline(context, pane, grid, label, map, rect, style) {
  const set = seen(grid, label, inverse(map), rect);
  const path = border(set, rect);
  if (style.fill) {
    context.globalAlpha = FILL;
    context.fillStyle = style.colour;
    context.fill(path, "evenodd");
    context.globalAlpha = 1;
  }
  // A dark rim keeps the line visible on bright bone as well.
  context.setLineDash([]);
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.lineWidth = (style.width + 1.6) * pane.ratio;
  if (!style.dash) context.stroke(path);
  context.setLineDash((style.dash ?? []).map((each) => each * pane.ratio));
  context.strokeStyle = style.colour;
  context.lineWidth = style.width * pane.ratio;
  context.stroke(path);
  context.setLineDash([]);
}

/** The mask that is edited (or tried with other words), in a rectangle of the pane; of one exam alone where it is named. */
export function drawMask(pane, rect, only = null) {
  const context = pane.context.mask;
  for (const strip of only === null ? strips(pane, rect) : [{ exam: only, rect }]) {
    const exam = desk.exams[strip.exam];
    if (!exam) continue;
    clipped(context, pane, strip.rect, (around) => {
      const map = pane.map(strip.exam);
      if (desk.told && pane.side === "right") {
        const { grid, without } = desk.told;
        const dotted = { colour: COLOURS.text, width: 1.2, dash: [1.5, 3.5] };
        if (without) outline(context, pane, without, 1, map, around, dotted);
        if (grid) outline(context, pane, grid, 1, map, around, { colour: COLOURS.told, width: 1.8, fill: true });
        return;
      }
      const editing = desk.editable && !["move", "window"].includes(desk.tool);
      if (desk.target !== "mask" && exam.grids.hemithoraces) {
        for (const [side, label] of [["right", 1], ["left", 2]]) {
          const style = { colour: COLOURS.hemithorax, width: side === desk.target ? 1.8 : 1.3, fill: editing && side === desk.target };
          outline(context, pane, exam.grids.hemithoraces, label, map, around, style);
        }
      }
      if (desk.layers.outline && exam.grids.mask) {
        const fill = editing && desk.target === "mask";
        outline(context, pane, exam.grids.mask, 1, map, around, { colour: COLOURS.pneumothorax, width: 1.6, fill });
      }
    });
  }
}

/** Everything that no stroke changes at once. */
export function drawStill(pane) {
  const context = pane.context.still;
  for (const strip of strips(pane, [0, 0, pane.width, pane.height])) {
    const exam = desk.exams[strip.exam];
    if (!exam) continue;
    clipped(context, pane, strip.rect, (around) => drawLayers(context, pane, exam, around));
  }
}

function drawLayers(context, pane, exam, around) {
  const map = pane.map(exam.index);
  const { layers } = desk;
  const draw = (grid, label, style, through = map) => grid && outline(context, pane, grid, label, through, around, style);
  if (layers.hemithoraces && desk.target === "mask") {
    for (const label of [1, 2]) draw(exam.grids.hemithoraces, label, { colour: COLOURS.hemithorax, width: 1.3 });
  }
  if (layers.shown) draw(exam.layers.shown, 1, { colour: COLOURS.text, width: 1 });
  if (layers.measured) draw(exam.layers.measured, 1, { colour: COLOURS.text, width: 1.2, dash: [1.5, 3.5] });
  draw(layers["reader 1"] && exam.layers["reader 1"], 1, { colour: COLOURS.projected, width: 1.4 });
  draw(layers["reader 2"] && exam.layers["reader 2"], 1, { colour: COLOURS.told, width: 1.4 });
  if (layers.projected && exam.index === desk.right && desk.left !== desk.right && !desk.told) drawProjected(draw, map);
  if (layers.lines) drawLines(context, pane, exam, map);
}

/** The prior's mask on the follow-up, from the prior's pixels, so that it follows a correction of the prior. */
function drawProjected(draw, map) {
  const { map: onto, registered } = between(desk.left, desk.right);
  if (!registered) return;
  draw(desk.exams[desk.left].grids.mask, 1, { colour: COLOURS.projected, width: 1.4, dash: [7, 5] }, compose(map, onto));
}

function drawLines(context, pane, exam, map) {
  context.font = `${12 * pane.ratio}px system-ui, sans-serif`;
  for (const [x0, y0, x1, y1, label] of desk.case.measure_lines?.[exam.known.name] ?? []) {
    if (x0 === x1 && y0 === y1) continue;
    const [from, to] = [apply(map, x0, y0), apply(map, x1, y1)];
    for (const [colour, width] of [["rgba(0, 0, 0, 0.6)", 4], [COLOURS.text, 1.4]]) {
      context.strokeStyle = colour;
      context.lineWidth = width * pane.ratio;
      context.beginPath();
      context.moveTo(from[0] + 0.5, from[1] + 0.5);
      context.lineTo(to[0] + 0.5, to[1] + 0.5);
      context.stroke();
    }
    context.lineWidth = 3 * pane.ratio;
    context.strokeStyle = "rgba(0, 0, 0, 0.8)";
    context.fillStyle = COLOURS.text;
    const at = [(from[0] + to[0]) / 2 + 6 * pane.ratio, (from[1] + to[1]) / 2];
    context.strokeText(label, ...at);
    context.fillText(label, ...at);
  }
}
