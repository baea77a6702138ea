/** The line between the two films in swipe: dragged, or moved by arrow keys. */

import { desk, say } from "./desk.js";
import { $ } from "./dom.js";
import { redraw } from "./stage.js";

function place(at) {
  desk.swipeAt = Math.min(0.98, Math.max(0.02, at));
  const line = $("swipe");
  line.style.left = `${100 * desk.swipeAt}%`;
  line.setAttribute("aria-valuenow", String(Math.round(100 * desk.swipeAt)));
  redraw("film", "still", "mask");
}

export function setUpSwipe() {
  const line = $("swipe");
  const frame = line.parentElement;
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    event.stopPropagation();
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const box = frame.getBoundingClientRect();
    place((event.clientX - box.left) / box.width);
    event.stopPropagation();
  });
  line.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, ArrowDown: -0.02 }[event.key];
    if (!step) return;
    event.preventDefault();
    place(desk.swipeAt + step);
    say(`${Math.round(100 * desk.swipeAt)} % of the prior.`);
  });
  place(desk.swipeAt);
}
