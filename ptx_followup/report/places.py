"""Zones that a report tells of the air itself.

What belongs to something else is left out, and what stands beside the name of the pneumothorax is found.

"Pleural line along the lateral wall. Small right pneumothorax." tells a zone without the noun;
"pneumothorax, basal atelectasis" names one that is not the pneumothorax's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ptx_followup.report.lexicon import Mark, normalise, scan
from ptx_followup.report.terms import ZONES, Zone
from ptx_followup.report.values import sides_of, zones_of
from ptx_followup.sides import Side

#: Things that lie in a zone of their own; what is called air or a line and is none comes first.
_OTHER = (
    r"air ?space (?:opaci|disease|consol|shadow|change)|airways?|air bronch|air trapping|space opaci"
    r"|effusion|fluid|drain|tube|catheter|pigtail|\bicd\b|\bicc\b|\bpicc\b|\btips?\b|\bleads?\b|pacemaker"
    r"|atelecta|\batx\b|consolid|infiltr|opaci|shadowing|density|nodul|\bmass|granulom|lesion|cavit"
    r"|fibro|scar"
    r"|thicken|calcifi|bulla|bleb|cysts?\b|cystic(?: lucen\w+)?|pneumatocele|emphysema|adhesi|adheren"
    r"|tether|suture"
    r"|clips?\b|staple|surg|fracture"
    r"|\bribs? |h(?:a)?emothorax|contusion|o?edema|pneumonia|bronchiec|hernia|skin ?fold|companion"
    r"|(?:central|venous|jugular|subclavian|picc|port|ij|ivc|cvc) lines?|film|\bview|projection|radiograph"
    r"|quadrant|abdomen|lobes?\b|cardiac apex|apical cap|dislocation|remnant"
)
_AIR = (
    r"pneumo ?thora|\bptx\b|(?:pleural|lung|pleura) (?:lines?|edge|margin|border|reflection|separation|gap)"
    r"|(?:thin|faint|fine|curvilinear|curved|white|equivocal|subtle|indeterminate|sharp)(?: \w+){0,3} line"
    r"|\blines?(?= (?:(?:is|are|projected|seen|visible|running|runs) )*(?:at|over|along|parallel\w*|in)\b)"
    r"|\bedge\b|lucen\w+|translucen\w+|\bair\b|\bgas\b|\bgap\b|separat(?:ion|ed|es)|\brim\b|crescent"
    r"|sliver|\btrace of"
    r"|component|pocket|collection|apical space|\bblack|(?:free|devoid|absence|absent|absen\w+"
    r"|without|no)(?: of)? "
    r"(?:\w+ ){0,2}markings"
)
SOMETHING_ELSE = re.compile(_OTHER)
_EVENT = re.compile(rf"(?P<other>{_OTHER})|(?P<air>{_AIR})")
_MARKINGS = re.compile(
    r"\b(?:no|without|absent|absence of|devoid of|lack of)(?= (?:\w+ ){0,3}(?:markings|vessels|vascul))"
)
#: "It runs from the apex": what goes on about the air that was named.
_GOES_ON = re.compile(
    r"^(?:(?:and|although|but|here|now|there|both|some|part|most|all) |of )*"
    r"(?:it s|its|it|they|this|these|those|the (?:air|latter|collection|largest part)|both)\b"
)
_CLAUSE = re.compile(r" (?:[.;!?]|but|however|whereas|while|although) ")
_NEGATED = re.compile(
    r"\b(?:no|not|without|cannot|nor|neither|never|nil|if|or may be|previous\w*|earlier|before)\b"
)
_GONE = re.compile(r"\b(?:no longer|resolved|gone|cleared|disappeared|re ?expanded|expanded|normal|clear)\b")
_DEEP = re.compile(
    r"\bdeep (?:(?:left|right|and|lucent|lateral) )*(?:(?:costo ?phrenic|cp) )?(?:sulcus|angle|recess)"
    r"|\b(?:sulcus|costo ?phrenic (?:angle|recess)) (?:\w+ ){0,3}deep\b"
)
_WALL = re.compile(
    r"\bmediastinal (?:border|margin|contour|side|surface)\b|\balong the (?:\w+ )?mediastinum\b"
)

#: Directly before a zone: it is denied of the air, or the place of something else.
_BEFORE = re.compile(
    r"(?:\b(?:no|not|neither|nor|without|rather than|instead of|none)"
    r"(?: (?:at|in|over|seen|visible|the|lateral|basal|basilar|apical|or|and|to|extend\w*|reach\w*"
    r"|right|left))*"
    r"|\baspect of(?: (?:the|left|right))*|\b(?:levels?|drains?|tubes?|tip|catheter|adhesions?"
    r"|adherent|pleurodesis|held|holds?|attached|tethered|fixed)"
    r"(?: (?:,|which|that|lies|is|are|seen|up|projects|in|at|over|to|the|right|left))*) $"
)
#: Directly behind a zone: what it is the place of.
_BEHIND = re.compile(
    rf" (?:(?:and|or|/|,|&) (?:apical|basal|lateral|basilar) |(?:right|left|bilateral\w*|linear"
    rf"|residual|mild|small) )*"
    rf"(?:{_OTHER})"
    r"|(?: of)?(?: the)?(?: right| left)?(?: lung)? (?:is|are|remains?) (?:well |fully |now |re )*"
    r"(?:expanded|clear|adherent|adhered|normal|fixed|tethered|free)\b"
    r"| lobes?\b| to (?:it|this|that|which)\b| (?:edge|margin|border) of the (?:film|image)"
)
_LOBE = re.compile(r"lobe|quadrant|abdomen|^[rl][ulm]l$|^ling")
#: Zones are not joined in longer sentences; time stays linear in whatever is given.
_MOST_MARKS = 200
_JOINING = frozenset({"list", "preposition", "article", "measure", "with"})


def zones_told(normalised: str, marks: Sequence[Mark], modifiers: Sequence[Mark]) -> tuple[Zone, ...]:
    """Zones that modifiers tell of a pneumothorax, with those that are joined to them.

    Args:
        normalised: The sentence.
        marks: Its marks, from left to right.
        modifiers: The marks that belong to the finding.

    Returns:
        In the order of `ZONES`: of "apical and basal components" both, of "at the apex, basal atelectasis"
        the first.
    """
    own = {mark.start for mark in modifiers if zones_of([mark])}
    told: list[Mark] = []
    for chain in _chains(normalised, marks) if len(marks) <= _MOST_MARKS else ():
        if any(mark.start in own for mark in chain):
            told += chain
    known = {mark.start for mark in told}
    told += [mark for mark in modifiers if mark.start in own and mark.start not in known]
    return zones_of(mark for mark in told if _is_of_air(normalised, mark))


def _chains(normalised: str, marks: Sequence[Mark]) -> list[list[Mark]]:
    """Zones with little more than "and" between them: "1 cm at the apex and 2 cm at the base"."""
    chains: list[list[Mark]] = []
    places = [index for index, mark in enumerate(marks) if mark.kind == "zone"]
    for before, after in pairwise([-1, *places]):
        between = marks[before + 1 : after]
        joined = before >= 0 and between and all(mark.kind in _JOINING for mark in between)
        if joined and _covered(normalised, marks[before : after + 1]):
            chains[-1].append(marks[after])
        else:
            chains.append([marks[after]])
    return chains


def _covered(normalised: str, marks: Sequence[Mark]) -> bool:
    """Whether nothing stands between marks that the lexicon does not know."""
    gaps = (normalised[before.end : after.start] for before, after in pairwise(marks))
    return not any(re.search(r"\w", gap) for gap in gaps)


def _is_of_air(normalised: str, mark: Mark) -> bool:
    """Whether a zone is not denied, and not the place of something else."""
    return not (
        _LOBE.search(mark.text)
        or _BEFORE.search(normalised[max(0, mark.start - 80) : mark.start])
        or _BEHIND.match(normalised[mark.end : mark.end + 60])
    )


def zones_described(text: str, side: Side | None, *, follows: bool) -> tuple[Zone, ...]:
    """Zones that a sentence tells of the air on a side by what is seen of it.

    Args:
        text: The sentence.
        side: Of the pneumothorax; None where it is not known, and a sentence that names one tells nothing.
        follows: Whether the sentence may go on about a pneumothorax that was named before it ("It runs ...").
    """
    found: set[Zone] = set()
    for clause in _CLAUSE.split(f" {normalise(text)} "):
        found |= _in_clause(_MARKINGS.sub("lacking", clause.strip()), side, follows=follows)
    return tuple(zone for zone in ZONES if zone in found)


def _in_clause(clause: str, side: Side | None, *, follows: bool) -> set[Zone]:
    marks = list(scan(clause))
    sides = sides_of(marks)
    if (sides and sides != (side,)) or _GONE.search(clause):
        return set()
    events = list(_EVENT.finditer(clause))
    goes_on = follows and _GOES_ON.match(clause) is not None
    found: set[Zone] = set()
    for mark in marks:
        if mark.kind not in ("zone", "side") or not _is_of_air(clause, mark):
            continue
        if not _NEGATED.search(clause[: mark.start]) and _belongs_to_air(
            clause, mark, events, goes_on=goes_on
        ):
            found |= set(zones_of([mark]))
    for pattern, zone in _NAMELESS:
        place = pattern.search(clause)
        if place and not _NEGATED.search(clause[: place.start()]) and (events or goes_on or zone == "basal"):
            found.add(zone)
    return found


_NAMELESS: tuple[tuple[re.Pattern[str], Zone], ...] = ((_DEEP, "basal"), (_WALL, "medial"))


def _belongs_to_air(clause: str, mark: Mark, events: Sequence[re.Match[str]], *, goes_on: bool) -> bool:
    """Whether the thing that a zone stands behind, or else before, is air or the edge of the lung."""
    before = [event for event in events if event.start() < mark.start]
    behind = [event for event in events if event.start() >= mark.end]
    if behind and "," not in clause[mark.end : behind[0].start()] and behind[0].lastgroup == "air":
        return behind[0].start() - mark.end < _NEAR or not before
    if before:
        return before[-1].lastgroup == "air"
    return goes_on


#: A zone describes the noun behind it within so many characters: "apical and lateral lucency".
_NEAR = 20
