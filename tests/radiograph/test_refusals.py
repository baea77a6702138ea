"""What is refused: in one line, by the base name, with an exit code, and with nothing about the patient."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_files import make_dataset, ramp, save
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    MPEG2MPML,
    UID,
    BasicTextSRStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    MRImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
    UltrasoundImageStorage,
)

from ptx_followup.errors import ExitCode, InputError, PtxError, QualityGateError
from ptx_followup.files.limits import Limits
from ptx_followup.radiograph.read import read_radiograph

Make = Callable[[], Dataset]


def refusal_of(path: Path, limits: Limits | None = None) -> PtxError:
    """Read `path`, which must be refused in one line that names no more than its base name."""
    with pytest.raises(PtxError) as caught:
        read_radiograph(path, limits=limits or Limits())
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.hint
    assert "SECRET" not in message
    assert str(path.parent) not in message
    return caught.value


def compressed(syntax: UID, **changes: object) -> Dataset:
    dataset = make_dataset(**changes)
    dataset.compress(syntax, generate_instance_uid=False)
    return dataset


def of_class(sop_class: UID, modality: str, *, pixels: bool = True) -> Dataset:
    dataset = make_dataset(SOPClassUID=sop_class, Modality=modality)
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    if not pixels:
        del dataset.PixelData
    return dataset


def film() -> Dataset:
    dataset = make_dataset(syntax=MPEG2MPML)
    dataset.PixelData = encapsulate([b"\x00\x00\x01\xb3"])
    return dataset


def lateral_by_code() -> Dataset:
    dataset = make_dataset(ViewPosition=None)
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "399173006", "SCT", "left lateral"
    dataset.ViewCodeSequence = Sequence([item])
    return dataset


def another_part_by_code() -> Dataset:
    dataset = make_dataset(BodyPartExamined=None)
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "122495006", "SCT", "Thoracic spine"
    dataset.AnatomicRegionSequence = Sequence([item])
    return dataset


def cut_stream(syntax: UID) -> Dataset:
    dataset = compressed(syntax)
    stream = compressed(syntax).PixelData[8 + 8 :]
    dataset.PixelData = encapsulate([stream[: len(stream) // 2]], has_bot=False)
    return dataset


def lying_stream(syntax: UID) -> Dataset:
    """A code stream of another size than the header's, as a bomb would have."""
    dataset = compressed(syntax)
    dataset.Rows, dataset.Columns = 96, 80
    return dataset


