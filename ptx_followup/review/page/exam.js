/** One exam on the desk: its film, its masks, its window. */

import { bytes, picture } from "./api.js";
import { Film, smallFilm } from "./film.js";
import { Grid } from "./grid.js";

export class Exam {
  constructor(caseId, index, known) {
    this.address = `case/${caseId}`;
    this.index = index;
    this.film = null;
    /** Grids that are edited, by kind ("mask", "hemithoraces"), and the state of each before the stroke in hand. */
    this.grids = {};
    this.before = {};
    /** Masks that are only looked at, by name ("shown", "measured", "projected"). */
    this.layers = {};
    /** Whether a stroke was made on it, now or in a draft. */
    this.touched = false;
    /** Windows that can be chosen: the server's, and those that the film's own greys give. */
    this.presets = known.presets;
    this.window = [...known.window];
    this.update(known);
  }

  /** Take what the server says now; masks and film stay. Before it has measured, it says little. */
  update(known) {
    this.known = { warnings: [], layers: [], told: null, mask_source: "", edited: false, ...known };
    this.touched ||= this.known.edited;
    this.columns = known.columns;
    this.rows = known.rows;
  }

  async loadSmall() {
    const film = await smallFilm(await picture(`${this.address}/film/${this.index}/small`), this.columns);
    this.film ??= film;
  }

  async loadFilm() {
    const pixels = new Uint16Array(await bytes(`${this.address}/film/${this.index}`));
    const film = new Film({ pixels, width: this.columns, height: this.rows }, this.columns);
    this.film = film;
    this.full = true;
    const [darkest, dark, bright, brightest] = film.quantiles(0.02, 0.4, 0.6, 0.995);
    const between = (low, high) => [(low + high) / 2, Math.max(2, high - low)];
    this.presets = [
      ...this.known.presets,
      { name: "lungs", window: between(darkest, bright) },
      { name: "mediastinum, bones", window: between(dark, brightest) },
    ];
  }

  async layer(name) {
    this.layers[name] ??= await this.#fetched(name);
    return this.layers[name];
  }

  /** The grid that is edited; fetched at the first call. */
  async grid(kind) {
    if (!this.grids[kind]) {
      const grid = await this.#fetched(kind === "mask" ? "edited" : "edited hemithoraces");
      this.before[kind] = grid.copy();
      this.grids[kind] = grid;
    }
    return this.grids[kind];
  }

  async #fetched(name) {
    const data = await bytes(`${this.address}/layer/${this.index}/${encodeURIComponent(name)}`);
    return new Grid(this.columns, this.rows, new Uint8Array(data));
  }

  setWindow(window, inverted) {
    this.window = window;
    if (this.full) this.film.setWindow(window, inverted);
    else this.film?.setWindow([128, 256], inverted);
  }
}
