"""Two exams of one patient: where the pneumothorax was, what has changed, and how sure that is.

Registration says where the prior's pneumothorax lies on the follow-up; it never changes a measured size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptx_followup import DISCLAIMER
from ptx_followup.ahead import both
from ptx_followup.dicom_objects.tracking import (
    PreviousResult,
    Tracking,
    continued_tracking,
    require_same_patient,
)
from ptx_followup.files.memory import give_back
from ptx_followup.followup.exam import Exam, examine
from ptx_followup.followup.handedness import asymmetry, require_same_handedness
from ptx_followup.followup.judging import assess_changes, contradictions, doubt, leading_change
from ptx_followup.followup.sentence import followup_sentence
from ptx_followup.masks.hemithoraces import Labels, as_known_hemithoraces
from ptx_followup.masks.known import as_known_mask
from ptx_followup.masks.source import KnownHemithoraces, KnownMask
from ptx_followup.measurement.change import Change
from ptx_followup.measurement.reader_error import PUBLISHED_READERS, ReaderError, Readers
from ptx_followup.measurement.uncertainty import Uncertainty
from ptx_followup.radiograph.belonging import NAMES, Belonging, Contradiction, Override, check_belonging
from ptx_followup.radiograph.image import Radiograph
from ptx_followup.radiograph.study import read_exam
from ptx_followup.registration.register import Regions, Registration, project, regions, register
from ptx_followup.report.findings import understand
from ptx_followup.report.prompts import shared_prompt
from ptx_followup.segmentation.segmenter import Segmenter
from ptx_followup.sides import Side
from ptx_followup.timing import timed

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FollowUp:
    """What became of a pneumothorax between two exams.

    Attributes:
        prior: The earlier exam.
        followup: The later exam.
        belonging: Interval, and what was overridden.
        matched_prompt: The sentence under which both exams were measured.
        registration: Of the prior onto the follow-up; not `accepted` where a gate refused it.
        projected: bool, H x W of the follow-up's `radiograph.pixels`: the prior's mask brought there; None
            without an accepted registration.
        regions: Persistent, new and resolved pixels on the follow-up; None likewise.
        changes: Of each side.
        uncertainty: Of the sizes that they rest on.
        timing_s: Seconds spent in each step.
        tracking: Of earlier results, to go on in the DICOM objects of this one; a side may be missing.
        tracking_warnings: Where those results differ in it.
    """

    prior: Exam
    followup: Exam
    belonging: Belonging
    matched_prompt: str
    registration: Registration
    projected: Mask | None = field(repr=False)
    regions: Regions | None = field(repr=False)
    changes: dict[Side, Change]
    uncertainty: Uncertainty
    timing_s: dict[str, float]
    tracking: dict[Side, Tracking] = field(default_factory=dict)
    tracking_warnings: tuple[str, ...] = ()

    @cached_property
    def projected_mask(self) -> Mask | None:
        """The projection of the prior's mask, bool, on the pixel grid of the follow-up's file."""
        return None if self.projected is None else self.followup.radiograph.to_stored(self.projected)

    @property
    def change(self) -> Change:
        """The change that leads; see `leading_change`."""
        return leading_change(self.changes, self.matched_prompt)

    @property
    def doubt(self) -> str | None:
        """Why no direction is given, whatever the interval; see `doubt`."""
        return doubt(self.prior, self.followup, [self.registration])

    @cached_property
    def sentence(self) -> str:
        """The result in one sentence; see `sentence.followup_sentence`."""
        return followup_sentence(self)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the pair; those of each exam are in its own object."""
        return (*self.belonging.warnings, *self.tracking_warnings, *contradictions(self.changes))

    def to_json(self) -> dict[str, Any]:
        """The result object, schema "ptx-compare/1", without `outputs`."""
        found = self.regions
        return {
            "schema": "ptx-compare/1",
            "disclaimer": DISCLAIMER,
            "sentence": self.sentence,
            "prior": self.prior.to_json(),
            "followup": self.followup.to_json(),
            "belonging": self.belonging.to_json(),
            "matched_prompt": self.matched_prompt,
            "registration": registration_json(self.registration),
            "projection": {
                "area_px": None if self.projected is None else int(np.count_nonzero(self.projected))
            },
            "regions": {
                "persistent_px": None if found is None else int(np.count_nonzero(found.persistent)),
                "new_px": None if found is None else int(np.count_nonzero(found.new)),
                "resolved_px": None if found is None else int(np.count_nonzero(found.resolved)),
            },
            "change": self.change.to_json(),
            "change_by_side": {side: change.to_json() for side, change in self.changes.items()},
            "readers": self.uncertainty.readers_json() if self.prior.drawn or self.followup.drawn else None,
            "timing_s": {step: round(seconds, 3) for step, seconds in self.timing_s.items()},
            "warnings": list(self.warnings),
        }


