/**
 * Where the reader looks: one centre and one scale for all panes, in pixels of the film of the right pane.
 * The other film follows through the registration, so that the same rib stays in the middle of both.
 */

import { IDENTITY, apply, compose, inverse, scaleOf, zoom } from "./affine.js";
import { announce, desk } from "./desk.js";

/** `fitted`: the whole film is in the window, and shall be when the window changes. */
export const view = { x: 0, y: 0, scale: 1, fitted: true };

const LARGEST = 16;

/** The map from one exam to the other of the case, and whether it is that of a registration. */
export function between(from, to) {
  if (from === to) return { map: IDENTITY, registered: true };
  const maps = desk.case.registration?.accepted ? affines() : [];
  let map = IDENTITY;
  const step = from < to ? 1 : -1;
  for (let index = from; index !== to; index += step) {
    const next = maps[Math.min(index, index + step)];
    if (!next) return { map: stretched(from, to), registered: false };
    map = compose(step > 0 ? next : inverse(next), map);
  }
  return { map, registered: true };
}

/** The map from each exam to the next, null where there is none. */
function affines() {
  const affine = desk.case.registration?.affine ?? null;
  return Array.isArray(affine?.[0]) || affine?.includes(null) ? affine : [affine];
}

/** Where there is no registration, the films are laid on each other by their edges. */
function stretched(from, to) {
  const [first, second] = [desk.exams[from], desk.exams[to]];
  return [second.columns / first.columns, 0, 0, 0, second.rows / first.rows, 0];
}

/**
 * The map from an exam's pixels to those of a canvas.
 * @param {boolean} laid whether the film is bent onto the reference, or stands upright beside it
 */
export function toCanvas(index, width, height, laid) {
  const { map, registered } = between(index, desk.right);
  if (laid) return compose(zoom(view.scale, width / 2 - 0.5 - view.scale * view.x, height / 2 - 0.5 - view.scale * view.y), map);
  const [x, y] = apply(inverse(map), view.x, view.y);
  const scale = view.scale * (registered ? scaleOf(map) : map[0]);
  return zoom(scale, width / 2 - 0.5 - scale * x, height / 2 - 0.5 - scale * y);
}

/** The whole film of the right pane in a canvas. */
export function fit(width, height) {
  const exam = desk.exams[desk.right];
  view.x = (exam.columns - 1) / 2;
  view.y = (exam.rows - 1) / 2;
  view.scale = Math.min(width / exam.columns, height / exam.rows);
  view.fitted = true;
  announce("view");
}

/** Zoom by a factor; the point `film` of an exam stays at (x, y) of a canvas. */
export function zoomAt(factor, { exam, film, x, y }, width, height, laid) {
  const reference = desk.exams[desk.right];
  const smallest = 100 / Math.max(reference.columns, reference.rows);
  view.scale = Math.min(LARGEST, Math.max(smallest, view.scale * factor));
  const { map, registered } = between(exam, desk.right);
  view.fitted = false;
  const dx = x - (width / 2 - 0.5);
  const dy = y - (height / 2 - 0.5);
  if (laid) {
    const [rx, ry] = apply(map, ...film);
    [view.x, view.y] = [rx - dx / view.scale, ry - dy / view.scale];
  } else {
    const scale = view.scale * (registered ? scaleOf(map) : map[0]);
    [view.x, view.y] = apply(map, film[0] - dx / scale, film[1] - dy / scale);
  }
  announce("view");
}

/** Move by pixels of the canvas. */
export function pan(dx, dy) {
  view.fitted = false;
  view.x -= dx / view.scale;
  view.y -= dy / view.scale;
  announce("view");
}
