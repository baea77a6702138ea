"""The report against the mask: where they agree and where one of them must be looked at again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.report.description import SideDescription, describe, size_class
from ptx_followup.report.terms import SIZES, Report, Zone
from ptx_followup.sides import SIDES, Side, both_found, split_by_side

Severity = Literal["info", "warning", "error"]

#: A side with less than this share of the mask does not contradict a report of the other side: so small a
#: piece is as often a slip of the outline.
_MINOR_SHARE = 0.1
#: Zones that a frontal radiograph shows in the same place.
_SAME_PLACE: tuple[frozenset[Zone], ...] = (
    frozenset({"circumferential", "apical", "lateral", "basal"}),
    frozenset({"subpulmonic", "basal"}),
)
_WIDE: frozenset[Zone] = frozenset({"circumferential", "subpulmonic"})
#: Zones whose place on a frontal radiograph is not known.
_NOT_FRONTAL: frozenset[Zone] = frozenset({"anterior"})


@dataclass(frozen=True)
class Concordance:
    """One agreement or disagreement of report and mask.

    Attributes:
        code: What it is about; stable, for machines.
        severity: `error` where report and mask cannot both be right, `warning` where they differ, `info`
            where the comparison could not be made.
        message: One sentence, without the report's words.
    """

    code: str
    severity: Severity
    message: str

    def to_json(self) -> dict[str, str]:
        """An entry of `concordance` in the result files."""
        return {"code": self.code, "severity": self.severity, "message": self.message}


def concordance(
    report: Report,
    mask: NDArray[np.bool_],
    lungs: NDArray[np.uint8] | None = None,
    hemithorax_percent: Mapping[Side, float] | None = None,
) -> tuple[Concordance, ...]:
    """Compare a report with the mask drawn on its radiograph.

    Args:
        report: As understood.
        mask: bool, H x W, the patient's right on the image's left.
        lungs: uint8, H x W: 0 background, 1 the patient's right lung, 2 the left; without it the image's
            midline and a typical hemithorax stand in.
        hemithorax_percent: Measured area by side, in percent of that hemithorax; without it the area is taken
            from `mask` and `lungs`, and without `lungs` sizes are not compared.

    Returns:
        The differences, presence first; empty where report and mask agree in all that both say.
    """
    found = [
        Concordance("report-conflict", "warning", f"the report contradicts itself: {conflict}")
        for conflict in report.conflicts
    ]
    found.extend(_presence(report, bool(mask.any())))
    if report.present and mask.any():
        shown = {one.side: one for one in describe(mask, lungs)}
        found.extend(_sides(report, mask, lungs))
        found.extend(_zones(report, shown))
        found.extend(_sizes(report, _percent(shown, lungs, hemithorax_percent)))
    return tuple(found)


def _presence(report: Report, drawn: bool) -> Iterator[Concordance]:
    doubted = all(finding.certainty != "certain" for finding in report.findings if finding.present)
    if report.present is None:
        if drawn:
            yield Concordance(
                "report-silent",
                "info",
                "the report neither states nor denies the pneumothorax that was segmented",
            )
    elif report.present and not drawn:
        if doubted:
            yield Concordance(
                "mask-empty", "warning", "the report suspects a pneumothorax and none was segmented"
            )
        else:
            yield Concordance(
                "mask-empty", "error", "the report states a pneumothorax and none was segmented"
            )
    elif not report.present and drawn:
        yield Concordance("mask-not-reported", "error", "a pneumothorax was segmented that the report denies")
    elif report.present and doubted:
        yield Concordance("report-uncertain", "info", "the report is not certain of the pneumothorax")


def _sides(report: Report, mask: NDArray[np.bool_], lungs: NDArray[np.uint8] | None) -> Iterator[Concordance]:
    if report.side is None:
        yield Concordance("side-not-stated", "info", "the report does not state the side")
        return
    both = lungs if lungs is not None and both_found(lungs) else None
    share = {side: float(part.sum() / mask.sum()) for side, part in split_by_side(mask, both).items()}
    stated = SIDES if report.side == "bilateral" else (report.side,)
    for side in SIDES:
        if side in stated and share[side] < _MINOR_SHARE:
            if report.side == "bilateral":
                yield Concordance(
                    "side-missing",
                    "warning",
                    f"the report states both sides and the mask shows little or nothing on the {side}",
                )
            else:
                yield Concordance(
                    "side-mismatch",
                    "error",
                    f"the report states the {side} and the mask is on the other side",
                )
                return
        elif side not in stated and share[side] >= _MINOR_SHARE:
            yield Concordance(
                "side-extra", "warning", f"part of the mask is on the {side}, where the report states nothing"
            )


def _zones(report: Report, shown: Mapping[Side, SideDescription]) -> Iterator[Concordance]:
    for side, one in shown.items():
        stated = {
            zone for finding in report.binding if finding.side in (side, None) for zone in finding.zones
        } - _NOT_FRONTAL
        if stated and not any(_same_place(zone, seen) for zone in stated for seen in one.zones):
            yield Concordance(
                "zone-mismatch",
                "warning",
                f"the report places the {side} pneumothorax elsewhere than the mask ({_listed(one)})",
            )


def _same_place(one: Zone, other: Zone) -> bool:
    return one == other or any(
        {one, other} <= place and (one in _WIDE or other in _WIDE) for place in _SAME_PLACE
    )


def _listed(one: SideDescription) -> str:
    return " and ".join(one.zones)


def _percent(
    shown: Mapping[Side, SideDescription],
    lungs: NDArray[np.uint8] | None,
    measured: Mapping[Side, float] | None,
) -> dict[Side, float]:
    """Percent of the hemithorax for every side with a mask, where it can be trusted."""
    if measured is not None:
        return {side: measured[side] for side in shown if measured.get(side)}
    if lungs is None:
        return {}
    return {side: one.hemithorax_percent for side, one in shown.items() if one.hemithorax_percent is not None}


def _sizes(report: Report, percent: Mapping[Side, float]) -> Iterator[Concordance]:
    for side, value in percent.items():
        stated = [
            SIZES.index(finding.size)
            for finding in report.binding
            if finding.size and finding.side in (side, None)
        ]
        # Neighbouring words overlap in use: only two classes apart is a contradiction.
        if stated and abs(max(stated) - SIZES.index(size_class(value))) > 1:
            yield Concordance(
                "size-mismatch",
                "warning",
                f"{SIZES[max(stated)]} in the report does not fit {value:.0f} % of the {side} hemithorax",
            )
