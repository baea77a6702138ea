/** Rectangles of a mask as bits: rows one after another, each filled up to whole bytes, the first pixel highest. */

/** Uint8Array of the pixels of `rect` that `test(value)` holds for; `at(offset)` gives the value of a pixel. */
export function pack(width, rect, isSet) {
  const [x, y, w, h] = rect;
  const rowBytes = (w + 7) >> 3;
  const packed = new Uint8Array(rowBytes * h);
  for (let row = 0; row < h; row += 1) {
    const from = (y + row) * width + x;
    const to = row * rowBytes;
    for (let column = 0; column < w; column += 1) {
      if (isSet(from + column)) packed[to + (column >> 3)] |= 128 >> (column & 7);
    }
  }
  return packed;
}

/** Call `visit(offset, bit)` for each pixel of `rect` in a grid of this width. */
export function unpack(packed, width, rect, visit) {
  const [x, y, w, h] = rect;
  const rowBytes = (w + 7) >> 3;
  for (let row = 0; row < h; row += 1) {
    const from = (y + row) * width + x;
    const at = row * rowBytes;
    for (let column = 0; column < w; column += 1) {
      visit(from + column, (packed[at + (column >> 3)] >> (7 - (column & 7))) & 1);
    }
  }
}

export function toBase64(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += 32768) {
    text += String.fromCharCode(...bytes.subarray(start, start + 32768));
  }
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
