"""The measurement group of a change, from the result object that `result.json` holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ptx_followup.dicom_objects import content
from ptx_followup.dicom_objects import sr_codes as terms
from ptx_followup.dicom_objects.sr_groups import (
    Document,
    TimePoint,
    group,
    hemithorax,
    measurement,
    source_image,
)
from ptx_followup.sides import Side

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.dicom_objects.tracking import Tracking

#: How the sizes were measured, by the route that leads.
_METHODS = {"images": terms.MATCHED, "images and words": terms.OWN_WORDS, "masks": terms.GIVEN_MASKS}


def change_group(
    document: Document, side: Side, tracking: Tracking, headers: Iterable[Dataset], time_point: TimePoint
) -> Dataset:
    """The change of one side: both sizes, the difference with interval, its probability, the verdict."""
    change = document["change_by_side"][side]
    figures = [
        (terms.PRIOR_PERCENT, change["prior"], terms.PERCENT, change["prior_interval95"]),
        (terms.FOLLOWUP_PERCENT, change["followup"], terms.PERCENT, change["followup_interval95"]),
        (terms.DIFFERENCE, change["difference"], terms.PERCENT, change["interval95"]),
        (terms.RATIO, change["ratio"], terms.RATIO_UNIT, None),
        (terms.DIFFERENCE_PER_DAY, change["difference_per_day"], terms.PERCENT_PER_DAY, None),
    ]
    chances = change["probability"] or {}
    verdicts = [(terms.VERDICT, change["verdict"]), (terms.LEANING, change["leaning"])]
    reported = change["reported"]
    return group(
        tracking,
        [
            hemithorax(side),
            *time_point.context(document["followup"]["image"]["acquired_at"]),
            *(
                measurement(name, value, unit, _METHODS[change["route"]], interval)
                for name, value, unit, interval in figures
                if value is not None
            ),
            *(
                measurement(terms.PROBABILITIES[name], value, terms.RATIO_UNIT)
                for name, value in chances.items()
            ),
            *(content.code(name, terms.VERDICTS[value]) for name, value in verdicts if value),
            *(source_image(header) for header in headers),
        ],
        [
            (terms.REASON, change["reason"]),
            (terms.WOULD_DECIDE, change["would_decide"]),
            (terms.REPORTED_CHANGE, None if reported is None else reported["change"]),
        ],
    )
