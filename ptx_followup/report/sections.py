"""Sections, sentences and redaction marks of a report, with their places in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Section = Literal["exam", "indication", "comparison", "findings", "impression", "recommendation", "addendum"]

#: Sections that describe today's images; the others speak of the request or of earlier exams.
BODY: frozenset[str] = frozenset({"findings", "impression", "addendum"})

_HEADINGS: dict[Section, str] = {
    "exam": r"exam(?:ination)?(?: type)?|study|procedure|technique",
    "indication": (
        r"(?:clinical )?(?:indications?|history|information|data|details|question|statement|notes?|hx)"
        r"|clinical|reason(?: for (?:the )?(?:exam(?:ination)?|study|request|visit))?|symptoms"
        r"|medical history|history and indication|indication and history"
    ),
    "comparison": (
        r"comparisons?(?: stud(?:y|ies)| exams?)?|(?:prior|previous)(?: stud(?:y|ies)| exams?| imaging)?"
    ),
    "findings": r"(?:chest )?findings?|report|description|observations?|results?|interpretation",
    "impression": (
        r"(?:final )?impressions?|conclusions?|opinion|summary|assessment|(?:final )?diagnosis|imp"
        r"|impressions?(?:/| and )recommendations?"
    ),
    "recommendation": r"recommendations?|plan",
    "addendum": r"addend(?:um|a)(?: ?#? ?\d+)?|amend(?:ed|ment)(?: report)?|correction|addended report",
}
_HEADING_NAMES = "|".join(f"(?P<{section}>{names})" for section, names in _HEADINGS.items())
# A heading is followed by a colon, stands alone on its line, or is in capitals before ordinary text.
_HEADING = re.compile(
    rf"\b(?:{_HEADING_NAMES})"
    r"(?:[ \t*]{0,3}(?::|(?=\r?\n)|\Z)|(?P<run_in>[ \t]{1,3}(?=(?-i:[A-Z][a-z]))))",
    re.IGNORECASE,
)

#: What de-identification leaves in place of a name, a date or a number.
REDACTION = re.compile(
    r"\[(?:ALPHANUMERICID|DATE|AGE|ADDRESS|PERSONALNAME)\]|!PERSONALNAME!|<#+>|\bX{4,}\b|_{2,}"
    r"|\[\*\*[^\]\n]{0,80}\*\*\]",
    re.IGNORECASE,
)

_WORD = re.compile(r"[^\W_]")
_BREAK = re.compile(r"[.!?]+|\n+|[•▪●‣]")
_ABBREVIATIONS = frozenset(
    {"dr", "mr", "mrs", "ms", "vs", "approx", "lt", "rt", "fig", "st", "incl", "max", "min"}
)
_BULLET = re.compile(r"[ \t]{0,8}(?:[-*+•▪●‣>]+[ \t]|\(?\d{1,2}[.)][ \t])")
_LABEL = re.compile(r"[ \t]{0,8}[A-Za-z][A-Za-z /]{0,30}:")
_ENUMERATOR = re.compile(r"[\s\-*+•▪●‣>#]*(?:\(?\d{1,2}[.)](?!\d))?[\s*]*")
_OPEN_END = re.compile(
    r"(?:[,:/&-]|\b(?:of|or|and|nor|the|an?|no|not|without|with|in|on|at|to|for|from|by|is|are|was|has|have"
    r"|been|be|left|right|small|large|tiny|moderate|apical|basal|pleural|focal|possible|likely|than|as))$",
    re.IGNORECASE,
)
#: Lines this long were probably broken by the width of the page and not by the writer.
_WRAPPED_LINE = 60


@dataclass(frozen=True)
class Sentence:
    """A sentence, a bullet or a template line.

    Attributes:
        text: As written, without bullet, number and surrounding space.
        start: Offset of its first character in the report.
        end: Offset after its last character.
        section: The section it stands in; "findings" where there are no headings.
    """

    text: str
    start: int
    end: int
    section: Section


def without_redaction(text: str) -> str:
    """Remove redaction marks and collapse white space.

    >>> without_redaction("Compared to [DATE],  the XXXX is ___ stable.")
    'Compared to , the is stable.'
    """
    return " ".join(REDACTION.sub(" ", text).split())


def split_sentences(text: str) -> list[Sentence]:
    """Split a report into sentences; time is linear in its length.

    Args:
        text: The report. Hard-wrapped lines are joined; bullets, template lines and blank lines separate.

    Returns:
        Sentences in the order of the text; headings belong to none.
    """
    parts = _parts(text)
    sentences: list[Sentence] = []
    for index, (section, start, end) in enumerate(parts):
        following = [name for name, _, _ in parts[index + 1 : index + 9]]
        sentences.extend(_part_sentences(text, section, start, end, following))
    return sentences


def _parts(text: str) -> list[tuple[Section, int, int]]:
    """Sections with the span of what stands under their heading."""
    parts: list[tuple[Section, int, int]] = []
    section: Section = "findings"
    start = 0
    for match in _HEADING.finditer(text):
        if not _is_heading(text, match):
            continue
        parts.append((section, start, match.start()))
        name = next(name for name in _HEADINGS if match.group(name))
        section, start = name, match.end()
    parts.append((section, start, len(text)))
    return parts


def _is_heading(text: str, match: re.Match[str]) -> bool:
    """Whether a heading's name is used as one: at the start of a line or sentence, or capitalised."""
    before = text[max(0, match.start() - 8) : match.start()].rstrip(" \t*#")
    at_start = before[-1:] in "\n\r.;!?" or not before
    words = match.group(0).rstrip(": \t*")
    if match.group("run_in") is not None:
        return words.isupper() and at_start
    if match.group(0).rstrip("* \t").endswith(":"):
        return at_start or words[0].isupper()
    return before[-1:] in "\n\r" or not before


