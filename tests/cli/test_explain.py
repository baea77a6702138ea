"""`ptx explain`, called as a user calls it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Ptx


def test_it_writes_a_picture_and_a_document_and_says_where(
    ptx: Ptx, prior: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    arguments = ("explain", prior, "-r", report, "--swap", "right=left", "--out", out)
    ran = ptx(*arguments, "--model", untrained_model)
    assert ran.code == 0, ran.stderr
    assert ran.stdout.split() == ["See", str(out / "explanation.png")]
    assert sorted(one.name for one in out.iterdir()) == ["explanation.png", "result.json"]
    again = ptx(*arguments, "--model", untrained_model, "--json", "--overwrite")
    assert again.document["outputs"] == {"picture": "explanation.png", "result": "result.json"}
    assert [one["name"] for one in again.document["swapped"]] == ["right \u2192 left"]
    words = again.document["told"]["text"].split()
    assert [one["word"] for one in again.document["left_out"]] == words
    # The report stands in the results alone.
    assert "apical" not in again.stderr
    ptx(*arguments, "--model", untrained_model).refused(2, "holds results already")


@pytest.mark.parametrize("swap", ["right", "=left", "right=", ""])
def test_a_swap_needs_two_words(ptx: Ptx, prior: Path, report: Path, out: Path, swap: str) -> None:
    ptx("explain", prior, "-r", report, "--swap", swap, "--out", out).refused(2, "--swap states no two words")
    assert not out.exists()


def test_a_word_that_is_not_told_is_refused_and_nothing_written(
    ptx: Ptx, prior: Path, report: Path, out: Path, untrained_model: Path
) -> None:
    arguments = ("explain", prior, "-r", report, "--out", out, "--model", untrained_model)
    ptx(*arguments, "--swap", "basal=apical").refused(2, "not told the word of --swap number 1")
    assert list(out.iterdir()) == []
    ptx("explain", report, "-r", report, "--out", out, "--model", untrained_model).refused(
        3, "is not a DICOM"
    )
