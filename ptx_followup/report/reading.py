"""Reading single sentences, and the sentences around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ptx_followup.report.assertion import DENIALS, ENTITIES, PNEUMOTHORAX, Entity, find_entities
from ptx_followup.report.attributes import attach_modifiers
from ptx_followup.report.lexicon import Mark, normalise, scan
from ptx_followup.report.sections import REDACTION, Sentence
from ptx_followup.report.values import sides_of
from ptx_followup.sides import SIDES, Side

#: Parts of words without which no sentence names a pneumothorax; a quick test before reading.
_NAMES = (
    *("pneum", "pnem", "pnue", "pnum", "thor", "ptx", "pnx", "pntx"),
    *("of air", "of gas", "pleural", "collection of", "collections of", "air coll"),
)
#: Words that make "pneumo" short for pneumonia.
_PNEUMONIA = re.compile(
    r"\b(?:infiltrat|consolidat|fever|cough|antibiotic|sputum|infect|pneumonia|lobar|aspirat)"
)
_CONTINUES = re.compile(
    r"(?:however ,? ?|and |but |now |also )*"
    r"(?:(?:this|it|these|they|which|measur\w+|located|size|there has been)\b"
    r"|the (?:finding|collection|abnormality|size|extent|degree|maxim\w+|largest|apical component|air)\b)"
)
#: "Left pneumothorax has resolved; the right is unchanged": the noun is left out the second time.
_ELLIPSIS = re.compile(
    r"((?:^|[;,.] |\b(?:and|while|but|whereas) )the (?:left|right))(?: one)?"
    r"(?= (?:is|has|was|appears|remains|measures|persists)\b"
    r"(?! (?:clear|free|without|an?|one|none|no|normal|well|fully|unremarkable|expanded|aerated)))"
)
_SIZE = r"(?:tiny|trace|minimal|small|mild|moderate|medium|large|massive|big)"
_TO = r"(?:decreas|increas|enlarg|reduc|improv|progress)\w+ (?:in size )?to"
_MEASURE = r"\d+(?:\.\d+)? ?[cm]ms?\b(?: \w+)?"
_ZONE = r"(?:apical|basal|basilar|lateral|anterior|medial)"
_TODAYS_SIZE = rf"(?:now|{_TO}) (?:an? )?{_SIZE}\b"
#: Other words for what the lexicon reads, tried in this order.
_REPHRASED = (
    # "Small left pneumothorax, none on the right."
    (r"(?:[;,.] ?)?\bnone (?:is )?(?:seen )?(?:on|in) the (left|right)\b", r"; no pneumothorax on the \1"),
    (r"[;,] (left|right) none\b", r"; no pneumothorax on the \1"),
    (rf"\b({_TO} an? {_SIZE}) (?:residual|remnant|sliver|component|rim)\b", r"\1"),
    (
        r"\b(only|trace|sliver|bit|little|amount|rim)\b([^,;.]{0,40}) pneumothorax left (at|in|over|along)\b",
        r"\1\2 pneumothorax remaining \3",
    ),
    (
        r"^((?:right|left) )?(?:there (?:is|are) )?none(?: (?:is|are))?(?: seen| present)? (?=[.;,])",
        r"no \1pneumothorax ",
    ),
    (
        r"\bneither ([^.;]{1,80}?) nor the ([^.;]{0,40}?pneumothorax) (?:has|have) (?:changed|moved"
        r"|increased|decreased|improved)\b",
        r"\1 and the \2 are unchanged",
    ),
    # The other side, without the noun.
    (
        r"(?:\b(?:but|and|while|whereas|yet)|[;,]) ?,? ?(?:the )?(left|right)(?: one)? (?:has|have|is"
        r"|does) not\b"
        r"(?= (?:yet )?[.;,]| yet$|$)",
        r"; the \1 pneumothorax persists",
    ),
    (
        rf"(?:\b(?:but|and|while|whereas)|[;,]) ((?:(?:an? )?(?:{_SIZE}|{_ZONE}) )+)"
        r"(?:(?:is|are|seen|present|noted) )*"
        r"(?:on|at) the (left|right)\b",
        r"; \1pneumothorax on the \2",
    ),
    (
        r"(?:\b(?:but|and|while|whereas)|[;,]) (?:the )?(left|right)(?: one)? (?:is )?"
        r"(as (?:above|before|described|previously)|unchanged|stable|persistent|persists|present|remains"
        r"|the same)\b",
        r"; \1 pneumothorax \2",
    ),
    # A part that is left, named by its place or its size alone.
    (
        r"\b(?:except|save|apart from|other than|aside from|with the exception of)(?: for| of)?(?: at| in"
        r"| over| along)?"
        r" (?:the |its )?(?:very |extreme |most )?(apex|apices|base|apical region|lung base|costophrenic"
        r" angle)\b",
        r"; pneumothorax is seen at the \1",
    ),
    (
        rf"({_MEASURE}) (?:still )?(?:remains?|persists?|(?:is|are) (?:still )?left)\b",
        r"residual pneumothorax of \1",
    ),
    (
        r"\bmost of (the (?:\w+ ){0,2}pneumothorax) (?:has|is|was|have) (?:\w+ )?(?:gone|resolved|cleared"
        r"|drained|evacuated)",
        r"\1 has partially resolved",
    ),
    (r", which (?=(?:may|might|could|likely|probably|is|represents|would)\b)", " "),
    (
        r"\b(?:but|although|though|however) ?,? none (?:is |are |was )?(?:clearly |definitely )?"
        r"(?:seen|identified|visible|evident|present|noted|detected|demonstrated)\b",
        "; no pneumothorax is seen",
    ),
    (r"\b(left|right) and no (left|right) (?=pneumothora)", r"\1 pneumothorax and no \2 "),
    # The size of the earlier film gives way to that of this one.
    (r"\bwhen it (?:was|measured) [^.;,]*", ""),
    (rf"\b(?:(?:was|were|previously|formerly|from) )?{_SIZE}\b(?=[^.;]{{0,120}}\b{_TODAYS_SIZE})", ""),
)
_REPHRASING = tuple((re.compile(pattern), words) for pattern, words in _REPHRASED)
#: A part of a pneumothorax that has gone leaves the rest.
_COMPONENT = re.compile(
    r"(?:\bthe )?(?:\b(?P<side>left|right) )?"
    r"\b(?:apical|basal|basilar|lateral|medial|anterior|inferior|superior|subpulmonic) (?:component"
    r"|portion|part)"
    r"(?P<of> of (?:the |an? )?(?:(?P<other>left|right) )?pneumothorax)?"
    r" (?:(?:has|have|had|is|was) )?(?:now )?(?:largely |completely )?"
    r"(?:resolved|cleared|gone|no longer (?:seen|visible|present|identified|evident))\b"
)
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
_SIDE_TELLS = re.compile(r"expan|rim of|pleural|collaps|markings|versus|\bvs\b|suspicious|lucen")
#: Longer neighbouring sentences are not looked at for a side or a measure, in characters.
_LONG = 400
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
    return any(name in lowered for name in _NAMES)


def may_refer(text: str) -> bool:
    """Whether a sentence may speak of a pneumothorax that the one before it named: "a small one"."""
    return _REFERS.search(text.lower()) is not None


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
    normalised = normalise(text)
    if "thora" in normalised or after_mention:
        normalised = _rephrased(normalised)
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
    attach_modifiers(marks, entities)
    sides = sides_of(marks) if _SIDE_TELLS.search(normalised) else ()
    return Reading(
        normalised,
        tuple(marks),
        tuple(entities),
        tension=_tension(marks),
        fluid_level="air fluid level" in normalised,
        one_side=sides if len(sides) == 1 else (),
    )


def _rephrased(normalised: str) -> str:
    """A sentence in words that say the same and that the lexicon knows."""
    for pattern, replacement in _REPHRASING:
        normalised = pattern.sub(replacement, normalised)
    normalised = _COMPONENT.sub(_smaller, normalised)
    return _ELLIPSIS.sub(r"\1 pneumothorax", normalised)


def _smaller(component: re.Match[str]) -> str:
    side = component["side"] or component["other"]
    subject = f"the {side} pneumothorax" if side else "pneumothorax" if component["of"] else "it"
    return f"{subject} has partially resolved"


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
    if any(entity.is_pneumothorax for entity in read.entities):
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
        bool(kinds & {"side", "zone", "measure", "size", "stable", "larger", "smaller", "new"})
        and "normal" not in kinds
        and not any(
            mark.kind == "boundary" and mark.text.startswith(("there", "otherwise")) for mark in read.marks
        )
        and ("site" not in kinds or bool(kinds & {"preposition", "colon"}))
        and covered >= _MOSTLY * len(read.normalised.replace(" ", ""))
    )


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
        if "expan" in read.normalised and not read.entities:
            sides |= set(read.one_side)
    return tuple(side for side in SIDES if side in sides) if len(sides) == 1 else ()
