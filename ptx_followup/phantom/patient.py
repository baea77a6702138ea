"""Who is imaged, how, and with which pneumothorax: the inputs of the phantom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ptx_followup.errors import UsageError
from ptx_followup.report.terms import Zone
from ptx_followup.sides import Side

Sex = Literal["M", "F"]
Device = Literal["ecg leads", "chest tube", "central line"]

#: Zones that the phantom can draw; the others of a report have no outline on a frontal film.
PHANTOM_ZONES: tuple[Zone, ...] = ("apical", "lateral", "basal", "circumferential")


@dataclass(frozen=True)
class PhantomPatient:
    """A fictitious patient: the same values always give the same anatomy.

    Attributes:
        seed: Decides the proportions, the shape of heart, ribs and diaphragm, and the vessels.
        sex: "F" adds breast shadows and a smaller thorax.
        habitus: From -1 (slim) to 1 (stout).
    """

    seed: int = 0
    sex: Sex = "M"
    habitus: float = 0.0

    def __post_init__(self) -> None:
        _require(-1 <= self.habitus <= 1, "habitus", "between -1 and 1")


@dataclass(frozen=True)
class Pose:
    """How the patient stands before the detector, breathes and is exposed.

    Attributes:
        rotation_deg: Turn of the patient in the image plane, clockwise as seen on the film.
        scale: Size on the film relative to a 43 x 43 cm detector; a smaller field enlarges.
        shift_mm: Shift of the patient (right on the film, down on the film), millimetres in the patient.
        breath: Lung height relative to full inspiration; 0.8 is a shallow breath.
        exposure: Change of exposure in powers of two; less exposure gives more noise.
        view: "PA" (180 cm, detector in front) or "AP" (110 cm, detector behind, larger heart).
    """

    rotation_deg: float = 0.0
    scale: float = 1.0
    shift_mm: tuple[float, float] = (0.0, 0.0)
    breath: float = 1.0
    exposure: float = 0.0
    view: Literal["PA", "AP"] = "PA"

    def __post_init__(self) -> None:
        _require(abs(self.rotation_deg) <= 30, "rotation_deg", "between -30 and 30")
        _require(0.7 <= self.scale <= 1.4, "scale", "between 0.7 and 1.4")
        _require(0.7 <= self.breath <= 1.1, "breath", "between 0.7 and 1.1")


@dataclass(frozen=True)
class PhantomPneumothorax:
    """Air in one pleural space.

    Attributes:
        side: Of the patient.
        zones: Where the rim is widest; of `PHANTOM_ZONES`.
        percent: Projected area in percent of the projected hemithorax, above 0 and up to 70.
    """

    side: Side
    zones: tuple[Zone, ...] = ("apical",)
    percent: float = 15.0

    def __post_init__(self) -> None:
        _require(0 < self.percent <= 70, "percent", "above 0 and at most 70")
        _require(
            bool(self.zones) and set(self.zones) <= set(PHANTOM_ZONES),
            "zones",
            "one or more of " + ", ".join(PHANTOM_ZONES),
        )


def _require(holds: bool, name: str, allowed: str) -> None:
    if not holds:
        raise UsageError(f"the phantom's {name} is out of range", f"use a value {allowed}")
