/**
 * Undo and redo: 200 strokes, of each the rectangle that changed and the bits in it that flipped.
 *
 * The state before a stroke is read from a copy of the grid (`before`), which follows at the end of the stroke.
 */

import { pack, unpack } from "./bits.js";

export const STEPS = 200;

export class History {
  constructor() {
    this.steps = [];
    this.done = 0;
  }

  get canUndo() { return this.done > 0; }

  /** Whether a step that is not undone changed an exam. */
  touches(exam) { return this.steps.slice(0, this.done).some((step) => step.exam === exam); }

  get canRedo() { return this.done < this.steps.length; }

  /**
   * Remember a stroke; `rect` is at least what it touched.
   * @returns {number[]|null} the rectangle that changed in fact, null for none
   */
  record(exam, kind, grid, before, rect) {
    const changed = tight(grid, before, rect);
    if (!changed) return null;
    const planes = planesOf(kind).map((plane) =>
      pack(grid.width, changed, (offset) => (grid.data[offset] ^ before.data[offset]) & plane));
    follow(grid, before, changed);
    this.steps.length = this.done;
    this.steps.push({ exam, kind, rect: changed, planes });
    if (this.steps.length > STEPS) this.steps.shift();
    this.done = this.steps.length;
    return changed;
  }

  /** The step to flip now, or null. Flipping its bits takes the stroke back. */
  undo() {
    if (!this.canUndo) return null;
    this.done -= 1;
    return this.steps[this.done];
  }

  redo() {
    if (!this.canRedo) return null;
    this.done += 1;
    return this.steps[this.done - 1];
  }
}

/** Values of the pixels whose bits a kind of grid has: one of the pneumothorax, two of the hemithoraces. */
function planesOf(kind) {
  return kind === "mask" ? [1] : [1, 2];
}

/** Flip the bits of a step in a grid and in its copy. */
export function flip(step, grid, before) {
  planesOf(step.kind).forEach((plane, index) => {
    unpack(step.planes[index], grid.width, step.rect, (offset, bit) => {
      if (bit) grid.data[offset] ^= plane;
    });
  });
  follow(grid, before, step.rect);
}

function follow(grid, before, [x, y, w, h]) {
  for (let row = y; row < y + h; row += 1) {
    const start = row * grid.width + x;
    before.data.set(grid.data.subarray(start, start + w), start);
  }
}

/** The smallest rectangle in `rect` outside which nothing differs. */
function tight(grid, before, [x, y, w, h]) {
  let [left, top, right, bottom] = [x + w, y + h, -1, -1];
  for (let row = y; row < y + h; row += 1) {
    for (let column = x; column < x + w; column += 1) {
      const offset = row * grid.width + column;
      if (grid.data[offset] === before.data[offset]) continue;
      if (column < left) left = column;
      if (column > right) right = column;
      if (row < top) top = row;
      bottom = row;
    }
  }
  return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
}
