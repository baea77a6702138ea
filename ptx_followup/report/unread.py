"""What of a denial was not understood.

A report that denies a pneumothorax keeps the network from looking. So a denial counts only where its form
is one of
those that are known, word for word between "no" and the finding, and where nothing that may speak of the same
finding was left unread: "one", "it remains", a size or a measure of nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ptx_followup.report.assertion import DENIALS, ENTITIES, Entity, certainty_of
from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import Mark
from ptx_followup.report.reading import Reader, Reading, may_name
from ptx_followup.report.sections import Sentence
from ptx_followup.report.values import sides_in
from ptx_followup.report.vocabulary import words

#: Marks between a denial and what it denies; no sentence of a report has more.
_REACH = 60
_FORWARD = frozenset({"negation", "likely none", "resolved", "unlikely"})
_BACKWARD = frozenset(
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
#: Words that may, and are no concept.
_FILLERS = words(
    "measurable sizable sizeable evidence sign signs indication suggestion finding findings feature"
    " features appearance"
    " appearances suspicion focal focus acute pleural pulmonary lobar segmental area areas collection"
    " radiographic radiological radiologic appreciable demonstrable detectable discernible"
    " significant parenchymal interstitial alveolar bony osseous suspicious layering pneumonic"
    " interval associated underlying complicating complication complications such as including or be"
    " been to obvious well formed occult spontaneous iatrogenic traumatic post procedural procedure"
    " postprocedural primary secondary loculated simple free visible focalized confluent patchy dense"
    " overt frank effusion infiltrative vascular venous airspace space lung active acquired chronic"
    " new recurrent recurrence development e o i either both other any more than like what so called"
    " true real genuine clear sided apparent fluid air gas overlying developing progressive ongoing"
    " immediate delayed early late ct cxr chest x ray film gross pathological pathology abnormality"
    " abnormalities suspected questioned queried possible reported described mentioned previously"
    " thought first initial line by time this present at current today on repeat imaging views view"
    " image images exam examination study we there can could will would should did do does not have"
    " has had all also again still then now right left apical basal completely fully entirely totally"
    " since yesterday interim meantime likewise similarly answered clearly ago hours days weeks week"
    " day month morning night evening earlier formerly recent recently last outside questionable"
    " shadow lines density noted sides side bilaterally anywhere whatsoever hemithorax hemithoraces"
    " lungs pneumothorax tube drain removal placement insertion following after before with in of"
    " from the a an was were its his her their our your"
)
#: Concepts that say that something is there, or how large.
_STATES = frozenset(
    {"size", "measure", "persistent", "remaining", "larger", "smaller", "stable", "partly resolved"}
)
_DENIABLE = ("large", "significant", "siz", "big", "huge", "massive", "extensive", "complete", "total")
_OF_THE = re.compile(
    r"\b(?:evidence|signs?|residu\w+|remnant|recurrence|longer|trace|previous\w*|prior|of the)\b"
)
#: What a denied finding may do: "no pneumothorax has developed".
_COMES_ABOUT = words(
    "developed appeared recurred occurred arisen formed ensued resulted detected suspected after since"
    " shown found"
    " observed recognised recognized perceptible discerned discernible demonstrable detectable"
    " visualised delineated"
    " definitely clearly readily evidently apparent confirmed included described reported documented"
    " mentioned"
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
_EXCEPT = ("except", "other than", "apart from", "aside from", "besides")
#: Signs of a pneumothorax or of its rest, by whatever name.
_SIGNS = re.compile(
    r"\b(?:sliver|remnant|residuum|rim of (?:air|gas|lucency)|visceral pleura\w*|lung edge|pleural"
    r" (?:line|edge|separation"
    r"|gap|air|gas)|separation of the pleura|deep sulcus|(?:partial|partly|incomplete|not)\w* (?:\w+"
    r" )?(?:re ?)?expan\w+"
    r"|air leak|leak persists|free air in the (?:chest|thorax)|collapsed lung|lung (?:is|remains)"
    r" collapsed)\b"
)
_NAMES = re.compile(
    r"(?<!hemi)(?<!hemi )(?<!hydro)(?<!mo)thora(?:x|ces)\b|pneumo ?thora|\bptxs?\b|\bpn?tx\b|\bpnx\b"
    r"|p\w{2,8}thorax"
)
_REFERRING = re.compile(
    r"(?:however |but |now |and |, )*(?:it|this|these|they|that|which) (?:is|has|remains|persists"
    r"|measures|was|are|have)\b"
)


def unread(sentences: Sequence[Sentence], reader: Reader, overruled: frozenset[str]) -> list[int]:
    """Sentences in which a pneumothorax may be stated, of a report that was read as a denial.

    Args:
        sentences: Of the report.
        reader: Of its sentences.
        overruled: Sections that a more binding one corrects, and whose statements count no more.

    Returns:
        Their places, in order.
    """
    found = []
    mentioned = False
    for index, sentence in enumerate(sentences):
        if sentence.section not in BODY or sentence.section in overruled:
            mentioned = False
            continue
        read = reader(sentence.wording, after_mention=mentioned)
        names = may_name(sentence.wording) and any(entity.is_pneumothorax for entity in read.entities)
        if _is_unread(read, mentioned=mentioned, names=names):
            found.append(index)
        mentioned = names or (mentioned and not read.entities and not _unknown(read))
    return found


def _is_unread(read: Reading, *, mentioned: bool, names: bool) -> bool:
    mentions = [entity for entity in read.entities if entity.is_pneumothorax]
    if len(_NAMES.findall(read.normalised)) > sum(not entity.refers for entity in mentions) + _decoys(read):
        return True
    labels = [entity for entity in mentions if entity.heading and len(mentions) > 1]
    if any(_doubtful(entity, read) for entity in mentions if entity not in labels):
        return True
    if names and any(_speaks(clause) for clause in _clauses_behind(read, mentions)):
        return True
    if names and _turns_to_the_other_side(read, mentions):
        return True
    if mentioned and not names and (_refers(read) or _loose(read)):
        return True
    return not mentions and _has_sign(read)


def _decoys(read: Reading) -> int:
    return sum(
        len(_NAMES.findall(mark.text))
        for mark in read.marks
        if mark.kind in ("decoy", "other", "site", "tube")
    )


def _doubtful(entity: Entity, read: Reading) -> bool:
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
    if "negation" in entity.cues and _has_other_predicate(entity, read):
        return True
    return not any(_is_known(entity, read, first, last) for first, last in _paths(entity, read.marks))


def _after_denial_is_more(entity: Entity) -> bool:
    """Whether a denied finding has a size behind it: "no pneumothorax right, small on the left"."""
    return any(
        (mark.kind == "measure" or (mark.kind == "size" and not mark.text.startswith(_DENIABLE)))
        and mark.start > entity.mark.end
        for mark in entity.modifiers
    )


def _paths(entity: Entity, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """From a denial to the mention, or from the mention to its denial, as places among the marks."""
    for index in range(entity.index - 1, max(-1, entity.index - _REACH), -1):
        if marks[index].kind in _FORWARD:
            yield index, entity.index
            break
    for index in range(entity.index + 1, min(len(marks), entity.index + _REACH)):
        if marks[index].kind in _BACKWARD:
            yield entity.index, index
            break


def _is_known(mention: Entity, read: Reading, first: int, last: int) -> bool:
    """Whether all that stands between two marks is known."""
    marks = read.marks
    inner = marks[first + 1 : last]
    if marks[first].kind == "negation" and _is_presupposed(mention, read, first):
        return False
    if (
        _is_denied_twice(marks, first)
        or _hangs(marks, last)
        or any("markings" in mark.text for mark in inner)
    ):
        return False
    colon = {"colon"} if marks[first].kind not in _FORWARD or marks[first].text == "none" else set()
    if any(mark.kind not in _BETWEEN | colon and not mark.text.startswith(_SUSPECTS) for mark in inner):
        return False
    ends = [marks[first].end, *(mark.end for mark in inner)]
    starts = [*(mark.start for mark in inner), marks[last].start]
    words = (
        word for end, start in zip(ends, starts, strict=True) for word in read.normalised[end:start].split()
    )
    return all(word in _FILLERS for word in words)


def _is_denied_twice(marks: Sequence[Mark], index: int) -> bool:
    """Whether a denial stands under another one: "not without a pneumothorax"."""
    if marks[index].kind not in _FORWARD:
        return False
    for mark in reversed(marks[max(0, index - 6) : index]):
        if mark.kind in ("negation", "likely none", "not seen", "none", "cannot exclude"):
            return True
        if mark.kind in ENTITIES or mark.kind in ("boundary", "list", "with", "colon", "normal"):
            return False
    return False


def _hangs(marks: Sequence[Mark], index: int) -> bool:
    """Whether a denial behind a mention hangs on a comma alone, or is denied: "has not been excluded"."""
    before = marks[index - 1]
    return marks[index].kind == "none" and (before.text == "," or before.kind == "negation")


def _is_presupposed(entity: Entity, read: Reading, first: int) -> bool:
    """Whether what is denied is known: "neither the drain nor the pneumothorax has moved"."""
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
    return any(word not in _FILLERS and word not in _COMES_ABOUT for word in rest)


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


def _speaks(clause: Sequence[Mark]) -> bool:
    """Whether a clause that names nothing may speak of the finding."""
    kinds = {mark.kind for mark in clause}
    if kinds & (
        ENTITIES | {"negation", "none", "not seen", "normal", "cannot assess", "limited", "site", "decoy"}
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
    quiet = not read.entities and not kinds & {"normal", "site", "decoy", "study", *_FORWARD, *_BACKWARD}
    return quiet and bool(kinds & (_STATES - {"stable"})) and not _unknown(read)


def _unknown(read: Reading) -> list[str]:
    """Words of a sentence that no concept covers; they name what it is about."""
    ends = [0, *(mark.end for mark in read.marks)]
    starts = [*(mark.start for mark in read.marks), len(read.normalised)]
    words = (
        word for end, start in zip(ends, starts, strict=True) for word in read.normalised[end:start].split()
    )
    return [word for word in words if word not in _FILLERS and not word.isdigit()]


def _has_sign(read: Reading) -> bool:
    return bool(_SIGNS.search(read.normalised)) and not any(
        mark.kind in ("negation", "none", "not seen", "query", "history") for mark in read.marks
    )
