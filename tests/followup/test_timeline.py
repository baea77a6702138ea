"""Several exams: the truth is that of phantoms whose masks stand in for the network's."""

from __future__ import annotations

import json
import weakref
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ptx_followup.errors import MismatchError, UsageError
from ptx_followup.figures.timeline import draw_timeline
from ptx_followup.followup.compare import compare
from ptx_followup.followup.exam import Exam, examine
from ptx_followup.followup.timeline import MOST_EXAMS, Timeline, timeline
from ptx_followup.network.predictor import ImageReader
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.phantom import (
    PhantomPatient,
    PhantomPneumothorax,
    PhantomRadiograph,
    Pose,
    known_transform,
    render,
    report,
    write_dicom,
)
from ptx_followup.radiograph.image import Identity, Radiograph
from ptx_followup.radiograph.read import read_radiograph
from ptx_followup.results.timeline import table
from ptx_followup.segmentation.segmenter import Segmenter

PERCENTS = (45, 12, 0)
DAYS = (0.0, 1.5, 4.0)
POSES = (Pose(), Pose(rotation_deg=3, shift_mm=(6, -5)), Pose(rotation_deg=-4, scale=0.95, breath=0.92))


def film(percent: float, pose: Pose) -> PhantomRadiograph:
    air = [PhantomPneumothorax("right", ("apical", "lateral"), percent)] if percent else []
    return render(PhantomPatient(seed=0), pose, air, rows=320, columns=320)


def exam(phantom: PhantomRadiograph, days: float) -> Radiograph:
    start = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - local, as in a header
    return Radiograph(
        phantom.pixels,
        spacing_mm=phantom.spacing_mm,
        spacing_source="calibrated",
        view="PA",
        acquired_at=start + timedelta(days=days),
        identity=Identity("1", "A", "Doe^Jane", "19700101", "F"),
    )


@pytest.fixture(scope="module")
def phantoms() -> list[PhantomRadiograph]:
    return [film(percent, pose) for percent, pose in zip(PERCENTS, POSES, strict=True)]


@pytest.fixture(scope="module")
def exams(phantoms: list[PhantomRadiograph]) -> list[Radiograph]:
    return [exam(phantom, days) for phantom, days in zip(phantoms, DAYS, strict=True)]


@pytest.fixture(scope="module")
def followed(segmenter: Segmenter, phantoms: list[PhantomRadiograph], exams: list[Radiograph]) -> Timeline:
    masks = [phantom.pneumothorax_mask for phantom in phantoms]
    return timeline(exams, [report(phantom) for phantom in phantoms], masks=masks, segmenter=segmenter)


def test_sizes_days_and_changes_are_those_of_the_phantoms(
    followed: Timeline, phantoms: list[PhantomRadiograph]
) -> None:
    for one, phantom, days in zip(followed.timepoints, phantoms, DAYS, strict=True):
        assert one.exam.percent("right") == pytest.approx(phantom.percent("right"), abs=2)
        assert one.days == days
        low, high = one.intervals["right"] or (0, 0)
        assert low <= phantom.percent("right") <= high
    assert [step["right"].verdict for step in followed.steps] == ["smaller", "resolved"]
    assert (followed.change.side, followed.change.verdict) == ("right", "resolved")
    assert followed.sentence.startswith("Right pneumothorax: ")
    assert followed.sentence.count(" -> ") == 2
    assert " in 4 days; from first to last resolved (> 99 %; " in followed.sentence


def test_days_do_not_run_backwards_where_one_exam_has_no_time(
    segmenter: Segmenter, phantoms: list[PhantomRadiograph], exams: list[Radiograph]
) -> None:
    start = datetime(2026, 3, 2, 23)  # noqa: DTZ001 - local, as in a header
    moments = start, datetime(2026, 3, 3), datetime(2026, 3, 3, 8)  # noqa: DTZ001
    films = [replace(one, acquired_at=moment) for one, moment in zip(exams, moments, strict=True)]
    masks = [phantom.pneumothorax_mask for phantom in phantoms]
    found = timeline(films, [None] * 3, masks=masks, segmenter=segmenter)
    assert [one.days for one in found.timepoints] == [0, 1, 1]
    assert found.belonging.interval_days == 1


def test_every_exam_lies_on_the_last(followed: Timeline, phantoms: list[PhantomRadiograph]) -> None:
    for one, phantom in zip(followed.timepoints[:2], phantoms, strict=False):
        points = np.argwhere(phantom.pneumothorax_mask)
        centre = known_transform(phantom, phantoms[-1])(points).mean(axis=0)
        assert one.projected is not None
        found = np.argwhere(one.projected).mean(axis=0)
        assert np.linalg.norm(found - centre) * phantoms[-1].spacing_mm[0] < 6
    assert followed.timepoints[-1].registration is None


def test_two_exams_change_as_in_a_comparison(
    segmenter: Segmenter, followed: Timeline, phantoms: list[PhantomRadiograph], exams: list[Radiograph]
) -> None:
    pair = compare(
        exams[0],
        exams[2],
        report=report(phantoms[0]),
        followup_report=report(phantoms[2]),
        prior_mask=phantoms[0].pneumothorax_mask,
        followup_mask=phantoms[2].pneumothorax_mask,
        segmenter=segmenter,
    )
    assert pair.changes == followed.overall


