/** A case onto the desk: small pictures first, then the films in full depth, then the masks. */

import { Refused, get, post } from "./api.js";
import { announce, desk, say } from "./desk.js";
import { $, ask } from "./dom.js";
import { Exam } from "./exam.js";
import { allSent, sent, startAt } from "./sender.js";
import { arrange, fitAll, redraw, redrawAll } from "./stage.js";
import { forget } from "./strokes.js";
import { applyWindows } from "./windows.js";

const ALIVE_MS = 5000;
const POLL_MS = 300;

let alive = 0;
let opening = 0;

/** Take the case for this tab; false where the reader only wants to look at it. */
async function lease(id, take) {
  try {
    await post(`case/${id}/open`, { tab: desk.tab, take });
    return true;
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status !== 409 || take) throw problem;
    $("taken-words").textContent = `${problem.message}: ${problem.hint}.`;
    return (await ask($("taken"))) === "take" ? lease(id, true) : false;
  }
}

function lay(known) {
  desk.case = known;
  desk.exams = known.exams.map((exam, index) => new Exam(known.id, index, exam));
  desk.right = desk.exams.length - 1;
  desk.left = Math.max(0, desk.right - 1);
  desk.active = desk.right;
  desk.target = "mask";
  desk.tool = "move";
  desk.told = null;
  desk.measured = false;
  desk.brush = Math.max(4, desk.exams[desk.right].columns * 0.02);
  if (desk.left === desk.right) desk.mode = "side";
}

/** Open a case; `take` it from another tab without asking. */
export async function openCase(id, take = false) {
  if (!allSent()) {
    say("Waiting until every stroke has reached the server.");
    await sent();
  }
  opening += 1;
  const mine = opening;
  clearInterval(alive);
  desk.editable = false;
  forget();
  window.history.replaceState(null, "", `#${id}`);
  try {
    const editor = await lease(id, take);
    const known = await get(`case/${id}`);
    if (mine === opening) await openKnown(known, editor, mine);
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status === 0) throw problem;
    cannot(id, problem);
  }
}

/** A case that cannot be opened says why in place of its figures; others can be. */
function cannot(id, problem) {
  desk.case = null;
  desk.exams = [];
  $("case-name").textContent = desk.session.cases.find((each) => each.id === id)?.name ?? "";
  $("sentence").textContent = `This case cannot be opened: ${problem.message}. ${problem.hint}`;
  $("figures").replaceChildren();
  redrawAll();
}

async function openKnown(known, editor, mine) {
  lay(known);
  startAt(known.revision ?? 0);
  announce("case");
  announce("figures", known.figures ?? null);
  arrange();
  fitAll();
  await load(mine, editor);
}

async function load(mine, editor) {
  await Promise.all(desk.exams.map((exam) => exam.loadSmall().then(() => redraw("film"))));
  const films = Promise.all([...desk.exams].reverse().map((exam) => exam.loadFilm().then(applyWindows)));
  await whenReady(mine);
  if (mine !== opening) return;
  await Promise.all(desk.exams.map((exam) => exam.grid("mask")));
  redrawAll();
  await films;
  if (mine !== opening) return;
  desk.measured = true;
  desk.editable = editor;
  if (editor) keepAlive(desk.case.id);
  announce("case");
  announce("opened");
  if (!editor) say("Only to be looked at: the case is open in another tab.");
  else if (desk.case.revision > 0) say("A draft was found: it goes on where it was left.");
  else say("");
}

/** Wait until the server has measured; until then the films can be looked at. */
async function whenReady(mine) {
  while (desk.case.ready === false) {
    await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    const known = await get(`case/${desk.case.id}`);
    if (mine !== opening) return;
    desk.case = known;
    known.exams.forEach((exam, index) => desk.exams[index].update(exam));
    startAt(known.revision);
    if (known.ready !== false) {
      announce("case");
      announce("figures", known.figures);
    }
  }
}

/** Say again and again that this tab is there; the other tab may have taken the case meanwhile. */
function keepAlive(id) {
  alive = setInterval(async () => {
    try {
      await post(`case/${id}/alive`, { tab: desk.tab });
      announce("online");
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      if (problem.status === 0) announce("offline");
      else if (problem.status !== 409) announce("failed", problem);
      else if (desk.case.id === id && desk.editable) announce("conflict", problem);
    }
  }, ALIVE_MS);
}

/** Another tab has changed the case: go on from its state, or only look. */
export async function settleConflict() {
  clearInterval(alive);
  desk.editable = false;
  announce("tool");
  const { id } = desk.case;
  if ((await ask($("conflict"))) === "take") await openCase(id, true);
  else say("Only to be looked at: another tab has the case.");
}
