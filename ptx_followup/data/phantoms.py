"""Exams of fictitious patients, in the mixture that a pneumothorax data set has.

Patients have one to three exams, over which a pneumothorax changes or heals; three patients in five have
one. Images are phantoms, masks their truth, and reports are written from the masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.phantom import PhantomPatient, PhantomPneumothorax, PhantomRadiograph, Pose, render
from ptx_followup.report.synthesis import describe, synthesise
from ptx_followup.report.terms import Zone
from ptx_followup.sides import Side

#: Outer width of a 28 French chest tube, millimetres.
TUBE_MM = 9.3

_FIRST_DAY = datetime(2020, 1, 6, 8, 0)  # noqa: DTZ001 - acquisition times are local, as in DICOM
_ZONES: tuple[tuple[Zone, ...], ...] = (("apical",), ("apical", "lateral"), ("basal",), ("circumferential",))
_ZONE_RATES = (0.5, 0.3, 0.1, 0.1)
_SMALLEST_PERCENT, _LARGEST_PERCENT = 3.0, 55.0


@dataclass(frozen=True)
class PhantomExam:
    """One exam of a fictitious patient.

    Attributes:
        patient: Number of the patient, from 1.
        visit: Place in the patient's sequence of exams, from 0.
        acquired_at: Local time of the exposure.
        radiograph: The image and its truth.
        report: True of the mask, made up otherwise.
        side: Of the pneumothorax, or None.
        tube: bool, H x W, True on a chest tube; None where there is none.
    """

    patient: int
    visit: int
    acquired_at: datetime
    radiograph: PhantomRadiograph = field(repr=False)
    report: str = field(repr=False)
    side: Side | None
    tube: NDArray[np.bool_] | None = field(repr=False)


def phantom_exams(cases: int, seed: int, size_px: int) -> Iterator[PhantomExam]:
    """Make exams, patient by patient; the same arguments always give the same exams.

    Args:
        cases: Number of exams.
        seed: Another seed gives other patients.
        size_px: Rows and columns of the images.
    """
    made = 0
    patient = 0
    while made < cases:
        patient += 1
        draw = np.random.default_rng([seed, patient])
        person = PhantomPatient(
            seed=100_000 * seed + patient,
            sex="F" if draw.random() < 0.4 else "M",
            habitus=float(draw.uniform(-0.8, 0.8)),
        )
        visits = min(int(draw.choice([1, 2, 3], p=[0.5, 0.3, 0.2])), cases - made)
        # By number and not by chance, so that even a handful of cases has both kinds.
        findings = _course(draw, visits) if patient % 5 in (1, 2, 4) else [None] * visits
        day = _FIRST_DAY + timedelta(days=int(draw.integers(0, 700)))
        for visit, finding in enumerate(findings):
            acquired_at = day + timedelta(days=visit, minutes=int(draw.integers(0, 600)))
            yield _exam(draw, patient, visit, acquired_at, person, finding, size_px)
        made += visits


def _course(draw: np.random.Generator, visits: int) -> list[PhantomPneumothorax | None]:
    """A pneumothorax over time: it changes by a random factor, and is healed below the smallest size."""
    side: Side = "left" if draw.random() < 0.5 else "right"
    zones = _ZONES[int(draw.choice(len(_ZONES), p=_ZONE_RATES))]
    percent = float(np.clip(draw.lognormal(np.log(14), 0.6), _SMALLEST_PERCENT, _LARGEST_PERCENT))
    course: list[PhantomPneumothorax | None] = []
    for _ in range(visits):
        seen = percent >= _SMALLEST_PERCENT
        course.append(PhantomPneumothorax(side, zones, percent) if seen else None)
        percent = min(percent * float(draw.lognormal(-0.4, 0.6)), _LARGEST_PERCENT) if seen else 0.0
    return course


def _exam(
    draw: np.random.Generator,
    patient: int,
    visit: int,
    acquired_at: datetime,
    person: PhantomPatient,
    finding: PhantomPneumothorax | None,
    size_px: int,
) -> PhantomExam:
    pose = Pose(
        rotation_deg=float(draw.uniform(-4, 4)),
        scale=float(draw.uniform(0.95, 1.05)),
        shift_mm=(float(draw.uniform(-10, 10)), float(draw.uniform(-10, 10))),
        breath=float(draw.uniform(0.88, 1.0)),
        exposure=float(draw.uniform(-0.5, 0.5)),
        view="AP" if draw.random() < 0.4 else "PA",
    )
    radiograph = render(person, pose, [finding] if finding else [], rows=size_px, columns=size_px, seed=visit)
    tube = None
    if finding and draw.random() < 0.35:
        tube = _chest_tube(radiograph, finding.side)
        pixels = np.where(tube, np.minimum(radiograph.pixels + np.float32(0.18), 1), radiograph.pixels)
        radiograph = replace(radiograph, pixels=pixels.astype(np.float32))
    described = describe(radiograph.pneumothorax_mask, radiograph.lungs, radiograph.spacing_mm)
    return PhantomExam(
        patient=patient,
        visit=visit,
        acquired_at=acquired_at,
        radiograph=radiograph,
        report=synthesise(described, draw),
        side=finding.side if finding else None,
        tube=tube,
    )


def _chest_tube(radiograph: PhantomRadiograph, side: Side) -> NDArray[np.bool_]:
    """A tube from the lateral chest wall, two thirds down, to the apex of one hemithorax."""
    rows, columns = np.nonzero(radiograph.lungs == (1 if side == "right" else 2))
    top, bottom = int(rows.min()), int(rows.max())
    entry_row, tip_row = round(top + 0.65 * (bottom - top)), round(top + 0.12 * (bottom - top))
    across, tip_columns = columns[rows == entry_row], columns[rows == tip_row]
    outer, inwards = (int(across.min()), 1) if side == "right" else (int(across.max()), -1)
    outside = round(outer - inwards * 0.08 * radiograph.lungs.shape[1])
    path = np.array([[outside, entry_row + 4], [outer, entry_row], [int(tip_columns.mean()), tip_row]])
    drawn = np.zeros(radiograph.lungs.shape, dtype=np.uint8)
    cv2.polylines(drawn, [path], False, 1, max(1, round(TUBE_MM / radiograph.spacing_mm[0])))
    return drawn > 0
