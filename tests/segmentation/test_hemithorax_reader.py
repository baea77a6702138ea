"""A model that looks at one hemithorax at a time, used as any other."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from ptx_followup.errors import ModelError
from ptx_followup.followup.exam import examine
from ptx_followup.network.checkpoint import (
    ModelConfig,
    load_config,
)
from ptx_followup.phantom import PhantomPatient, render
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.segmentation.hemithorax_reader import HemithoraxReader
from ptx_followup.segmentation.segmenter import Segmenter

PHANTOM = render(PhantomPatient(3), rows=160, columns=144)
MIRRORED_LABELS = np.array([0, 2, 1], np.uint8)[PHANTOM.lungs[:, ::-1]]


@pytest.fixture(scope="module")
def looking(hemithorax_model: Path) -> Segmenter:
    return Segmenter(str(hemithorax_model))


@pytest.fixture
def radiograph() -> Radiograph:
    return Radiograph(PHANTOM.pixels)


def test_the_mirrored_film_has_exactly_the_mirrored_map(looking: Segmenter) -> None:
    told = {"right": "Small apical pneumothorax.", "left": ""}
    film = HemithoraxReader(looking.predictor, PHANTOM.pixels, PHANTOM.lungs).under([told])[0]
    turned = np.ascontiguousarray(PHANTOM.pixels[:, ::-1])
    swapped = {"left": told["right"], "right": told["left"]}
    mirrored = HemithoraxReader(looking.predictor, turned, MIRRORED_LABELS).under([swapped])[0]
    np.testing.assert_array_equal(mirrored, film[:, ::-1])
    assert film.std() > 0


def test_a_side_does_not_hear_what_the_other_is_told(looking: Segmenter) -> None:
    reader = HemithoraxReader(looking.predictor, PHANTOM.pixels, PHANTOM.lungs)
    nothing, apical, large = reader.under(
        [
            {"right": "", "left": ""},
            {"right": "Small apical pneumothorax.", "left": ""},
            {"right": "", "left": "Large pneumothorax."},
        ]
    )
    right, left = (PHANTOM.lungs == label for label in (1, 2))
    assert (apical != nothing)[right].any()
    np.testing.assert_array_equal(apical[left], nothing[left])
    assert (large != nothing)[left].any()
    np.testing.assert_array_equal(large[right], nothing[right])


def test_a_side_that_the_report_denies_is_null_and_not_0(looking: Segmenter, radiograph: Radiograph) -> None:
    found = looking.segment(radiograph, "Large right pneumothorax. No left pneumothorax.")
    document = found.to_json()
    assert document["report"]["told_by_side"] == {"right": "Large pneumothorax.", "left": None}
    percent = document["segmentation"]["hemithorax_percent"]
    assert percent["left"] is percent["total"] is None
    assert percent["right"] is not None
    assert document["segmentation"]["by_side"]["left"] == {"area_px": None, "area_mm2": None}


def test_without_a_word_on_a_side_it_is_looked_at(looking: Segmenter, radiograph: Radiograph) -> None:
    found = looking.segment(radiograph, "Large right pneumothorax.").to_json()
    assert None not in found["segmentation"]["hemithorax_percent"].values()
    silent = looking.segment(radiograph, None).to_json()
    assert None not in silent["segmentation"]["hemithorax_percent"].values()


def test_a_comparison_measures_both_sides_whatever_the_report_denies(
    looking: Segmenter, radiograph: Radiograph
) -> None:
    exam = examine(looking, radiograph, "No pneumothorax.", "Right apical pneumothorax.")
    assert not exam.mask.any()
    assert exam.measurement.looked_at == {"left", "right"}
    expected = looking.probabilities(
        [radiograph.pixels], ["Right apical pneumothorax."], [exam.segmentation.hemithoraces]
    )
    np.testing.assert_array_equal(
        exam.matched_mask, looking.binary(expected[0], exam.segmentation.hemithoraces)
    )


def test_the_form_is_stated_and_must_fit(hemithorax_model: Path) -> None:
    config = load_config(hemithorax_model)
    assert (config.preprocessing.view, config.preprocessing.rows_columns) == ("hemithorax", (96, 64))
    text = (hemithorax_model / "config.json").read_text()
    for wrong in (
        text.replace('"view": "hemithorax"', '"view": "film"'),
        text.replace('"in_channels": 2', '"in_channels": 3'),
    ):
        broken = hemithorax_model.parent / "broken"
        broken.mkdir(exist_ok=True)
        (broken / "config.json").write_text(wrong)
        with pytest.raises(ModelError, match="not a model configuration"):
            load_config(broken)


def test_a_configuration_without_a_view_is_that_of_a_whole_film(untrained_model: Path) -> None:
    stored = load_config(untrained_model).model_dump(mode="json")
    for part, names in (("preprocessing", ["view"]), ("network", ["in_channels", "encoder_normalised"])):
        for name in names:
            del stored[part][name]
    assert ModelConfig.model_validate(stored) == load_config(untrained_model)
    assert dataclasses.is_dataclass(Segmenter(str(untrained_model)).identity)
