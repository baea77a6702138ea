"""Sections, sentences and redaction marks of a report, with their places in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ptx_followup.report.headings import ASIDE, BODY, Section, headings
from ptx_followup.report.sentences import spans
from ptx_followup.report.templates.blocks import Prose, blocks

#: What de-identification leaves in place of a name, a date or a number.
REDACTION = re.compile(
    r"\[(?:ALPHANUMERICID|DATE|AGE|ADDRESS|PERSONALNAME)\]|!PERSONALNAME!|<#+>|\bX{4,}\b|_{2,}"
    r"|\[\*\*[^\]\n]{0,80}\*\*\]",
    re.IGNORECASE,
)

#: A final read that adds none of its own, or is yet to come.
_AGREES = re.compile(
    r"^(?:(?:i|we) (?:have |has )?(?:reviewed [^.]{0,40} and )?)?(?:agree|concur)(?:d|s|red)?\b(?!"
    r" (?:that|there))"
    r"|(?<!not )(?<!n't )(?<!cannot )\b(?:agree|concur)s? with (?:the )?(?:above|preliminary|prelim"
    r"|initial|wet|resident|overnight)"
    r"|^(?:pending|awaited|to (?:be issued|follow)|not yet (?:issued|available))\b",
    re.IGNORECASE,
)

#: A label with its value: "PNEUMOTHORAX: BILATERAL".
_LABELLED = re.compile(r"(?:left |right )?(?:pneumothorax|p[nt]x)\b[^:=\n]{0,30}[:=][ \t]*\w", re.IGNORECASE)


@dataclass(frozen=True)
class Sentence:
    """A sentence, a bullet or a template line.

    Attributes:
        text: As written, without bullet, number and surrounding space.
        start: Offset of its first character in the report.
        end: Offset after its last character.
        section: The section it stands in; "findings" where there are no headings.
        said: What a template says in a sentence's words, "no pneumothorax on the right" for an empty box;
            None
            where the text says it itself.
    """

    text: str
    start: int
    end: int
    section: Section
    said: str | None = None

    @property
    def wording(self) -> str:
        """The words to be read."""
        return self.text if self.said is None else self.said


@dataclass(frozen=True)
class _Part:
    """A section, and the span of what stands under its heading."""

    section: Section
    start: int
    end: int


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
    for index, part in enumerate(parts):
        # "Consultant Radiologist" under a report is a signature: a part without text follows nothing.
        later = parts[index + 1 : index + 9]
        following = [other.section for other in later if text[other.start : other.end].strip()]
        sentences.extend(_part_sentences(text, part, following))
    return sentences


def with_only_read(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences in which a preliminary read is the description where no other one was written.

    It is the only one where nothing else is a description, or where the final read agrees with it or is
    awaited.

    Args:
        sentences: Of a report, in order.
    """
    final = [one for one in sentences if one.section in BODY]
    if final and not any(_AGREES.search(one.text) for one in final):
        return list(sentences)
    return [replace(one, section="findings") if one.section == "preliminary" else one for one in sentences]


def _parts(text: str) -> list[_Part]:
    """Sections with the span of what stands under their heading."""
    found = list(headings(text))
    described = any(heading.section in ("findings", "impression") and heading.firm for heading in found)
    named = any(heading.section == "findings" and heading.firm for heading in found)
    parts: list[_Part] = []
    section: Section = "findings"
    start = 0
    begun = False
    for heading in found:
        if not heading.firm and _goes_on(section, heading.section, begun=begun):
            continue
        parts.append(_Part(section, start, heading.start))
        # Without another heading of a description, what stands under an unknown name is the description.
        unknown = (heading.section in ASIDE and not described) or (heading.views and not named)
        section = "findings" if unknown else heading.section
        start = heading.end
        begun |= heading.firm and section in BODY
    parts.append(_Part(section, start, len(text)))
    return parts


def _goes_on(section: Section, name: Section, *, begun: bool) -> bool:
    """Whether a section goes on under a name that is no sure heading."""
    return section in BODY and (name == "findings" or begun)


def _part_sentences(text: str, part: _Part, following: list[Section]) -> Iterator[Sentence]:
    """Sentences of one section.

    A request or comparison whose end is not marked by a heading ends with its paragraph when only an
    impression follows, and with its first sentence when no section of the body follows: what comes after
    is the description of the images. So is the first answer of a form under the name of the exam.
    """
    current = part.section
    body_next = next((name for name in following if name in BODY), None)
    previous_end = part.start
    for start, end, said in _statements(text, part):
        if (
            current not in BODY
            and current in ("exam", "indication", "comparison")
            and previous_end > part.start
        ):
            gap = text[previous_end:start].replace("\r", "").replace(" ", "")
            answers = current == "exam" and (said is not None or _LABELLED.match(text, start, end))
            if answers or body_next is None or (body_next == "impression" and "\n\n" in gap):
                current = "findings"
        yield Sentence(text[start:end], start, end, current, said)
        previous_end = end


def _statements(text: str, part: _Part) -> Iterator[tuple[int, int, str | None]]:
    """Spans of sentences and template lines, with what a template line says."""
    for block in blocks(text, part.start, part.end):
        if isinstance(block, Prose):
            for start, end in spans(text, block.start, block.end):
                yield start, end, None
        else:
            yield block.start, block.end, block.said
