"""Is a follow-up mirrored against its prior?

A film stored the wrong way round puts a pneumothorax on the other side, and no header tells. The chest itself
does: heart, arch and diaphragm are not symmetric. What is left of a chest after its mirror image is taken
away correlates between two exams of a patient, and with the opposite sign where one of them is mirrored.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ptx_followup.errors import MismatchError
from ptx_followup.radiograph.belonging import NAMES, Belonging, Names, Override
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.sides import both_found

Labels = NDArray[np.uint8]
FloatImage = NDArray[np.float32]

#: Correlation below which a pair is called mirrored. Of 224 neighbouring pairs of frontal films none lies
#: below it (one, of a turned patient, at -0.58); 82 % of the same pairs with one film mirrored do. The one
#: other pair below it held a lateral film that is listed as AP (NIH ChestX-ray14).
MIRRORED_BELOW = -0.6

_SIDE_PX = 64
_BLUR_PX = 2.0


def require_same_handedness(
    belonging: Belonging,
    prior: FloatImage | None,
    followup: FloatImage | None,
    override: Override,
    names: Names = NAMES,
) -> Belonging:
    """Check that neither of two exams is mirrored against the other.

    Args:
        belonging: What was found before.
        prior: The `asymmetry` of the earlier chest.
        followup: That of the later one.
        override: Contradictions to accept; this one is of the kind "view".
        names: What messages call the two.

    Returns:
        `belonging`, with this contradiction added where it is there and accepted.

    Raises:
        MismatchError: It is there and not accepted.
    """
    correlation = _correlation(prior, followup)
    if correlation is None or correlation >= MIRRORED_BELOW:
        return belonging
    problem = f"{names[0]} and {names[1]} look mirrored against each other, or one is not frontal"
    if "view" not in override.accepted:
        raise MismatchError(problem, "check which side is which, or go on with --override view --reason TEXT")
    return replace(
        belonging,
        overridden=tuple(dict.fromkeys((*belonging.overridden, "view"))),
        reason=override.reason,
        warnings=(f"overridden: {problem}", *belonging.warnings),
    )


def asymmetry_correlation(
    prior: tuple[Radiograph, Labels], followup: tuple[Radiograph, Labels]
) -> float | None:
    """Correlation (-1..1) of what is asymmetric in two chests; None where one was not found."""
    return _correlation(asymmetry(*prior), asymmetry(*followup))


def _correlation(first: FloatImage | None, second: FloatImage | None) -> float | None:
    if first is None or second is None:
        return None
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float((first * second).sum()) / size if size else None


def asymmetry(radiograph: Radiograph, labels: Labels) -> FloatImage | None:
    """What is asymmetric in a chest: the box around the hemithoraces, minus its mirror image.

    Args:
        radiograph: With its pixels.
        labels: uint8, H x W, of its hemithoraces (0 background).

    Returns:
        float32, 64 x 64; None where both hemithoraces were not found.
    """
    if not both_found(labels):  # one side's box lacks the middle that the mirror image is taken about
        return None
    rows, columns = np.nonzero(labels)
    box = radiograph.pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    small = cv2.resize(box, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), _BLUR_PX)
    return np.asarray(smooth - smooth[:, ::-1], np.float32)
