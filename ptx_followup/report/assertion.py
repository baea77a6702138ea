"""What a sentence asserts of each thing it names: present, denied, doubted, past, or out of reach.

One walk from left to right over the marks of a sentence. A cue that looks forward ("no", "possible", "history
of") opens a scope, which covers the findings that follow until a clause ends or a list item starts afresh
("no effusion, a small left pneumothorax"). A cue that looks back ("is not seen", "has resolved") falls on the
subjects of its verb. A clause that names nothing speaks of the subjects before it ("...; it has resolved").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ptx_followup.report.lexicon import Mark

ENTITIES = frozenset({"pneumothorax", "fluid level", "air", "tube", "shift", "collapse", "other"})
PNEUMOTHORAX = frozenset({"pneumothorax", "fluid level"})

_FORWARD = frozenset(
    {"negation", "likely none", "uncertain", "cannot exclude", "cannot assess", "query", "history", "hedge"}
)
_BACKWARD = frozenset(
    {"not seen", "not clearly seen", "none", "not excluded", "unassessable", "limited", "look alike"}
)
_EITHER = frozenset({"resolved", "unlikely"})
#: Cues that make a mention an absent one.
DENIALS = frozenset({"negation", "likely none", "not seen", "not clearly seen", "none", "look alike"})
CHANGES = frozenset(
    {"new", "stable", "larger", "smaller", "persistent", "remaining", "partly resolved", "unresolved"}
)
#: What an item of a list starts with when it is not part of the denied list.
_FRESH_START = CHANGES - {"new"} | {"article", "measure"}
DENIABLE_SIZES = ("large", "significant", "siz", "big", "huge", "massive", "extensive", "complete", "total")
#: Subjects of one verb; no sentence has more, and time stays linear in whatever is given.
_MOST_SUBJECTS = 12
#: Marks that a colon looks back over, for the same reason.
_MOST_PASSED = 40
#: What stands between a subject and what is said of it.
_LINKS = frozenset({"verb", "persistent", "remaining", "colon"})
_TRANSITIVE = ("what appears", "mimic", "simulat", "instead", "not due", "not represent", "not a true")
_MODALS = ("may", "might", "could")
_NAMED = re.compile(r"p[nt]|thora|pleur|air|gas|fluid")
#: What makes a finding one that is known: it may be hard to see, and is there.
_KNOWN = ("the", "known", "residual", "persistent")


@dataclass
class Entity:
    """Something that a sentence names, with the cues that fall on it.

    Attributes:
        mark: The naming phrase.
        index: Its place among the marks of the sentence.
        cues: Concepts of the cues; see `CONCEPTS` of the lexicon.
        alternative: True where it stands in a list with "or".
        heading: True where it is the label of a template line ("Pneumothorax: ...").
        definite: True where it is known from before: "the pneumothorax".
        belonging: True where the sentence speaks of its edge, size or cause, and not of itself.
        groups: Sides, zones, sizes, measures and changes that belong to it, one group a list item.
    """

    mark: Mark
    index: int
    cues: set[str] = field(default_factory=set)
    alternative: bool = False
    heading: bool = False
    definite: bool = False
    belonging: bool = False
    groups: list[list[Mark]] = field(default_factory=list)

    @property
    def modifiers(self) -> list[Mark]:
        """All modifiers, from left to right within a group."""
        return [mark for group in self.groups for mark in group]

    @property
    def refers(self) -> bool:
        """Whether it is named by a word that stands for it: "one", "a sliver"."""
        return _NAMED.search(self.mark.text) is None

    @property
    def is_pneumothorax(self) -> bool:
        """Whether it is a mention of a pneumothorax."""
        return self.mark.kind in PNEUMOTHORAX


@dataclass
class _Walk:
    """State of the walk: the open scope, the subjects of the next verb, and what was just passed."""

    scope: set[str] = field(default_factory=set)
    covered: int = 0
    subjects: list[Entity] = field(default_factory=list)
    closed: bool = True
    passed: list[Mark] = field(default_factory=list)
    belonging: bool = False

    def open(self, cue: str) -> None:
        if self.covered:
            self.scope.clear()
        self.covered = 0
        self.scope.add(cue)

    def end_item(self) -> None:
        self.scope.discard("status post")

    def end_scope(self, *, said: bool = False) -> None:
        self.scope -= {"status post", "history"}
        if self.covered or said:
            self.scope.clear()
            self.covered = 0

    def end_clause(self) -> None:
        self.scope.clear()
        self.covered = 0
        self.closed = True
        self.belonging = False
        self.passed.clear()

    def name(self, entity: Entity) -> None:
        entity.cues |= self.scope
        entity.belonging, self.belonging = self.belonging, False
        self.covered += 1
        if self.closed:
            self.subjects = []
            self.closed = False
        self.subjects = [*self.subjects[-_MOST_SUBJECTS:], entity]
        self.passed.clear()

    def say(self, cue: str) -> None:
        for subject in self.subjects:
            if not (subject.belonging and cue in _BACKWARD):
                subject.cues.add(cue)
        self.closed = True


def find_entities(marks: Sequence[Mark]) -> list[Entity]:
    """The entities of a sentence with the cues that fall on each.

    Args:
        marks: Marks of the normalised sentence, from left to right.
    """
    walk = _Walk()
    entities: list[Entity] = []
    clause_has_or = _or_follows(marks)
    for index, mark in enumerate(marks):
        if mark.kind in ENTITIES:
            _start_afresh(walk, mark, in_list=clause_has_or[index])
            entity = Entity(mark, index, heading=_kind(marks, index + 1) == "colon" and not walk.scope)
            entity.cues |= {passed.kind for passed in walk.passed if passed.kind == "previous"}
            entity.definite = any(passed.text in _KNOWN for passed in walk.passed)
            entity.alternative = clause_has_or[index] or any(passed.text == "or" for passed in walk.passed)
            walk.name(entity)
            entities.append(entity)
            walk.scope.discard("status post")
        else:
            _cue(walk, marks, index)
            walk.passed.append(mark)
    return entities


def _kind(marks: Sequence[Mark], index: int) -> str:
    return marks[index].kind if 0 <= index < len(marks) else "end"


def _or_follows(marks: Sequence[Mark]) -> list[bool]:
    """For each mark, whether its clause still holds an "or": the list it stands in goes on."""
    follows = [False] * len(marks)
    seen = False
    for index in range(len(marks) - 1, -1, -1):
        if marks[index].kind in ("boundary", "with", "negation"):
            seen = False
        elif marks[index].kind == "list" and marks[index].text in ("or", "nor", "/"):
            seen = True
        follows[index] = seen
    return follows


def _start_afresh(walk: _Walk, entity: Mark, *, in_list: bool) -> None:
    """Close the scope where an entity begins a statement of its own."""
    new_item = "history" in walk.scope and any(mark.kind == "list" for mark in walk.passed)
    if in_list or not (walk.covered or new_item):
        return
    joined_by_or = any(mark.text in ("or", "nor") or mark.kind == "supports" for mark in walk.passed)
    fresh = any(
        mark.kind in _FRESH_START
        or mark.kind == "seen"
        or (mark.kind == "size" and not mark.text.startswith(DENIABLE_SIZES))
        or (mark.kind in ("side", "new", "zone") and entity.kind in PNEUMOTHORAX)
        for mark in walk.passed
    )
    if fresh and not joined_by_or:
        walk.end_scope()


def _cue(walk: _Walk, marks: Sequence[Mark], index: int) -> None:
    """Let one mark that names nothing act on the walk."""
    mark = marks[index]
    kind = mark.kind
    if kind == "boundary":
        walk.end_clause()
    elif kind in ("with", "colon"):
        recent = walk.passed[-_MOST_PASSED:]
        kinds = [passed.kind for passed in recent if passed.kind in ("negation", "verb")]
        walk.end_scope(said=kind == "colon" and "verb" in kinds[1:])  # "no action is needed: ..."
    elif kind == "aspect":
        walk.scope.clear()
        walk.belonging = True
    elif kind == "list":
        walk.end_item()
    elif _looks_forward(walk, marks, index):
        _open(walk, marks, index)
    elif kind in CHANGES | {"seen", "previous"}:
        elsewhere = mark.kind == "previous" and _kind(marks, index + 1) == "preposition"
        if (
            not elsewhere
            and not _attributive(marks, index)
            and not (index and marks[index - 1].text == "where")
        ):
            walk.say(kind)
    elif kind in _FORWARD | _EITHER | _BACKWARD:
        walk.say("none" if kind == "negation" else kind)
    elif mark.text == "for" and _kind(marks, index - 1) in ("tube", "other"):
        walk.open("history")  # "chest tube for pneumothorax"


def _looks_forward(walk: _Walk, marks: Sequence[Mark], index: int) -> bool:
    """Whether a cue speaks of what follows it."""
    if marks[index].kind in _EITHER:
        return _attributive(marks, index) or not walk.subjects
    return marks[index].kind in _FORWARD and not _answers(marks, index, walk)


def _open(walk: _Walk, marks: Sequence[Mark], index: int) -> None:
    """Open the scope of a cue that looks forward."""
    mark = marks[index]
    if mark.kind == "hedge":
        if "negation" in walk.scope:
            walk.scope.add("hedge")  # "no definite ..." without a new scope
    elif (mark.text.startswith("if ") and mark.kind == "uncertain" and walk.subjects) or (
        mark.kind == "uncertain" and _doubts_subject(walk, marks, index)
    ):
        walk.say("uncertain")
    elif mark.kind == "resolved" and "negation" in walk.scope and not walk.covered:
        walk.scope.discard("negation")
        walk.open("unresolved")  # "no evidence of resolution of ..."
    elif mark.kind == "history" and mark.text == "status post":
        walk.open("status post")  # of what is named next, a procedure as a rule, and of nothing after it
    else:
        if mark.text in ("versus", "vs"):
            walk.say("uncertain")
        walk.open(mark.kind)


def _doubts_subject(walk: _Walk, marks: Sequence[Mark], index: int) -> bool:
    """Whether a word of doubt falls on what stands before it: "is suspected", "pneumothorax?"."""
    at_end = _kind(marks, index + 1) in ("end", "boundary", "list")
    if marks[index].text == "?":
        return at_end
    if marks[index].text in _MODALS and _kind(marks, index + 1) == "seen":
        return bool(walk.subjects)  # "may be present"
    # "is likely secondary to ..." doubts the cause: nothing may stand between the word and the clause's end.
    adjoins = index + 1 == len(marks) or marks[index + 1].start - marks[index].end <= 1
    return bool(walk.subjects) and at_end and adjoins and _kind(marks, index - 1) in _LINKS


def _answers(marks: Sequence[Mark], index: int, walk: _Walk) -> bool:
    """Whether a denial is the whole answer to a label: "Pneumothorax: no"."""
    if marks[index].kind != "negation":
        return False
    if _kind(marks, index - 1) != "colon" or not walk.subjects or walk.closed:
        return False
    following = marks[index + 1 : index + 3]
    entity = next((mark for mark in following if mark.kind in ENTITIES), None)
    return entity is None or _kind(marks, marks.index(entity, index) + 1) == "colon"


def _attributive(marks: Sequence[Mark], index: int) -> bool:
    """Whether a word such as "stable" or "resolved" stands before the noun that it describes."""
    text = marks[index].text
    if text.endswith((" of", " in", " to", " the", " than", " with", " represent")) or text.startswith(
        _TRANSITIVE
    ):
        return True
    if _kind(marks, index - 1) in ENTITIES | {"verb", "persistent", "remaining", "seen"}:
        return False
    for mark in marks[index + 1 : index + 8]:
        if mark.kind in ENTITIES:
            return True
        if mark.kind in ("list", "boundary", "with", "colon", "verb", "preposition", "study"):
            return False
    return False
