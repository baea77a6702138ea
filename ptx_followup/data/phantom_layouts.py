"""Writing phantom exams in the layouts that pneumothorax data sets have on disk."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from ptx_followup.data import candid, rle
from ptx_followup.data.convert import write_index, write_png
from ptx_followup.data.dataset import Layout
from ptx_followup.data.folder import INDEX
from ptx_followup.data.phantoms import PhantomExam, phantom_exams
from ptx_followup.files.output_folder import new_folder
from ptx_followup.phantom import write_dicom

#: Opens the reports of the CANDID-PTX layout, with the marks that its de-identification left.
_REDACTED_OPENING = "CLINICAL DETAILS: [AGE] year old. COMPARISON: [DATE].\n"


def write_phantom_data_set(
    destination: Path,
    layout: Layout,
    *,
    cases: int,
    seed: int,
    size_px: int,
    advance: Callable[[], object] = lambda: None,
) -> None:
    """Write a synthetic data set; the same arguments always give the same data set.

    Args:
        destination: A folder that does not exist yet.
        layout: "candid" and "siim" write DICOM and run-length codes (some images have two or three rows;
            CANDID-PTX also has reports, illegal UIDs and chest tubes); "folder" writes PNG and reports.
        cases: Number of images.
        seed: Another seed gives other patients.
        size_px: Rows and columns of the images.
        advance: Called after each image, for a progress bar.

    Raises:
        UsageError: The destination exists.
        InputError: It cannot be written.
    """
    write = {"candid": _write_candid, "siim": _write_siim, "folder": _write_folder}[layout]
    with new_folder(destination) as folder:
        write(folder, _counted(phantom_exams(cases, seed, size_px), advance), seed)


def _counted(exams: Iterator[PhantomExam], advance: Callable[[], object]) -> Iterator[PhantomExam]:
    for exam in exams:
        yield exam
        advance()


def _write_folder(folder: Path, exams: Iterator[PhantomExam], seed: int) -> None:
    for name in ("images", "masks", "reports"):
        (folder / name).mkdir()
    rows = []
    for exam in exams:
        name = f"{seed}-{exam.patient:05d}-{exam.visit}"
        radiograph = exam.radiograph
        write_png(folder / "images" / f"{name}.png", (radiograph.pixels * 255).round().astype(np.uint8))
        if radiograph.pneumothorax_mask.any():
            write_png(folder / "masks" / f"{name}.png", 255 * radiograph.pneumothorax_mask.astype(np.uint8))
        (folder / "reports" / f"{name}.txt").write_text(exam.report, encoding="utf-8")
        rows.append(
            {
                "id": name,
                "patient": f"{exam.patient:05d}",
                "follow_up": str(exam.visit),
                "sex": radiograph.patient.sex,
                "view": radiograph.pose.view,
                "pneumothorax": str(int(radiograph.pneumothorax_mask.any())),
                "side": exam.side or "",
                "chest_tube": str(int(exam.tube is not None)),
                "spacing_mm_row": f"{radiograph.spacing_mm[0]:.6g}",
                "spacing_mm_column": f"{radiograph.spacing_mm[1]:.6g}",
                "spacing_source": "magnification-corrected",
            }
        )
    write_index(folder / INDEX, rows)


def _write_siim(folder: Path, exams: Iterator[PhantomExam], seed: int) -> None:
    lines = ["ImageId, EncodedPixels"]  # the published table has these blanks
    for place, exam in enumerate(exams):
        uid = _uid(seed, exam)
        series = folder / "dicom-images-train" / _uid(seed, exam, "study") / _uid(seed, exam, "series")
        series.mkdir(parents=True)
        # As in the published files, the patient is another one in every file.
        _write_dicom(exam, series / f"{uid}.dcm", SOPInstanceUID=uid, PatientID=_uid(seed, exam, "patient"))
        lines += [f"{uid}, {code}" for code in _codes(exam, place)]
    (folder / "train-rle.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_candid(folder: Path, exams: Iterator[PhantomExam], seed: int) -> None:
    (folder / candid.IMAGE_FOLDERS[0]).mkdir()
    rows = [("SOPInstanceUID", "StudyInstanceUID", "filename", "Report", "EncodedPixels")]
    tubes = [("anon_SOPUID", "mask_rle")]
    for place, exam in enumerate(exams):
        # Some released UIDs have a component with a leading zero, which is not legal.
        uid = _uid(seed, exam).replace("2.25.", "2.25.0" if place % 3 == 0 else "2.25.")
        _write_dicom(exam, folder / candid.IMAGE_FOLDERS[0] / uid, SOPInstanceUID=uid)
        file = f"P{exam.patient:05d}_{exam.acquired_at:%Y%m%d}.dcm"
        report = _REDACTED_OPENING + exam.report
        rows += [(uid, _uid(seed, exam, "study"), file, report, code) for code in _codes(exam, place)]
        tubes.append((uid, rle.EMPTY if exam.tube is None else rle.encode(exam.tube, "relative")))
    _write_csv(folder / candid.TABLE, rows)
    _write_csv(folder / candid.CHEST_TUBE_TABLE, tubes)


def _codes(exam: PhantomExam, place: int) -> list[str]:
    """The mask as one annotation, as two that overlap, or as three that do not, by the exam's place."""
    mask = exam.radiograph.pneumothorax_mask
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size < 3:
        return [rle.encode(mask, "relative")]
    first, last = rows[0], rows[-1] + 1
    third = (last - first) // 3
    bands = {
        0: [(first, last)],
        1: [(first, last - third), (first + third, last)],
        2: [(first, first + third), (first + third, last - third), (last - third, last)],
    }[place % 3]
    codes = [rle.encode(_band(mask, top, bottom), "relative") for top, bottom in bands]
    return [code for code in codes if code != rle.EMPTY]  # a mask in two pieces may leave a band empty


def _band(mask: NDArray[np.bool_], top: int, bottom: int) -> NDArray[np.bool_]:
    band = np.zeros_like(mask)
    band[top:bottom] = mask[top:bottom]
    return band


def _uid(seed: int, exam: PhantomExam, what: str = "image") -> str:
    """A UID below 2.25 (DICOM PS3.5 B.2), the same for the same exam."""
    name = f"ptx phantom {what} {seed} {exam.patient} {exam.visit}"
    return f"2.25.{int.from_bytes(hashlib.sha256(name.encode()).digest()[:14])}"


def _write_dicom(exam: PhantomExam, path: Path, **attributes: str) -> None:
    """Write the exam with other values of some attributes than the phantom's own, legal or not."""
    write_dicom(exam.radiograph, path, acquired_at=exam.acquired_at)
    with pydicom.config.disable_value_validation():
        dataset = pydicom.dcmread(path)
        for keyword, value in attributes.items():
            setattr(dataset, keyword, value)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(path)


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