NOT_A_RADIOGRAPH = "image.dcm is of the kind {}, not a radiograph"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: of_class(CTImageStorage, "CT"), NOT_A_RADIOGRAPH.format("CT Image")),
        (lambda: of_class(MRImageStorage, "MR"), NOT_A_RADIOGRAPH.format("MR Image")),
        (lambda: of_class(UltrasoundImageStorage, "US"), NOT_A_RADIOGRAPH.format("Ultrasound Image")),
        (lambda: of_class(SegmentationStorage, "SEG"), NOT_A_RADIOGRAPH.format("Segmentation")),
        (lambda: of_class(BasicTextSRStorage, "SR", pixels=False), NOT_A_RADIOGRAPH.format("Basic Text SR")),
        (
            lambda: of_class(EncapsulatedPDFStorage, "DOC", pixels=False),
            NOT_A_RADIOGRAPH.format("Encapsulated PDF"),
        ),
        (
            lambda: of_class(SecondaryCaptureImageStorage, "CT"),
            "image.dcm is not a radiograph: its Modality is not CR or DX",
        ),
        (
            lambda: of_class(UID("1.2.826.0.1.3680043.8.498.99"), "OT"),
            "image.dcm is not a radiograph: its Modality is not CR or DX",
        ),
        (lambda: make_dataset(NumberOfFrames=2), "image.dcm holds several frames"),
        (lambda: make_dataset(PixelData=None), "image.dcm holds no pixel data"),
        (film, "image.dcm uses an unsupported transfer syntax, MPEG2 Main Profile / Main Level"),
        (lambda: make_dataset(Rows=None), "image.dcm states no image size"),
        (lambda: make_dataset(Rows=65535, Columns=65535), "image.dcm promises 65535 x 65535 pixels"),
        (lambda: make_dataset(Rows=16000, Columns=16000), "image.dcm promises 16000 x 16000 pixels"),
        (lambda: make_dataset(BitsAllocated=32, bits=12), "image.dcm does not have 8 to 16 bits a pixel"),
        (lambda: make_dataset(bits=7), "image.dcm does not have 8 to 16 bits a pixel"),
        (lambda: make_dataset(HighBit=15), "image.dcm states a HighBit that does not fit BitsStored"),
        (lambda: make_dataset(PixelRepresentation=None), "image.dcm states no valid PixelRepresentation"),
        (
            lambda: make_dataset(PhotometricInterpretation="PALETTE COLOR"),
            "image.dcm is not a grey-scale image",
        ),
        (
            lambda: make_dataset(np.stack([ramp("uint8", 8)] * 2 + [ramp("uint8", 8)[::-1]], axis=2)),
            "image.dcm is a colour image",
        ),
        (lambda: make_dataset(Rows=81), "image.dcm holds pixel data that are damaged or cut short"),
        (lambda: cut_stream(JPEG2000Lossless), "image.dcm holds pixel data that are damaged or cut short"),
        (lambda: cut_stream(JPEGLSLossless), "image.dcm holds pixel data that are damaged or cut short"),
        (lambda: cut_stream(RLELossless), "image.dcm holds pixel data that cannot be decoded"),
        (
            lambda: lying_stream(JPEG2000Lossless),
            "image.dcm holds pixel data of another size than its header states",
        ),
        (
            lambda: lying_stream(JPEGLSLossless),
            "image.dcm holds pixel data of another size than its header states",
        ),
    ],
)
def test_input_refused(tmp_path: Path, make: Make, problem: str) -> None:
    refusal = refusal_of(save(make(), tmp_path))
    assert refusal.problem == problem
    assert isinstance(refusal, InputError)
    assert refusal.exit_code == ExitCode.INPUT == 3


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: make_dataset(ViewPosition="LL"), "image.dcm is a lateral view"),
        (lambda: make_dataset(ViewPosition="LATERAL"), "image.dcm is a lateral view"),
        (lambda: make_dataset(ViewPosition="RLO"), "image.dcm is an oblique view"),
        (lateral_by_code, "image.dcm is a lateral view"),
        (
            lambda: make_dataset(ViewPosition="", SeriesDescription="Chest lateral"),
            "image.dcm is a lateral view",
        ),
        (lambda: make_dataset(ViewPosition="", PatientOrientation=["A", "F"]), "image.dcm is a lateral view"),
        (
            lambda: make_dataset(BodyPartExamined="KNEE"),
            "image.dcm shows another body part by its BodyPartExamined",
        ),
        (
            lambda: make_dataset(BodyPartExamined="ABD"),
            "image.dcm shows another body part by its BodyPartExamined",
        ),
        (
            lambda: make_dataset(BodyPartExamined="TSPINE"),
            "image.dcm shows another body part by its BodyPartExamined",
        ),
        (another_part_by_code, "image.dcm shows another body part by its BodyPartExamined"),
        (lambda: make_dataset(ramp(shape=(63, 500))), "image.dcm has only 63 x 500 pixels"),
        (
            lambda: make_dataset(np.full((80, 80), 7, np.uint16)),
            "image.dcm shows nothing: all its pixels are alike",
        ),
        (
            lambda: make_dataset(np.full((80, 80), 7, np.uint16), PixelPaddingValue=7),
            "image.dcm shows nothing: all its pixels are alike",
        ),
    ],
)
def test_quality_gates(tmp_path: Path, make: Make, problem: str) -> None:
    refusal = refusal_of(save(make(), tmp_path))
    assert refusal.problem == problem
    assert type(refusal) is QualityGateError
    assert refusal.exit_code == ExitCode.GATE == 5


@pytest.mark.parametrize(
    "part", ["CHEST", "Thorax", "LUNG", "CHESTABDOMEN", "PORT CHEST", "HEART", "", "UNKNOWN", "WHOLEBODY"]
)
def test_chests_pass(tmp_path: Path, part: str) -> None:
    with config.disable_value_validation():
        image = read_radiograph(save(make_dataset(BodyPartExamined=part), tmp_path))
    assert not any("BodyPart" in warning for warning in image.warnings)


def test_an_unknown_body_part_is_a_warning(tmp_path: Path) -> None:
    image = read_radiograph(save(make_dataset(BodyPartExamined="RIB"), tmp_path))
    assert "BodyPartExamined names neither the chest nor another known body part" in image.warnings


def test_a_description_of_another_part_does_not_refuse_a_file_that_is_named(tmp_path: Path) -> None:
    dataset = make_dataset(BodyPartExamined="", SeriesDescription="XR ABDOMEN AP")
    assert read_radiograph(save(dataset, tmp_path)).pixels.size


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "x.dcm is empty"),
        (
            b"FINDINGS: There is a small left apical pneumothorax.\n" * 9,
            "x.dcm is not a DICOM, PNG or JPEG file",
        ),
        (b"%PDF-1.7 " * 40, "x.dcm is not a DICOM, PNG or JPEG file"),
        (bytes(128) + b"DICM", "x.dcm is not a DICOM image"),
        (b"\x08\x00" + b"no dicom at all " * 40, "x.dcm is damaged or cut short"),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "x.dcm").write_bytes(content)
    refusal = refusal_of(tmp_path / "x.dcm")
    assert (refusal.problem, refusal.exit_code) == (problem, ExitCode.INPUT)


