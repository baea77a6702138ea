/**
 * A film in its full depth, drawn through a window into a canvas of the size of the screen.
 *
 * Kept are the pixels as they came (16 bits each) and halved copies for looks from afar, a third more; never a coloured
 * copy of the film.
 */

const LEVELS_DOWN_TO = 600;

export class Film {
  /**
   * @param {{pixels: Uint16Array|Uint8Array, width: number, height: number}} base row by row
   * @param {number} columns of the film; more than `width` where `base` is a small picture of it
   */
  constructor(base, columns) {
    this.levels = [{ ...base, factor: columns / base.width }];
    while (base.width > LEVELS_DOWN_TO && base.width === columns) {
      const last = this.levels.at(-1);
      if (last.width <= LEVELS_DOWN_TO) break;
      this.levels.push({ ...halved(last), factor: last.factor * 2 });
    }
    this.lookup = new Uint8Array(65536);
  }

  /** Grey of each pixel value, as DICOM's linear window says (PS3.3 C.11.2.1.2.1). */
  setWindow([centre, width], inverted) {
    const low = centre - 0.5 - (width - 1) / 2;
    const slope = 255 / Math.max(1, width - 1);
    for (let value = 0; value < 65536; value += 1) {
      const grey = Math.max(0, Math.min(255, (value - low) * slope));
      this.lookup[value] = inverted ? 255 - grey : grey;
    }
  }

  /** The values below which these shares of the pixels lie. */
  quantiles(...shares) {
    const sorted = this.levels.at(-1).pixels.slice().sort();
    return shares.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  }

  /**
   * Greys of a rectangle of the canvas, read between the pixels; 0 outside the film.
   * @param {number[]} toFilm map from the canvas to the film's pixels
   * @param {Uint8Array} out one byte a pixel of `rect`, written
   */
  greys(toFilm, [left, top, w, h], out) {
    const step = Math.hypot(toFilm[0], toFilm[3]);
    const level = this.levels.findLast((each) => each.factor <= step * 1.2) ?? this.levels[0];
    const { pixels, width, height, factor } = level;
    const shift = 0.5 / factor - 0.5;
    const [a, b, c, d, e, f] = toFilm.map((each) => each / factor);
    const lookup = this.lookup;
    let at = 0;
    for (let row = top; row < top + h; row += 1) {
      let x = a * left + b * row + c + shift;
      let y = d * left + e * row + f + shift;
      for (let column = 0; column < w; column += 1, x += a, y += d, at += 1) {
        if (x < -0.5 || y < -0.5 || x >= width - 0.5 || y >= height - 0.5) {
          out[at] = 0;
          continue;
        }
        const x0 = x < 0 ? 0 : x | 0;
        const y0 = y < 0 ? 0 : y | 0;
        const right = x0 + 1 < width ? 1 : 0;
        const below = y0 + 1 < height ? width : 0;
        const u = x < 0 ? 0 : x - x0;
        const v = y < 0 ? 0 : y - y0;
        const o = y0 * width + x0;
        const upper = pixels[o] + u * (pixels[o + right] - pixels[o]);
        const lower = pixels[o + below] + u * (pixels[o + below + right] - pixels[o + below]);
        out[at] = lookup[(upper + v * (lower - upper) + 0.5) | 0];
      }
    }
  }
}

function halved({ pixels, width, height }) {
  const w = width >> 1;
  const h = height >> 1;
  const half = new Uint16Array(w * h);
  for (let y = 0; y < h; y += 1) {
    for (let x = 0, from = 2 * y * width; x < w; x += 1, from += 2) {
      half[y * w + x] = (pixels[from] + pixels[from + 1] + pixels[from + width] + pixels[from + width + 1] + 2) >> 2;
    }
  }
  return { pixels: half, width: w, height: h };
}

/** A film from the small grey picture that comes first. */
export async function smallFilm(blob, columns) {
  const picture = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  const pixels = new Uint8Array(picture.width * picture.height);
  for (let offset = 0; offset < pixels.length; offset += 1) pixels[offset] = data[4 * offset];
  const film = new Film({ pixels, width: picture.width, height: picture.height }, columns);
  film.setWindow([128, 256], false);
  picture.close();
  return film;
}
