"""From radiograph and report to the mask, with untrained weights: what holds for any model."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from made_exams import CANARY, DENIAL, REPORT, pixels, save_exam
from numpy.typing import NDArray

from ptx_followup import DISCLAIMER, read_radiograph
from ptx_followup.errors import InputError, ModelError, UsageError
from ptx_followup.network.checkpoint import Postprocessing
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.segmentation import segmenter as segmentation
from ptx_followup.segmentation import telling
from ptx_followup.segmentation.result import Segmentation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ptx_followup.segmentation.segmenter import Segmenter


@pytest.fixture(scope="module")
def upright(segmenter: Segmenter, tmp_path_factory: pytest.TempPathFactory) -> Segmentation:
    """The phantom, stored in standard orientation, under its report."""
    return segmenter.segment(save_exam(tmp_path_factory.mktemp("upright")), REPORT)


def test_the_mask_is_the_probability_at_its_threshold_on_the_grid_of_the_file(upright: Segmentation) -> None:
    assert upright.mask.shape == upright.probability.shape == pixels().shape
    assert (upright.mask.dtype, upright.probability.dtype) == (bool, np.float32)
    assert 0 <= upright.probability.min() < upright.threshold < upright.probability.max() <= 1
    np.testing.assert_array_equal(upright.mask, upright.probability >= upright.threshold)
    assert upright.measurement.area_px == np.count_nonzero(upright.mask)


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (["R", "F"], np.fliplr),
        (["R", "H"], lambda image: np.rot90(image, 2)),
        (["L", "H"], np.flipud),
        (["F", "L"], np.transpose),
        (["H", "L"], lambda image: np.rot90(image, -1)),
    ],
)
def test_a_mask_lands_on_the_pixels_as_they_are_stored(
    segmenter: Segmenter,
    tmp_path: Path,
    orientation: list[str],
    turn: Callable[[NDArray[np.generic]], NDArray[np.generic]],
) -> None:
    # Not square, and not symmetric: 256 rows, 224 columns.
    standard = pixels()[:, :224]
    stored = np.ascontiguousarray(turn(standard))
    expected = segmenter.segment(save_exam(tmp_path, standard, ImagerPixelSpacing=[0.4, 0.5]), REPORT)
    rows_turn = stored.shape != standard.shape
    spacing = [0.5, 0.4] if rows_turn else [0.4, 0.5]
    path = save_exam(tmp_path, stored, PatientOrientation=orientation, ImagerPixelSpacing=spacing)
    found = segmenter.segment(path, REPORT)
    np.testing.assert_array_equal(found.mask, turn(expected.mask))
    np.testing.assert_array_equal(found.probability, turn(expected.probability))
    assert found.measurement == expected.measurement
    image = found.to_json()["image"]
    assert (image["rows"], image["columns"]) == stored.shape
    ratio = image["spacing_mm"][0] / image["spacing_mm"][1]
    assert ratio == pytest.approx(spacing[0] / spacing[1])


def test_a_denial_empties_the_mask_and_says_so(segmenter: Segmenter, tmp_path: Path) -> None:
    result = segmenter.segment(save_exam(tmp_path), DENIAL)
    assert not result.mask.any()
    assert not result.probability.any()
    assert result.told is None
    assert telling.DENIED in result.warnings
    document = result.to_json()
    assert document["report"]["present"] is False
    assert document["segmentation"]["area_px"] == 0
    assert document["segmentation"]["side"] is None


def test_a_denial_can_be_overruled_and_the_contradiction_is_named(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    result = segmenter.segment(save_exam(tmp_path), DENIAL, ignore_negation=True)
    assert result.mask.any()
    assert result.told == "No pneumothorax on either side."
    assert telling.DENIED not in result.warnings
    assert [(one.code, one.severity) for one in result.concordance] == [("mask-not-reported", "error")]


def test_without_a_report_the_image_alone_decides(segmenter: Segmenter, tmp_path: Path) -> None:
    result = segmenter.segment(save_exam(tmp_path), None)
    assert (result.report, result.told, result.concordance) == (None, "", ())
    assert telling.NO_REPORT in result.warnings
    assert result.to_json()["report"] | {"told": ""} == {
        "present": None,
        "side": None,
        "zones": [],
        "size": None,
        "findings": [],
        "conflicts": [],
        "text": None,
        "told": "",
    }


def test_of_a_report_about_something_else_nothing_is_told(segmenter: Segmenter, tmp_path: Path) -> None:
    result = segmenter.segment(save_exam(tmp_path), "The heart is enlarged.")
    assert result.told == ""
    assert telling.SILENT in result.warnings


def test_of_a_report_that_is_too_long_the_finding_is_read(segmenter: Segmenter, tmp_path: Path) -> None:
    finding = "There is a small right apical pneumothorax."
    report = f"{'The heart is not enlarged. ' * 200}{finding}"
    result = segmenter.segment(save_exam(tmp_path), report, prompt_mode="full")
    assert result.told == finding
    assert telling.CUT in result.warnings


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("focused", "There is a moderate right apical and lateral pneumothorax."),
        ("matched", "Right apical and lateral pneumothorax."),
    ],
)
def test_what_the_network_is_told_can_be_narrowed(
    segmenter: Segmenter, upright: Segmentation, mode: str, told: str
) -> None:
    result = segmenter.segment(upright.radiograph, REPORT, prompt_mode=mode)  # type: ignore[arg-type]
    assert result.told is not None
    assert result.told.startswith(told)
    assert len(result.told) < len(REPORT)


def test_the_report_reaches_the_network(segmenter: Segmenter, upright: Segmentation) -> None:
    """Untrained weights cannot use it well, but another report must give another answer."""
    image = upright.radiograph.pixels
    right, left = segmenter.probabilities([image, image], ["Right pneumothorax.", "Left pneumothorax."])
    assert np.abs(right - left).max() > 1e-4


def test_a_path_a_radiograph_and_a_batch_give_the_same(segmenter: Segmenter, upright: Segmentation) -> None:
    path = upright.radiograph.path
    assert path is not None
    cases = [(path, REPORT), (str(path), REPORT), (upright.radiograph, REPORT), (path, DENIAL)]
    *same, denied = segmenter.segment_batch(cases)
    for result in same:
        np.testing.assert_array_equal(result.mask, upright.mask)
    assert not denied.mask.any()
    assert "read" in same[0].timing_s
    assert "read" not in same[2].timing_s


def test_a_stream_goes_on_past_a_film_that_cannot_be_read(segmenter: Segmenter, tmp_path: Path) -> None:
    path = save_exam(tmp_path)
    damaged = tmp_path / "damaged.dcm"
    damaged.write_bytes(b"no film")
    first, refused, last = segmenter.stream([(path, None), (damaged, None), (path, DENIAL)])
    assert isinstance(first, Segmentation)
    assert np.array_equal(first.standard_mask, segmenter.segment(path, None).standard_mask)
    assert isinstance(refused, InputError)
    assert isinstance(last, Segmentation)
    assert last.told is None


def test_images_of_several_sizes_go_through_together(segmenter: Segmenter) -> None:
    tall, wide = np.random.default_rng(0).random((2, 300, 200), np.float32)
    maps = segmenter.probabilities([tall, wide.T], ["", "Left pneumothorax."])
    assert [one.shape for one in maps] == [(300, 200), (200, 300)]
    alone = segmenter.probabilities([tall], [""])[0]
    np.testing.assert_allclose(maps[0], alone, atol=0.01)  # bfloat16 rounds to 1/256


def test_the_function_for_a_single_radiograph(untrained_model: Path, upright: Segmentation) -> None:
    result = segmentation.segment(upright.radiograph, REPORT, model=str(untrained_model), device="cpu")
    np.testing.assert_array_equal(result.mask, upright.mask)


def test_small_pieces_are_dropped_by_their_share_of_the_image(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    probability = np.zeros((100, 100), np.float32)
    probability[10:20, 10:20] = 1  # 1 % of the image
    probability[50, 50:53] = 1  # 0.03 %
    assert np.count_nonzero(segmenter.binary(probability)) == 103
    config = segmenter.model.config.model_copy(
        update={"postprocessing": Postprocessing(smallest_component=0.001)}
    )
    monkeypatch.setattr(segmenter, "model", replace(segmenter.model, config=config))
    assert np.count_nonzero(segmenter.binary(probability)) == 100
    assert not segmenter.binary(np.zeros((9, 9), np.float32)).any()
    assert segmenter.binary(np.ones((9, 9), np.float32)).all()


def test_pieces_outside_the_chest_are_dropped_where_the_model_says_so(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    probability = np.zeros((100, 100), np.float32)
    probability[10:20, 10:20] = probability[80:90, 45:55] = 1
    chest = np.zeros((100, 100), np.uint8)
    chest[15:60, 15:40], chest[15:60, 60:90] = 1, 2
    assert np.count_nonzero(segmenter.binary(probability, chest)) == 200
    config = segmenter.model.config.model_copy(
        update={"postprocessing": Postprocessing(touches_hemithorax=True)}
    )
    monkeypatch.setattr(segmenter, "model", replace(segmenter.model, config=config))
    kept = segmenter.binary(probability, chest)
    assert kept[:50].sum() == kept.sum() == 100
    # A hemithorax that was not found says nothing.
    assert (
        np.count_nonzero(segmenter.binary(probability, np.where(chest == 1, chest, 0).astype(np.uint8)))
        == 200
    )


def test_an_image_in_memory_has_no_path_and_no_identity(segmenter: Segmenter) -> None:
    image = Radiograph(pixels=np.random.default_rng(1).random((90, 70), np.float32))
    document = segmenter.segment(image, REPORT).to_json()
    assert document["image"] == {
        "path": None,
        "sop_instance_uid": None,
        "pixels_sha256": None,
        "rows": 90,
        "columns": 70,
        "view": "unknown",
        "inverted": False,
        "spacing_mm": None,
        "spacing_source": "none",
        "acquired_at": None,
    }
    assert document["segmentation"]["area_mm2"] is None


def test_the_document_is_json_with_the_model_and_without_the_patient(
    upright: Segmentation, segmenter: Segmenter
) -> None:
    document = upright.to_json()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert CANARY not in text
    assert document["disclaimer"] == DISCLAIMER
    assert document["model"] == {
        "name": "untrained",
        "version": "0.0.1",
        "sha256": segmenter.model.config.weights_sha256,
        "text_encoder": "minilm-l6",
        "device": "cpu",
        "precision": segmenter.model.engine.precision,
        "engine": f"torch {version('torch')}",
    }


def test_a_file_name_that_is_no_unicode_does_not_break_the_document(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    path = tmp_path / "M\udcfcller.dcm"  # Latin-1 "Müller" on a UTF-8 system
    path.write_bytes(save_exam(tmp_path).read_bytes())
    document = segmenter.segment(path, DENIAL).to_json()
    assert json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert document["image"]["path"].endswith("M?ller.dcm")


def test_a_model_of_another_task_is_refused() -> None:
    with pytest.raises(ModelError, match="does not find a pneumothorax"):
        segmentation.Segmenter("lungs", device="cpu")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("sha256", "0" * 64, "is not the one"),
        ("layers", [6], "takes 768 values a token"),
    ],
)
def test_a_model_that_was_trained_with_another_text_encoder_is_refused(
    untrained_model: Path, tmp_path: Path, key: str, value: object, message: str
) -> None:
    config = json.loads((untrained_model / "config.json").read_text())
    config["text_encoder"][key] = value
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes((untrained_model / "model.safetensors").read_bytes())
    with pytest.raises(ModelError, match=message):
        segmentation.Segmenter(str(tmp_path), device="cpu")


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "cuda:99", "CPU", ""])
def test_a_device_that_is_not_there_is_never_replaced(untrained_model: Path, device: str) -> None:
    with pytest.raises(UsageError):
        segmentation.Segmenter(str(untrained_model), device=device)


def test_a_png_of_the_same_pixels_gives_the_same_mask(
    segmenter: Segmenter, upright: Segmentation, tmp_path: Path
) -> None:
    """16-bit PNG of the phantom: its own grey levels, no header."""
    cv2.imwrite(str(tmp_path / "image.png"), pixels() << 4)
    result = segmenter.segment(read_radiograph(tmp_path / "image.png"), REPORT)
    assert result.mask.shape == upright.mask.shape
    assert result.radiograph.identity is None
    assert np.mean(result.mask != upright.mask) < 0.1
