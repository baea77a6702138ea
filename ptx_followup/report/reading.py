"""Reading single sentences, and the sentences around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ptx_followup.report.assertion import DENIALS, ENTITIES, PNEUMOTHORAX, Entity, find_entities
from ptx_followup.report.attributes import attach_modifiers
from ptx_followup.report.earlier import is_earlier
from ptx_followup.report.ellipsis import with_noun
from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import Mark, normalise, scan
from ptx_followup.report.plain_words import put_plainly
from ptx_followup.report.sections import REDACTION, Sentence
from ptx_followup.report.signs import shows, signs_named
from ptx_followup.report.values import sides_of
from ptx_followup.sides import SIDES, Side

#: Parts of words without which no sentence names a pneumothorax; a quick test before reading.
_NAMES = (
    *("pneum", "pnem", "pnue", "pnum", "thor", "ptx", "pnx", "pntx"),
    *(
        "of air",
        "of gas",
        "pleural",
        "collection of",
        "collections of",
        "air coll",
        "extrapulm",
        "al air",
        "ic air",
        "new mo",
    ),
)
_NAMED = re.compile(r"thora|ptx|pneumo\b|pleural (?:air|gas|collections?)")
#: Words that make "pneumo" short for pneumonia.
_PNEUMONIA = re.compile(
    r"\b(?:infiltrat|consolidat|fever|cough|antibiotic|sputum|infect|pneumonia|lobar|aspirat)"
)
_CONTINUES = re.compile(
    r"(?:(?:at|by) \d{1,2}(?: : \d\d)?(?: ?(?:am|pm|h|hrs?|hours?))? (?:, )?)?"
    r"(?:however ,? ?|and |but |now |also )*"
    r"(?:(?:this|it|these|they|which|measur\w+|located|size|there has been"
    r"|not (?:yet )?(?:fully |completely |entirely )?(?:resolved|gone|cleared))\b"
    r"|the (?:finding|collection|abnormality|size|extent|degree|maxim\w+|largest|apical component|air)\b)"
)
_SIDED = re.compile(r"left|right", re.IGNORECASE)
_SIDE_HINT = re.compile(r"expan|collaps|lucen|pleural|edge|markings|sulcus", re.IGNORECASE)
_REFERS = re.compile(
    r"\b(?:another|none|ones?|sliver|rim|crescent|remnant|pocket|cap|residue|residuum|remainder|traces?"
    r"|component|portion|part"
    r"|amount|bit|residual|remains?|persists?|[lr]eft it|right it)\b|\d ?[cm]m\b"
)
#: Shapes that air has between lung and chest wall.
_AT_LUNG = ("rim", "sliver", "cap", "crescent", "streak")
#: What is left of a pneumothorax, so named, is tiny.
_SMALL_REST = ("sliver", "trace", "bit")
#: Things that "one" does not stand for, and that may stand between it and the pneumothorax.
_UNCOUNTED = re.compile(
    r"drain(?:ed|ing|age)|removal|placement|insertion|biopsy|surg|procedure|resection|thoracentesis"
    r"|bronchoscopy|heart|cardiac|hila?"
    r"|mediastin|diaphragm|hemidiaphragm|bones?|osseous|spine|aorta|silhouette|vasculature|markings"
    r"|volume loss|its "
    r"|remainder|rest|thoracotomy|sternotomy|process|disease|abnormal|shift|collapse|hyper|lucen|pleural"
    r"|lung edge|deep"
)
_SIDE_TELLS = re.compile(r"expan|rim of|pleural|skin fold|collaps|markings|versus|\bvs\b|suspicious|lucen")
#: What lies on the side of the pneumothorax that comes with it, and words for the other side.
_ANCHOR = re.compile(
    r"\b(?:(?:this|that|the|its) (?:same )?side|same side|ipsilateral|contralateral|hemidiaphragm"
    r"|sulcus|ribs|line at"
    r"|lung (?:is )?(?:still )?down|(?:after|following|post|status post|had) (?:\w+ ){0,4}?(?:left|right)"
    r"|(?:tubes?|drains?|catheter|pigtail|icd|icc|port|empyema)(?= (?:has |have |was |is )?(?:been )?"
    r"(?:remov|withdr|pulled|out\b|plac|clamp|in situ|in a good))|(?:thoracentesis|biopsy|puncture"
    r"|vats|stab)\b)"
)
#: The side that the sentence before named, or the other one.
_SAME = re.compile(
    r"\b(?:same|this|that) side\b|\b(?:ipsi|contra)lateral|\bopposite\b|\bother side\b|\bthere"
    r" (?:too|as well|also)\b"
)
_CONTRARY = re.compile(r"\b(?:contralateral|opposite|other side)\b")
_OTHER: dict[Side, tuple[Side, ...]] = {"left": ("right",), "right": ("left",)}
#: Longer neighbouring sentences are not looked at for a side or a measure, in characters.
_LONG = 400
#: Sentences that leave out their noun are shorter, in characters.
_SHORT = 200
#: Share of a fragment ("On the left, about 2 cm.") that the lexicon must know.
_MOSTLY = 0.75


@dataclass(frozen=True)
class Reading:
    """A sentence that was read.

    Attributes:
        normalised: Its plain form.
        marks: The phrases of the lexicon in it, from left to right.
        entities: What it names, with cues and modifiers.
        tension: Whether tension is stated and not denied.
        fluid_level: Whether it names an air-fluid level.
        one_side: The side of a sentence that names no other, and says how a lung lies or what else the
            finding may
            be; else none.
    """

    normalised: str
    marks: tuple[Mark, ...]
    entities: tuple[Entity, ...]
    tension: bool
    fluid_level: bool
    one_side: tuple[Side, ...] = ()


def may_name(text: str) -> bool:
    """Whether a sentence is worth reading: it may name a pneumothorax."""
    lowered = text.lower()
    return any(name in lowered for name in _NAMES) or shows(lowered)


def may_refer(text: str) -> bool:
    """Whether a sentence may speak of a pneumothorax that the one before it named: "a small one"."""
    return _REFERS.search(text.lower()) is not None or may_stand_alone(text)


def may_stand_alone(text: str) -> bool:
    """Whether a sentence leaves out its noun and states something of its own: "Small on the right."."""
    if len(text) > _SHORT or REDACTION.search(text):
        return False  # a noun may have been removed from it
    plain = normalise(text)
    return with_noun(plain) != plain


class Reader:
    """Reads sentences, each distinct text once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], Reading] = {}

    def __call__(self, text: str, *, after_mention: bool = False) -> Reading:
        """The reading of one sentence.

        Args:
            text: The sentence.
            after_mention: Whether the sentence before it speaks of a pneumothorax, so that "one" may stand
                for it.
        """
        key = text, after_mention
        if key not in self._known:
            self._known[key] = _read(text, after_mention=after_mention)
        return self._known[key]


