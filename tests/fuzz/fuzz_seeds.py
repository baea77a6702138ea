"""Good files from which hostile ones are made: small radiographs in every encoding, and all other inputs."""

from __future__ import annotations

import base64
import io
import json
import sys
import tempfile
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import highdicom
import imagecodecs
import numpy as np
import pydicom
import SimpleITK
from numpy.typing import NDArray
from PIL import Image
from pydicom import config
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLSLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from ptx_followup.data.dataset import Case, DataSet
from ptx_followup.data.splits import save_split, split_by_patient

sys.path.append(str(Path(__file__).parents[1]))
from made_files import NATIVE, make_dataset, ramp

#: Put where a patient is named; no message may repeat it.
CANARY = "SECRET"

#: Files of pydicom whose code streams no encoder at hand would make.
_FOREIGN_STREAMS = (
    *("JPGExtended.dcm", "JPEG2000.dcm", "J2K_pixelrep_mismatch.dcm", "693_J2KI.dcm", "MR_small_RLE.dcm"),
    *("SC_rgb_jpeg_gdcm.dcm", "SC_rgb_jls_lossy_line.dcm", "SC_rgb_dcmtk_+eb+cy+s2.dcm", "SC_rgb_rle.dcm"),
    *("MR_small_jpeg_ls_lossless.dcm", "SC_jpeg_no_color_transform.dcm", "image_dfl.dcm"),
)

_EXAMPLES = Path(__file__).parents[2] / "examples"


@cache
def radiographs() -> tuple[bytes, ...]:
    """Radiographs in every transfer syntax, PNG and JPEG, each of a few kilobytes."""
    return tuple(_radiographs())


def _radiographs() -> Iterator[bytes]:
    for syntax in NATIVE:
        yield _as_bytes(_with_sequences(make_dataset(syntax=syntax)))
    for syntax in (RLELossless, JPEG2000Lossless, JPEGLSLossless):
        dataset = _with_sequences(make_dataset())
        dataset.compress(syntax, generate_instance_uid=False)
        yield _as_bytes(dataset)
    yield _as_bytes(_baseline())
    for syntax, stream in (
        (HTJ2KLossless, imagecodecs.htj2k_encode(ramp())),
        (JPEGLossless, imagecodecs.ljpeg_encode(ramp(), bitspersample=12)),
        (JPEG2000Lossless, imagecodecs.jpeg2k_encode(ramp("int16"), level=0, codecformat="j2k")),
    ):
        yield _as_bytes(_encapsulated(bytes(stream), syntax))
    yield _as_bytes(make_dataset(ramp("uint16", 16)))  # deeper than it says
    for name in _FOREIGN_STREAMS:
        yield _relabelled(name)
    grey = ramp("uint8", 8)
    for picture, form, options in (
        (Image.fromarray(grey), "PNG", {}),
        (Image.fromarray(ramp("uint16", 16)), "PNG", {}),
        (Image.fromarray(grey), "JPEG", {"exif": _turned()}),
    ):
        content = io.BytesIO()
        picture.save(content, form, **options)
        yield content.getvalue()


def _with_sequences(dataset: Dataset) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "399348003", "SCT", "postero-anterior"
    dataset.ViewCodeSequence = Sequence([item])
    dataset.AcquisitionDateTime = "20260301101500"
    dataset.ImagerPixelSpacing = [0.143, 0.143]
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    lut = Dataset()
    lut.LUTDescriptor = [4096, 0, 12]
    lut["LUTDescriptor"].VR = "US"
    lut.LUTData = np.arange(4096, dtype="<u2").tobytes()
    lut["LUTData"].VR = "OW"
    if not dataset.file_meta.TransferSyntaxUID.is_little_endian:
        return dataset
    dataset.VOILUTSequence = Sequence([lut])
    return dataset