@pytest.mark.parametrize(
    ("leading", "mixed"), [("images and words", "images"), ("images", "images and words")]
)
def test_every_change_is_the_difference_of_the_sizes_beside_it(
    untrained_model: Path,
    phantoms: list[PhantomRadiograph],
    exams: list[Radiograph],
    monkeypatch: pytest.MonkeyPatch,
    leading: str,
    mixed: str,
) -> None:
    def by_the_words(reader: ImageReader, text: str) -> FloatImage:
        """The longer the text, the larger the pneumothorax."""
        seen = np.zeros(reader.pixels.shape, np.float32)
        seen[100 : 100 + len(text)] = 1
        return seen

    monkeypatch.setattr(ImageReader, "probability", by_the_words)
    own = Segmenter(str(untrained_model))
    error = own.model.config.error.model_copy(update={"leading": leading, "leading_mixed": mixed})
    config = own.model.config.model_copy(update={"error": error})
    own.model = replace(own.model, config=config)
    texts = ["Large right apical pneumothorax.", "Tiny right apical pneumothorax.", None]
    for reports in (texts, [texts[0], texts[1], texts[0]], [None, texts[0], None]):
        found = timeline(exams, reports, segmenter=own)
        sizes = [one.percent("right") for one in found.timepoints]
        assert len(set(sizes)) > 1
        for step, pair in zip(found.steps, pairwise(sizes), strict=True):
            assert (step["right"].prior, step["right"].followup) == pair
        assert (found.change.prior, found.change.followup) == (sizes[0], sizes[-1])


def test_table_and_json_say_the_same(followed: Timeline) -> None:
    document = json.loads(json.dumps(followed.to_json(), allow_nan=False))
    assert document["schema"] == "ptx-timeline/1"
    for row, one in zip(table(followed), document["exams"], strict=True):
        percent = one["matched_segmentation"]["hemithorax_percent"]
        assert [row["left_percent"], row["right_percent"]] == [percent["left"], percent["right"]]
        assert [row["right_low"], row["right_high"]] == one["interval95"]["right"]
        assert row["days"] == one["days"]
    assert [row["right_change"] for row in table(followed)] == [None, "smaller", "resolved"]


def test_an_exam_that_cannot_be_laid_on_gets_no_direction_and_spoils_no_other(
    segmenter: Segmenter, phantoms: list[PhantomRadiograph], exams: list[Radiograph]
) -> None:
    white = np.random.default_rng(0).normal(0.9, 0.02, exams[1].pixels.shape).astype(np.float32)
    series = [exams[0], replace(exams[1], pixels=white), exams[2]]
    masks = [phantoms[0].pneumothorax_mask, None, phantoms[2].pneumothorax_mask]
    found = timeline(series, [report(phantoms[0]), None, None], masks=masks, segmenter=segmenter)
    assert found.refused == [2]
    assert found.timepoints[1].projected is None
    assert {step["right"].verdict for step in found.steps} == {"indeterminate"}
    assert found.change.verdict == "resolved"
    assert draw_timeline(found).shape[1] == 3300


def test_the_picture_shows_no_identity(followed: Timeline) -> None:
    picture = draw_timeline(followed)
    assert picture.shape[1] == 3300
    first = followed.timepoints[0]
    segmentation = first.exam.segmentation
    other = replace(segmentation.radiograph, identity=Identity("2", "B", "Roe^Ann", "19800101", "F"))
    renamed = replace(first, exam=replace(first.exam, segmentation=replace(segmentation, radiograph=other)))
    again = draw_timeline(replace(followed, timepoints=(renamed, *followed.timepoints[1:])))
    np.testing.assert_array_equal(picture, again)


def test_exams_out_of_order_and_wrong_numbers_are_refused(
    segmenter: Segmenter, exams: list[Radiograph]
) -> None:
    with pytest.raises(MismatchError, match="exam 3 was taken before exam 1"):
        timeline([exams[1], exams[2], exams[0]], [None] * 3, segmenter=segmenter)
    with pytest.raises(UsageError, match=f"2 to {MOST_EXAMS} exams"):
        timeline(exams[:1], [None], segmenter=segmenter)
    with pytest.raises(UsageError, match="as many reports"):
        timeline(exams, [None], segmenter=segmenter)
    masks = [None, np.zeros((9, 9), bool), None]
    with pytest.raises(UsageError, match="mask of exam 2"):
        timeline(exams, [None] * 3, masks=masks, segmenter=segmenter)


def test_the_pixels_of_one_film_are_held_at_a_time(
    segmenter: Segmenter,
    phantoms: list[PhantomRadiograph],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = [tmp_path / f"{number}.dcm" for number in range(len(phantoms))]
    for path, phantom, days in zip(paths, phantoms, DAYS, strict=True):
        moment = datetime(2026, 3, 2, 9) + timedelta(days=days)  # noqa: DTZ001
        write_dicom(phantom, path, acquired_at=moment)
    films = [read_radiograph(path) for path in paths]
    masks = [one.to_stored(phantom.pneumothorax_mask) for one, phantom in zip(films, phantoms, strict=True)]
    kept = timeline(films, [None] * 3, masks=masks, segmenter=segmenter)
    del films
    seen: list[weakref.ref[Any]] = []

    def watched(segmenter: Segmenter, film: Radiograph, *rest: Any) -> Exam:
        assert not [one for one in seen if one() is not None]
        exam = examine(segmenter, film, *rest)
        seen.extend(map(weakref.ref, (film.pixels, exam.segmentation.standard_probability)))
        return exam

    monkeypatch.setattr("ptx_followup.followup.exam.examine", watched)
    found = timeline(paths, [None] * 3, masks=masks, segmenter=segmenter)
    assert len(seen) == 2 * len(paths)
    assert not [one for one in seen if one() is not None]
    # Nothing is told or shown otherwise for it.
    assert found.to_json() | {"timing_s": {}} == kept.to_json() | {"timing_s": {}}
    np.testing.assert_array_equal(draw_timeline(found), draw_timeline(kept))
