/** The reader's decision: asked in one dialog, with the reader's name the first time. */

import { Refused, post } from "./api.js";
import { announce, desk, locked, say } from "./desk.js";
import { $ } from "./dom.js";
import { currentRevision, sent } from "./sender.js";
import { neighbour, refresh } from "./worklist.js";

let next = () => {};

function chosen() {
  return document.querySelector("input[name=decision]:checked")?.value ?? "";
}

function needsReason() {
  return ["rejected", "cannot judge"].includes(chosen());
}

function adjust() {
  $("reason").required = needsReason();
  $("reason-label").textContent = needsReason() ? "Reason" : "Reason (if there is one to give)";
}

/** Whether any mask differs from the one that the case came with. */
async function corrected() {
  const first = { mask: "shown", hemithoraces: "hemithoraces" };
  for (const exam of desk.exams) {
    for (const [kind, grid] of Object.entries(exam.touched ? exam.grids : {})) {
      const { data } = await exam.layer(first[kind]);
      if (grid.data.some((value, offset) => value !== data[offset])) return true;
    }
  }
  return false;
}

/** Open the dialog; what was drawn suggests the decision. */
export async function decide() {
  if (!desk.case) return;
  if (locked()) {
    say(locked());
    return;
  }
  const changed = await corrected();
  const suggested = changed ? "corrected" : "accepted";
  for (const each of document.querySelectorAll("input[name=decision]")) {
    each.checked = each.value === suggested;
    if (each.value === "corrected") each.disabled = !changed;
    if (each.value === "accepted") each.disabled = changed;
  }
  $("changed-note").hidden = !changed;
  $("reason").value = "";
  $("name-row").hidden = Boolean(desk.session.reader);
  $("reader").required = !desk.session.reader;
  $("signed-as").textContent = desk.session.reader ? `Reader: ${desk.session.reader}` : "";
  $("save-problem").textContent = "";
  adjust();
  $("saving").showModal();
  ($("name-row").hidden ? document.querySelector("input[name=decision]:checked") : $("reader")).focus();
}

async function save(event) {
  event.preventDefault();
  $("do-save").disabled = true;
  $("save-problem").textContent = "Saving…";
  try {
    if (!(await sent())) throw new Refused(409, { problem: "Another tab has changed this case." });
    if (!desk.session.reader) await post("reader", { name: $("reader").value.trim() });
    const decision = { decision: chosen(), reason: $("reason").value.trim() };
    const address = `case/${desk.case.id}/save`;
    const answer = await post(address, { tab: desk.tab, revision: currentRevision(), ...decision });
    await saved(answer);
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    $("save-problem").textContent = `${problem.message} ${problem.hint}`;
  } finally {
    $("do-save").disabled = false;
  }
}

async function saved({ folder, sent: stored, not_sent: refused }) {
  $("saving").close();
  await refresh();
  announce("saved");
  const another = neighbour(1);
  const open = desk.session.cases.find((each) => each.id === another)?.status === "open";
  $("saved-folder").textContent = folder ?? "";
  $("saved-where").hidden = !folder;
  $("saved-sent").textContent = refused ? `The archive did not take them: ${refused}` : stored ?? "";
  $("saved-next").hidden = !open;
  $("saved").showModal();
  (open ? $("saved-next") : $("saved-stay")).focus();
}

/** @param {() => void} goOn opens the next case */
export function setUpSaving(goOn) {
  next = goOn;
  $("save-form").addEventListener("submit", save);
  $("save-form").addEventListener("change", adjust);
  $("cancel-save").addEventListener("click", () => $("saving").close());
  $("saved-stay").addEventListener("click", () => $("saved").close());
  $("saved-next").addEventListener("click", () => {
    $("saved").close();
    next();
  });
}
