"""Find the chest on a radiograph, and turn a negative round.

It is here that a negative is known: whether air is dark shows where the lungs are known, and reading a file
must not wait for a network.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ptx_followup.anatomy.polarity import Polarity, mediastinal_contrast
from ptx_followup.errors import QualityGateError
from ptx_followup.files.storage import file_label

if TYPE_CHECKING:
    from ptx_followup.anatomy.hemithoraces import Anatomy, LungFinder
    from ptx_followup.radiograph.image import Radiograph

TURNED = "the radiograph is a negative (its mediastinum is darker than lungs and border): it was turned round"
DOUBTFUL = "the radiograph may be a negative (its mediastinum is not brighter than both lungs and border)"


def find_chest(radiograph: Radiograph, finder: LungFinder) -> tuple[Radiograph, Anatomy]:
    """Find the hemithoraces, and see to it that air is dark.

    Returns:
        The radiograph, turned round where it is a negative, with a warning where it may be one; and its
        anatomy.

    Raises:
        QualityGateError: It looks like a negative, and so does its negative.
    """
    anatomy = finder.find_anatomy(radiograph.pixels)
    polarity = _polarity(radiograph, anatomy)
    if polarity == "positive":
        return radiograph, anatomy
    if polarity == "doubtful":
        return replace(radiograph, warnings=(*radiograph.warnings, DOUBTFUL)), anatomy
    turned = replace(
        radiograph,
        pixels=np.asarray(1 - radiograph.pixels, np.float32),
        inverted=not radiograph.inverted,
        warnings=(*radiograph.warnings, TURNED),
    )
    anatomy = finder.find_anatomy(turned.pixels)
    if _polarity(turned, anatomy) != "positive":
        name = "the radiograph" if radiograph.path is None else file_label(radiograph.path)
        raise QualityGateError(
            f"{name} looks like a negative, and so does its negative",
            "export it as it is shown, with air dark",
        )
    return turned, anatomy


def _polarity(radiograph: Radiograph, anatomy: Anatomy) -> Polarity:
    """What the pixels say; positive where there are not both lungs to tell by."""
    contrast = mediastinal_contrast(radiograph.pixels, anatomy.hemithoraces)
    return "positive" if contrast is None else contrast.polarity
