"""What tells objects apart is read in the child process, and comes whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_exams import exam, save_exam

from ptx_followup.dicom.elements import codes, integer, text
from ptx_followup.radiograph import header as module
from ptx_followup.radiograph.header import read_header


def test_texts_numbers_and_codes_come_as_they_are_written(tmp_path: Path) -> None:
    path = save_exam(
        tmp_path, SpecificCharacterSet="ISO_IR 192", SeriesDescription="胸部 側面", NumberOfFrames=1
    )
    header, stated = read_header(path), exam()
    assert text(header, "SeriesDescription") == "胸部 側面"
    assert text(header, "SOPInstanceUID") == stated.SOPInstanceUID
    assert integer(header, "NumberOfFrames") == 1
    assert codes(header, "ViewCodeSequence") == codes(stated, "ViewCodeSequence") != ()
    assert "PixelData" not in header


def test_this_process_parses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    path = save_exam(tmp_path)
    monkeypatch.setattr(module, "parse", never)
    assert text(read_header(path), "PatientID") == "SECRETID7"


def test_a_damaged_value_counts_as_absent_and_a_damaged_file_has_none(tmp_path: Path) -> None:
    path = save_exam(tmp_path, NumberOfFrames="12")
    path.write_bytes(
        path.read_bytes().replace(b"\x28\x00\x08\x00IS\x02\x0012", b"\x28\x00\x08\x00IS\x02\x00no")
    )
    header = read_header(path)
    assert integer(header, "NumberOfFrames") is None
    assert text(header, "Modality") == "DX"
    path.write_bytes(path.read_bytes()[:300])
    assert len(read_header(path)) == 0
    assert len(read_header(tmp_path / "nothing.dcm")) == 0