def _read(text: str, *, after_mention: bool) -> Reading:
    normalised = signs_named(normalise(text))
    if after_mention and not REDACTION.search(text):
        normalised = with_noun(normalised)
    if _NAMED.search(normalised) or after_mention:
        normalised = put_plainly(normalised)
    pleural = "pleura" in normalised
    pneumonia = bool(_PNEUMONIA.search(normalised))
    marks = []
    spoken_of = after_mention
    for mark in scan(normalised):
        if mark.kind == "air":
            at_lung = pleural or mark.text.startswith(_AT_LUNG)
            mark = replace(mark, kind="pneumothorax" if at_lung else "other")
        elif mark.text in ("pneumo", "pneumos") and pneumonia:
            mark = replace(mark, kind="other")
        if mark.kind == "anaphor":
            if spoken_of and mark.text.startswith(_SMALL_REST):
                marks.append(replace(mark, kind="size"))
            mark = replace(mark, kind="pneumothorax" if spoken_of else "other")
        elif mark.kind in ENTITIES and not _UNCOUNTED.match(mark.text):
            spoken_of = mark.kind in PNEUMOTHORAX
        marks.append(mark)
    entities = find_entities(marks)
    attach_modifiers(marks, entities, normalised)
    sides = sides_of(marks) if _SIDE_TELLS.search(normalised) else ()
    return Reading(
        normalised,
        tuple(marks),
        tuple(entities),
        tension=_tension(marks),
        fluid_level="air fluid level" in normalised,
        one_side=sides if len(sides) == 1 else (),
    )


