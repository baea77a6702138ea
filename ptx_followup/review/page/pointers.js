/** What follows the pointer: the brush's rim, the same point on the other film, the polygon in hand, the magnifier. */

import { apply, inverse, scaleOf, zoom, compose } from "./affine.js";
import { desk } from "./desk.js";
import { COLOURS, drawMask } from "./marks.js";
import { panes } from "./stage.js";
import { between } from "./view.js";

const LENS_RADIUS = 95;
const LENS_ZOOM = 3;

/** The point in hand: {exam, film: [x, y], pane} or null, and the corners of a polygon that is not closed yet. */
export const pointer = { at: null, corners: [], brushDown: false };

export function drawPointers() {
  for (const pane of panes) {
    if (!pane.visible) continue;
    const context = pane.context.pointer;
    context.clearRect(0, 0, pane.width, pane.height);
    if (!pointer.at) continue;
    const here = positionIn(pane);
    if (!here) continue;
    if (desk.magnified) drawLens(pane, context, here);
    if (pane === pointer.at.pane) drawTool(pane, context, here);
    else drawCross(pane, context, here);
  }
}

/** Where the pointer's anatomy lies in a pane, in pixels of its canvas. */
function positionIn(pane) {
  const { exam, film } = pointer.at;
  const shown = pane === pointer.at.pane ? exam : pane.examAt(0);
  const { map, registered } = between(exam, shown);
  if (!registered) return null;
  return { point: apply(compose(pane.map(shown), map), ...film), exam: shown };
}

function twice(context, pane, width, draw) {
  for (const [colour, wide] of [["rgba(0, 0, 0, 0.7)", width + 2], [COLOURS.text, width]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide * pane.ratio;
    context.beginPath();
    draw();
    context.stroke();
  }
}

function drawCross(pane, context, { point: [x, y] }) {
  const gap = 4 * pane.ratio;
  const arm = 12 * pane.ratio;
  twice(context, pane, 1.2, () => {
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * gap, y + dy * gap);
      context.lineTo(x + dx * arm, y + dy * arm);
    }
  });
}

function drawTool(pane, context, here) {
  const map = pane.map(here.exam);
  const [x, y] = here.point;
  if (desk.tool === "brush" || desk.tool === "eraser") {
    const radius = Math.max(1.5, (desk.brush / 2) * scaleOf(map));
    twice(context, pane, pointer.brushDown ? 2 : 1.2, () => {
      context.ellipse(x + 0.5, y + 0.5, radius, radius, 0, 0, 2 * Math.PI);
      if (desk.tool === "eraser") {
        context.moveTo(x - radius * 0.5, y);
        context.lineTo(x + radius * 0.5, y);
      }
    });
  } else if (pointer.byKeys) {
    drawCross(pane, context, here);
  }
  if (pointer.corners.length) drawCorners(pane, context, map, [x, y]);
}

function drawCorners(pane, context, map, here) {
  const corners = pointer.corners.map((corner) => apply(map, ...corner));
  twice(context, pane, 1.4, () => {
    context.moveTo(...corners[0]);
    for (const corner of [...corners.slice(1), here]) context.lineTo(...corner);
  });
  context.fillStyle = COLOURS.pneumothorax;
  for (const [x, y] of corners) context.fillRect(x - 2.5 * pane.ratio, y - 2.5 * pane.ratio, 5 * pane.ratio, 5 * pane.ratio);
}

/** A round piece of the film, larger, beside the pointer's anatomy and with its outlines. */
function drawLens(pane, context, { point: [x, y], exam }) {
  const film = desk.exams[exam].film;
  if (!film) return;
  const radius = Math.round(LENS_RADIUS * pane.ratio);
  const size = 2 * radius;
  const map = compose(zoom(LENS_ZOOM, radius - LENS_ZOOM * x, radius - LENS_ZOOM * y), pane.map(exam));
  const greys = new Uint8Array(size * size);
  film.greys(inverse(map), [0, 0, size, size], greys);
  const lens = new OffscreenCanvas(size, size);
  const inside = lens.getContext("2d");
  const image = new ImageData(size, size);
  const words = new Uint32Array(image.data.buffer);
  for (let at = 0; at < greys.length; at += 1) words[at] = 0xff000000 | (greys[at] * 0x010101);
  inside.putImageData(image, 0, 0);
  drawMask({
    width: size, height: size, ratio: pane.ratio, side: pane.side, context: { mask: inside }, map: () => map, examAt: () => exam,
  }, [0, 0, size, size], exam);
  context.save();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.clip();
  context.drawImage(lens, x - radius, y - radius);
  context.restore();
  twice(context, pane, 1.4, () => context.arc(x, y, radius, 0, 2 * Math.PI));
}
