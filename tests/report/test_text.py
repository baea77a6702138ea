"""Loading reports: encodings, DICOM documents, limits, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    BasicTextSRStorage,
    EncapsulatedCDAStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
)

from ptx_followup.errors import ExitCode, InputError
from ptx_followup.report.findings import understand
from ptx_followup.report.sections import split_sentences, without_redaction
from ptx_followup.report.text import MAX_BYTES, decode_report, load_report

TEXT = "Impression: petit pneumothorax, côté gauche – stable."


def code(meaning: str) -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "99TEST", meaning
    return [item]


def content(kind: str, name: str, **values: object) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", kind
    item.ConceptNameCodeSequence = code(name)
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def dicom(sop_class: str, **elements: object) -> bytes:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, "1.2.3"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_common_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert load_report(path) == TEXT


def test_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes("côté gauche".encode("latin-1"))
    assert load_report(str(path)) == "côté gauche"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"No pneumothorax.\r\nClear."))
    monkeypatch.setattr("sys.stdin", stdin)
    assert load_report("-") == "No pneumothorax.\nClear."


def test_control_characters_are_left_out() -> None:
    assert decode_report(b"No \x1b[31mpneumothorax\x07.\x0cEnd", "x") == "No [31mpneumothorax.\nEnd"


def test_structured_report_becomes_headings_and_lines(tmp_path: Path) -> None:
    findings = content("CONTAINER", "Findings")
    size = Dataset()
    size.NumericValue, size.MeasurementUnitsCodeSequence = "20", code("millimeter")
    size.MeasurementUnitsCodeSequence[0].CodeValue = "mm"
    findings.ContentSequence = [
        content("TEXT", "Finding", TextValue="Small right pneumothorax."),
        content("NUM", "Extent", MeasuredValueSequence=[size]),
    ]
    impression = content("CONTAINER", "Impression")
    impression.ContentSequence = [content("CODE", "Side", ConceptCodeSequence=code("Right pneumothorax"))]
    path = tmp_path / "report.dcm"
    path.write_bytes(dicom(BasicTextSRStorage, ContentSequence=[findings, impression]))
    assert load_report(path).split("\n") == [
        *("FINDINGS:", "Small right pneumothorax.", "Extent: 20 mm"),
        *("", "IMPRESSION:", "Side: Right pneumothorax"),
    ]
    report = understand(load_report(path))
    assert (report.present, report.side, report.size) == (True, "right", "small")


CDA = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>
<ClinicalDocument xmlns="urn:hl7-org:v3"><component><section><title>Impression</title>
<text><paragraph>Left   pneumothorax.</paragraph></text></section></component></ClinicalDocument>"""


def test_encapsulated_cda() -> None:
    data = dicom(
        EncapsulatedCDAStorage,
        MIMETypeOfEncapsulatedDocument="text/XML",
        EncapsulatedDocument=CDA.encode() + b"\0" * (len(CDA.encode()) % 2),
    )
    text = decode_report(data, "report.dcm")
    assert [sentence.section for sentence in split_sentences(text)][-1] == "impression"
    assert understand(text).side == "left"
    assert understand(decode_report(CDA.encode(), "report.xml")).side == "left"


PDF = dicom(
    EncapsulatedPDFStorage, MIMETypeOfEncapsulatedDocument="application/pdf", EncapsulatedDocument=b"%PDF"
)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "no text"),
        (b" \n\t\n", "no text"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"PK\x03\x04....", "zip"),
        (b"\x00\x01\x02\x03" * 40, "not text"),
        (PDF, "not text"),
        (dicom("1.2.840.10008.5.1.4.1.1.1"), "without a report"),
        (b"\0" * 128 + b"DICM" + b"\xff" * 40, "DICOM"),
        (b"a" * (MAX_BYTES + 1), "larger"),
    ],
)
def test_refusals_name_the_file_and_what_to_do(data: bytes, word: str) -> None:
    with pytest.raises(InputError) as refused:
        decode_report(data, "report.bin")
    assert word in refused.value.problem
    assert "report.bin" in refused.value.problem
    assert refused.value.hint
    assert refused.value.exit_code == ExitCode.INPUT


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.txt"):
        with pytest.raises(InputError):
            load_report(path)


def test_a_megabyte_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("No pneumothorax. " * 60_000)
    assert len(load_report(path)) > 1_000_000


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text = decode_report(data, "x")
    except InputError:
        return
    assert text.strip()


def test_sections_addenda_and_running_headings() -> None:
    text = (
        "CLINICAL HISTORY: fall. FINDINGS: Clear. Heart normal.\nIMPRESSION\nNormal.\nADDENDUM: Rib fracture."
    )
    assert [(sentence.text, sentence.section) for sentence in split_sentences(text)] == [
        ("fall.", "indication"),
        ("Clear.", "findings"),
        ("Heart normal.", "findings"),
        ("Normal.", "impression"),
        ("Rib fracture.", "addendum"),
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Measures 2.5 cm. Stable.", ["Measures 2.5 cm.", "Stable."]),
        ("1. Clear.\n2. Normal.", ["Clear.", "Normal."]),
        ("- one\n- two", ["one", "two"]),
        ("Discussed with Dr. Smith at noon.", ["Discussed with Dr. Smith at noon."]),
        ("No effusion or\nconsolidation.", ["No effusion or\nconsolidation."]),
        ("Clear.Normal.", ["Clear.", "Normal."]),
        ("heart normal\nlungs clear", ["heart normal", "lungs clear"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split_sentences(text)] == sentences


def test_redaction_marks_go() -> None:
    marks = "[ALPHANUMERICID] [date] [DATE] [AGE] [ADDRESS] [PERSONALNAME] !PERSONALNAME! <###> XXXX ____"
    assert without_redaction(f"seen {marks} today") == "seen today"
    assert without_redaction("[left] <b> XX _") == "[left] <b> XX _"
