"""What a segmentation gives: the mask, and all that was known and used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup import DISCLAIMER
from ptx_followup.masks.source import NETWORK, MaskSource
from ptx_followup.measurement.sizes import Measurement
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.report.concordance import Concordance
from ptx_followup.report.terms import Report
from ptx_followup.sides import Side

if TYPE_CHECKING:
    from ptx_followup.network.engine import RunningModel


@dataclass(frozen=True)
class ModelIdentity:
    """Which weights made a result, and how they were run."""

    name: str
    version: str
    sha256: str
    text_encoder: str | None
    device: str
    precision: str
    engine: str

    @classmethod
    def of(cls, model: RunningModel, device: str) -> ModelIdentity:
        """Of a model that runs on a device."""
        config, engine = model.config, model.engine
        return cls(
            name=config.name,
            version=config.version,
            sha256=config.weights_sha256,
            text_encoder=config.text_encoder.name if config.text_encoder else None,
            device=device,
            precision=engine.precision,
            engine=engine.name,
        )

    def to_json(self) -> dict[str, Any]:
        """The `model` object of the result files."""
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A pneumothorax mask of one radiograph, and all that was known and used.

    Attributes:
        radiograph: What was segmented; a negative turned round, with a warning.
        report: What was understood of its report, or None where there was none.
        told: The text that the network was given; None where it was not run (a denial).
        told_by_side: What each side was told, for a network that looks at one hemithorax at a time; None for
            a side that was not looked at.
        standard_probability: float32, H x W, 0..1, on the grid of `radiograph.pixels`; calibrated, where the
            model's configuration says how, after the mask was drawn.
        standard_mask: bool, H x W, on the same grid.
        hemithoraces: uint8, H x W, on the same grid: 0 background, 1 the patient's right, 2 the left.
        anatomy_quality: 0..1, how far to trust them; see `anatomy.quality`.
        measurement: Sizes of the mask.
        concordance: Where report and mask disagree.
        threshold: Probability from which a pixel belongs to the mask.
        model: The weights.
        lung_model: The weights that found the hemithoraces.
        timing_s: Seconds spent in each step; `read` only where the file was read in this call.
        warnings: What the user should know.
        mask_source: Whose mask it is.
        hemithorax_source: Whose hemithoraces they are.
    """

    radiograph: Radiograph
    report: Report | None
    told: str | None
    standard_probability: FloatImage = field(repr=False)
    standard_mask: NDArray[np.bool_] = field(repr=False)
    hemithoraces: NDArray[np.uint8] = field(repr=False)
    anatomy_quality: float
    measurement: Measurement
    concordance: tuple[Concordance, ...]
    threshold: float
    model: ModelIdentity
    lung_model: ModelIdentity
    timing_s: dict[str, float]
    warnings: tuple[str, ...]
    mask_source: MaskSource = NETWORK
    hemithorax_source: MaskSource = NETWORK
    told_by_side: Mapping[Side, str | None] | None = None

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """The mask, bool, on the pixel grid of the file."""
        return self.radiograph.to_stored(self.standard_mask)

    @cached_property
    def probability(self) -> FloatImage:
        """The probability of every pixel, float32, on the pixel grid of the file."""
        return self.radiograph.to_stored(self.standard_probability)

    @property
    def usable_hemithoraces(self) -> NDArray[np.uint8] | None:
        """The hemithoraces, or None unless both were found."""
        return None if self.measurement.hemithorax_percent is None else self.hemithoraces

    def to_json(self) -> dict[str, Any]:
        """The result object, schema "ptx-segment/1", without `outputs`."""
        report = self.report.to_json() if self.report else Report(text="").to_json()
        return {
            "schema": "ptx-segment/1",
            "disclaimer": DISCLAIMER,
            "image": image_json(self.radiograph),
            "report": report | {"told": self.told} | self._told_by_side(),
            "segmentation": self.measurement.to_json() | {"threshold": self.threshold},
            "mask_source": self.mask_source.to_json(),
            "anatomy": self._anatomy(),
            "concordance": [one.to_json() for one in self.concordance],
            "model": self.model.to_json(),
            "timing_s": {step: round(seconds, 3) for step, seconds in self.timing_s.items()},
            "warnings": list(self.warnings),
        }

    def _anatomy(self) -> dict[str, Any]:
        found = self.hemithorax_source.kind == "network"
        return {
            "quality": round(self.anatomy_quality, 3),
            "model": self.lung_model.to_json() if found else None,
            "source": self.hemithorax_source.to_json(),
        }

    def _told_by_side(self) -> dict[str, Any]:
        return {} if self.told_by_side is None else {"told_by_side": dict(self.told_by_side)}


def image_json(radiograph: Radiograph) -> dict[str, Any]:
    """The `image` object of the result files; rows, columns and spacing are those of the file's grid."""
    rows, columns = radiograph.stored_shape
    spacing = radiograph.spacing_mm
    if radiograph.quarter_turns % 2:
        spacing = None if spacing is None else (spacing[1], spacing[0])
    return {
        "path": None if radiograph.path is None else _as_text(radiograph.path),
        "sop_instance_uid": radiograph.sop_instance_uid,
        "pixels_sha256": radiograph.pixels_sha256,
        "rows": rows,
        "columns": columns,
        "view": radiograph.view,
        "inverted": radiograph.inverted,
        "spacing_mm": None if spacing is None else list(spacing),
        "spacing_source": radiograph.spacing_source,
        "acquired_at": None if radiograph.acquired_at is None else radiograph.acquired_at.isoformat(),
    }


def _as_text(path: Path) -> str:
    """A path as Unicode; bytes of a file name that are none become "?"."""
    return str(path).encode("utf-8", "replace").decode()
