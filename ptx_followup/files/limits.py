"""How large an input may be, and what reading it may cost; sizes are checked before anything is decoded."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from ptx_followup.errors import UsageError

#: Names a TOML file that changes some of the limits.
VARIABLE = "PTX_LIMITS"


@dataclass(frozen=True)
class Limits:
    """Upper and lower bounds of an acceptable radiograph.

    The largest detectors in clinical use give about 4,300 x 4,300 pixels of two bytes (37 MB) and digitised
    films less than 8,192 on a side, so the defaults leave a wide margin.

    Attributes:
        file_bytes: Size of the file, and of a deflated data set once it is inflated.
        elements: Data elements, with those in sequences of undefined length; radiographs have some hundred.
        side_pixels: Rows and columns, each.
        pixel_bytes: Decoded pixels: rows x columns x samples x bytes a sample.
        least_side_pixels: Below this, in rows or columns, no chest can be read.
        seconds: Time that reading the file may take.
        memory_bytes: Memory that reading the file may take, above that of the reading process itself.
    """

    file_bytes: int = 250_000_000
    elements: int = 30_000
    side_pixels: int = 16_384
    pixel_bytes: int = 200_000_000
    least_side_pixels: int = 64
    seconds: int = 20
    memory_bytes: int = 1_500_000_000


DEFAULT_LIMITS = Limits()


def configured_limits() -> Limits:
    """The limits in force: the defaults, with those that the file named by `PTX_LIMITS` states.

    Raises:
        UsageError: The file cannot be read, or states something else than positive whole numbers for limits.
    """
    file = os.environ.get(VARIABLE)
    return _from_file(Path(file)) if file else DEFAULT_LIMITS


@cache
def _from_file(path: Path) -> Limits:
    hint = f"let {VARIABLE} name a TOML file with lines such as seconds = 20"
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise UsageError(f"the limits in {path.name} cannot be read", hint) from None
    names = [field.name for field in fields(Limits)]
    for name, value in stated.items():
        if name not in names:
            raise UsageError(f"{path.name} states an unknown limit {name!r}", f"known are {', '.join(names)}")
        if type(value) is not int or value < 1:
            raise UsageError(f"the limit {name!r} of {path.name} is not a positive whole number", hint)
    return replace(DEFAULT_LIMITS, **stated)