def _part_sentences(
    text: str, section: Section, start: int, end: int, following: list[Section]
) -> Iterator[Sentence]:
    """Sentences of one section.

    A request or comparison whose end is not marked by a heading ends with its paragraph when only an
    impression follows, and with its first sentence when no section of the body follows: what comes after
    is the description of the images.
    """
    current = section
    body_next = next((name for name in following if name in BODY), None)
    previous_end = start
    for sentence_start, sentence_end in _spans(text, start, end):
        if section not in BODY and section != "recommendation" and previous_end > start:
            gap = text[previous_end:sentence_start].replace("\r", "").replace(" ", "")
            if body_next is None or (body_next == "impression" and "\n\n" in gap):
                current = "findings"
        yield Sentence(text[sentence_start:sentence_end], sentence_start, sentence_end, current)
        previous_end = sentence_end


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Trimmed, non-empty sentence spans between two offsets."""
    sentence_start = line_start = start
    part = text[start:end]
    one_case = part.isupper() or part.islower()
    for match in _BREAK.finditer(text, start, end):
        mark = match.group(0)
        if mark[0] == "\n":
            ends = len(mark) > 1 or _line_ends(text, line_start, match, end, one_case)
            line_start = match.end()
        else:
            ends = mark[0] not in ".!?" or _stop_ends(text, sentence_start, match, end)
        if ends:
            yield from _trimmed(text, sentence_start, match.end() if mark[0] in ".!?" else match.start())
            sentence_start = match.end()
    yield from _trimmed(text, sentence_start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    match = _ENUMERATOR.match(text, start, end)
    start = match.end() if match else start
    end = start + len(text[start:end].rstrip())
    if _WORD.search(text, start, end):
        yield start, end


def _stop_ends(text: str, sentence_start: int, match: re.Match[str], end: int) -> bool:
    """Whether a full stop, question or exclamation mark ends the sentence."""
    after = text[match.end() : match.end() + 2] if match.end() < end else ""
    before = text[max(sentence_start, match.start() - 12) : match.start()]
    if match.group(0)[0] == "?" and (not before or before[-1].isspace()):
        return False  # "?pneumothorax", "? ptx"
    if after and not after[0].isspace():
        return after[0].isupper() and before[-1:].isalnum() and len(before) > 1 and before[-2:-1] != "."
    if match.group(0) != ".":
        return True
    words = before.split()
    word = words[-1].lower() if words else ""
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and not after[1:2].isupper()):
        return False
    enumerator = text[sentence_start : match.start()].strip() if match.start() - sentence_start < 12 else ""
    return not enumerator.strip("(-*# \t\n").isdigit()


def _line_ends(text: str, line_start: int, match: re.Match[str], end: int, one_case: bool) -> bool:
    """Whether a single line break ends the sentence or only wraps it."""
    following = text[match.end() : min(end, match.end() + 48)]
    if _BULLET.match(following) or _LABEL.match(following):
        return True
    # Only the end of the line is looked at, so that a long line costs no more than a short one.
    line = text[max(line_start, match.start() - 80) : match.start()].rstrip()
    first = following.lstrip()[:1]
    if not line or not first:
        return True
    if _OPEN_END.search(line[-12:]):
        return False
    if one_case:
        return len(line) < _WRAPPED_LINE
    return not first.islower()
