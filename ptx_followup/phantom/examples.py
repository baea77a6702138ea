"""The exams in `examples/`: a right pneumothorax and its follow-up two days later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from ptx_followup.phantom.dicom import write_dicom
from ptx_followup.phantom.patient import PhantomPatient, PhantomPneumothorax, Pose
from ptx_followup.phantom.render import PhantomRadiograph, render
from ptx_followup.phantom.wording import report

_PATIENT = PhantomPatient(seed=3, sex="M", habitus=-0.1)


def example_pair() -> tuple[PhantomRadiograph, PhantomRadiograph]:
    """A moderate apical and lateral right pneumothorax, and the film two days later, when it is smaller."""
    prior = render(
        _PATIENT, Pose(rotation_deg=-1.0), [PhantomPneumothorax("right", ("apical", "lateral"), 27)], seed=1
    )
    pose = Pose(rotation_deg=2.5, scale=0.97, shift_mm=(7, -6), breath=0.92, exposure=-0.4)
    followup = render(_PATIENT, pose, [PhantomPneumothorax("right", ("apical", "lateral"), 12)], seed=2)
    return prior, followup


def write_examples(folder: Path) -> None:
    """Write both exams with their reports and true masks into `folder`; the files are always the same."""
    folder.mkdir(parents=True, exist_ok=True)
    prior, followup = example_pair()
    exams = (
        ("prior", prior, datetime(2026, 3, 2, 9, 14), report(prior)),  # noqa: DTZ001 - DICOM times are local
        ("followup", followup, datetime(2026, 3, 4, 10, 37), report(followup, prior)),  # noqa: DTZ001
    )
    for name, radiograph, acquired_at, text in exams:
        write_dicom(radiograph, folder / f"{name}.dcm", acquired_at=acquired_at)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        mask = radiograph.pneumothorax_mask.astype(np.uint8) * 255
        cv2.imwrite(str(folder / f"{name}_truth.png"), mask)