def _baseline() -> Dataset:
    grey = ramp("uint8", 8)
    content = io.BytesIO()
    Image.fromarray(grey).save(content, "JPEG")
    dataset = make_dataset(grey, syntax=JPEGBaseline8Bit)
    dataset.PixelData = encapsulate([content.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    return dataset


def _encapsulated(stream: bytes, syntax: UID) -> Dataset:
    dataset = make_dataset(ramp(), syntax)
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].is_undefined_length = True
    return dataset


def _relabelled(name: str) -> bytes:
    """A file of pydicom, called a radiograph, so that it is decoded."""
    path = get_testdata_file(name)
    assert isinstance(path, str), name
    with warnings.catch_warnings(action="ignore"), config.disable_value_validation():
        dataset = pydicom.dcmread(path)
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
        dataset.Modality, dataset.PatientName, dataset.PatientID = "CR", "SECRETNAME^ANN", "SECRETID7"
        return _as_bytes(dataset)


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@cache
def headers() -> tuple[bytes, ...]:
    """Objects of a study: radiographs in all native encodings, a report, a capture."""
    films = [_as_bytes(_with_sequences(make_dataset(syntax=syntax))) for syntax in NATIVE]
    return (*films, _as_bytes(_structured_report("No pneumothorax.")), *captures())


@cache
def captures() -> tuple[bytes, ...]:
    """A capture in JPEG-LS, as `panel.dcm` is one."""
    grey = ramp("uint8", 8)
    dataset = make_dataset(np.stack([grey, grey[::-1], 255 - grey], axis=2), SeriesDescription="Panel")
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    return (_as_bytes(dataset),)


@cache
def reports() -> tuple[bytes, ...]:
    """Reports as text, templates, HL7, FHIR, RTF, HTML, CDA and DICOM."""
    text = (_EXAMPLES / "prior.txt").read_text(encoding="utf-8")
    html = f"<!DOCTYPE html><html><body><h2>Findings</h2><p>{text}</p><script>x</script></body></html>"
    cda = (
        '<?xml version="1.0"?><ClinicalDocument><component><section><title>Impression</title>'
        f"<text>{text}</text></section></component></ClinicalDocument>"
    )
    return (
        text.encode(),
        b"FINDINGS: Small right apical pneumothorax, 2.5 x 1 cm, 20 %, since 3/14. No left pneumothorax.",
        text.encode("utf-16"),
        "Gro\u00dfer Pneumothorax links, 12 mm. IMPRESSION: large left pneumothorax.".encode("cp1252"),
        html.encode(),
        cda.encode(),
        *_messages(text),
        _as_bytes(_structured_report(text)),
    )


def _messages(text: str) -> Iterator[bytes]:
    """A report as other programs send it, with the patient where each of them names one."""
    line = text.replace("\n", "\\.br\\")
    yield (
        "MSH|^~\\&|RIS|C|PACS|C|20260302||ORU^R01|1|P|2.5\rPID|1||SECRETID7||SECRETNAME^ANN\r"
        f"OBR|1|A|A|X^Chest\rOBX|1|FT|X&GDT^Chest||{line}||||||F\r"
        "OBX|2|TX|X&IMP^Chest||No pneumothorax.||||||C\r"
    ).encode()
    yield json.dumps(
        {
            "resourceType": "DiagnosticReport",
            "subject": {"display": "SECRETNAME"},
            "code": {"text": "Chest"},
            "presentedForm": [
                {"contentType": "text/plain", "data": base64.b64encode(text.encode()).decode()}
            ],
            "contained": [
                {"resourceType": "Observation", "code": {"text": "Pneumothorax"}, "valueBoolean": False}
            ],
            "conclusion": text,
        }
    ).encode()
    yield (
        "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\b FINDINGS:} " + text.replace("\n", "\\par ") + "}"
    ).encode()
    parts = f'<part label="INDICATION">SECRET</part><part>{text}</part>'
    yield f'<?xml version="1.0"?><report>{parts}</report>'.encode()
    yield (
        b"<table><tr><th>Finding</th><th>Right</th><th>Left</th></tr>"
        b"<tr><td>Pneumothorax</td><td>none</td><td>small</td></tr></table>&lt;br&gt;No&nbsp;effusion."
    )
    yield (
        b"FINDINGS:\nPneumothorax: [ ] no [x] left   Size: [x] small [ ] large\nNo evidence of:\n- effusion\n"
        b"Finding | Right | Left\nPneumothorax | none | small\n"
        b"Pneumothorax  R: no  L: yes\nEffusion ..... N\n"
    )


def _structured_report(text: str) -> Dataset:
    heading, item, report = Dataset(), Dataset(), make_dataset(syntax=ExplicitVRLittleEndian)
    heading.CodeValue, heading.CodingSchemeDesignator, heading.CodeMeaning = "121070", "DCM", "Findings"
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", text
    item.ConceptNameCodeSequence = Sequence([heading])
    for keyword in ("PixelData", "Rows", "Columns"):
        del report[keyword]
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = BasicTextSRStorage
    report.Modality, report.ValueType = "SR", "CONTAINER"
    report.ContentSequence = Sequence([item])
    return report


@cache
def segmentation_source() -> bytes:
    """The radiograph that the segmentations are about."""
    return _as_bytes(make_dataset(StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.4"))


@cache
def segmentations(folder: Path) -> tuple[bytes, ...]:
    """A segmentation of `segmentation_source`, made in `folder`."""
    from ptx_followup.dicom_objects.seg import write_segmentation
    from ptx_followup.dicom_objects.segments import Algorithm, Segment

    (folder / "source.dcm").write_bytes(segmentation_source())
    mask = np.zeros((80, 96), bool)
    mask[10:40, 20:60] = True
    segments = [
        Segment(mask, "Right pneumothorax", side="right"),
        Segment(mask.T.copy().T, "Left", side="left"),
    ]
    write_segmentation(folder / "s.dcm", folder / "source.dcm", segments, Algorithm("fuzz", "1", "ab" * 32))
    return ((folder / "s.dcm").read_bytes(),)


@cache
def tables() -> tuple[bytes, ...]:
    """Tables of the data set layouts: SIIM-ACR, an index of a plain folder, CANDID-PTX."""
    return (
        b"ImageId, EncodedPixels\n1.2.3, 10 5 75 5 75 5\n1.2.4, -1\n1.2.3, 200 3 77 3\n",
        b"ImageId,EncodedPixels\r\n1.2.3,11 5 91 5 171 5\r\n1.2.4,-1\r\n",
        b"id,patient,follow_up,view,pneumothorax,side,split,spacing_mm_row,spacing_mm_column\n"
        b"1.2.3,SECRETP,1,PA,1,left,train,0.14,0.14\n1.2.4,SECRETQ,2,AP,0,,val,,\n",
        b"SOPInstanceUID,EncodedPixels,Report\n"
        b'1.2.3,10 5 75 5,"SECRET, small left\npneumothorax"\n1.2.4,-1,"No pneumothorax"\n',
    )


@cache
def settings() -> tuple[bytes, ...]:
    """TOML files: a training configuration, and limits."""
    recipe = Path(__file__).parents[2] / "models" / "contextual-lite" / "training.toml"
    return recipe.read_bytes(), b"seconds = 20\nfile_bytes = 250_000_000\n"


@cache
def masks(folder: Path) -> tuple[bytes, ...]:
    """Known masks of `segmentation_source()`: a Segmentation and pictures."""
    mask = np.zeros((80, 96), np.uint8)
    mask[10:40, 20:60] = 255
    pictures = []
    for picture in (Image.fromarray(mask), Image.fromarray(mask).convert("1"), Image.fromarray(mask // 255)):
        content = io.BytesIO()
        picture.save(content, "PNG")
        pictures.append(content.getvalue())
    return (*segmentations(folder), *_other_segmentations(mask > 0), *pictures, *_volumes(folder, mask > 0))


def _other_segmentations(mask: NDArray[np.bool_]) -> Iterator[bytes]:
    """Kinds of Segmentation that we do not write."""
    source = pydicom.dcmread(io.BytesIO(segmentation_source()))
    for keyword in ("PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime"):
        setattr(source, keyword, "")
    source.ReferringPhysicianName = ""
    finding = highdicom.sr.CodedConcept("36118008", "SCT", "Pneumothorax")
    described = highdicom.seg.SegmentDescription(1, "Pneumothorax", finding, finding, "MANUAL")
    for kind, options in (("LABELMAP", {}), ("FRACTIONAL", {"fractional_type": "PROBABILITY"})):
        pixels = mask[None].astype(np.float32 if kind == "FRACTIONAL" else np.uint8)
        yield _as_bytes(
            highdicom.seg.Segmentation(
                *([source], pixels, kind, [described], "2.25.1", 9, f"2.25.{len(kind)}", 1),
                *("a", "b", "1", "1"),
                **options,
            )
        )


def _volumes(folder: Path, mask: NDArray[np.bool_]) -> Iterator[bytes]:
    """Masks of ITK-SNAP and 3D Slicer."""
    image = SimpleITK.GetImageFromArray(mask[None].astype(np.uint8))
    for name in ("v.nii", "v.nii.gz", "v.nrrd"):
        SimpleITK.WriteImage(image, str(folder / name), name == "v.nii.gz")
        yield (folder / name).read_bytes()
    head, _, pixels = (folder / "v.nrrd").read_bytes().partition(b"\n\n")
    fields = b"Segment0_Name:=Pneumothorax\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n"
    yield head + b"\n" + fields + b"Segmentation_ReferenceImageExtentOffset:=0 0 0\n\n" + pixels


@cache
def manifests() -> tuple[bytes, ...]:
    """What names cases and archives: a split, the table of an evaluation, the configuration of archives."""
    with tempfile.TemporaryDirectory() as folder:
        save_split(split_by_patient(listed_cases(), 1), Path(folder) / "split.json")
        split = (Path(folder) / "split.json").read_bytes()
    return (
        split,
        b"id,condition,dice,iou\n1.2.3,matching,0.5,0.3\n1.2.4,matching,1,1\n1.2.3,empty,0,0\n",
        b'[nodes.web]\nprotocol = "dicomweb"\nurl = "https://pacs.example.org/dicom-web"\nauth = "basic"\n'
        b'user = "ptx"\n[nodes.old]\nprotocol = "dimse"\nhost = "pacs"\nae_title = "ARCHIVE"\nport = 104\n'
        b'[listen]\npacs = "old"\npeers = [{ae_title = "CR1", address = "10.0.0.1"}]\n',
    )


def listed_cases() -> DataSet:
    """A data set of ten patients, of which nothing is read."""
    cases = [Case(f"1.2.{number}", "row", None, False, patient=str(number)) for number in range(10)]
    return DataSet(Path("set"), "folder", tuple(cases))


def _as_bytes(dataset: Dataset) -> bytes:
    content = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), config.disable_value_validation():
        dataset.save_as(content, enforce_file_format=True)
    return content.getvalue()
