"""Find the chest on a radiograph, and turn a negative round.

It is here that a negative is known: whether air is dark shows where the lungs are known, and reading a file
must not wait for a network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_followup.anatomy.hemithoraces import anatomy_of
from ptx_followup.anatomy.polarity import Polarity, mediastinal_contrast
from ptx_followup.errors import QualityGateError
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.image import with_warnings

if TYPE_CHECKING:
    from ptx_followup.anatomy.hemithoraces import Anatomy, LungFinder
    from ptx_followup.masks.source import KnownHemithoraces
    from ptx_followup.radiograph.image import Radiograph

TURNED = "the radiograph is a negative (its mediastinum is darker than lungs and border): it was turned round"
DOUBTFUL = "the radiograph may be a negative (its mediastinum is not brighter than both lungs and border)"


def find_chest(
    radiograph: Radiograph, finder: LungFinder, known: KnownHemithoraces | None = None
) -> tuple[Radiograph, Anatomy]:
    """Find the hemithoraces, and see to it that air is dark.

    Args:
        radiograph: As read.
        finder: Finds the hemithoraces.
        known: Those that a person outlined; nothing is then sought, and they are not doubted.

    Returns:
        The radiograph, turned round where it is a negative, with a warning where it may be one; and its
        anatomy.

    Raises:
        QualityGateError: It looks like a negative, and so does its negative.
    """
    if known is not None:
        said = f"the hemithoraces were {known.source.in_place_of('not found by the network')}"
        radiograph = with_warnings(radiograph, (said, *known.warnings))
    anatomy = _anatomy(radiograph, finder, known)
    polarity = _polarity(radiograph, anatomy)
    if polarity == "positive":
        return radiograph, anatomy
    if polarity == "doubtful":
        return with_warnings(radiograph, (DOUBTFUL,)), anatomy
    turned = with_warnings(radiograph.turned_round(), (TURNED,))
    anatomy = _anatomy(turned, finder, known)
    if _polarity(turned, anatomy) != "positive":
        name = "the radiograph" if radiograph.path is None else file_label(radiograph.path)
        raise QualityGateError(
            f"{name} looks like a negative, and so does its negative",
            "export it as it is shown, with air dark",
        )
    return turned, anatomy


def _anatomy(radiograph: Radiograph, finder: LungFinder, known: KnownHemithoraces | None) -> Anatomy:
    if known is None:
        return finder.find_anatomy(radiograph.pixels)
    return anatomy_of(radiograph.to_standard(known.labels), quality=1.0)


def _polarity(radiograph: Radiograph, anatomy: Anatomy) -> Polarity:
    """What the pixels say; positive where there are not both lungs to tell by."""
    contrast = mediastinal_contrast(radiograph.pixels, anatomy.hemithoraces)
    return "positive" if contrast is None else contrast.polarity
