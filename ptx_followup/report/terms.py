"""What a report can say about a pneumothorax: the vocabulary shared by reading, checking and writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ptx_followup.sides import ReportSide, Side

Zone = Literal["apical", "lateral", "basal", "subpulmonic", "anterior", "medial", "circumferential"]
Size = Literal["tiny", "small", "moderate", "large"]
Certainty = Literal["certain", "uncertain", "historical", "not assessable"]
Change = Literal["larger", "smaller", "stable", "new", "resolved"]

ZONES: tuple[Zone, ...] = get_args(Zone)
SIZES: tuple[Size, ...] = get_args(Size)


@dataclass(frozen=True)
class Finding:
    """One statement of a report about a pneumothorax on one side ("bilateral" gives two findings).

    Attributes:
        present: True where it is seen (however uncertainly), False where it is denied or was there only on an
            earlier exam, None where it cannot be assessed.
        certainty: How the statement is made.
        side: Of the patient; None where the report does not say.
        zones: Where in the hemithorax ("apicolateral" gives apical and lateral).
        size: The size word, reduced to four classes.
        extent_mm: A measured extent, in millimetres.
        extent_of: What was measured, in the report's words ("at the apex").
        percent: A stated percentage of the hemithorax or of volume.
        change: Since the comparison exam.
        tension: Tension, or a mediastinal shift away from the pneumothorax, is stated.
        fluid: "hydro" or "haemo" for a hydro- or haemopneumothorax.
        chest_tube: A chest tube in place on this side, where stated.
        section: Section it was found in ("findings", "impression", ...).
        sentence: The sentence, as written.
        span: Start and end of the sentence in the report's text, in characters.
    """

    present: bool | None
    certainty: Certainty = "certain"
    side: Side | None = None
    zones: tuple[Zone, ...] = ()
    size: Size | None = None
    extent_mm: float | None = None
    extent_of: str | None = None
    percent: float | None = None
    change: Change | None = None
    tension: bool = False
    fluid: Literal["hydro", "haemo"] | None = None
    chest_tube: bool = False
    section: str = "findings"
    sentence: str = ""
    span: tuple[int, int] = (0, 0)

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object, as documented for `ptx segment --json`."""
        return {
            "present": self.present,
            "certainty": self.certainty,
            "side": self.side,
            "zones": list(self.zones),
            "size": self.size,
            "extent_mm": self.extent_mm,
            "extent_of": self.extent_of,
            "percent": self.percent,
            "change": self.change,
            "tension": self.tension,
            "fluid": self.fluid,
            "chest_tube": self.chest_tube,
            "section": self.section,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Report:
    """What was understood of a report.

    Attributes:
        text: The report as loaded.
        findings: Every statement about a pneumothorax, in the order of the text.
        present: True, False, or None where the report says nothing or cannot assess.
        side: Of the pneumothoraces that are present.
        zones: Of those, in the order of `ZONES`.
        size: The largest size word of those.
        conflicts: Contradictions inside the report, one line each, without quoting it.
        binding: The findings that are present, without what a more binding part of the report overrules.
    """

    text: str
    findings: tuple[Finding, ...] = ()
    present: bool | None = None
    side: ReportSide | None = None
    zones: tuple[Zone, ...] = ()
    size: Size | None = None
    conflicts: tuple[str, ...] = ()
    binding: tuple[Finding, ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """The `report` object of the result files."""
        return {
            "present": self.present,
            "side": self.side,
            "zones": list(self.zones),
            "size": self.size,
            "findings": [finding.to_json() for finding in self.findings],
            "conflicts": list(self.conflicts),
            "text": self.text or None,
        }
