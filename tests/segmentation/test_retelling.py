"""One film under one report after another, as the page and `ptx explain` ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_exams import DENIAL, REPORT, save_exam

from ptx_followup.measurement.overlap import dice
from ptx_followup.network.predictor import Predictor
from ptx_followup.phantom import PhantomPatient, render
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.report.side_statement import NOT_MENTIONED
from ptx_followup.segmentation.retelling import Retelling, texts_of, with_word
from ptx_followup.segmentation.segmenter import Segmenter

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDED = "Large right apical pneumothorax."


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Radiograph:
    return read_radiograph(save_exam(tmp_path_factory.mktemp("exam")))


@pytest.fixture
def retelling(segmenter: Segmenter, film: Radiograph) -> Retelling:
    return Retelling.of(segmenter, film)


@pytest.mark.parametrize("report", [REPORT, None, DENIAL, "Heart size is normal."])
def test_a_report_gives_the_mask_and_the_sizes_of_a_segmentation(
    segmenter: Segmenter, film: Radiograph, retelling: Retelling, report: str | None
) -> None:
    told, plain = retelling.told(report), segmenter.segment(film, report)
    np.testing.assert_array_equal(told.mask, plain.standard_mask)
    assert told.measurement == plain.measurement
    assert (told.telling.text, set(told.telling.warnings) <= set(plain.warnings)) == (plain.told, True)


def test_the_film_is_encoded_once_and_a_text_decoded_once(
    segmenter: Segmenter, film: Radiograph, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded, decoded = [], []
    encode, decode = Predictor.encode, Predictor.decode

    def count_encoded(self: Predictor, pixels: Sequence[object]) -> object:
        encoded.append(len(pixels))
        return encode(self, pixels)  # type: ignore[arg-type]

    def count_decoded(self: Predictor, features: object, pairs: Sequence[tuple[int, str]]) -> object:
        decoded.extend(text for _, text in pairs)
        return decode(self, features, pairs)

    monkeypatch.setattr(Predictor, "encode", count_encoded)
    monkeypatch.setattr(Predictor, "decode", count_decoded)
    retelling = Retelling(segmenter, film, np.zeros(film.pixels.shape, np.uint8))
    for text in (SIDED, "", SIDED):
        retelling.told_as(text)
    assert (encoded, decoded) == ([1], [SIDED, ""])


def test_each_word_is_left_out_of_what_the_network_is_told(retelling: Retelling) -> None:
    told = retelling.told_as(SIDED)
    found = list(retelling.words_left_out(told))
    assert [one.word for one in found] == ["Large", "right", "apical", "pneumothorax."]
    for one, rest in zip(
        found,
        (
            "right apical pneumothorax.",
            "Large apical pneumothorax.",
            "Large right pneumothorax.",
            "Large right apical",
        ),
        strict=True,
    ):
        without = retelling.told_as(rest)
        assert one.measurement == without.measurement
        assert one.dice == dice(told.mask, without.mask)


def test_a_word_is_exchanged_as_a_whole_word_alone() -> None:
    assert with_word("Base. Basal, base-line (BASE)", "base", "apex") == "Apex. Basal, apex-line (Apex)"
    assert with_word("Nothing.", "right", "left") == "Nothing."
    assert with_word("A (b) c.", "(b)", r"\1") == r"A \1 c."


def test_only_the_side_whose_words_have_changed_is_read_again(
    hemithorax_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Segmenter(str(hemithorax_model))
    phantom = render(PhantomPatient(3), rows=160, columns=144)
    retelling = Retelling(looking, Radiograph(phantom.pixels), phantom.lungs)
    decoded: list[tuple[int, str]] = []
    decode = Predictor.decode

    def count(self: Predictor, features: object, pairs: Sequence[tuple[int, str]]) -> object:
        decoded.extend(pairs)
        return decode(self, features, pairs)

    monkeypatch.setattr(Predictor, "decode", count)
    first = retelling.told("Large right pneumothorax.")
    assert texts_of(first.telling) == {"left": NOT_MENTIONED, "right": "Large pneumothorax."}
    assert len(decoded) == 2
    second = retelling.told("Small right pneumothorax.")
    assert [text for _, text in decoded[2:]] == ["Small pneumothorax."]
    left = phantom.lungs == 2
    np.testing.assert_array_equal(first.mask[left], second.mask[left])
    plain = looking.reader(phantom.pixels, phantom.lungs).probability("Small right pneumothorax.")
    np.testing.assert_array_equal(second.mask, looking.binary(plain, phantom.lungs))
    assert [(one.place, one.word) for one in retelling.words_left_out(second)] == [
        ("right", "Small"),
        ("right", "pneumothorax."),
    ]


def test_what_a_report_denies_of_a_side_is_not_looked_at(hemithorax_model: Path) -> None:
    phantom = render(PhantomPatient(3), rows=160, columns=144)
    retelling = Retelling(Segmenter(str(hemithorax_model)), Radiograph(phantom.pixels), phantom.lungs)
    told = retelling.told("Large right pneumothorax. No left pneumothorax.")
    assert texts_of(told.telling) == {"right": "Large pneumothorax."}
    assert told.measurement.looked_at == {"right"}
    assert not retelling.told("No pneumothorax.").mask.any()
