/**
 * A mask on the pixels of a film, and the strokes that change it.
 *
 * A grid of the pneumothorax holds 0 and 1; a grid of the hemithoraces holds 1 for the patient's right, 2 for the left.
 * Every stroke returns the rectangle that it may have changed, or null.
 */

import { unpack } from "./bits.js";
import { union, within } from "./rect.js";

export class Grid {
  /** @param {Uint8Array} data one byte a pixel, row by row */
  constructor(width, height, data = new Uint8Array(width * height)) {
    Object.assign(this, { width, height, data });
  }

  copy() {
    return new Grid(this.width, this.height, this.data.slice());
  }

  count(label) {
    let count = 0;
    for (const value of this.data) count += value === label;
    return count;
  }
}

function put(data, offset, label, add) {
  if (add) data[offset] = label;
  else if (data[offset] === label) data[offset] = 0;
}

/** Every pixel whose centre is no further than `radius` from the line between two points. */
export function brush(grid, from, to, radius, label, add) {
  const [x0, y0] = from;
  const [dx, dy] = [to[0] - x0, to[1] - y0];
  const long = dx * dx + dy * dy;
  const rect = within(
    Math.min(x0, to[0]) - radius, Math.min(y0, to[1]) - radius,
    Math.max(x0, to[0]) + radius, Math.max(y0, to[1]) + radius, grid.width, grid.height,
  );
  if (!rect) return null;
  const near = radius * radius;
  for (let y = rect[1]; y < rect[1] + rect[3]; y += 1) {
    for (let x = rect[0]; x < rect[0] + rect[2]; x += 1) {
      const along = long ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / long)) : 0;
      const ex = x - x0 - along * dx;
      const ey = y - y0 - along * dy;
      if (ex * ex + ey * ey <= near) put(grid.data, y * grid.width + x, label, add);
    }
  }
  return rect;
}

/** Every pixel whose centre lies in a closed polygon (even-odd rule). */
export function polygon(grid, points, label, add) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const rect = within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), grid.width, grid.height);
  if (!rect || points.length < 3) return null;
  for (let y = rect[1]; y < rect[1] + rect[3]; y += 1) {
    const crossings = [];
    points.forEach(([x1, y1], index) => {
      const [x2, y2] = points[(index + 1) % points.length];
      if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) * (x2 - x1)) / (y2 - y1));
    });
    crossings.sort((first, second) => first - second);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const last = Math.min(grid.width - 1, Math.floor(crossings[pair + 1]));
      for (let x = Math.max(0, Math.ceil(crossings[pair])); x <= last; x += 1) {
        put(grid.data, y * grid.width + x, label, add);
      }
    }
  }
  return rect;
}

/** The piece without `label` around a point, where it is enclosed; null where it reaches the border of the film. */
export function fill(grid, [px, py], label) {
  const { width, height, data } = grid;
  const start = Math.round(py) * width + Math.round(px);
  if (data[start] === label || px < 0 || py < 0 || px >= width || py >= height) return null;
  const seen = new Uint8Array(data.length);
  const waiting = [start];
  const inside = [];
  seen[start] = 1;
  while (waiting.length) {
    const offset = waiting.pop();
    const x = offset % width;
    if (x === 0 || x === width - 1 || offset < width || offset >= data.length - width) return null;
    inside.push(offset);
    for (const next of [offset - 1, offset + 1, offset - width, offset + width]) {
      if (!seen[next] && data[next] !== label) {
        seen[next] = 1;
        waiting.push(next);
      }
    }
  }
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (const offset of inside) {
    data[offset] = label;
    const x = offset % width;
    const y = (offset - x) / width;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return [left, top, right - left + 1, bottom - top + 1];
}

/** Move the border outward (`add`) or inward by `radius` pixels, along a disc. */
export function offsetBorder(grid, radius, label, add) {
  const { width, height, data } = grid;
  const border = [];
  for (let y = 0; y < height; y += 1) {
    for (let offset = y * width, end = offset + width; offset < end; offset += 1) {
      if ((data[offset] === label) !== add) continue;
      const x = offset - y * width;
      const other =
        (x > 0 && (data[offset - 1] === label) !== add) ||
        (x < width - 1 && (data[offset + 1] === label) !== add) ||
        (y > 0 && (data[offset - width] === label) !== add) ||
        (y < height - 1 && (data[offset + width] === label) !== add);
      if (other) border.push([x, y]);
    }
  }
  let rect = null;
  for (const point of border) rect = union(rect, brush(grid, point, point, radius, label, add));
  return rect;
}

/** Take `label` away everywhere. */
export function empty(grid, label) {
  for (let offset = 0; offset < grid.data.length; offset += 1) put(grid.data, offset, label, false);
  return [0, 0, grid.width, grid.height];
}

/** Take `label` from another grid of the same size. */
export function take(grid, other, label) {
  for (let offset = 0; offset < grid.data.length; offset += 1) {
    put(grid.data, offset, label, other.data[offset] === label);
  }
  return [0, 0, grid.width, grid.height];
}

/** A grid from a rectangle of bits as the server sends it. */
export function fromBits(width, height, rect, packed) {
  const grid = new Grid(width, height);
  if (rect[2] && rect[3]) unpack(packed, width, rect, (offset, bit) => { grid.data[offset] = bit; });
  return grid;
}