def _tension(marks: Sequence[Mark]) -> bool:
    """Whether tension is stated and not denied."""
    denied = False
    for mark in marks:
        if mark.kind in ("boundary", "with"):
            denied = False
        elif mark.kind in ("negation", "likely none", "query"):
            denied = True
        elif mark.kind == "tension" and not denied:
            return True
    return False


def names_another(read: Reading) -> bool:
    """Whether a sentence turns to something else, so that a later "one" stands for that."""
    return any(not _UNCOUNTED.match(entity.mark.text) for entity in read.entities)


def continues(sentence: Sentence, read_before: Reading, following: Sentence, reader: Reader) -> bool:
    """Whether a sentence goes on about the finding before it: "It measures 2 cm.", "On the left."."""
    if following.section != sentence.section or len(following.text) > _LONG:
        return False
    read = reader(following.wording)
    own = may_stand_alone(following.wording) and (
        _SIDED.search(following.wording) or is_earlier(sentence.wording)
    )
    if own or any(entity.is_pneumothorax for entity in read.entities):
        return False
    if _CONTINUES.match(read.normalised):
        return True
    # After a denial there is nothing to go on about, and a noun may be gone from "Right XXXX remains."
    stated = [entity for entity in read_before.entities if entity.is_pneumothorax]
    if not stated or stated[-1].cues & DENIALS or REDACTION.search(following.text):
        return False
    return not read.entities and _is_fragment(read)


def _is_fragment(read: Reading) -> bool:
    """Whether a sentence holds little but a side, a place, a size or a change."""
    kinds = {mark.kind for mark in read.marks}
    covered = sum(mark.end - mark.start for mark in read.marks)
    return (
        not any(mark.text in ("nad", "negative") for mark in read.marks)
        and bool(kinds & {"side", "zone", "measure", "size", "stable", "larger", "smaller", "new"})
        and not kinds & {"normal", "unassessable", "cannot assess", "limited", "negation"}
        and not kinds >= {"none", "zone"}  # a place that is free of it
        and not any(
            mark.kind == "boundary" and mark.text.startswith(("there", "otherwise")) for mark in read.marks
        )
        and ("site" not in kinds or bool(kinds & {"preposition", "colon"}))
        and covered >= _MOSTLY * len(read.normalised.replace(" ", ""))
    )


def side_of_anchor(read: Reading, around: Sequence[Sentence], reader: Reader) -> tuple[Side, ...]:
    """The side of what a pneumothorax comes with, where one side alone is named.

    A drain, a puncture or a sharp diaphragm lies where it lies: in its own sentence, else in the one before.
    """
    if len(read.normalised) > _LONG:
        return ()
    before = [other for other in around[:1] if len(other.text) <= _LONG and other.section in BODY]
    for normalised, marks in [(read.normalised, read.marks), *_plain_forms(before, reader)]:
        sides = sides_of(marks)
        if _ANCHOR.search(normalised) and len(sides) == 1:
            return _OTHER[sides[0]] if _CONTRARY.search(read.normalised) else sides
    for _, marks in _plain_forms(before, reader):
        sides = sides_of(marks)
        if _SAME.search(read.normalised) and len(sides) == 1:
            return _OTHER[sides[0]] if _CONTRARY.search(read.normalised) else sides
    return ()


def _plain_forms(sentences: Sequence[Sentence], reader: Reader) -> Iterator[tuple[str, tuple[Mark, ...]]]:
    for sentence in sentences:
        read = reader(sentence.wording)
        yield read.normalised, read.marks


def sides_around(sentence: Sentence, around: Sequence[Sentence], reader: Reader) -> tuple[Side, ...]:
    """The side that the neighbouring sentences give by a collapsed lung, a pleural line or a label."""
    sides: set[Side] = set()
    for other in around:
        if (
            other.section != sentence.section
            or len(other.text) > _LONG
            or not _SIDE_HINT.search(other.wording)
        ):
            continue
        read = reader(other.wording)
        for entity in read.entities:
            if entity.mark.kind == "collapse" and not entity.cues & DENIALS:
                sides |= set(sides_of(entity.modifiers))
        if "expan" in read.normalised and not any(entity.is_pneumothorax for entity in read.entities):
            sides |= set(read.one_side)
    return tuple(side for side in SIDES if side in sides) if len(sides) == 1 else ()
