"""Parts of a report as a container names them, put together under headings that can be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ptx_followup.report.headings import BODY, Section, headings

_TITLES: dict[Section, str] = {
    "exam": "EXAM",
    "indication": "INDICATION",
    "comparison": "COMPARISON",
    "other": "OTHER",
    "preliminary": "PRELIMINARY READ",
    "findings": "FINDINGS",
    "impression": "IMPRESSION",
    "recommendation": "RECOMMENDATION",
    "addendum": "ADDENDUM",
}
#: Codes of sections and of their items: DICOM PS3.16 CID 7001 and 7002 (DCM, before 2014 for sections too),
#: and LOINC,
#: which CDA, FHIR and HL7 version 2 use.
_CODES: dict[Section, str] = {
    "exam": "121064 121065 55111-9 121180 55113-5 73569-6 29549-3 55753-8",
    "indication": (
        "121060 121062 121109 121110 11329-0 55115-0 18785-6 55108-5 55752-0 59768-2 10154-3 10164-2"
        " 29299-5 42349-1"
        " 29308-4 11348-0 10167-5 46239-0 10219-4"
    ),
    "comparison": "121066 121068 121069 18834-2 55114-3 30949-2",
    "findings": "121070 121071 59776-5 18782-3 11515-4 24627-2",
    "impression": "121072 121073 121076 121077 121111 19005-8 55110-1 55112-7 51848-0",
    "recommendation": "121074 121075 18783-1 18776-5 73568-8",
    "addendum": "121078 55107-7",
}
SECTION_OF_CODE: dict[str, Section] = {
    code: section for section, codes in _CODES.items() for code in codes.split()
}


@dataclass(frozen=True)
class Part:
    """A piece of a report.

    Attributes:
        section: Where it belongs; None where the container does not say.
        text: Its text.
    """

    section: Section | None
    text: str


def assembled(parts: Iterable[Part]) -> str:
    r"""The report as text, a heading wherever the section changes.

    What does not speak of today's images loses the headings that it has inside: a whole earlier report may
    stand there.

    >>> assembled([Part("comparison", "FINDINGS: Left pneumothorax."), Part("findings", "Clear.")])
    'COMPARISON:\nLeft pneumothorax.\n\nFINDINGS:\nClear.'
    """
    lines: list[str] = []
    current: Section | None = None
    for part in parts:
        text = part.text.strip()
        if not text:
            continue
        section: Section | None = part.section
        if section is None and current is not None and current not in BODY:
            section = "findings"
        if section is not None and section != current:
            lines += ["", f"{_TITLES[section]}:"]
            current = section
        lines.append(text if section is None or section in BODY else _without_headings(text))
    if current is not None and current not in BODY:
        lines += ["", "FINDINGS:"]  # what is not of today's images ends before the end
    return "\n".join(lines).strip()


def _without_headings(text: str) -> str:
    pieces, end = [], 0
    for heading in headings(text):
        pieces.append(text[end : max(end, heading.start)])
        end = max(end, heading.end)
    lines = "".join([*pieces, text[end:]]).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())
