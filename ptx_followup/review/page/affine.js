/**
 * Affine maps of the plane. A map is [a, b, c, d, e, f]: it sends (x, y) to (a x + b y + c, d x + e y + f).
 * Points are (column, row); the centre of the first pixel is (0, 0).
 */

export const IDENTITY = [1, 0, 0, 0, 1, 0];

export function apply([a, b, c, d, e, f], x, y) {
  return [a * x + b * y + c, d * x + e * y + f];
}

/** The map that does `first`, then `second`. */
export function compose(second, first) {
  const [a, b, c, d, e, f] = second;
  const [p, q, r, s, t, u] = first;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

export function inverse([a, b, c, d, e, f]) {
  const area = a * e - b * d;
  return [e / area, -b / area, (b * f - c * e) / area, -d / area, a / area, (c * d - a * f) / area];
}

/** How much longer lengths become, on average of the directions. */
export function scaleOf([a, b, , d, e]) {
  return Math.sqrt(Math.abs(a * e - b * d));
}

export function zoom(scale, x, y) {
  return [scale, 0, x, 0, scale, y];
}
