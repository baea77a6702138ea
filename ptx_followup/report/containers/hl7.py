"""Results of HL7 version 2 (ORU): the text of the observations, and nothing of patient, order and request.

HL7 v2.5.1, chapter 2 (separators, escapes) and 7 (OBX). Splitting is a matter of single characters; a
library's
`unescape` was found to drop what follows an unfinished escape, which here could be a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ptx_followup.errors import InputError
from ptx_followup.report.containers.charsets import charset_of_message
from ptx_followup.report.containers.escapes import unescaped
from ptx_followup.report.containers.parts import SECTION_OF_CODE, Part
from ptx_followup.report.headings import Section, section_named
from ptx_followup.report.templates.words import PNEUMOTHORAX, kind_of

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}$")
#: Suffixes of observation identifiers (chapter 7.1.3) that name a part.
_SUFFIXES: dict[str, Section] = {
    "IMP": "impression",
    "ADT": "addendum",
    "REC": "recommendation",
    "HST": "indication",
}
#: OBX-11: deleted, wrong, cannot be obtained, pending, not asked.
_VOID = frozenset("DWXIN")
_TEXT_TYPES = frozenset({"TX", "FT", "ST", ""})
#: Types of values that say nothing without the name of what was observed.
_CODED = frozenset({"CE", "CWE", "CNE", "NM", "SN"})
#: A string of no more characters is an answer to what its identifier names.
_SHORT = 40
#: Lines that a message may have; a report's has some hundred.
_MOST_LINES = 20_000

Decode = Callable[[str, str], str]
Embedded = Callable[[str], str]


@dataclass(frozen=True)
class _Separators:
    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    @property
    def signs(self) -> dict[str, str]:
        return {
            "F": self.field,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
        }


@dataclass(frozen=True)
class _Observation:
    section: Section | None
    status: str
    text: str


def is_hl7(text: str) -> bool:
    """Whether a text is an HL7 version 2 message, a batch of them, or a piece of one (which is refused)."""
    return re.match(r"[\s\x0b]{0,8}(?:(?:MSH|FHS|BHS)[^\w\s]|(?:PID|PV1|ORC|OBR|OBX)\|)", text) is not None


def hl7_parts(text: str, name: str, decode: Decode) -> list[Part]:
    """The parts of the report in a message.

    Args:
        text: The message, its segments ended by line ends.
        name: What the file is called in error messages.
        decode: Gives the text of an embedded document in base64 with its charset.

    Raises:
        InputError: There is more than one message, none with observations, or too much of it.
    """
    lines = text.strip("\x0b\x1c\r\n ").split("\n")
    headers = [line for line in lines if line.startswith("MSH")]
    if len(headers) != 1:
        raise InputError(
            f"{name} holds {len(headers)} HL7 messages", "give one message, or the text of the report"
        )
    if len(lines) > _MOST_LINES:
        raise InputError(f"{name} holds more than {_MOST_LINES} lines", "give the text of the report")
    separators = _separators(headers[0])
    named = headers[0].split(separators.field)[17:18]
    charset = charset_of_message("".join(named).split(separators.repetition)[0])

    def embedded(encoded: str) -> str:
        return decode(encoded, charset)

    observations = [
        one
        for fields in _segments(lines, separators)
        if (one := _observation(fields, separators, embedded)) is not None
    ]
    if not any(one.text.strip() for one in observations):
        raise InputError(f"{name} is an HL7 message without a report (OBX)", "give the text of the report")
    return _ranked(observations)


def _separators(header: str) -> _Separators:
    signs = (header + "|^~\\&"[max(0, len(header) - 3) :])[3:8]
    return _Separators(*signs)


def _segments(lines: list[str], separators: _Separators) -> list[list[str]]:
    """Fields of the observations; a line that begins no segment goes on with the one before it."""
    segments: list[list[str]] = []
    for line in lines:
        if _SEGMENT.match(line.partition(separators.field)[0].strip()) or not segments:
            segments.append([line.strip("\x0b\x1c")])
        else:
            segments[-1].append(line)
    return ["\n".join(one).split(separators.field) for one in segments if one[0].startswith("OBX")]


def _observation(fields: list[str], separators: _Separators, decode: Embedded) -> _Observation | None:
    fields = [*fields, *[""] * 12]
    kind, identifier, value, status = fields[2].strip(), fields[3], fields[5], fields[11].strip()[:1].upper()
    if status in _VOID or not value.strip():
        return None
    values = [_value(one, kind, separators, decode) for one in value.split(separators.repetition)]
    text = "\n".join(values)
    name = identifier.split(separators.component)[1:2]
    unit = fields[6].split(separators.component)[0]
    if kind in _CODED and name:
        text = f"{name[0]}: {text} {unit}".rstrip()
    elif kind == "ST" and len(text) <= _SHORT and not PNEUMOTHORAX.search(text):
        label = (name or identifier.split(separators.component))[0]
        if label.strip() and (PNEUMOTHORAX.search(label) or kind_of(text) in ("yes", "none")):
            text = f"{label.replace('-', ' ').replace('_', ' ')}: {text}"
    return _Observation(_section(identifier, separators), status, text)


def _section(identifier: str, separators: _Separators) -> Section | None:
    """The part that an observation's identifier names, by its code or its text."""
    components = [one for one in identifier.split(separators.component) if one.strip()]
    for component in components:
        code, _, suffix = component.partition(separators.subcomponent)
        section = (
            SECTION_OF_CODE.get(code.strip()) or _SUFFIXES.get(suffix.strip().upper()) or section_named(code)
        )
        # "DX^X-RAY CHEST PA" is the study that was reported, and no heading of technique.
        if section is not None and (section != "exam" or component == components[-1]):
            return section
    return None


def _value(value: str, kind: str, separators: _Separators, decode: Embedded) -> str:
    """The text of one value by its type: text, a coded entry, or an embedded document."""
    if kind in ("ED", "RP"):
        return _embedded(value.split(separators.component), decode)
    if kind not in _TEXT_TYPES:
        components = [one for one in value.split(separators.component) if one.strip()]
        value = (
            components[1] if len(components) > 1 and kind in ("CE", "CWE", "CNE") else " ".join(components)
        )
    if separators.escape != "\\":
        value = value.replace(separators.escape, "\\")
    return unescaped(value, separators.signs)


def _embedded(components: list[str], decode: Embedded) -> str:
    if len(components) < 5 or components[3].strip().lower() != "base64":
        return ""
    return decode(components[4])


def _ranked(observations: list[_Observation]) -> list[Part]:
    """Observations in their order: a correction outweighs its neighbours, a first read is outweighed."""
    final = [one for one in observations if one.status not in ("P", "R", "S")]
    corrected = any(one.status == "C" for one in final) and any(one.status != "C" for one in final)
    parts = []
    for one in observations:
        section = one.section
        if one not in final and final:
            section = "preliminary"
        elif corrected and one.status == "C":
            section = "addendum"
        parts.append(Part(section, one.text))
    return sorted(parts, key=lambda part: part.section == "addendum")
