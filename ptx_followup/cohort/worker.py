"""A worker process of a cohort: loads the model once and works on one case after another (`begun`).

It is started by `bounded.BoundedWorker`, whose words come as lines of JSON on standard input: first how to
work, then one case a line, with the next one where there is one. Each is answered with a line of JSON. When
standard input ends, however its parent ended, it leaves at once; whatever it was writing then is not in its
place and does not count.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import count
from typing import Any

from ptx_followup import __version__
from ptx_followup.cohort.begun import Begun
from ptx_followup.cohort.case import FILES, Case, Outcome, Problem, Terms
from ptx_followup.cohort.ledger import Ledger, filling
from ptx_followup.cohort.setup import Setup, disk_is_full
from ptx_followup.cohort.work import MakeWork
from ptx_followup.errors import ExitCode, PtxError
from ptx_followup.files.memory import give_back_end, give_back_kept, keep_freed, share_pool
from ptx_followup.files.storage import file_label

#: After so many cases a worker hands back the end of its memory, and after so many all that lies free in it.
#: Each costs at most half a percent of the time; the end alone, after every case, would cost 2 %.
_CASES_TO_END, _CASES_TO_ALL = 4, 64
Answer = Callable[[dict[str, Any]], None]


def main() -> None:
    """Serve until standard input ends."""
    share_pool()
    keep_freed()
    answer = _private_stdout()
    setup = Setup.from_json(json.loads(sys.stdin.readline()))
    try:
        work = _make_work(setup.work)(setup.options, setup.threads)
    except PtxError as error:
        answer({"refused": [error.exit_code, error.problem, error.hint]})
        return
    answer({"ready": {"version": __version__, "model_sha256": work.model_sha256}})
    ledger = Ledger(setup.root, Terms(__version__, work.model_sha256, setup.options))
    begun = Begun(work, ledger)
    lines = _lines_until_the_parent_ends()
    for number in count(1):
        for stated in (cases := json.loads(lines.get())["cases"]):
            if stated is not None:
                begun.begin(Case.from_json(stated))
        answer(_one(begun, ledger, setup.part, Case.from_json(cases[0])))
        if number % _CASES_TO_ALL == 0:
            give_back_kept()
        elif number % _CASES_TO_END == 0:
            give_back_end()


def _one(begun: Begun, ledger: Ledger, part: str, case: Case) -> dict[str, Any]:
    began = time.monotonic()
    try:
        compared = begun.take(case)
        began = time.monotonic() - compared.seconds
        with filling(ledger.root, part) as folder:
            row = compared.write(folder)
            outcome = Outcome(case.id, "done", row, seconds=round(time.monotonic() - began, 3))
            ledger.publish(case, folder, outcome, compared.seen)
    except PtxError as error:
        if disk_is_full(error):
            return {"stopped": [error.problem, error.hint]}
        problem = Problem(error.exit_code, type(error).__name__, error.problem, error.hint)
    except Exception as error:  # noqa: BLE001 - one case must not end the others; a message may quote a header
        if disk_is_full(error):
            return {"stopped": ["the results cannot be written (the disk is full)", "free some space"]}
        name = type(error).__name__
        problem = Problem(ExitCode.UNEXPECTED, name, f"unexpected {name}", "compare this case alone")
    else:
        return {"outcome": outcome.to_json()}
    if ledger.terms.options.deidentify:
        problem = _without_file_names(problem, case)
    seconds = round(time.monotonic() - began, 3)
    return {"outcome": Outcome(case.id, "failed", problem=problem, seconds=seconds).to_json()}


def _without_file_names(problem: Problem, case: Case) -> Problem:
    """A problem that calls files by what they are to the case; their names may be a patient's."""
    roles: dict[str, str] = {}
    for name in FILES:
        path = getattr(case, name)
        if path is not None:
            role = f"the {name.replace('_', ' ')}"
            roles |= {file_label(file): role for file in (*path.rglob("*"), path)}
            # A report that lies beside its image.
            roles |= {file_label(path.with_name(f"{stem}.txt")): role for stem in (path.stem, path.name)}
    longest = sorted(roles, key=len, reverse=True)
    named = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest))

    def told(words: str) -> str:
        return named.sub(lambda found: roles[found[0]], words) if roles else words

    return replace(problem, message=told(problem.message), hint=told(problem.hint))


def _make_work(name: str) -> MakeWork:
    module, _, function = name.partition(":")
    make: MakeWork = getattr(import_module(module), function)
    return make


def _lines_until_the_parent_ends() -> queue.Queue[str]:
    """Lines of standard input; a thread of its own sees its end also while a case is in work."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _private_stdout() -> Answer:
    """The pipe to the parent, out of reach of libraries that print; their words may quote a header."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    if os.environ.get("PTX_DEBUG") != "1":
        os.dup2(nowhere, 2)

    def answer(stated: dict[str, Any]) -> None:
        pipe.write(json.dumps(stated) + "\n")
        pipe.flush()

    return answer


if __name__ == "__main__":
    main()
