"use strict";
// The data of the page; every text from it reaches the page as text, never as markup.
const { rows, pictures, failures } = JSON.parse(document.getElementById("data").textContent);
const [ID, VERDICT, SIDE, PRIOR, FOLLOWUP, DIFFERENCE, LOW, HIGH, DAYS, QUALITY, POINTS, REASONS, PANEL, COURSE,
  PRIOR_DAY, FOLLOWUP_DAY, WORDS] = Array(17).keys();
const COLOURS = { larger: "#d55e00", smaller: "#0072b2", resolved: "#009e73", unchanged: "#333333",
  indeterminate: "#999999" };
// Of what is only probable: half as strong, but opaque, as many cases share a column of pixels.
const PALE = { larger: "#eaae80", smaller: "#80b9d9" };
const COLUMNS = [["case", ID], ["verdict", WORDS], ["side", SIDE], ["prior %", PRIOR], ["later %", FOLLOWUP],
  ["change", DIFFERENCE], ["95 % interval", LOW], ["days", DAYS], ["quality", QUALITY], ["doubt", POINTS],
  ["why", REASONS]];
const ROW_PX = 28, SPARE_ROWS = 12;

const byId = (id) => document.getElementById(id);
const shownNumber = (value, digits) => (value === null || value === undefined ? "" : value.toFixed(digits));

// The table: only the rows in sight exist.
let shown = rows.map((_, index) => index);
let order = { column: null, down: false };
let chosen = -1;

function cells(row) {
  const interval = row[LOW] === null ? "" : `${shownNumber(row[LOW], 1)} to ${shownNumber(row[HIGH], 1)}`;
  return [row[ID], row[WORDS], row[SIDE] ?? "", shownNumber(row[PRIOR], 1), shownNumber(row[FOLLOWUP], 1),
    shownNumber(row[DIFFERENCE], 1), interval, shownNumber(row[DAYS], 1), shownNumber(row[QUALITY], 2),
    row[POINTS] ?? "", row[REASONS]];
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// Numbers stand on the right of their column, and so does its heading.
const kind = (number) => (number > 2 && number < 10 ? "number" : "");

function drawnRow(place) {
  const index = shown[place];
  const row = rows[index];
  const line = element("div", index === chosen ? "row chosen" : "row", "");
  line.setAttribute("role", "row");
  line.style.top = `${place * ROW_PX}px`;
  cells(row).forEach((text, number) => {
    const cell = element("span", kind(number), "");
    cell.setAttribute("role", "cell");
    if (number === 0 && row[PANEL]) {
      const link = element("a", "", text);
      link.href = row[PANEL];
      link.target = "_blank";
      link.rel = "noopener";
      cell.append(link);
    } else if (number === 1) {
      cell.append(element("i", text.startsWith("probably ") ? text.split(" ", 2).join(" ") : row[VERDICT], ""), text);
    } else {
      cell.textContent = text;
    }
    cell.title = text;
    line.append(cell);
  });
  return line;
}

function drawTable() {
  const view = byId("window");
  const first = Math.max(0, Math.floor(view.scrollTop / ROW_PX) - SPARE_ROWS);
  const last = Math.min(shown.length, Math.ceil((view.scrollTop + view.clientHeight) / ROW_PX) + SPARE_ROWS);
  const lines = [];
  for (let place = first; place < last; place += 1) lines.push(drawnRow(place));
  byId("space").replaceChildren(...lines);
}

function select() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = [];
  rows.forEach((row, index) => {
    const text = `${row[ID]} ${row[WORDS]} ${row[VERDICT]} ${row[SIDE]} ${row[REASONS]} ${row[COURSE]}`.toLowerCase();
    if (words.every((word) => text.includes(word))) shown.push(index);
  });
  if (order.column !== null) {
    const sign = order.down ? -1 : 1;
    shown.sort((one, other) => sign * compared(rows[one][order.column], rows[other][order.column]));
  }
  byId("space").style.height = `${shown.length * ROW_PX}px`;
  byId("found").textContent = `${shown.length} of ${rows.length}.`;
  drawTable();
}

function compared(one, other) {
  if (one === null || other === null) return (one === null) - (other === null);
  return typeof one === "number" ? one - other : String(one).localeCompare(String(other));
}

function choose(index) {
  chosen = index;
  byId("search").value = "";
  select();
  byId("window").scrollTop = Math.max(0, (shown.indexOf(index) - 5) * ROW_PX);
  drawTable();
}

function drawHead() {
  COLUMNS.forEach(([name, column], number) => {
    const button = element("button", kind(number), name);
    button.setAttribute("role", "columnheader");
    button.addEventListener("click", () => {
      order = { column, down: order.column === column && !order.down };
      byId("window").scrollTop = 0;
      select();
    });
    byId("head").append(button);
  });
}

// Figures.
const PAD = { left: 44, right: 8, top: 8, bottom: 26 };

function canvas(id) {
  const place = byId(id);
  const scale = window.devicePixelRatio || 1;
  place.width = place.clientWidth * scale;
  place.height = place.clientHeight * scale;
  const pen = place.getContext("2d");
  pen.scale(scale, scale);
  pen.font = "12px system-ui, sans-serif";
  return [pen, place.clientWidth, place.clientHeight];
}

function axis(pen, width, y, ticks) {
  pen.fillStyle = "#555";
  pen.strokeStyle = "#e5e5e5";
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const tick of ticks) {
    pen.beginPath();
    pen.moveTo(PAD.left, y(tick));
    pen.lineTo(width - PAD.right, y(tick));
    pen.stroke();
    pen.fillText(String(tick), PAD.left - 6, y(tick) + 4);
  }
}

