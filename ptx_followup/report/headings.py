"""Headings of a report: which part of it a name opens.

A heading is made of words that headings are made of ("relevant clinical details", "prior report"), so that a
name is known by its words and not by a list of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ptx_followup.report.vocabulary import words

Section = Literal[
    "exam",
    "indication",
    "comparison",
    "other",
    "preliminary",
    "findings",
    "impression",
    "recommendation",
    "addendum",
]

#: Sections that describe today's images; the others speak of the request or of earlier exams.
BODY: frozenset[str] = frozenset({"findings", "impression", "addendum"})
#: Sections that may speak of today's images, and decide nothing: a first read, and what is under an unknown
#: name.
ASIDE: frozenset[str] = frozenset({"preliminary", "other"})

#: Words of a heading and what they make of it, the most telling first.
_WORDS: tuple[tuple[Section, str], ...] = (
    (
        "exam",
        "icd icd9 icd10 icd-9 icd-10 icd-10-cm cpt hcpcs snomed code codes billing signed signature dictated"
        " dictating transcribed transcriptionist electronically accession mrn dob technologist"
        " physician provider dx ordering dictation",
    ),
    ("addendum", "addendum addenda amended amendment amendments correction corrected revised revision"),
    (
        "preliminary",
        "preliminary prelim initial wet resident overnight ai algorithm software cad triage"
        " radiographer flag site",
    ),
    (
        "comparison",
        "prior priors previous previously earlier old last comparison comparisons compared reference outside"
        " preceding baseline",
    ),
    (
        "indication",
        "history histories hx indication indications background request requested requests referral referring"
        " question questions reason reasons complaint complaints presentation presenting symptom"
        " symptoms order"
        " ordered orders clinical clin working admitting admission provisional preoperative postoperative"
        " pre-operative post-operative preop postop suspected context presumptive problem problems anamnesis"
        " purpose",
    ),
    (
        "impression",
        "impression impressions conclusion conclusions opinion summary assessment diagnosis diagnoses imp",
    ),
    (
        "recommendation",
        "recommendation recommendations plan advice communication communications notification suggestion"
        " suggestions disposition",
    ),
    ("exam", "procedure procedures technique techniques protocol equipment dose"),
    (
        "findings",
        "finding findings answer answers report description descriptions observation observations result"
        " results"
        " interpretation"
        " narrative read reading attending body radiologist consultant overread over-read original",
    ),
    ("exam", "exam exams examination examinations study studies type"),
)
#: Words that decide nothing: "details", "medical", "of the".
_NEUTRAL = words(
    "relevant medical surgical patient patients details detail data info information statement note"
    " notes text imaging film films radiograph radiographs chest cxr x-ray xray date number of for"
    " the and on to this with at visit current todays final additional brief present illness past"
    " other pertinent related view views radiology radiological radiologic primary secondary main"
    " discharge by from compare taken"
)

#: Of a name that says which views were made, and nothing else: "CHEST 1 VIEW", "PORTABLE CXR".
_VIEWS = words(
    "chest cxr xr x-ray xray x-rays radiograph radiographs film view views portable pa ap lateral"
    " single one two three 1 2 3 frontal upright supine erect semi-erect thorax and of the dx cr dr"
    " bedside mobile -"
)
#: Of the line that says what a letter is about.
_SUBJECT = words("re ref regarding subject")
#: Of a label that names what is described.
_ANATOMY = words(
    "lung lungs pleura pleural space spaces heart cardiac cardiomediastinal mediastinum mediastinal"
    " hila hilum airway airways bone bones osseous skeleton thoracic chest wall soft tissue tissues"
    " diaphragm diaphragms line lines tube tubes device devices support hardware upper abdomen and"
    " catheters vessels"
)
#: Words of labels that are part of a description, and so open nothing.
_LABELS = re.compile(
    r"pneumo|ptx|left|right|bilateral|side|size|zone|location|extent|laterality|effusion|consolidation"
    r"|opacit|nodule"
    r"|oedema|edema|cardiomegaly|fracture|absent|present|seen|evidence|negative|positive|following|\bno\b"
    r"|\bnot\b"
    r"|note|comment|other|tension|\b[rl]t?\b",
    re.IGNORECASE,
)
_CLASS_OF = {word: section for section, listed in reversed(_WORDS) for word in listed.split()}
_RANK_OF = {
    word: index for index, (_, listed) in reversed(list(enumerate(_WORDS))) for word in listed.split()
}
#: Where a name may end.
_SEPARATOR = re.compile(
    r"(?P<colon>(?<!\d)[:\uff1a]|[:\uff1a](?!\d))"
    r"|(?P<close>[>\]]|\*{2})|(?P<dash>[ \t]{1,3}(?:=|[-\u2010-\u2015]{1,2})(?=[ \t]))"
    r"|(?P<alone>[ \t*#]{0,4}(?=\n|\Z))|(?P<comma>,[ \t]{1,3}(?=\S))"
    r"|(?P<run_in>(?<=[A-Z])[ \t]{1,3}(?=[A-Z][a-z]))"
)
#: Names that a comma may end: "Findings, moderate left pneumothorax."
_SAID_WITH_COMMA = re.compile(
    r"(?:findings|impression|conclusion|opinion|addendum|technique|comparison|indication"
    r"|clinical (?:history|details|indication|information|info))$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ASIDES = re.compile(r"\([^()]{0,40}\)|#\s?\d+")
#: What may stand before a name: bullets, numbers and marks of emphasis.
_DECORATION = re.compile(r"[\s\-*+\u2022>#<\[=_]*(?:\(?\d{1,2}[.)])?[\s*<\[]*")
_ADDENDUM = re.compile(r"\W*addend(?:um|a)\b", re.IGNORECASE)
#: A heading is no longer than this, in characters.
_LONGEST = 72
#: Lines that are no part of a description: signatures, and codes of the ICD with their text.
_SIGNED = re.compile(
    r"(?:electronically |digitally )?(?:signed|dictated|reported|transcribed|verified|approved|read)"
    r" (?:by|on)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?-i:[A-Z])\d{2}(?:\.[\dA-Z]{1,5})?[ \t]{1,3}(?:[-\u2010-\u2015:][ \t]{0,3})?(?=[a-z])"
    r"(?![^\n:]{1,40}:[ \t]*\S)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"[\s*#]*(?:(?:portable|mobile|bedside|plain|frontal|pa|ap|erect|supine|follow-?up)\s+)*"
    r"(?:xr|x-?rays?|cxr|dx|cr|radiographs?|chest\s+(?:x-?ray|xr|radiograph|film|pa|ap|portable|view|\d"
    r"|single|one|two))\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:is|are|was|were|has|have|there|shows?|showing|demonstrates?|reveals?|seen|no|not|without|noted"
    r"|with)\b"
    r"|[.!:\uff1a][ \t]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heading:
    """A heading in a report.

    Attributes:
        section: The part that it opens.
        start: Offset of its first character.
        end: Offset where its part begins; of the label of an organ its start, for "Pleura: ..." is a
            statement.
        firm: Whether it always opens its part; the label of an organ does so outside a description alone,
            and an
            unknown name before a description alone.
        views: Whether it names the views or a letter's subject, and nothing else: what stands under it is
            the description where no FINDINGS are named.
    """

    section: Section
    start: int
    end: int
    firm: bool = True
    views: bool = False


def section_named(name: str) -> Section | None:
    """The section that a heading opens, or None where one of its words is not a heading's.

    >>> section_named("Prior Procedure Descriptions"), section_named("REASON FOR EXAM (ER)")
    ('comparison', 'indication')
    """
    name = re.sub(r"[(#].*", " ", name).lower().replace("'", "")
    pieces = [piece for piece in re.split(r"[ \t/&,_]+", name) if piece and not piece.isdigit()]
    own = [word for piece in pieces for word in ([piece] if piece in _RANK_OF else piece.split("-"))]
    if own[:1] == ["compared"] and {"to", "with"} & set(own):
        return None  # a clause: "Compared to the prior: larger"
    known = [word for word in own if word in _RANK_OF]
    if not known or any(word not in _RANK_OF and word not in _NEUTRAL for word in own):
        return None
    if "dictation" in known and len(known) > 1:
        known.remove("dictation")  # of whoever made it
    if "provisional" in known and not {"diagnosis", "diagnoses"} & set(known):
        return "preliminary"
    return _CLASS_OF[min(known, key=lambda word: _RANK_OF[word])]


def headings(text: str) -> Iterator[Heading]:
    """The headings of a report, in order; time is linear in its length."""
    title = _title_end(text)
    if title:
        yield Heading("exam", 0, 0)
        yield Heading("findings", title, title)
    for match in _SEPARATOR.finditer(text, title):
        heading = _heading(text, match)
        if heading is not None:
            yield heading


def _title_end(text: str) -> int:
    """Where the first line ends, if it is a title: "XR CHEST PA - PNEUMOTHORAX FOLLOW-UP"."""
    line, _, rest = text.lstrip("\n").partition("\n")
    told = line.rstrip(". ") if " for " in line.lower() else line
    is_title = len(line) < 2 * _LONGEST and _TITLE.match(line) and not _TELLS.search(told) and rest.strip()
    return len(text) - len(rest) if is_title else 0


def _heading(text: str, match: re.Match[str]) -> Heading | None:
    """The heading that ends at a separator."""
    end = match.start()
    window = text[max(0, end - _LONGEST) : end]
    line = window.rpartition("\n")[2]
    at_line_start = "\n" in window or end <= _LONGEST
    stop = max(line.rfind(mark) for mark in (". ", "; ", "! ", "? "))
    segment = line[stop + 2 :] if stop >= 0 else line
    whole = at_line_start or stop >= 0
    name = segment[_decoration(segment) :] if whole else segment
    start = end - len(name)
    kind = match.lastgroup
    if kind == "colon" and whole and stop < 0:
        return _line_heading(name, start, match.end()) or _inner(name, start, match.end())
    if kind == "comma" and not (whole and _SAID_WITH_COMMA.match(name)):
        return None
    section = section_named(name) if whole and name else None
    if kind == "colon":
        if name.lower() == "final":
            section = "findings"
        return Heading(section, start, match.end()) if section else _inner(name, start, match.end())
    if section is None or (kind in ("alone", "dash", "close") and stop >= 0):
        if kind == "alone" and whole and stop < 0 and (_SIGNED.match(name) or _CODE.match(name)):
            return Heading("exam", start, start)
        return None
    if kind == "close" and not segment.lstrip().startswith(("<", "[", "**")):
        return None
    if kind == "run_in" and not name.isupper():
        return None
    return Heading(section, start, match.end())


def _decoration(segment: str) -> int:
    match = _DECORATION.match(segment)
    return match.end() if match else 0


def _line_heading(name: str, start: int, end: int) -> Heading | None:
    """The heading that is a line's beginning up to a colon."""
    if _SIGNED.match(name):
        return Heading("exam", start, end)
    section = "addendum" if _ADDENDUM.match(name) else section_named(name)  # whoever wrote it
    if section is not None:
        return Heading(section, start, end)
    own = {word.lower() for word in _WORD.findall(_ASIDES.sub(" ", name))}
    if not own:
        return None
    if own <= _ANATOMY:
        return Heading("findings", start, start, firm=False)
    if own in ({"final"}, {"free", "text"}):
        return Heading("findings", start, end)
    if own <= _VIEWS or own <= _SUBJECT:
        return Heading("other", start, end, firm=False, views=True)
    if name.isupper() and len(own) <= 6 and not _LABELS.search(name):
        return Heading("other", start, end, firm=False)
    return None


def _inner(name: str, start: int, end: int) -> Heading | None:
    """A heading with a capital letter and a colon inside a line: "... normal Impression: ..."."""
    own = list(_WORD.finditer(name))
    first = len(own)
    while first and _is_heading_word(own[first - 1].group(0)):
        first -= 1
    while first < len(own) and not own[first].group(0)[0].isupper():
        first += 1
    if first == len(own) or name[own[-1].end() :].strip(" *\t"):
        return None
    section = section_named(name[own[first].start() :])
    return Heading(section, start + own[first].start(), end) if section else None


def _is_heading_word(word: str) -> bool:
    return word.lower() in _RANK_OF or word.lower() in _NEUTRAL
