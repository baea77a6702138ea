"""What a run writes while it goes: metrics.jsonl, and the same figures for TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from ptx_followup.files.storage import write_atomically

METRICS = "metrics.jsonl"
TENSORBOARD = "tensorboard"

#: Receives each line of the log.
Log = Callable[[dict[str, Any]], None]


class Record(AbstractContextManager["Record"]):
    """The log of a run in its folder; a resumed run goes on as if it had never stopped.

    Args:
        folder: Of the run.
        step: At which the run begins or goes on: what a killed run logged after it is dropped.
        log: Receives each line as well.
    """

    def __init__(self, folder: Path, step: int, log: Log) -> None:
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        path = folder / METRICS
        kept = [line for line in _lines(path) if json.loads(line).get("step", 0) <= step] if step else []
        write_atomically(path, lambda file: file.write("".join(f"{line}\n" for line in kept).encode()))
        self._file = path.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(folder / TENSORBOARD), purge_step=step + 1)
        self._log = log

    def __call__(self, line: dict[str, Any]) -> None:
        """Write a line; its numbers become curves."""
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        for key, value in line.items():
            if key != "step" and isinstance(value, int | float):
                self._board.add_scalar(key, value, line["step"])
        self._board.flush()
        self._log(line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close both files."""
        self._file.close()
        self._board.close()


def _lines(path: Path) -> list[str]:
    """The whole lines of a log; the last one of a killed run may be half of one."""
    if not path.is_file():
        return []
    return [line[:-1] for line in path.read_text(encoding="utf-8").splitlines(True) if line.endswith("\n")]