def test_no_file_a_folder_a_pipe_and_a_locked_file(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "none.dcm").problem == "none.dcm does not exist"
    (tmp_path / "study").mkdir()
    assert refusal_of(tmp_path / "study").problem == "study is a folder"
    os.mkfifo(tmp_path / "pipe")
    assert refusal_of(tmp_path / "pipe").problem == "pipe is not a regular file"
    assert "does not exist" in refusal_of(tmp_path / "two\nlines").problem
    locked = save(make_dataset(), tmp_path, "locked.dcm")
    locked.chmod(0)
    if not os.access(locked, os.R_OK):  # root reads it all the same
        assert refusal_of(locked).problem == "locked.dcm cannot be opened (Permission denied)"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9, 0.98])
@pytest.mark.parametrize("syntax", [None, DeflatedExplicitVRLittleEndian, RLELossless, JPEG2000Lossless])
def test_a_file_cut_short(tmp_path: Path, syntax: UID | None, share: float) -> None:
    if syntax in (None, DeflatedExplicitVRLittleEndian):
        dataset = make_dataset() if syntax is None else make_dataset(syntax=syntax)
    else:
        dataset = compressed(syntax)
    path = save(dataset, tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert refusal_of(path).exit_code == ExitCode.INPUT


def test_a_large_file_is_not_parsed(tmp_path: Path) -> None:
    path = save(make_dataset(), tmp_path)
    refusal = refusal_of(path, Limits(file_bytes=path.stat().st_size - 1))
    assert refusal.problem.startswith("image.dcm is larger than")


def deflate_bomb(folder: Path, inflated_bytes: int) -> Path:
    """A deflated data set whose pixel data are zeros without end."""
    content = save(make_dataset(syntax=DeflatedExplicitVRLittleEndian), folder, "bomb.dcm").read_bytes()
    # Group length, after its 8-byte header at 132, counts from the next element to the end of the group.
    meta_end = 132 + 12 + struct.unpack("<I", content[140:144])[0]
    deflater = zlib.compressobj(9, wbits=-15)
    stream = deflater.compress(struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, inflated_bytes))
    for _ in range(inflated_bytes // 10_000_000):
        stream += deflater.compress(bytes(10_000_000))
    (folder / "bomb.dcm").write_bytes(content[:meta_end] + stream + deflater.flush())
    return folder / "bomb.dcm"


def test_deflate_bomb(tmp_path: Path) -> None:
    limits = Limits(file_bytes=20_000_000)
    refusal = refusal_of(deflate_bomb(tmp_path, 40_000_000), limits)
    assert refusal.problem == "bomb.dcm inflates to more than 20 MB"


def test_ten_thousand_nested_sequences(tmp_path: Path) -> None:
    nested = b"\x08\x00\x40\x11\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 10_000
    (tmp_path / "deep.dcm").write_bytes(nested)
    assert refusal_of(tmp_path / "deep.dcm").problem == "deep.dcm is damaged or cut short"


def test_empty_elements_without_end(tmp_path: Path) -> None:
    empty = b"".join(struct.pack("<HHI", 0x0009, 0x1000 + number, 0) for number in range(30_001))
    (tmp_path / "long.dcm").write_bytes(b"\x08\x00\x05\x00\x00\x00\x00\x00" + empty)
    assert refusal_of(tmp_path / "long.dcm").problem == "long.dcm holds more than 30000 data elements"


def test_a_length_of_two_gigabytes(tmp_path: Path) -> None:
    path = save(make_dataset(syntax=ImplicitVRLittleEndian), tmp_path)
    content = path.read_bytes()
    start = content.index(b"\xe0\x7f\x10\x00") + 4
    path.write_bytes(content[:start] + b"\xfe\xff\xff\x7f" + content[start + 4 : -100])
    assert refusal_of(path).exit_code == ExitCode.INPUT


def test_pydicom_settings_and_warnings_stay_as_they_were(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with config.disable_value_validation():
        path = save(make_dataset(StudyDate="SECRET"), tmp_path)
    before = config.settings.reading_validation_mode, config.settings.writing_validation_mode
    read_radiograph(path)
    assert (config.settings.reading_validation_mode, config.settings.writing_validation_mode) == before
    assert len(recwarn) == 0


def test_no_torch_is_imported() -> None:
    program = "import sys, ptx_followup.radiograph.read; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
