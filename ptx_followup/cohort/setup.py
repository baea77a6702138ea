"""How a worker process works: what it is told when it starts, and what a case may cost."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ptx_followup.ahead import usable_cores
from ptx_followup.cohort.case import Options
from ptx_followup.cohort.work import COMPARISON

#: Memory of one worker with the model on board, its reading process included: 0.9 GB and 0.2 GB were measured
#: on films of 1024 x 1024 pixels; larger films take more.
WORKER_BYTES = 1_600_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Setup:
    """What a worker process is told when it starts.

    Attributes:
        root: Folder of the cohort.
        options: Of every case.
        threads: That it may use.
        part: Where below `work/` it fills folders.
        work: Module and name of what makes the work.
    """

    root: Path
    options: Options
    threads: int = 1
    part: str = "all"
    work: str = COMPARISON

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self) | {"root": str(self.root.absolute())}

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Setup:
        """From `to_json`."""
        return cls(**{**stated, "root": Path(stated["root"]), "options": Options(**stated["options"])})


@dataclass(frozen=True)
class Bounds:
    """What one case may cost.

    Attributes:
        seconds: Time by the clock.
        memory_bytes: Resident memory of the worker process, model included; watched on Linux.
        start_seconds: Time until a worker has loaded the model.
    """

    seconds: float = 600.0
    memory_bytes: int = 6_000_000_000
    start_seconds: float = 600.0


def free_memory() -> int | None:
    """Memory that can be had without pushing others out, in bytes; None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return None


def default_workers() -> int:
    """As many as cores and memory allow, and at least one."""
    memory = free_memory()
    return max(1, usable_cores() if memory is None else min(usable_cores(), memory // WORKER_BYTES))


def disk_is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that it was made of, says that the disk is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
