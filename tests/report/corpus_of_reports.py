"""Reports in many forms with what is right, from `corpus/`; `corpus/words.txt` tells the notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
KINDS = ("words", "templates", "sections", "containers", "more", "wider", "forms", "elsewhere", "places")


@dataclass(frozen=True)
class Case:
    """One report.

    Attributes:
        name: Its kind and its line.
        text: As a file would hold it.
        right: What is right, as words without order: "yes", "no" or "silent", side, zones, size.
    """

    name: str
    text: str
    right: frozenset[str]


def cases() -> Iterator[Case]:
    """All reports, in the order of the files."""
    for kind in KINDS:
        lines = (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            if line and not line.startswith("#"):
                right, text = line.split(" | ", 1)
                line_end = "\r" if text.startswith("MSH") else "\n"
                yield Case(f"{kind}:{number}", text.replace("¶", line_end), frozenset(right.split()))
