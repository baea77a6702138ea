"""What the words of a report change: variants, words left out, and attention maps that belong to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from made_exams import DENIAL, REPORT, save_exam

from ptx_followup.errors import UsageError
from ptx_followup.measurement.overlap import dice
from ptx_followup.network.attention_maps import AttentionReader
from ptx_followup.phantom import PhantomPatient, render
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.results import explanation as results
from ptx_followup.segmentation.attended import NO_PROOF
from ptx_followup.segmentation.explanation import SIDES_EXCHANGED, Explanation, explain
from ptx_followup.segmentation.segmenter import Segmenter

if TYPE_CHECKING:
    from ptx_followup.network.predictor import ImageReader

SHORT = "Moderate right apical pneumothorax."


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Radiograph:
    return read_radiograph(save_exam(tmp_path_factory.mktemp("exam")))


@pytest.fixture(scope="module")
def explained(segmenter: Segmenter, film: Radiograph, untrained_model: Path) -> Explanation:
    return explain(film, SHORT, segmenter, str(untrained_model), [("right", "left"), ("apical", "basal")])


def test_every_variant_is_the_mask_under_its_text(
    explained: Explanation, segmenter: Segmenter, film: Radiograph
) -> None:
    told, _ = segmenter.segment_and_reader(film, SHORT)
    np.testing.assert_array_equal(explained.told.mask, told.standard_mask)
    reader = segmenter.reader(film.pixels, told.hemithoraces)
    texts = ["", "Moderate left apical pneumothorax.", "Moderate right basal pneumothorax."]
    for variant, text in zip((explained.without, *explained.swapped), texts, strict=True):
        mask = segmenter.binary(reader.probability(text), told.hemithoraces)
        np.testing.assert_array_equal(variant.told.mask, mask)
        assert variant.told.telling.text == text
        assert variant.dice == dice(told.standard_mask, mask)
    assert [one.name for one in explained.swapped] == ["right \u2192 left", "apical \u2192 basal"]
    assert [one.word for one in explained.left_out] == SHORT.split()


def test_the_maps_are_of_the_text_as_told_and_of_the_first_exchange(
    explained: Explanation, segmenter: Segmenter, film: Radiograph, untrained_model: Path
) -> None:
    attention, encoder = explained.attention, segmenter.text_encoder
    assert attention is not None
    assert encoder is not None
    assert (attention.place, attention.against) == (None, "right \u2192 left")
    reader: ImageReader = segmenter.reader(film.pixels, np.zeros(film.pixels.shape, np.uint8))  # type: ignore[assignment]
    (image,), _ = reader.predictor.prepared([film.pixels])
    inside = AttentionReader(str(untrained_model))
    told, other = (
        inside.levels(image, encoder.encode([text])) for text in (SHORT, SHORT.replace("right", "left"))
    )
    for level, first, second in zip(attention.levels, told, other, strict=True):
        change = np.abs(first.gate - second.gate).mean(axis=(1, 2))
        assert level.channel == change.argmax()
        assert level.change == pytest.approx(change.mean())
        step = level.told.gate.shape[0] // level.rows
        np.testing.assert_allclose(level.told.gate[::step, ::step], first.gate[level.channel], atol=1e-5)
        np.testing.assert_allclose(level.other.gated[::step, ::step], second.gated[level.channel], atol=1e-4)


def test_without_a_swap_the_sides_are_exchanged(
    segmenter: Segmenter, film: Radiograph, untrained_model: Path
) -> None:
    (one,) = explain(film, SHORT, segmenter, str(untrained_model)).swapped
    assert (one.name, one.told.telling.text) == (SIDES_EXCHANGED, SHORT.replace("right", "left"))
    silent = explain(film, "Heart size is normal.", segmenter, str(untrained_model))
    assert (silent.swapped, silent.left_out, silent.attention) == ((), (), None)


def test_a_denial_is_told_as_such(segmenter: Segmenter, film: Radiograph, untrained_model: Path) -> None:
    denied = explain(film, DENIAL, segmenter, str(untrained_model))
    assert (denied.told.telling.text, denied.told.mask.any(), denied.attention) == (None, False, None)
    assert any("the report denies" in one for one in denied.warnings)
    assert results.draw_explanation(denied).shape[2] == 3


def test_a_word_that_is_not_told_cannot_be_exchanged(
    segmenter: Segmenter, film: Radiograph, untrained_model: Path
) -> None:
    with pytest.raises(UsageError, match="not told the word of --swap number 2"):
        explain(film, SHORT, segmenter, str(untrained_model), [("right", "left"), ("basal", "apical")])


def test_one_hemithorax_at_a_time(hemithorax_model: Path) -> None:
    phantom = render(PhantomPatient(3), rows=160, columns=144)
    looking = Segmenter(str(hemithorax_model))
    found = explain(Radiograph(phantom.pixels), SHORT, looking, str(hemithorax_model))
    assert found.attention is not None
    assert found.attention.place in ("left", "right")
    assert found.attention.image.shape == (96, 64)
    assert {one.place for one in found.left_out} == {"right"}
    assert json.dumps(found.to_json(), allow_nan=False)
    assert results.draw_explanation(found).any()


def test_picture_and_document_are_written_whole_or_not_at_all(
    explained: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = results.write_explanation(explained, tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["explanation.png", "result.json"]
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == document
    assert document["schema"] == "ptx-explain/1"
    assert document["attention"]["note"] == NO_PROOF
    assert cv2.imread(str(tmp_path / "explanation.png")).shape[1] == 1800
    other = tmp_path / "other"
    other.mkdir()

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "write_document", fails)
    with pytest.raises(KeyboardInterrupt):
        results.write_explanation(explained, other)
    assert list(other.iterdir()) == []


def test_the_document_holds_the_words_of_the_report(explained: Explanation) -> None:
    assert explained.to_json()["told"]["text"] == SHORT
    assert explained.to_json()["report"]["text"] == SHORT
    assert REPORT not in json.dumps(explained.to_json())
