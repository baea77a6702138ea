"""Work that costs nothing, for worker processes in tests: the prior's text says what becomes of a case."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

from ptx_followup.cohort.case import Case, Options
from ptx_followup.cohort.work import Compare, Write
from ptx_followup.errors import InputError, UsageError
from ptx_followup.files.storage import MODEL_CONFIG, models_folder
from ptx_followup.results.row import Row

NAME = "fake_work:FakeWork"
#: What a case that eats memory takes.
EATEN_BYTES = 1_000_000_000


class FakeWork:
    """Writes two files and gives a row; or hangs, eats memory, dies, or refuses.

    "await" writes when another case, of "meet", was compared.
    """

    def __init__(self, options: Options, threads: int) -> None:
        config = models_folder() / options.model / MODEL_CONFIG
        self.model_sha256 = json.loads(config.read_text(encoding="utf-8"))["weights_sha256"]
        self._at_work: set[str] = set()
        self._met = threading.Event()

    def read(self, case: Case) -> Compare:
        """Dies while another case is in work, if the prior's text says so."""
        assert case.prior is not None
        told = case.prior.read_text(encoding="utf-8").split()
        if told[-1] == "die-ahead" and self._at_work:
            os.kill(os.getpid(), signal.SIGKILL)
        self._at_work.add(case.id)
        return lambda: self._compare(case, told)

    def _compare(self, case: Case, told: list[str]) -> Write:
        if told[0] == "hang":
            time.sleep(600)
        if told[0] == "eat":
            eaten = b"x" * EATEN_BYTES
            time.sleep(len(eaten))
        if told[0] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        _refuse(case, told)
        if told[-1] == "meet":
            self._met.set()
        return lambda folder: self._write(case, told, folder)

    def _write(self, case: Case, told: list[str], folder: Path) -> Row:
        self._at_work.discard(case.id)
        (folder / "panel.png").write_bytes(b"half")
        if told[-1] == "unwritable":
            raise UsageError("the results cannot be written", "free some space")
        if told[-1] == "await":
            self._met.wait()
        if len(told) > 1:
            time.sleep(float(told[1]))
        difference = float(told[0])
        (folder / "panel.png").write_bytes(b"whole")
        (folder / "result.json").write_text(json.dumps({"difference": difference}), encoding="utf-8")
        verdict = "larger" if difference > 0 else "smaller"
        return {"change_verdict": verdict, "change_difference": difference, "timing_s_read": time.time()}


def _refuse(case: Case, told: list[str]) -> None:
    """Raise what the prior's text says; "once" mends it meanwhile."""
    assert case.prior is not None
    assert case.followup is not None
    if told == ["refuse", "once"]:
        case.prior.write_text("1", encoding="utf-8")
    if told[0] == "refuse":
        raise InputError("prior.txt cannot be read", "export it again")
    if told[0] == "name":
        raise InputError(f"{case.prior.name} cannot be read", f"look at {case.followup.name}")
    if told[0] == "break":
        raise RuntimeError("SECRETNAME")
    if told[0] == "full":
        raise OSError(28, "No space left on device")
