"""Comparing two exams: the truth is that of phantoms whose masks stand in for the network's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from ptx_followup.errors import MismatchError, UsageError
from ptx_followup.figures.panel import draw_panel
from ptx_followup.followup.compare import FollowUp, compare
from ptx_followup.followup.exam import GUIDED_BY_OTHERS
from ptx_followup.followup.judging import assess_changes
from ptx_followup.followup.wording import interval_in_words
from ptx_followup.measurement.change import Reported
from ptx_followup.network.predictor import EncodedImages, Pair, Predictor
from ptx_followup.network.preprocessing import FloatImage
from ptx_followup.phantom import (
    PhantomPatient,
    PhantomPneumothorax,
    PhantomRadiograph,
    Pose,
    known_transform,
    render,
    report,
)
from ptx_followup.radiograph.image import Identity, Radiograph

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

PATIENT = PhantomPatient(seed=0)
TURNED = Pose(rotation_deg=4, scale=0.95, shift_mm=(10, -8), breath=0.92)
FIRST = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - local, as in a header
DENIAL = "No pneumothorax."


def film(
    *pneumothoraces: PhantomPneumothorax, pose: Pose | None = None, rows: int = 320, columns: int = 320
) -> PhantomRadiograph:
    return render(PATIENT, pose, pneumothoraces, rows=rows, columns=columns)


def exam(phantom: PhantomRadiograph, days: float = 0.0) -> Radiograph:
    return Radiograph(
        phantom.pixels,
        spacing_mm=phantom.spacing_mm,
        spacing_source="calibrated",
        view="PA",
        acquired_at=FIRST + timedelta(days=days),
        identity=Identity("1", "A", "Doe^Jane", "19700101", "F"),
    )


def compared(segmenter: Segmenter, prior: PhantomRadiograph, followup: PhantomRadiograph) -> FollowUp:
    """Two phantoms under their own masks and reports."""
    return compare(
        exam(prior),
        exam(followup, 2),
        report=report(prior),
        followup_report=report(followup, prior),
        prior_mask=prior.pneumothorax_mask,
        followup_mask=followup.pneumothorax_mask,
        segmenter=segmenter,
    )


@pytest.fixture(scope="module")
def large() -> PhantomRadiograph:
    return film(PhantomPneumothorax("right", ("apical", "lateral"), 40))


@pytest.fixture(scope="module")
def small() -> PhantomRadiograph:
    return film(PhantomPneumothorax("right", ("apical",), 5), pose=TURNED)


@pytest.fixture(scope="module")
def none() -> PhantomRadiograph:
    return film(pose=TURNED)


@pytest.fixture(scope="module")
def shrunk(segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph) -> FollowUp:
    return compared(segmenter, large, small)


def test_the_change_is_that_of_the_phantoms(
    shrunk: FollowUp, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    change = shrunk.change
    assert change.side == "right"
    assert change.difference == pytest.approx(small.percent("right") - large.percent("right"), abs=2)
    assert change.verdict == "smaller"
    assert change.difference_per_day == pytest.approx((change.difference or 0) / 2)
    assert shrunk.changes["left"].prior == shrunk.changes["left"].followup == 0


def test_the_sentence_says_it_all(shrunk: FollowUp) -> None:
    assert shrunk.sentence.startswith("Right pneumothorax smaller (> 99 %): ")
    assert " -> " in shrunk.sentence
    assert shrunk.sentence.endswith(
        " in 2 days; the follow-up's report says smaller; was apical and lateral, now apical."
    )
    assert "left" not in shrunk.sentence.lower()


def test_the_projection_lies_where_the_prior_pneumothorax_has_moved(
    shrunk: FollowUp, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    assert shrunk.projected is not None
    points = np.argwhere(large.pneumothorax_mask)
    centre = known_transform(large, small)(points).mean(axis=0)
    found = np.argwhere(shrunk.projected).mean(axis=0)
    assert np.linalg.norm(found - centre) * small.spacing_mm[0] < 6


def test_the_regions_divide_both_masks(shrunk: FollowUp, small: PhantomRadiograph) -> None:
    assert shrunk.regions is not None
    assert shrunk.projected is not None
    parts = shrunk.regions
    np.testing.assert_array_equal(parts.persistent | parts.new, small.pneumothorax_mask)
    np.testing.assert_array_equal(parts.persistent | parts.resolved, shrunk.projected)
    assert not (parts.new & parts.resolved).any()


def test_resolved(segmenter: Segmenter, large: PhantomRadiograph, none: PhantomRadiograph) -> None:
    found = compared(segmenter, large, none)
    assert found.change.verdict == "resolved"
    assert found.sentence.startswith("Right pneumothorax resolved (> 99 %): ")
    assert found.regions is not None
    assert not found.regions.persistent.any()


def test_new_on_the_follow_up(
    segmenter: Segmenter, none: PhantomRadiograph, large: PhantomRadiograph
) -> None:
    found = compared(segmenter, none, large)
    assert (found.change.side, found.change.verdict, found.change.ratio) == ("right", "larger", None)
    assert found.sentence.startswith("Right pneumothorax new (> 99 %): 0 % -> ")


def test_none_on_either(segmenter: Segmenter, none: PhantomRadiograph) -> None:
    found = compared(segmenter, none, film())
    assert found.change.verdict == "unchanged"
    assert found.sentence.startswith("No pneumothorax on either exam")


def test_none_is_not_said_where_a_mask_is_shown_or_the_measure_is_in_doubt(
    segmenter: Segmenter, none: PhantomRadiograph, large: PhantomRadiograph
) -> None:
    found = compared(segmenter, none, film())
    doubtful = {side: replace(one, reason="unreliable") for side, one in found.changes.items()}
    refused = replace(found, registration=replace(found.registration, accepted=False), changes=doubtful)
    assert refused.sentence == "No pneumothorax segmented on either exam; unreliable."
    # Shown under the words of the report, not found under the sentence that both exams are measured under.
    shown = compared(segmenter, large, none).prior.segmentation
    assert "Right pneumothorax" in replace(found, prior=replace(found.prior, segmentation=shown)).sentence


def test_the_bound_of_none_is_that_of_the_less_certain_exam(
    segmenter: Segmenter, none: PhantomRadiograph
) -> None:
    found = compared(segmenter, none, film())
    left = found.changes["left"]
    wide = replace(left, estimates={left.route: replace(left.leading, prior_interval=(0.0, 15.7))})
    bounded = replace(found, changes={**found.changes, "left": wide})
    assert bounded.sentence == "No pneumothorax on either exam (less than 16 % of a hemithorax, 95 %)."


def test_time_that_runs_backwards_is_said_in_words() -> None:
    assert interval_in_words(-3.0) == ", 3 days earlier by its date"
    assert interval_in_words(0.04) == " in 1 hour"
    assert interval_in_words(0.0) == interval_in_words(None) == ""


def test_a_report_that_says_another_change_is_warned_of(
    segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    found = compare(
        exam(large),
        exam(small, 2),
        report=report(large),
        followup_report="The right apical pneumothorax is larger.",
        prior_mask=large.pneumothorax_mask,
        followup_mask=small.pneumothorax_mask,
        segmenter=segmenter,
    )
    assert found.change.reported == Reported("larger", contradicts=True)
    assert "the follow-up's report says larger" in found.sentence
    (warning,) = [one for one in found.warnings if "report calls" in one]
    assert warning.endswith("larger, and measured it is smaller (> 99 %)")
    assert warning in found.to_json()["warnings"]
    apart = compare(
        exam(large),
        exam(small, 2),
        report=report(large),
        followup_report="The right apical pneumothorax is larger.",
        prior_mask=large.pneumothorax_mask,
        followup_mask=small.pneumothorax_mask,
        segmenter=segmenter,
        neighbours=False,  # the report's "larger" is since an exam in between
    )
    assert apart.change.reported is None
    assert not [one for one in apart.warnings if "report calls" in one]


def test_words_of_an_exam_open_the_second_route(
    segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    told = compare(
        exam(large), exam(small, 2), report=report(large), followup_report=DENIAL, segmenter=segmenter
    )
    sizes = {route: one.followup for route, one in told.change.estimates.items()}
    assert set(sizes) == {"images", "images and words"}
    # A report that denies gives 0 under its own words, whatever the route.
    assert sizes["images"] == sizes["images and words"]
    assert sizes["images"] is not None
    assert (sizes["images"].percent, sizes["images"].read_with) == (0, "words")
    before = told.change.estimates["images"].prior, told.change.estimates["images and words"].prior
    assert [one.read_with for one in before if one is not None] == ["images", "words"]
    silent = compare(exam(large), exam(small, 2), report=None, segmenter=segmenter)
    assert set(silent.change.estimates) == {"images"}
    drawn = compare(
        exam(large),
        exam(small, 2),
        report=report(large),
        prior_mask=large.pneumothorax_mask,
        readers="different",
        segmenter=segmenter,
    )
    assert drawn.to_json()["readers"]["relation"] == "different"
    assert drawn.change.leading.prior is not None
    assert drawn.change.leading.prior.read_with == "reader"


def test_a_report_that_tells_no_size_is_no_second_measurement(
    segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    reports = ("Right pneumothorax.", "Right pneumothorax, decreased.")
    silent = compare(
        exam(large), exam(small, 2), report=reports[0], followup_report=reports[1], segmenter=segmenter
    )
    assert set(silent.change.estimates) == {"images"}
    told = compare(
        exam(large),
        exam(small, 2),
        report="Large right pneumothorax.",
        followup_report=reports[1],
        segmenter=segmenter,
    )
    sizes = told.change.estimates["images and words"].to_json()
    assert (sizes["prior_read_with"], sizes["followup_read_with"]) == ("words", "images")
    assert (sizes["prior_told"], sizes["followup_told"]) == (35.36, None)


def test_bilateral_is_judged_side_by_side(segmenter: Segmenter) -> None:
    before = [
        PhantomPneumothorax("right", ("apical",), 5),
        PhantomPneumothorax("left", ("apical", "lateral"), 40),
    ]
    after = [
        PhantomPneumothorax("right", ("apical", "lateral"), 40),
        PhantomPneumothorax("left", ("apical",), 5),
    ]
    found = compared(segmenter, film(*before), film(*after, pose=TURNED))
    assert (found.changes["right"].verdict, found.changes["left"].verdict) == ("larger", "smaller")
    assert found.sentence.index("Right pneumothorax larger") < found.sentence.index(
        "Left pneumothorax smaller"
    )


def test_size_and_spacing_of_the_matrices_may_differ(segmenter: Segmenter, large: PhantomRadiograph) -> None:
    other = film(PhantomPneumothorax("right", ("apical", "lateral"), 40), pose=TURNED, rows=400, columns=340)
    found = compared(segmenter, large, other)
    assert found.change.difference == pytest.approx(0, abs=2)
    assert found.projected_mask is not None
    assert found.projected_mask.shape == (400, 340)


def test_without_spacing_there_are_percentages_but_no_millimetres(
    segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    bare = [
        replace(exam(one, days), spacing_mm=None, spacing_source="none")
        for one, days in ((large, 0), (small, 2))
    ]
    found = compare(
        *bare,
        report=report(large),
        prior_mask=large.pneumothorax_mask,
        followup_mask=small.pneumothorax_mask,
        segmenter=segmenter,
    )
    assert found.change.verdict == "smaller"
    document = found.to_json()
    assert document["prior"]["matched_segmentation"]["area_mm2"] is None
    assert "pixel" in document["prior"]["distances"]["right"]["suppressed"]


def test_masks_come_and_go_on_the_grid_of_the_file(segmenter: Segmenter, large: PhantomRadiograph) -> None:
    turned = replace(exam(large, 2), flipped=True, quarter_turns=1, pixels=large.pixels[::-1].copy())
    stored = turned.to_stored(large.pneumothorax_mask[::-1])
    found = compare(
        exam(large),
        turned,
        report=report(large),
        prior_mask=large.pneumothorax_mask,
        followup_mask=stored,
        segmenter=segmenter,
    )
    np.testing.assert_array_equal(found.followup.segmentation.mask, stored)


def test_a_mask_of_another_size_is_refused(
    segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    wrong = np.zeros((9, 9), bool)
    with pytest.raises(UsageError, match="mask of the prior"):
        compare(exam(large), exam(small, 2), report=None, prior_mask=wrong, segmenter=segmenter)


def test_a_mirrored_follow_up_is_refused(segmenter: Segmenter, large: PhantomRadiograph) -> None:
    later = film(PhantomPneumothorax("right", ("apical", "lateral"), 30), pose=TURNED)
    mirrored = replace(exam(later, 2), pixels=later.pixels[:, ::-1].copy())
    with pytest.raises(MismatchError, match="mirrored"):
        compare(exam(large), mirrored, report=report(large), segmenter=segmenter)
    found = compare(
        exam(large),
        mirrored,
        report=report(large),
        segmenter=segmenter,
        override=["view"],
        reason="dextrocardia",
    )
    assert found.belonging.overridden == ("view",)


@pytest.mark.parametrize("hidden", [np.s_[:, 160:], np.s_[:, :]])
def test_what_cannot_be_registered_gets_no_direction_and_no_projection(
    segmenter: Segmenter, large: PhantomRadiograph, hidden: tuple[slice, slice]
) -> None:
    """A follow-up of which one lung, or all, is white."""
    pixels = large.pixels.copy()
    noise = np.random.default_rng(0).normal(0.9, 0.02, pixels.shape).astype(np.float32)
    pixels[hidden] = noise[hidden]
    found = compare(
        exam(large), replace(exam(large, 2), pixels=pixels), report=report(large), segmenter=segmenter
    )
    assert not found.registration.accepted
    assert (found.projected, found.regions, found.projected_mask) == (None, None, None)
    assert found.change.verdict == "indeterminate"
    document = found.to_json()
    assert document["projection"]["area_px"] is None
    assert json.dumps(document, allow_nan=False)
    assert draw_panel(found).shape[1] == 3300


def test_a_follow_up_cropped_to_one_lung_gets_no_direction(
    segmenter: Segmenter, large: PhantomRadiograph
) -> None:
    half = large.pixels[:, : large.pixels.shape[1] // 2].copy()
    found = compare(
        exam(large), replace(exam(large, 2), pixels=half), report=report(large), segmenter=segmenter
    )
    assert found.doubt
    assert {change.verdict for change in found.changes.values()} == {"indeterminate"}


def test_hemithoraces_that_were_not_found_reliably_give_no_direction(shrunk: FollowUp) -> None:
    assert shrunk.doubt is None
    poor = replace(shrunk.prior, segmentation=replace(shrunk.prior.segmentation, anatomy_quality=0.5))
    assert replace(shrunk, prior=poor).doubt == "the hemithoraces of the prior were not found reliably"
    changes = assess_changes(poor, shrunk.followup, [shrunk.registration], shrunk.uncertainty, 2.0)
    assert changes["right"].verdict == "indeterminate"
    assert changes["right"].difference == shrunk.change.difference


def test_both_exams_are_measured_under_the_same_words(
    segmenter: Segmenter,
    large: PhantomRadiograph,
    small: PhantomRadiograph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    encoded: list[int] = []
    read, encode = Predictor.read, Predictor.encode

    def listening(self: Predictor, images: EncodedImages, pairs: Sequence[Pair]) -> Iterator[FloatImage]:
        told.extend(text for _, text in pairs)
        return read(self, images, pairs)

    def counting(self: Predictor, pixels: Sequence[FloatImage]) -> EncodedImages:
        encoded.append(len(pixels))
        return encode(self, pixels)

    monkeypatch.setattr(Predictor, "read", listening)
    monkeypatch.setattr(Predictor, "encode", counting)
    found = compare(
        exam(large),
        exam(small, 2),
        report=report(large),
        followup_report=report(small, large),
        segmenter=segmenter,
    )
    words = "Right apical and lateral pneumothorax."
    assert found.matched_prompt == words
    # Once for each exam; the other two guide the masks that are shown. Each film is encoded once for both.
    assert told.count(words) == 2
    assert len(told) == 4
    assert encoded == [1, 1]


def test_a_follow_up_without_report_is_guided_by_the_finding_of_the_prior(
    segmenter: Segmenter, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    found = compare(exam(large), exam(small, 2), report=report(large), segmenter=segmenter)
    guided = found.followup.segmentation
    assert guided.told == found.matched_prompt == "Right apical and lateral pneumothorax."
    assert guided.report is None
    assert GUIDED_BY_OTHERS in guided.warnings


def test_a_prior_report_of_none_leaves_the_follow_up_to_the_image(
    segmenter: Segmenter, none: PhantomRadiograph, large: PhantomRadiograph
) -> None:
    found = compare(exam(none), exam(large, 2), report=DENIAL, segmenter=segmenter)
    assert found.prior.measurement.area_px == 0
    assert found.followup.segmentation.told == ""


def test_a_second_run_gives_the_same_json_but_for_the_timing(
    segmenter: Segmenter, shrunk: FollowUp, large: PhantomRadiograph, small: PhantomRadiograph
) -> None:
    first, second = shrunk.to_json(), compared(segmenter, large, small).to_json()
    del first["timing_s"], second["timing_s"]
    assert first == second


def test_the_panel_shows_both_exams_without_a_name(shrunk: FollowUp) -> None:
    panel = draw_panel(shrunk)
    assert panel.shape[1] == 3300
    other = replace(
        shrunk.prior,
        segmentation=replace(
            shrunk.prior.segmentation,
            radiograph=replace(
                shrunk.prior.radiograph, identity=Identity("2", "B", "Roe^Ann", "19800101", "F")
            ),
        ),
    )
    np.testing.assert_array_equal(panel, draw_panel(replace(shrunk, prior=other)))
    assert cv2.countNonZero(cv2.cvtColor(panel, cv2.COLOR_RGB2GRAY)) > panel.shape[0] * panel.shape[1] / 4
