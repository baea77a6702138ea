"""What single sentences say about a pneumothorax, on a labelled set."""

from __future__ import annotations

import pytest
from cases_sentences import GROUPS

from ptx_followup.report.findings import understand
from ptx_followup.report.terms import ZONES, Finding

STATUS = {
    "present": (True, "certain"),
    "present?": (True, "uncertain"),
    "absent": (False, "certain"),
    "absent?": (False, "uncertain"),
    "past": (False, "historical"),
    "unassessable": (None, "not assessable"),
}
ROWS = [pytest.param(text, said, id=text[:60]) for rows in GROUPS.values() for text, said in rows]


def described(finding: Finding) -> str:
    """A finding in the notation of the labelled set."""
    status = next(word for word, meaning in STATUS.items() if meaning == (finding.present, finding.certainty))
    words = [status, finding.side, *finding.zones, finding.size, finding.change, finding.fluid]
    words.append(f"{finding.extent_mm:g}mm" if finding.extent_mm is not None else None)
    words.append(f"{finding.percent:g}%" if finding.percent is not None else None)
    words.append("tension" if finding.tension else None)
    words.append("tube" if finding.chest_tube else None)
    return " ".join(word for word in words if word)


def in_order(statement: str) -> tuple[str, ...]:
    """The words of a statement without their order."""
    return tuple(sorted(statement.split()))


@pytest.mark.parametrize(("text", "said"), ROWS)
def test_sentence_is_understood(text: str, said: tuple[str, ...]) -> None:
    understood = understand(text).findings
    assert sorted(in_order(described(finding)) for finding in understood) == sorted(
        in_order(statement) for statement in said
    )


def test_set_is_large_and_without_repeats() -> None:
    texts = [text for rows in GROUPS.values() for text, _ in rows]
    assert len(texts) == len(set(texts)) >= 300


def test_every_zone_and_status_is_covered() -> None:
    words = {
        word
        for rows in GROUPS.values()
        for _, said in rows
        for statement in said
        for word in statement.split()
    }
    assert words >= {*ZONES, *STATUS}
