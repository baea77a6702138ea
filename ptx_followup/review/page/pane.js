/**
 * One pane of the stage: the film below, outlines that stand still above it, the mask in hand above those, the
 * pointer on top. Each is a canvas of the size of the pane.
 */

import { apply, inverse } from "./affine.js";
import { desk } from "./desk.js";
import { element } from "./dom.js";
import { drawMask, drawStill } from "./marks.js";
import { mapped } from "./rect.js";
import { toCanvas } from "./view.js";

const LAYERS = ["film", "still", "mask", "pointer"];

export class Pane {
  /** @param {"left"|"right"} side which exam it shows where two stand beside each other */
  constructor(side, frame) {
    this.side = side;
    this.frame = frame;
    this.canvas = {};
    for (const name of LAYERS) {
      this.canvas[name] = element("canvas", { className: `layer ${name}`, "aria-hidden": "true" });
      frame.append(this.canvas[name]);
    }
    this.context = Object.fromEntries(LAYERS.map((name) =>
      [name, this.canvas[name].getContext("2d", { alpha: name !== "film" })]));
    this.width = 1;
    this.height = 1;
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.ratio = ratio;
    this.width = Math.max(1, Math.round(this.frame.clientWidth * ratio));
    this.height = Math.max(1, Math.round(this.frame.clientHeight * ratio));
    for (const canvas of Object.values(this.canvas)) {
      canvas.width = this.width;
      canvas.height = this.height;
    }
  }

  get visible() { return !this.frame.closest(".pane").hidden; }

  /** The exam that this pane shows at a column of its canvas. */
  examAt(x = 0) {
    if (desk.told) return desk.told.exam;
    if (desk.mode === "side") return desk[this.side];
    if (desk.mode === "swipe") return x < desk.swipeAt * this.width ? desk.left : desk.right;
    if (desk.mode === "blink") return desk[desk.blinkShows];
    return desk.right;
  }

  /** Map from an exam's pixels to this canvas. */
  map(index) {
    return toCanvas(index, this.width, this.height, this.laid(index));
  }

  /** Whether a film is laid onto the reference here, or stands upright. */
  laid(index) {
    return index === desk.right || (!desk.told && (desk.mode !== "side" || desk.aligned));
  }

  /** The exam under a pointer event and the point on its film, in pixels. */
  point(event) {
    const box = this.frame.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.ratio - 0.5;
    const y = (event.clientY - box.top) * this.ratio - 0.5;
    const exam = this.examAt(x);
    return { x, y, exam, film: apply(inverse(this.map(exam)), x, y) };
  }

  draw() {
    this.drawFilm([0, 0, this.width, this.height]);
    this.drawStill();
    this.drawMask([0, 0, this.width, this.height]);
  }

  drawFilm([x, y, w, h]) {
    if (desk.mode === "difference" && !desk.told) return this.#drawDifference([x, y, w, h]);
    const split = desk.mode === "swipe" && !desk.told ? Math.round(desk.swipeAt * this.width) : 0;
    const strips = split ? [[x, y, Math.min(w, split - x), h], [split, y, x + w - split, h]] : [[x, y, w, h]];
    for (const strip of strips) {
      if (strip[2] > 0) this.#put(strip, this.#greys(this.examAt(strip[0]), strip));
    }
    return undefined;
  }

  #greys(index, rect) {
    const greys = new Uint8Array(rect[2] * rect[3]);
    desk.exams[index]?.film?.greys(inverse(this.map(index)), rect, greys);
    return greys;
  }

  #put([x, y, w, h], greys) {
    const image = new ImageData(w, h);
    const words = new Uint32Array(image.data.buffer);
    for (let at = 0; at < greys.length; at += 1) words[at] = 0xff000000 | (greys[at] * 0x010101);
    this.context.film.putImageData(image, x, y);
  }

  /** Follow-up minus prior, each through its own window; mid-grey is no difference. */
  #drawDifference(rect) {
    const later = this.#greys(desk.right, rect);
    const earlier = this.#greys(desk.left, rect);
    for (let at = 0; at < later.length; at += 1) later[at] = 128 + (later[at] - earlier[at]) / 2;
    this.#put(rect, later);
  }

  drawStill() {
    this.context.still.clearRect(0, 0, this.width, this.height);
    drawStill(this);
  }

  drawMask([x, y, w, h]) {
    const context = this.context.mask;
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.clearRect(x, y, w, h);
    drawMask(this, [x, y, w, h]);
    context.restore();
  }

  /** Draw the mask again where a stroke touched an exam's film. */
  drawTouched(exam, rect) {
    if (!this.visible || !this.shows(exam)) return;
    const touched = mapped(rect, this.map(exam), 4 * this.ratio, this.width, this.height);
    if (touched) this.drawMask(touched);
  }

  shows(exam) {
    if (desk.told) return exam === desk.told.exam;
    if (desk.mode === "side") return exam === desk[this.side];
    if (desk.mode === "blink") return exam === desk[desk.blinkShows];
    return exam === desk.left || exam === desk.right;
  }
}
