"""What of a denial was not understood.

A report that denies a pneumothorax keeps the network from looking. So a denial counts only where its form
is one of
those that are known, word for word between "no" and the finding, and where nothing that may speak of the same
finding was left unread: "one", "it remains", a size or a measure of nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ptx_followup.report.assertion import ENTITIES, PNEUMOTHORAX, Entity
from ptx_followup.report.denials import BACKWARD, FORWARD, doubtful
from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import Mark
from ptx_followup.report.reading import Reader, Reading, may_name
from ptx_followup.report.sections import Sentence
from ptx_followup.report.values import sides_in
from ptx_followup.report.vocabulary import FILLERS

#: Concepts that say that something is there, or how large.
_STATES = frozenset(
    {"size", "measure", "persistent", "remaining", "larger", "smaller", "stable", "partly resolved"}
)
_ENDS = ("list", "negation", "boundary")
_EXCEPT = ("except", "other than", "apart from", "aside from", "besides")
#: Signs of a pneumothorax or of its rest, by whatever name; an unread one keeps a denial from being certain.
_SIGNS = re.compile(
    r"\b(?:sliver|remnant|residuum|rim of|crescent of|visceral pleura\w*"
    r"|(?:pleural|lung) (?:edge|lines?|margin|stripe|separation|gap|contour)|separation of the"
    r" pleura|deep sulcus"
    r"|(?:apical|basal|basilar|lateral|anterior) (?:hyper ?)?lucen\w+|hyper ?lucent (?:left|right|hemithorax)"
    r"|(?:partial|partly|incomplete|not|fail)\w* (?:\w+ ){0,3}(?:re ?)?expan\w+|expan\w+ (?:is"
    r"|remains) (?:not|in)\w*"
    r"|air leak|leak persists|persistent leak|bubbl\w+|free air in the (?:chest|thorax)|pleural (?:air|gas)"
    r"|(?:air|gas) (?:\w+ ){0,5}(?:with)?in (?:the )?(?:\w+ ){0,2}pleura\w*"
    r"|(?:air|gas) (?:is |has )?(?:in|within|enter\w+|remain\w*|persist\w*|separat\w+|outside)"
    r"|collapsed lung|lung (?:is |remains |has )?(?:still )?(?:collapsed|down|not up)|collapsed?"
    r" (?:of|by) (?:\w+ )?\d"
    r"|air fluid level|hydro ?(?:air|aeric)|counterpart|in retrospect|retrospectively"
    r"|far from|re ?accumulat\w+|re ?appear\w+"
    r"|\b(?:left|right) (?:is |remains )?still (?:down|collapsed|not up)\b"
    r"|yes\b.{0,60}(?:separation|[cm]m\b|apex|apical))"
)
#: Signs that hold a denial of their own.
_NOT_WELL = re.compile(
    r"\b(?:has|have|is|are|does|did) not(?= [.;:]|$)|\b(?:not|never|incompletely) (?:\w+ ){0,2}(?:re"
    r" ?)?expanded"
    r"|\blungs? (?:\w+ )?expanded ?[:?][^.]{0,40}\bno\b|\blungs? (?:is |are )?not up\b"
    r"|\b(?:left|right) lung (?:is |remains |has )?(?:still |again )?(?:down|collapsed)\b"
)
#: What else the signs may come from.
_EXPLAINED = re.compile(
    r"\b(?:hernia\w*|hiat\w+|stomach|gastric|bowel|colon|mastectomy|soft tissues?|subcutaneous|abscess|cavity"
    r"|oesophag\w+|esophag\w+|diaphragm|ha?emothora\w*|effusion|emphysema\w*|vascular|flail|fluid|neck"
    r"|axilla|tract|track|pneumomediastinum|supraclavicular"
    r"|(?:reach|meet|touch|abut)(?:es|s|ing)? (?:\w+ ){0,3}(?:chest wall|ribs|wall)"
    r"|(?:corresponds? to|is|was|represents?|due to|caused by|proved to be) (?:(?:only|the|an?|that of"
    r"|medial|lateral"
    r"|overlying|border|edge|margin|of) )*(?:scapula\w*|skin ?folds?|fold|companion|clothing|sheet|tubing"
    r"|hair))\b"
)
#: Concepts under which a sign is none.
_QUIETED = frozenset(
    {"negation", "none", "not seen", "query", "history", "look alike", "resolved", "unlikely"}
)
#: It came back, whatever was said of it before.
_RETURNED = re.compile(
    r"\b(?:recurred|returned|re ?appeared|re ?accumulat\w+|reformed|re ?opened"
    r"|recurrence|(?:come|came|is|its|are|now) back|once more)\b"
)
_NAMES = re.compile(
    r"(?<!hemi)(?<!hemi )(?<!hydro)(?<!mo)thora(?:x|ces)\b|pneumo ?thora|\bptxs?\b|\bpn?tx\b|\bpnx\b"
    r"|p\w{2,8}thorax"
)
_REFERRING = re.compile(
    r"(?:[\w ]{0,40} : )?(?:however |but |now |and |, )*(?:it|this|these|they|that|which)"
    r" (?:is|has|remains|persists"
    r"|measures|was|are|have)\b"
)


def unread(
    sentences: Sequence[Sentence],
    reader: Reader,
    overruled: frozenset[str],
    denying: frozenset[int] = frozenset(),
    joined: Mapping[int, str] | None = None,
) -> list[int]:
    """Sentences in which a pneumothorax may be stated, of a report that was read as a denial.

    Args:
        sentences: Of the report.
        reader: Of its sentences.
        overruled: Sections that a more binding one corrects, and whose statements count no more.
        denying: Where sentences begin that deny it without its name.
        joined: Sentences that were read with the one behind them, by where they begin.

    Returns:
        Their places, in order.
    """
    found = []
    mentioned = False
    for index, sentence in enumerate(sentences):
        if sentence.section not in BODY or sentence.section in overruled:
            mentioned = False
            continue
        wording = (joined or {}).get(sentence.start, sentence.wording)
        read = reader(wording if sentence.said is None else sentence.wording, after_mention=mentioned)
        names = may_name(sentence.wording) and any(entity.is_pneumothorax for entity in read.entities)
        if _is_unread(read, mentioned=mentioned, names=names):
            found.append(index)
        mentioned = (
            names or sentence.start in denying or (mentioned and not read.entities and not _unknown(read))
        )
    return found


def _is_unread(read: Reading, *, mentioned: bool, names: bool) -> bool:
    mentions = [entity for entity in read.entities if entity.is_pneumothorax]
    if len(_NAMES.findall(read.normalised)) > sum(not entity.refers for entity in mentions) + _decoys(read):
        return True
    labels = [entity for entity in mentions if entity.heading and len(mentions) > 1]
    if any(doubtful(entity, read) for entity in mentions if entity not in labels):
        return True
    if names and any(_speaks(clause) for clause in _clauses_behind(read, mentions)):
        return True
    if names and any(_tells_of_a_side(clause) for clause in _clauses_before(read, mentions)):
        return True
    answers = read.normalised.startswith("yes")  # to a question about something else
    if not (read.entities or answers or _unknown(read)) and _tells_of_a_side(read.marks):
        return True
    if names and (_turns_to_the_other_side(read, mentions) or _excepts(read)):
        return True
    if mentioned and not names and (_refers(read) or _loose(read)):
        return True
    if (
        (names or mentioned)
        and _RETURNED.search(read.normalised)
        and not any(one.kind == "negation" for one in read.marks)
    ):
        return True
    return _has_sign(read, named=bool(mentions))


def _decoys(read: Reading) -> int:
    return sum(
        len(_NAMES.findall(mark.text))
        for mark in read.marks
        if mark.kind in ("decoy", "other", "site", "tube")
    )


def _excepts(read: Reading) -> bool:
    """Whether a side or a place is excepted: "apart from the right, no pneumothorax"."""
    for index, mark in enumerate(read.marks):
        if mark.kind == "boundary" and mark.text.startswith(_EXCEPT):
            clause = read.marks[index + 1 : index + 8]
            end = next((at for at, one in enumerate(clause) if one.kind in _ENDS), len(clause))
            kinds = {one.kind for one in clause[:end]}
            if kinds & {"side", "zone"} and not kinds & (ENTITIES - PNEUMOTHORAX):
                return True
    return False


def _turns_to_the_other_side(read: Reading, mentions: Sequence[Entity]) -> bool:
    """Whether the sentence goes on about a side of which it names nothing: "..., but the left has not"."""
    place = mentions[0].index
    own = {side for mark in _clause_around(read.marks, place) for side in sides_in(mark)}
    if len(own) != 1:
        return False
    for clause in _clauses_behind(read, mentions):
        if not clause or (clause[0].kind == "list" and clause[0].text in ("or", "nor", "and", "/", "&")):
            continue
        others = {side for mark in clause for side in sides_in(mark)} - own
        if others and not any(
            mark.kind in ENTITIES or mark.kind in ("site", "normal", "decoy") for mark in clause
        ):
            return True
    return False


def _clause_around(marks: Sequence[Mark], place: int) -> list[Mark]:
    """The marks between the boundaries and lists around a place."""
    ends = ("boundary", "list")
    first = next((index for index in range(place, -1, -1) if marks[index].kind in ends), -1)
    last = next((index for index in range(place, len(marks)) if marks[index].kind in ends), len(marks))
    return list(marks[first + 1 : last])


def _clauses_behind(read: Reading, mentions: Sequence[Entity]) -> Iterator[list[Mark]]:
    """Parts of the sentence behind its first mention that name nothing, each with what sets it off."""
    clause: list[Mark] = []
    for mark in read.marks[mentions[0].index + 1 :]:
        if mark.kind in ("boundary", "list"):
            yield clause
            clause = [mark]
        elif clause:  # what stands directly behind the mention belongs to it
            clause.append(mark)
    yield clause


def _clauses_before(read: Reading, mentions: Sequence[Entity]) -> Iterator[list[Mark]]:
    """Parts of the sentence before its first mention."""
    clause: list[Mark] = []
    for mark in read.marks[: mentions[0].index]:
        if mark.kind in ("boundary", "list"):
            yield clause
            clause = []
        else:
            clause.append(mark)


def _tells_of_a_side(clause: Sequence[Mark]) -> bool:
    """Whether marks that name nothing give a side a size, a measure or a change: "right: now 12 mm"."""
    kinds = {mark.kind for mark in clause}
    quiet = not kinds & (ENTITIES | {"normal", "site", "decoy", "study", "tube", *FORWARD, *BACKWARD})
    return quiet and "side" in kinds and bool(kinds & _STATES)


def _speaks(clause: Sequence[Mark]) -> bool:
    """Whether a clause that names nothing may speak of the finding."""
    kinds = {mark.kind for mark in clause}
    if kinds & (
        ENTITIES
        | {
            "negation",
            "none",
            "not seen",
            "normal",
            "cannot assess",
            "limited",
            "site",
            "decoy",
            "unassessable",
            "not excluded",
        }
    ):
        return False
    placed = bool(kinds & {"side", "zone"})
    if clause and clause[0].kind == "boundary" and clause[0].text.startswith(_EXCEPT):
        return placed
    return placed and bool(kinds & (_STATES | {"seen", "uncertain"}))


def _refers(read: Reading) -> bool:
    """Whether a sentence says more of "it" than that it is as it was."""
    kinds = {mark.kind for mark in read.marks}
    more = kinds & ((_STATES - {"stable"}) | {"side", "zone"})
    return bool(more) and _REFERRING.match(read.normalised) is not None


def _loose(read: Reading) -> bool:
    """Whether a sentence behind a mention has a size, a measure or a change of nothing that it names."""
    kinds = {mark.kind for mark in read.marks}
    quiet = not read.entities and not kinds & {"normal", "site", "decoy", "study", *FORWARD, *BACKWARD}
    return quiet and bool(kinds & (_STATES - {"stable"})) and set(_unknown(read)) <= {"one", "ones"}


def _unknown(read: Reading) -> list[str]:
    """Words of a sentence that no concept covers; they name what it is about."""
    ends = [0, *(mark.end for mark in read.marks)]
    starts = [*(mark.start for mark in read.marks), len(read.normalised)]
    words = (
        word for end, start in zip(ends, starts, strict=True) for word in read.normalised[end:start].split()
    )
    return [word for word in words if word not in FILLERS and not word.isdigit()]


def _has_sign(read: Reading, *, named: bool) -> bool:
    """Whether a clause that names no pneumothorax holds a sign of one, and denies nothing."""
    if _NOT_WELL.search(read.normalised):
        return True
    ends = [0, *(mark.start for mark in read.marks if mark.kind == "boundary"), len(read.normalised)]
    for start, stop in pairwise(ends):
        clause = read.normalised[start:stop]
        if not _SIGNS.search(clause) or _EXPLAINED.search(clause) or (named and _NAMES.search(clause)):
            continue
        if not any(mark.kind in _QUIETED and start <= mark.start < stop for mark in read.marks):
            return True
    return False