function steps(low, high) {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + 1e-9; tick += step) found.push(+tick.toFixed(6));
  return found;
}

const measured = rows.map((_, index) => index).filter((index) => rows[index][DIFFERENCE] !== null)
  .sort((one, other) => rows[other][DIFFERENCE] - rows[one][DIFFERENCE]);

function colour(row) {
  const [first, direction] = row[WORDS].split(" ");
  return first === "probably" ? PALE[direction] : COLOURS[row[VERDICT]] ?? "#999999";
}

// Where several cases share a column of pixels, it shows the median of their limits.
function drawIntervals(pen, y, wide) {
  const together = Math.max(1, Math.ceil(1 / wide));
  const median = (values) => values.sort((one, other) => one - other)[values.length >> 1];
  pen.fillStyle = "rgba(120, 120, 120, 0.2)";
  for (let place = 0; place < measured.length; place += together) {
    const known = measured.slice(place, place + together).map((index) => rows[index]).filter((row) => row[LOW] !== null);
    if (!known.length) continue;
    const [top, bottom] = [y(median(known.map((row) => row[HIGH]))), y(median(known.map((row) => row[LOW])))];
    pen.fillRect(PAD.left + place * wide, top, wide * together, bottom - top);
  }
}

function drawWaterfall() {
  const [pen, width, height] = canvas("waterfall");
  if (!measured.length) return;
  let low = -1, high = 1;
  for (const index of measured) {
    low = Math.min(low, rows[index][DIFFERENCE], rows[index][LOW] ?? 0);
    high = Math.max(high, rows[index][DIFFERENCE], rows[index][HIGH] ?? 0);
  }
  const y = (value) => PAD.top + (high - value) / (high - low) * (height - PAD.top - PAD.bottom);
  const wide = (width - PAD.left - PAD.right) / measured.length;
  axis(pen, width, y, steps(low, high));
  drawIntervals(pen, y, wide);
  measured.forEach((index, place) => {
    const row = rows[index];
    pen.fillStyle = colour(row);
    const top = Math.min(y(0), y(row[DIFFERENCE]));
    pen.fillRect(PAD.left + place * wide, top, Math.max(wide * 0.9, 0.5), Math.max(1, Math.abs(y(row[DIFFERENCE]) - y(0))));
  });
  pen.fillStyle = "#555";
  pen.textAlign = "left";
  pen.fillText(`${measured.length} cases, the largest increase first`, PAD.left, height - 8);
}

// Courses: all exams of a patient where the manifest says so, else the two of each case.
function courses() {
  const found = new Map();
  for (const row of rows) {
    if (row[PRIOR] === null || row[FOLLOWUP] === null) continue;
    const from = row[PRIOR_DAY] ?? 0;
    const to = row[FOLLOWUP_DAY] ?? (row[DAYS] === null ? null : from + row[DAYS]);
    if (to === null) continue;
    const name = row[COURSE] ? `${row[COURSE]} ${row[SIDE]}` : `case ${row[ID]}`;
    if (!found.has(name)) found.set(name, new Map());
    const points = found.get(name);
    if (!points.has(from)) points.set(from, row[PRIOR]);
    points.set(to, row[FOLLOWUP]);
  }
  return [...found.values()].map((points) => [...points].sort((one, other) => one[0] - other[0]));
}

function drawCourses() {
  const [pen, width, height] = canvas("courses");
  const lines = courses();
  if (!lines.length) return;
  let most = 1, days = 1;
  for (const line of lines) for (const [day, percent] of line) {
    most = Math.max(most, percent);
    days = Math.max(days, day);
  }
  const y = (value) => PAD.top + (most - value) / most * (height - PAD.top - PAD.bottom);
  const x = (day) => PAD.left + day / days * (width - PAD.left - PAD.right);
  axis(pen, width, y, steps(0, most));
  pen.textAlign = "center";
  for (const day of steps(0, days)) pen.fillText(`${day} d`, Math.min(x(day), width - 16), height - 8);
  pen.strokeStyle = "#0072b2";
  pen.globalAlpha = Math.max(0.04, Math.min(0.7, 40 / lines.length));
  for (const line of lines) {
    pen.beginPath();
    line.forEach(([day, percent], number) => (number ? pen.lineTo(x(day), y(percent)) : pen.moveTo(x(day), y(percent))));
    pen.stroke();
  }
}

function drawPictures() {
  const place = byId("pictures");
  if (!place) return;
  pictures.forEach((source, number) => {
    const row = rows[failures + number];
    const link = element("a", "", "");
    link.href = row[PANEL];
    link.target = "_blank";
    link.rel = "noopener";
    if (source) {
      const picture = element("img", "", "");
      picture.src = source;
      picture.alt = `Panel of ${row[ID]}`;
      picture.decoding = "async";
      link.append(picture);
    }
    link.append(element("span", "", `${row[ID]}: ${row[REASONS] || "no doubt"}`));
    place.append(link);
  });
}

byId("window").addEventListener("scroll", drawTable, { passive: true });
byId("search").addEventListener("input", () => { byId("window").scrollTop = 0; select(); });
byId("waterfall").addEventListener("click", (event) => {
  const wide = (event.currentTarget.clientWidth - PAD.left - PAD.right) / measured.length;
  const index = measured[Math.floor((event.offsetX - PAD.left) / wide)];
  if (index !== undefined) choose(index);
});
window.addEventListener("resize", () => { drawWaterfall(); drawCourses(); drawTable(); });
drawHead();
select();
drawWaterfall();
drawCourses();
drawPictures();
