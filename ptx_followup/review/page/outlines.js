/**
 * Outlines of a mask as they are seen: the mask is read at the pixels of the canvas and its border followed there,
 * so that the work depends on the size of the window and not of the film.
 */

/**
 * Whether the mask is set at each pixel of a rectangle of the canvas.
 * From afar each pixel asks at four places, so that a thin rim does not fall between them.
 */
export function seen(grid, label, toFilm, [left, top, w, h]) {
  const { data, width, height } = grid;
  const [a, b, c, d, e, f] = toFilm;
  const far = Math.hypot(a, d) > 1.5;
  const shifts = far ? [[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]] : [[0, 0]];
  const set = new Uint8Array(w * h);
  for (const [sx, sy] of shifts) {
    let at = 0;
    for (let row = top; row < top + h; row += 1) {
      let x = a * (left + sx) + b * (row + sy) + c + 0.5;
      let y = d * (left + sx) + e * (row + sy) + f + 0.5;
      for (let column = 0; column < w; column += 1, x += a, y += d, at += 1) {
        if (x >= 0 && y >= 0 && x < width && y < height && data[(y | 0) * width + (x | 0)] === label) set[at] = 1;
      }
    }
  }
  return set;
}

const STEPS = [[1, 0], [0, 1], [-1, 0], [0, -1]];

/**
 * The border of what is set, as closed lines through the middles of the pixels' edges.
 * Each starts at an upper edge and keeps what is set on its right hand.
 */
export function border(set, [left, top, w, h]) {
  const path = new Path2D();
  const visited = new Uint8Array(w * h);
  const at = (x, y) => x >= 0 && y >= 0 && x < w && y < h && set[y * w + x] === 1;
  for (let y = 0; y < h; y += 1) {
    for (let x = 0; x < w; x += 1) {
      const offset = y * w + x;
      if (!set[offset] || visited[offset] || (y > 0 && set[offset - w])) continue;
      follow(path, at, visited, w, x, y, left, top);
    }
  }
  return path;
}

function follow(path, at, visited, w, startX, startY, left, top) {
  // (x, y) is the corner where an edge begins, numbered as the pixel to its lower right.
  let [x, y, way] = [startX, startY, 0];
  let first = true;
  do {
    const [dx, dy] = STEPS[way];
    if (way === 0) visited[y * w + x] = 1;
    const px = left + x + dx / 2;
    const py = top + y + dy / 2;
    if (first) path.moveTo(px, py);
    else path.lineTo(px, py);
    first = false;
    x += dx;
    y += dy;
    way = turn(at, x, y, way);
  } while (x !== startX || y !== startY || way !== 0);
  path.closePath();
}

// The two pixels ahead of a corner, on the right hand and on the left, for each way.
const RIGHT = [[0, 0], [-1, 0], [-1, -1], [0, -1]];
const LEFT = [[0, -1], [0, 0], [-1, 0], [-1, -1]];

/** The way on from a corner: right where the pixel ahead on the right is not set, left where that on the left is. */
function turn(at, x, y, way) {
  if (!at(x + RIGHT[way][0], y + RIGHT[way][1])) return (way + 1) % 4;
  return at(x + LEFT[way][0], y + LEFT[way][1]) ? (way + 3) % 4 : way;
}