def compare(
    prior: Radiograph | str | Path,
    followup: Radiograph | str | Path,
    *,
    report: str | None,
    followup_report: str | None = None,
    prior_mask: Mask | KnownMask | None = None,
    followup_mask: Mask | KnownMask | None = None,
    prior_hemithoraces: Labels | KnownHemithoraces | None = None,
    followup_hemithoraces: Labels | KnownHemithoraces | None = None,
    readers: Readers = "same",
    reader_error: ReaderError | None = None,
    previous: PreviousResult | None = None,
    segmenter: Segmenter | None = None,
    override: Sequence[Contradiction] = (),
    reason: str = "",
    bspline: bool = False,
    neighbours: bool = True,
) -> FollowUp:
    """Compare a follow-up radiograph with a prior one.

    A refused registration is no error here: it stands in the result, where nothing is projected and the
    verdict is "indeterminate".

    Args:
        prior: The earlier radiograph, or the path of a file or study folder.
        followup: The later one.
        report: Report of the prior; None for none.
        followup_report: Report of the follow-up. An exam without a report is guided by side and zone that the
            other's states.
        prior_mask: A known mask of the prior, bool, on the pixel grid of its file, or read by
            `read_known_mask`; the network is then not run on the prior.
        followup_mask: The same of the follow-up.
        prior_hemithoraces: Known ones of the prior, uint8 (0 background, 1 the patient's right, 2 the left),
            on the pixel grid of its file, or read by `read_known_hemithoraces`; they are then not sought, and
            not doubted.
        followup_hemithoraces: The same of the follow-up.
        readers: Whether one person gave both masks, whose habit then cancels in the change in part.
        reader_error: How far a person's mask lies from another's; that of published readings if not given.
        previous: An earlier result of the patient, whose tracking goes on.
        segmenter: A loaded `Segmenter`; the model on board if not given.
        override: Contradictions between the exams to accept.
        reason: Why they are accepted.
        bspline: Allow a gentle elastic registration.
        neighbours: No exam was between the two; else what the follow-up's report says of a change is since
            another exam than the prior, and does not count.

    Raises:
        InputError: A file cannot be read, a mask can be no pneumothorax, or labels no hemithoraces.
        MismatchError: The exams do not belong together.
        QualityGateError: A file is not a frontal chest radiograph.
        UsageError: A mask or labels do not fit their radiograph, or override and reason do not go together.
    """
    timing: dict[str, float] = {}
    accepted = Override(tuple(override), reason)
    with timed(timing, "read"):
        earlier = prior if isinstance(prior, Radiograph) else read_exam(Path(prior))
        later = followup if isinstance(followup, Radiograph) else read_exam(Path(followup))
    belonging = check_belonging(earlier, later, accepted)
    if previous is not None and "patient" not in accepted.accepted:
        require_same_patient(previous, earlier)
    known = as_known_mask(prior_mask, earlier, NAMES[0]), as_known_mask(followup_mask, later, NAMES[1])
    outlined = (
        as_known_hemithoraces(prior_hemithoraces, earlier, NAMES[0]),
        as_known_hemithoraces(followup_hemithoraces, later, NAMES[1]),
    )
    segmenter = segmenter or Segmenter()
    sentence = shared_prompt([understand(text) for text in (report, followup_report) if text is not None])
    with timed(timing, "segmentation"):
        exams = both(
            lambda: examine(segmenter, earlier, report, sentence, known[0], outlined[0]),
            lambda: examine(segmenter, later, followup_report, sentence, known[1], outlined[1]),
        )
    give_back()  # what the networks took, to what follows
    hemithoraces = [exam.segmentation.hemithoraces for exam in exams]
    films = [exam.radiograph for exam in exams]  # a negative has been turned round
    shapes = [asymmetry(film, labels) for film, labels in zip(films, hemithoraces, strict=True)]
    belonging = require_same_handedness(belonging, shapes[0], shapes[1], accepted)
    with timed(timing, "registration"):
        registration = register(films[0], films[1], *hemithoraces, bspline=bspline)
        projected = project(exams[0].mask, registration) if registration.accepted else None
    tracking, tracking_warnings = continued_tracking(
        [one.tracking for one in (previous, *known) if one is not None],
        same_patient="patient" not in accepted.accepted,
    )
    uncertainty = Uncertainty(segmenter.model.config.error, reader_error or PUBLISHED_READERS, readers)
    return judged(
        exams,
        belonging,
        sentence,
        registration,
        projected,
        uncertainty,
        neighbours=neighbours,
        timing_s=timing,
        tracking=tracking,
        tracking_warnings=tracking_warnings,
    )


def judged(
    exams: tuple[Exam, Exam],
    belonging: Belonging,
    sentence: str,
    registration: Registration,
    projected: Mask | None,
    uncertainty: Uncertainty,
    *,
    neighbours: bool = True,
    timing_s: dict[str, float] | None = None,
    tracking: Mapping[Side, Tracking] | None = None,
    tracking_warnings: tuple[str, ...] = (),
) -> FollowUp:
    """Judge two exams that have been examined and registered: the last step of `compare`.

    Args:
        exams: The prior, and the follow-up.
        belonging: What was found of the pair.
        sentence: Under which both were measured.
        registration: Of the prior onto the follow-up.
        projected: The prior's mask on the follow-up's grid; None where it was not brought there.
        uncertainty: What the sizes are worth.
        neighbours: No exam was between the two; see `compare`.
        timing_s: Seconds spent in each step before.
        tracking: Of earlier results, by side.
        tracking_warnings: Where those differ.
    """
    return FollowUp(
        prior=exams[0],
        followup=exams[1],
        belonging=belonging,
        matched_prompt=sentence,
        registration=registration,
        projected=projected,
        regions=None if projected is None else regions(projected, exams[1].mask),
        changes=assess_changes(
            *exams, [registration], uncertainty, belonging.interval_days, neighbours=neighbours
        ),
        uncertainty=uncertainty,
        timing_s=timing_s or {},
        tracking=dict(tracking or {}),
        tracking_warnings=tracking_warnings,
    )


def registration_json(registration: Registration) -> dict[str, Any]:
    """The `registration` object of the result files."""
    quality = {} if registration.quality is None else asdict(registration.quality)
    return {
        "method": registration.method,
        "accepted": registration.accepted,
        "reason": registration.reason,
        "unit": registration.unit,
        **{name: _rounded(value) for name, value in quality.items()},
    }


def _rounded(value: Any) -> Any:
    """Figures to four decimals, those in a mapping too; null where there is no finite one."""
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 4) if value is not None and math.isfinite(value) else None
