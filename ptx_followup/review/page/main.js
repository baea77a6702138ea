/** The review page: puts its parts together and opens the first case. */

import { Refused, get, post } from "./api.js";
import { commands } from "./commands.js";
import { announce, desk, on } from "./desk.js";
import { $, element } from "./dom.js";
import { setUpFigures } from "./figures.js";
import { setUpHands } from "./hands.js";
import { setUpKeys, written } from "./keys.js";
import { openCase, settleConflict } from "./opening.js";
import { setUpReport } from "./report.js";
import { setUpSaving } from "./saving.js";
import { allSent } from "./sender.js";
import { setUpStage } from "./stage.js";
import { setUpSwipe } from "./swipe.js";
import { setUpToolbar } from "./toolbar.js";
import { cases, neighbour, setUpWorklist, showWorklist } from "./worklist.js";

/** A name of this tab that outlives a reload, and that a doubled tab does not share. */
async function tabName() {
  const kept = sessionStorage.getItem("tab");
  const name = kept && (await free(kept)) ? kept : crypto.randomUUID();
  if (name !== kept) await free(name);
  sessionStorage.setItem("tab", name);
  return name;
}

/** Hold the name for as long as the tab lives; false where another tab holds it. */
function free(name) {
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise(() => {}) : undefined;
    });
  });
}

function fail(problem) {
  $("failure-words").textContent = problem instanceof Refused
    ? `${problem.message} ${problem.hint}`
    : "The page met an error of its own. Load it again; strokes are kept as a draft.";
  if (!$("failure").open) $("failure").showModal();
}

const SIGNS = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓" };

function readable(key) {
  return key.replace(/Arrow\w+/, (arrow) => SIGNS[arrow]);
}

function setUpHelp(table) {
  const groups = Map.groupBy(table, (command) => command.group);
  for (const [group, all] of groups) {
    $("help-keys").append(element("section", {}, element("h3", {}, group), element("dl", {}, ...all.flatMap(({ keys, says }) => [
      element("dt", {}, ...keys.slice(0, 2).flatMap((key, index) => [index ? " " : "", element("kbd", {}, readable(key))])),
      element("dd", {}, says),
    ]))));
  }
  $("help-dialog").addEventListener("keydown", (event) => {
    if (written(event) !== "?") return;
    event.stopPropagation();
    $("help-dialog").close();
  });
}

async function go(step) {
  const id = neighbour(step);
  if (id) await openCase(id);
  else await showWorklist();
}

async function start() {
  const table = commands(go);
  setUpStage();
  setUpHands();
  setUpSwipe();
  setUpFigures();
  setUpReport();
  setUpWorklist(openCase);
  setUpSaving(() => go(1));
  setUpToolbar(table);
  setUpKeys(table);
  setUpHelp(table);
  on("conflict", settleConflict);
  on("failed", fail);
  for (const button of document.querySelectorAll("dialog button[value]")) {
    button.addEventListener("click", () => button.closest("dialog").close(button.value));
  }
  $("quit").addEventListener("click", async () => {
    await post("quit");
    announce("said", "The server has ended. This tab can be closed.");
    $("ended").showModal();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!allSent()) event.preventDefault();
  });
  desk.tab = await tabName();
  desk.session = await get("session");
  $("version").textContent = desk.session.version;
  const wanted = window.location.hash.slice(1);
  const all = cases();
  const first = all.find((each) => each.id === wanted) ?? all.find((each) => each.status === "open") ?? all[0];
  if (first) await openCase(first.id);
  else await showWorklist();
}

window.addEventListener("unhandledrejection", (event) => fail(event.reason));
window.addEventListener("error", (event) => fail(event.error));
start();
