"""Forms of denial: which are known, word for word between "no" and what is denied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ptx_followup.report.assertion import DENIABLE_SIZES, DENIALS, ENTITIES, PNEUMOTHORAX, Entity
from ptx_followup.report.certainty import certainty_of
from ptx_followup.report.lexicon import Mark
from ptx_followup.report.reading import Reading
from ptx_followup.report.vocabulary import FILLERS, words

#: Marks between a denial and what it denies; no sentence of a report has more.
_REACH = 60
FORWARD = frozenset({"negation", "likely none", "resolved", "unlikely"})
BACKWARD = frozenset(
    {"not seen", "not clearly seen", "none", "look alike", "resolved", "negation", "unlikely"}
)
#: Concepts that may stand between a denial and what it denies.
_BETWEEN = frozenset(
    [
        *(
            "list",
            "other",
            "size",
            "side",
            "zone",
            "hedge",
            "collapse",
            "site",
            "article",
            "new",
            "preposition",
        ),
        *(
            "supports",
            "seen",
            "tension",
            "remaining",
            "persistent",
            "air",
            "tube",
            "shift",
            "decoy",
            "previous",
        ),
        *(
            "study",
            "verb",
            "normal",
            "level",
            "pneumothorax",
            "fluid level",
            "history",
            "limited",
            "unequal",
            "aspect",
        ),
        *("likely none", "negation", "degree"),
    ]
)
_OF_THE = re.compile(
    r"\b(?:evidence|signs?|residu\w+|remnant|recurrence|longer|trace|return|previous\w*|prior|of the)\b"
)
#: What a denied finding may do: "no pneumothorax has developed".
_COMES_ABOUT = words(
    "developed appeared recurred occurred arisen formed ensued resulted detected suspected after since"
    " shown found"
    " observed recognised recognized perceptible discerned discernible demonstrable detectable"
    " visualised delineated"
    " accumulated exists exist occurs currently presently"
    " definitely clearly readily evidently apparent confirmed included described reported documented"
    " mentioned appreciated"
)
#: Words before a denial that turn what it says.
_TURNING = words(
    "cannot not never whether if unless until failure fails failed fail deny denies denied wrong"
    " incorrect doubtful hardly"
    " yet awaiting unclear wait"
)
#: What is not written is not denied.
_WRITTEN = ("mentioned", "reported", "described", "documented", "included", "suspected")
#: What has gone is another part than the one that was named: "one at the base, the rest evacuated".
_ANOTHER_PART = re.compile(
    r"\b(?:others?|rest|remainder|elsewhere|components?|portions?|parts?|loculi|loculations?|collections?)\b"
)
#: Words of doubt that a denial may take in: "no suggestion of", and what a sentence may go on with.
_SUSPECTS = (
    "sugg",
    "suspicio",
    "question",
    "concern",
    "worrisome",
    "possib",
    "due to",
    "secondary",
    "there",
    "that",
    "which",
)


def doubtful(entity: Entity, read: Reading) -> bool:
    """Whether a mention is neither a question nor a denial of a known form."""
    statement = certainty_of(entity)
    if statement is None:
        return not (entity.cues & {"query"} or entity.heading or entity.alternative)
    present, certainty = statement
    if present is None or (certainty == "historical" and not entity.cues & (DENIALS | {"resolved"})):
        return False
    if present:
        return True
    if _after_denial_is_more(entity):
        return True
    if "resolved" in entity.cues and entity.cues & {"smaller", "larger", "persistent"}:
        return True
    if "negation" in entity.cues and _has_other_predicate(entity, read):
        return True
    return not any(_is_known(entity, read, first, last) for first, last in _paths(entity, read.marks))


def _after_denial_is_more(entity: Entity) -> bool:
    """Whether a denied finding has a size behind it: "no pneumothorax right, small on the left"."""
    return any(
        (mark.kind == "measure" or (mark.kind == "size" and not mark.text.startswith(DENIABLE_SIZES)))
        and mark.start > entity.mark.end
        for mark in entity.modifiers
    )


def _goes_on(marks: Sequence[Mark], index: int) -> bool:
    """Whether a size or a place follows a denial: "pneumothorax right / left: no / apical"."""
    for mark in marks[index + 1 : index + 6]:
        if mark.kind in ENTITIES or mark.kind in ("boundary", "preposition", "normal", "study"):
            return False
        is_size = mark.kind == "size" and not mark.text.startswith(DENIABLE_SIZES)
        if is_size or mark.kind in ("zone", "measure"):
            return True
    return False


def _paths(entity: Entity, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """From a denial to the mention, or from the mention to its denial, as places among the marks."""
    for index in range(entity.index - 1, max(-1, entity.index - _REACH), -1):
        if marks[index].kind in FORWARD and marks[index].kind in entity.cues:
            yield index, entity.index
            break
    for index in range(entity.index + 1, min(len(marks), entity.index + _REACH)):
        if marks[index].kind in BACKWARD and (marks[index].kind in entity.cues or "none" in entity.cues):
            yield entity.index, index
            break


def _is_known(mention: Entity, read: Reading, first: int, last: int) -> bool:
    """Whether all that stands between two marks is known."""
    marks = read.marks
    inner = marks[first + 1 : last]
    if _is_turned(read, first) or any("markings" in mark.text for mark in inner):
        return False
    if first == mention.index:
        if (
            _ANOTHER_PART.search(read.normalised[mention.mark.end : marks[last].start])
            or _denies_what_follows(read, last)
            or _goes_on(marks, last)
            or _hangs(marks, first, last)
            or _is_hearsay(read, last)
        ):
            return False
    elif (
        _is_presupposed(mention, read, first)
        or _is_denied_twice(marks, first)
        or _is_bare(marks, first, last)
    ):
        return False
    colon = {"colon"} if marks[first].kind not in FORWARD or marks[first].text == "none" else set()
    if any(mark.kind not in _BETWEEN | colon and not mark.text.startswith(_SUSPECTS) for mark in inner):
        return False
    ends = [marks[first].end, *(mark.end for mark in inner)]
    starts = [*(mark.start for mark in inner), marks[last].start]
    words = (
        word for end, start in zip(ends, starts, strict=True) for word in read.normalised[end:start].split()
    )
    return all(word in FILLERS for word in words)


def _is_denied_twice(marks: Sequence[Mark], index: int) -> bool:
    """Whether a denial stands under another one: "not without a pneumothorax"."""
    if marks[index].kind not in FORWARD:
        return False
    for mark in reversed(marks[max(0, index - 6) : index]):
        if mark.kind in ("negation", "likely none", "not seen", "none", "cannot exclude"):
            return True
        if mark.kind in ENTITIES or mark.kind in ("boundary", "list", "with", "colon", "normal"):
            return False
    return False


def _hangs(marks: Sequence[Mark], first: int, index: int) -> bool:
    """Whether a denial behind a mention hangs on a comma, or is itself denied."""
    before = marks[index - 1]
    on_comma = marks[index].kind in ("none", "not seen", "not clearly seen") and before.text == ","
    if on_comma or (marks[index].kind == "none" and before.kind == "negation"):
        return True
    comma = next((place for place in range(first + 1, index) if marks[place].text == ","), index)
    return any(mark.kind == "side" for mark in marks[comma:index])


def _is_turned(read: Reading, first: int) -> bool:
    """Whether what stands before a denial turns it: "cannot say that it has gone"."""
    before = read.marks[max(0, first - 8) : first]
    start = next((mark.end for mark in reversed(before) if _ends_clause(mark)), 0)
    return bool(_TURNING & set(read.normalised[start : read.marks[first].start].split()))


def _ends_clause(mark: Mark) -> bool:
    return mark.kind in ("boundary", "list", "colon") and mark.text not in (
        "that",
        "which",
        "there is",
        "there are",
    )


def _is_hearsay(read: Reading, last: int) -> bool:
    """Whether it is only said that nobody wrote of it or saw it: "not mentioned", "not seen by ..."."""
    mark = read.marks[last]
    return mark.text.endswith(_WRITTEN) or read.normalised[mark.end :].lstrip().startswith("by ")


def _denies_what_follows(read: Reading, last: int) -> bool:
    """Whether a "no" behind a mention goes on to a noun of its own: "pneumothorax: no interval widening"."""
    mark = read.marks[last]
    if mark.kind != "negation":
        return False
    following = read.marks[last + 1] if last + 1 < len(read.marks) else None
    labels = last + 2 < len(read.marks) and read.marks[last + 2].kind == "colon"
    if following is not None and following.kind in ENTITIES - PNEUMOTHORAX and not labels:
        return True  # "pneumothorax lt side, no shift, rt side negative"
    rest = read.normalised[mark.end : following.start if following else None].split()
    return any(word not in FILLERS and word.isalpha() for word in rest)


def _is_bare(marks: Sequence[Mark], first: int, last: int) -> bool:
    """Whether a "not" stands before a preposition: "were it not for a pneumothorax"."""
    inner = marks[first + 1 : last]
    return marks[first].text == "not" and any(mark.kind in ("preposition", "seen") for mark in inner)


def _is_presupposed(entity: Entity, read: Reading, first: int) -> bool:
    """Whether what is denied is known: "neither the drain nor the pneumothorax has moved"."""
    if read.marks[first].kind != "negation":
        return False
    inner = read.marks[first + 1 : entity.index]
    between = read.normalised[read.marks[first].end : entity.mark.start]
    articles = [mark.text for mark in inner if mark.kind == "article"]
    return articles[-1:] in (["the"], ["this"], ["these"]) and not _OF_THE.search(between)


def _has_other_predicate(entity: Entity, read: Reading) -> bool:
    """Whether a denied mention is the subject of a verb that is not one of being there."""
    start = entity.mark.end
    behind = read.marks[entity.index + 1 : entity.index + 3]
    if behind and behind[0].kind == "verb":
        start, behind = behind[0].end, behind[1:]
    end = behind[0].start if behind else len(read.normalised)
    rest = read.normalised[start:end].split()
    return any(word not in FILLERS and word not in _COMES_ABOUT for word in rest)
