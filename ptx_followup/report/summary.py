"""From the statements of a report to what it says as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from ptx_followup.report.contradiction import disputed
from ptx_followup.report.terms import SIZES, ZONES, Finding, Report, Size, Zone
from ptx_followup.sides import SIDES, ReportSide, Side

#: Parts of a report from the most to the least binding.
_ORDER = ("addendum", "impression", "findings")


@dataclass(frozen=True)
class _Opinion:
    """What one part of the report says: what is present, on which sides it is denied, and whether plainly."""

    present: tuple[Finding, ...] = ()
    denied: frozenset[Side | None] = frozenset()
    speaks: bool = False

    @property
    def sides(self) -> set[Side]:
        return {finding.side for finding in self.present if finding.side}


def summarise(text: str, findings: tuple[Finding, ...]) -> Report:
    """Summarise findings as a `Report`.

    The most binding part of the report that says anything decides; other parts add what it leaves open (a
    side, a second pneumothorax) and every contradiction becomes a conflict. One that nothing in the report
    resolves leaves its presence open.

    Args:
        text: The report.
        findings: Its statements, in the order of the text.
    """
    conflicts: list[str] = []
    decided = _Opinion()
    decided_by = ""
    for part in _ORDER:
        opinion = _opinion(part, findings, conflicts)
        if not opinion.speaks:
            continue
        if not decided.speaks:
            decided, decided_by = opinion, part
        else:
            decided = _merge(decided, opinion, f"the {decided_by}", f"the {part}", conflicts)
    alike = ("addendum",) if decided_by == "addendum" else ("impression", "findings")
    doubted = disputed(text, [one for one in findings if one.section in alike])
    if doubted and decided.present and all(_is_in(one, doubted) for one in decided.present):
        decided = _Opinion()
    return Report(
        text=text,
        findings=findings,
        present=_presence(decided),
        side=_side(decided.present),
        zones=_zones(decided.present),
        size=_size(decided.present),
        conflicts=tuple(dict.fromkeys(conflicts)),
        binding=decided.present,
    )


def _opinion(part: str, findings: Sequence[Finding], conflicts: list[str]) -> _Opinion:
    """The opinion of one part; "there was one once" and "cannot be assessed" are no opinion."""
    own = [finding for finding in findings if finding.section == part]
    present = tuple(finding for finding in own if finding.present)
    absent = [finding for finding in own if finding.present is False and not _mere_history(finding)]
    denied = frozenset(finding.side for finding in absent if finding.certainty != "uncertain")
    sides = {finding.side for finding in present}
    if any(finding.certainty == "certain" for finding in present) and (None in denied or denied & sides):
        conflicts.append(f"a pneumothorax is both stated and denied in the {part}")
    return _Opinion(present, denied, bool(present or absent))


def _is_in(finding: Finding, sides: frozenset[Side]) -> bool:
    """Whether a finding is on one of some sides; one without a side where they are both."""
    return finding.side in sides or len(sides) == len(SIDES)


def _mere_history(finding: Finding) -> bool:
    return finding.certainty == "historical" and finding.change != "resolved"


def _merge(upper: _Opinion, lower: _Opinion, above: str, below: str, conflicts: list[str]) -> _Opinion:
    """Complete the more binding opinion with the less binding one."""
    if not upper.present:
        return _merge_denial(upper, lower, above, below, conflicts)
    if not lower.present:
        if None in lower.denied or lower.denied & upper.sides:
            conflicts.append(f"a pneumothorax stated in {above} is denied in {below}")
        return upper
    contradicted = upper.sides and lower.sides and not upper.sides & lower.sides
    if contradicted or upper.denied & lower.sides:
        conflicts.append(f"the side in {above} is not the side in {below}")
        return upper
    sized = {one.side for one in upper.present if one.size}
    placed = {one.side for one in upper.present if one.zones}
    left_open = tuple(_without_what_is_stated(finding, sized, placed) for finding in lower.present)
    return _Opinion(upper.present + left_open, upper.denied, speaks=True)


def _without_what_is_stated(
    finding: Finding, sized: AbstractSet[Side | None], placed: AbstractSet[Side | None]
) -> Finding:
    """A finding of a less binding part without the size and zones that a binding one states of its side."""
    size = None if _covers(sized, finding.side) else finding.size
    zones = () if _covers(placed, finding.side) else finding.zones
    return replace(finding, size=size, zones=zones)


def _covers(sides: AbstractSet[Side | None], side: Side | None) -> bool:
    """Whether one of some sides may be the side of a finding; one that is not told may be any."""
    return bool(sides) and (side is None or side in sides or None in sides)


def _merge_denial(upper: _Opinion, lower: _Opinion, above: str, below: str, conflicts: list[str]) -> _Opinion:
    """A denial stands against what it covers: one side, or all where it names none."""
    if not lower.present:
        return upper
    if not upper.denied:  # "no large pneumothorax" leaves a small one
        return lower
    left_open = tuple(
        finding
        for finding in lower.present
        if None not in upper.denied and finding.side is not None and finding.side not in upper.denied
    )
    if len(left_open) < len(lower.present):
        conflicts.append(f"a pneumothorax stated in {below} is denied in {above}")
    return _Opinion(left_open, upper.denied, speaks=True)


def _presence(opinion: _Opinion) -> bool | None:
    return None if not opinion.speaks else bool(opinion.present)


def _side(present: Iterable[Finding]) -> ReportSide | None:
    sides = [side for side in SIDES if any(finding.side == side for finding in present)]
    if len(sides) == len(SIDES):
        return "bilateral"
    return sides[0] if sides else None


def _zones(present: Iterable[Finding]) -> tuple[Zone, ...]:
    return tuple(zone for zone in ZONES if any(zone in finding.zones for finding in present))


def _size(present: Iterable[Finding]) -> Size | None:
    sizes = [SIZES.index(finding.size) for finding in present if finding.size]
    return SIZES[max(sizes)] if sizes else None
