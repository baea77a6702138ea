/** Rectangles [x, y, width, height] of whole pixels; null is the empty one. */

export function union(first, second) {
  if (!first) return second;
  if (!second) return first;
  const x = Math.min(first[0], second[0]);
  const y = Math.min(first[1], second[1]);
  return [
    x,
    y,
    Math.max(first[0] + first[2], second[0] + second[2]) - x,
    Math.max(first[1] + first[3], second[1] + second[3]) - y,
  ];
}

/** The whole pixels from (left, top) to (right, bottom) that lie in a grid of this width and height. */
export function within(left, top, right, bottom, width, height) {
  const x = Math.max(0, Math.floor(left));
  const y = Math.max(0, Math.floor(top));
  const w = Math.min(width, Math.ceil(right) + 1) - x;
  const h = Math.min(height, Math.ceil(bottom) + 1) - y;
  return w > 0 && h > 0 ? [x, y, w, h] : null;
}

/** The rectangle that holds `rect` after an affine map, with a margin, in a canvas of this width and height. */
export function mapped(rect, map, margin, width, height) {
  const [x, y, w, h] = rect;
  const xs = [];
  const ys = [];
  for (const [px, py] of [[x - 0.5, y - 0.5], [x + w - 0.5, y - 0.5], [x - 0.5, y + h - 0.5], [x + w - 0.5, y + h - 0.5]]) {
    xs.push(map[0] * px + map[1] * py + map[2]);
    ys.push(map[3] * px + map[4] * py + map[5]);
  }
  const [left, right] = [Math.min(...xs) - margin, Math.max(...xs) + margin];
  const [top, bottom] = [Math.min(...ys) - margin, Math.max(...ys) + margin];
  return within(left, top, right, bottom, width, height);
}
