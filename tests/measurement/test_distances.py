"""Distances on drawn hemithoraces, where a ruler would read the same, and silence where no ruler is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ptx_followup.measurement.distances import Distances, MeasuredLine, measure_distances
from ptx_followup.radiograph.image import Radiograph

FILM = Radiograph(
    np.zeros((400, 400), np.float32),
    spacing_mm=(0.5, 0.8),
    spacing_source="calibrated",
    view="PA",
    position="erect",
)
#: Right hemithorax: rows 40 to 359, columns 30 to 169; the left is its mirror image.
TOP, BOTTOM, WALL, MEDIAL = 40, 360, 30, 170


def chest() -> NDArray[np.uint8]:
    hemithoraces = np.zeros((400, 400), np.uint8)
    hemithoraces[TOP:BOTTOM, WALL:MEDIAL] = 1
    hemithoraces[TOP:BOTTOM, 400 - MEDIAL : 400 - WALL] = 2
    return hemithoraces


def rim(apex: int, lateral: int) -> NDArray[np.bool_]:
    """Air over the right apex and along the right chest wall, in pixels."""
    mask = np.zeros((400, 400), bool)
    mask[TOP : TOP + apex, WALL:MEDIAL] = True
    mask[TOP:BOTTOM, WALL : WALL + lateral] = True
    return mask


@pytest.mark.parametrize(("side", "mirrored"), [("right", False), ("left", True)])
def test_distances_are_those_of_a_ruler_on_either_side(side: Any, mirrored: bool) -> None:
    mask = rim(apex=40, lateral=25)
    found = measure_distances(FILM, mask[:, ::-1] if mirrored else mask, chest())
    distances = found.sides[side]
    assert distances.apex.mm == 40 * 0.5
    assert [line.mm for line in (distances.hilum, distances.upper, distances.lower)] == [20.0] * 3
    assert distances.rhea_mean_mm == 20
    assert distances.collins_percent == pytest.approx(4.2 + 4.7 * 6)
    assert list(found.sides) == [side]
    # The wall is outside, the lung inside.
    assert abs(distances.hilum.start[1] - 199.5) > abs(distances.hilum.end[1] - 199.5)


def test_a_strip_between_mask_and_wall_is_not_taken_for_lung() -> None:
    mask = rim(apex=40, lateral=25)
    mask[:, : WALL + 3] = False
    mask[: TOP + 3] = False
    distances = measure_distances(FILM, mask, chest()).sides["right"]
    assert (distances.apex.mm, distances.hilum.mm) == (20.0, 20.0)


def test_where_no_air_lies_beside_the_lung_the_distance_is_0() -> None:
    distances = measure_distances(FILM, rim(apex=40, lateral=0), chest()).sides["right"]
    assert (distances.apex.mm, distances.hilum.mm, distances.lower.mm) == (20.0, 0.0, 0.0)


def test_collins_is_at_most_the_whole_hemithorax() -> None:
    line = MeasuredLine((0, 0), (0, 0), 100.0)
    assert Distances(line, line, line, line).collins_percent == 100


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"position": "supine"}, "supine"),
        ({"position": "semi-erect"}, "semi-erect"),
        ({"position": "unknown", "view": "AP"}, "not stated to be upright"),
        ({"spacing_source": "unknown"}, "pixel"),
        ({"spacing_mm": None, "spacing_source": "none"}, "pixel"),
    ],
)
def test_a_film_that_does_not_suit_is_not_measured(known: dict[str, Any], reason: str) -> None:
    found = measure_distances(replace(FILM, **known), rim(40, 25), chest())
    assert found.sides == {}
    assert reason in found.suppressed["right"]


def test_a_loculated_collapse_is_not_measured() -> None:
    mask = np.zeros((400, 400), bool)
    mask[250:340, WALL : WALL + 30] = True
    assert "loculated" in measure_distances(FILM, mask, chest()).suppressed["right"]


def test_without_hemithoraces_or_lung_nothing_is_measured() -> None:
    assert "not found" in measure_distances(FILM, rim(40, 25), None).suppressed["left"]
    all_air = chest() == 1
    assert "no lung" in measure_distances(FILM, all_air, chest()).suppressed["right"]
