"""A reader's error is read from its file, and from nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ptx_followup.errors import InputError
from ptx_followup.measurement.reader_error import PUBLISHED_READERS, ReaderError

STATED = {"schema": "ptx-reader-error/1", "sd_log1p": 0.2, "readings": 40, "source": "a core lab"}


@pytest.mark.parametrize("document", [STATED, {"schema": "ptx-readings/1", "reader_error": STATED}])
def test_a_file_of_it_or_one_that_holds_it(tmp_path: Path, document: dict[str, object]) -> None:
    path = tmp_path / "readers.json"
    path.write_text(json.dumps(document))
    found = ReaderError.read(path)
    assert (found.sd_log1p, found.readings, found.source) == (0.2, 40, "a core lab")
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads(json.dumps(found.model_dump(mode="json", by_alias=True)))["sd_log1p"] == 0.2


@pytest.mark.parametrize(
    "changes",
    [
        {"sd_log1p": 0},
        {"sd_log1p": float("nan")},
        {"readings": 0},
        {"schema": "ptx-compare/1"},
        {"sd_interval": [0.3, 0.4]},
        {"reader_error": None},
    ],
    ids=str,
)
def test_what_states_no_error_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "readers.json"
    path.write_text(json.dumps(STATED | changes))
    with pytest.raises(InputError, match="states no reader's error"):
        ReaderError.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        ReaderError.read(tmp_path / "none.json")


def test_the_value_on_board_says_where_it_comes_from() -> None:
    assert PUBLISHED_READERS.readings == 72
    assert not PUBLISHED_READERS.sha256
