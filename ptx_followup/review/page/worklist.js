/** All cases: the doubtful first, what became of each, and the way to the next. */

import { get } from "./api.js";
import { desk, on } from "./desk.js";
import { $, element } from "./dom.js";

let open = () => {};

function order() {
  return [...desk.session.cases].sort((first, second) => (second.doubt?.points ?? 0) - (first.doubt?.points ?? 0));
}

/** Cases in the order in which they are read; a central read keeps its own. */
export function cases() {
  return desk.session.mode === "central" ? desk.session.cases : order();
}

export async function refresh() {
  desk.session = await get("session");
  show();
}

/** The next case that is still open after this one (or the one before it, open or not). */
export function neighbour(step) {
  const all = cases();
  const here = all.findIndex((each) => each.id === desk.case?.id);
  if (step < 0) return all[here - 1]?.id ?? null;
  const later = [...all.slice(here + 1), ...all.slice(0, Math.max(0, here))];
  return (later.find((each) => each.status === "open") ?? all[here + 1])?.id ?? null;
}

function row(known) {
  const status = known.draft && known.status === "open" ? "open, draft kept" : known.status;
  const choose = element("button", { type: "button", className: "link" }, known.name);
  choose.addEventListener("click", () => {
    $("worklist").close();
    open(known.id);
  });
  return element("tr", { className: known.id === desk.case?.id ? "here" : "" },
    element("th", { scope: "row" }, choose),
    element("td", {}, known.kind),
    element("td", {}, element("span", { className: "doubt", data: { points: String(Math.min(3, known.doubt?.points ?? 0)) } },
      known.doubt?.reasons?.join("; ") || "nothing doubtful")),
    element("td", {}, element("span", { className: "status", data: { status: known.status } }, status),
      known.reason ? element("small", {}, known.reason) : null));
}

function show() {
  const all = cases();
  const read = all.filter((each) => each.status !== "open").length;
  $("progress").max = Math.max(1, all.length);
  $("progress").value = read;
  $("progress-words").textContent = `${read} of ${all.length} read`;
  const here = all.findIndex((each) => each.id === desk.case?.id);
  $("where").textContent = all.length > 1 ? `${here + 1} of ${all.length}, ${read} read` : "";
  for (const id of ["previous", "next", "open-worklist"]) $(id).hidden = all.length < 2 && id !== "open-worklist";
  const wanted = $("filter").value.trim().toLowerCase();
  const status = $("filter-status").value;
  const rows = all.filter((each) => (!status || each.status === status)
    && `${each.name} ${each.doubt?.reasons?.join(" ")} ${each.reason}`.toLowerCase().includes(wanted));
  $("cases").replaceChildren(...rows.map(row));
  $("no-cases").hidden = rows.length > 0;
}

export async function showWorklist() {
  await refresh();
  $("worklist").showModal();
  $("filter").focus();
}

/** @param {(id: string) => void} opener opens a case */
export function setUpWorklist(opener) {
  open = opener;
  $("filter").addEventListener("input", show);
  $("filter-status").addEventListener("change", show);
  on("case", show);
}
