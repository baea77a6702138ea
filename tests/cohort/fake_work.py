"""Work that costs nothing, for worker processes in tests: the prior's text says what becomes of a case."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from ptx_followup.cohort.case import Case, Options
from ptx_followup.errors import InputError
from ptx_followup.files.storage import MODEL_CONFIG, models_folder
from ptx_followup.results.row import Row

NAME = "fake_work:FakeWork"


class FakeWork:
    """Writes two files and gives a row; or hangs, eats memory, dies, or refuses."""

    def __init__(self, options: Options, threads: int) -> None:
        config = models_folder() / options.model / MODEL_CONFIG
        self.model_sha256 = json.loads(config.read_text(encoding="utf-8"))["weights_sha256"]

    def expect(self, case: Case) -> None:
        """Dies while another case is in work, if the prior's text says so."""
        assert case.prior is not None
        if case.prior.read_text(encoding="utf-8").endswith("die-ahead"):
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, case: Case, folder: Path) -> Row:
        assert case.prior is not None
        assert case.followup is not None
        told = case.prior.read_text(encoding="utf-8").split()
        (folder / "panel.png").write_bytes(b"half")
        if told[0] == "hang":
            time.sleep(600)
        if told[0] == "eat":
            eaten = bytearray()
            while True:
                eaten += b"x" * 50_000_000
                time.sleep(0.02)
        if told[0] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        _refuse(case, told)
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
