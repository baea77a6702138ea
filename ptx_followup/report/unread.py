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
    "evidence sign signs indication suggestion finding findings feature features appearance"
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
    if mentioned and not names and (_REFERRING.match(read.normalised) or _loose(read)):
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
    return not any(_is_known(read, first, last) for first, last in _paths(entity, read.marks))


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


def _is_known(read: Reading, first: int, last: int) -> bool:
    """Whether all that stands between two marks is known."""
    marks = read.marks
    inner = marks[first + 1 : last]
    colon = {"colon"} if marks[first].kind not in _FORWARD or marks[first].text == "none" else set()
    if any(mark.kind not in _BETWEEN | colon | {"boundary"} for mark in inner):
        return False
    if any(mark.kind == "boundary" and mark.text in (".", ";") for mark in inner):
        return False
    ends = [marks[first].end, *(mark.end for mark in inner)]
    starts = [*(mark.start for mark in inner), marks[last].start]
    words = (
        word for end, start in zip(ends, starts, strict=True) for word in read.normalised[end:start].split()
    )
    return all(word in _FILLERS for word in words)


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


def _loose(read: Reading) -> bool:
    """Whether a sentence behind a mention has a size, a measure or a change of nothing that it names."""
    kinds = {mark.kind for mark in read.marks}
    quiet = not read.entities and not kinds & {"normal", "site", "decoy", "study", *_FORWARD, *_BACKWARD}
    return quiet and bool(kinds & _STATES) and not _unknown(read)


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
