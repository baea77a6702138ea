"""Words of template lines: the finding, sides, and answers."""

from __future__ import annotations

import re

from ptx_followup.report.vocabulary import words

#: What a template line may call a pneumothorax; misspellings are read where the line is read as a sentence.
PNEUMOTHORAX = re.compile(
    r"p[neu]{1,4}m\w{0,3} ?t?h?[or]{1,2}\w{0,2}a\w{0,6}|\bp(?:tx|nx|ntx)s?\b|\b(?:intra)?pleural"
    r" (?:air|gas)\b",
    re.IGNORECASE,
)
SIDE = re.compile(
    r"\b(?:the |on the |in the )?(?P<side>right|left|rt|lt|[rl])\b(?![.'-]\w)"
    r"(?:[ -]?(?:sided?|lung|hemi-?thorax|chest|pleura(?:l space)?|apex|zone))?",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:no(?:ne|pe|t)?|n|nil|-ve|neg(?:ative)?|absent|false|0|-{1,2}|\u2013|\(-\)|\u00f8|\u2717|\u2718)"
    r"(?:[ ,]+(?:seen|present|identified|evident|visible|detected|noted|demonstrated|visuali[sz]ed|found"
    r"|apparent))?(?: (?:today|now|currently|at present|on this film))?$",
    re.IGNORECASE,
)
_YES = re.compile(
    r"(?:yes|y|\+ve|pos(?:itive)?|present|true|1|\+{1,3}|\(\+\)|\u2713|\u2714|seen|identified|evident)$",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:|\?|_+|n/?a|unknown|circle one|select|choose|y ?/ ?n|yes ?/ ?no|no ?/ ?yes|not"
    r" (?:applicable|stated|recorded|answered)"
    r"|[.\u2026]+)$",
    re.IGNORECASE,
)
#: What tells how to fill a form in.
_HINT = re.compile(r"[ \t]*\((?:circle|tick|choose|select|delete|strike)[^()]{0,30}\)$", re.IGNORECASE)
_UNASSESSED = re.compile(
    r"(?:(?:not|un) ?(?:assessed|evaluated|assessable|evaluable)|(?:cannot|can not|unable to)(?:"
    r" be)? (?:assess\w*|tell|say"
    r"|determine\w*)|indeterminate|undetermined|uncertain|equivocal|unclear|inconclusive)$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:is|are) there |(?:has|have|is|are) (?:the )?(?=.{0,40}(?:gone|resolved|cleared))"
    r"|(?:any|the|an?) |(?:presence|evidence|signs?|findings?|appearance) of )+",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"(?:[ ,]+(?:present|seen|visible|identified|status|findings?))?(?: ?\((?![^()]*(?:pneumo"
    r"|ptx))[^()]{0,30}\))?[ :]*$",
    re.IGNORECASE,
)


_GONE = re.compile(r"\b(?:resolved|gone|cleared|resolution of)\b", re.IGNORECASE)
_SIDE_BEHIND = re.compile(r"(?<=[a-z])[ ,]+(right|left|rt|lt|r|l)$", re.IGNORECASE)
_SIDE_IN_BRACKETS = re.compile(r"\((right|left|rt|lt|r|l)(?: side)?\)", re.IGNORECASE)


#: The number of a field: "R10  PTX today".
_CODE = re.compile(r"[A-Z]{1,2}\d{1,3}[.)]?[ \t]{1,4}(?=[A-Za-z])")


def subject(label: str) -> str:
    """What a label is about: "Is there a pneumothorax" is about pneumothorax."""
    label = _CODE.sub("", label.strip(" \t*#:-\u2022"))
    about = _LEAD.sub("", _TRAIL.sub("", label))
    side = _SIDE_IN_BRACKETS.search(label) or _SIDE_BEHIND.search(about)
    about = _SIDE_BEHIND.sub("", about)
    return f"{side_of(side[1])} {about}" if side else about


def side_of(word: str) -> str:
    """The side that a word or letter stands for."""
    return "right" if word.strip().lower().startswith("r") else "left"


def kind_of(value: str) -> str | None:
    """What an answer says: "none", "yes", "open", "unassessed", or None for words of its own."""
    value = value.strip(" \t*.;,").strip()
    value = _HINT.sub("", value)
    value = value[1:-1] if value[:1] == "(" and value[2:] == ")" and value[1:2].isalpha() else value
    for kind, pattern in (("none", _NONE), ("yes", _YES), ("open", _OPEN), ("unassessed", _UNASSESSED)):
        if pattern.match(value):
            return kind
    return None


def statement(about: str, value: str, side: str | None = None) -> str:
    """A label with its answer as a sentence; empty where it was not answered.

    >>> statement("pneumothorax", "No", "right"), statement("pneumothorax", "yes, small")
    ('no right pneumothorax', 'small pneumothorax')
    """
    about = f"{side} {about}" if side else about
    first, _, rest = value.strip(" \t;").partition(",")
    first, _, more = first.partition(". ")
    rest = ", ".join(part.strip(" .") for part in (more, rest) if part.strip(" ."))
    kind = kind_of(first)
    if kind in ("none", "yes") and _GONE.search(about):
        return f"{_GONE.sub('', about).strip()} has {'' if kind == 'yes' else 'not '}resolved"
    if kind == "none":
        return f"no {about}" + (f"; {rest}" if rest else "")
    if kind == "yes":
        return _described(about, rest) if rest else f"{about} is present"
    if kind == "open":
        return ""
    if kind == "unassessed":
        return f"{about} cannot be assessed"
    return _described(about, value.strip())


#: Words that may stand before the noun.
_ADJECTIVES = words(
    "tiny trace minimal small mild moderate large massive very new residual apical basal lateral"
    " anterior medial left"
    " right bilateral cm mm % stable unchanged possible probable likely suspected to and"
)
_SIZED = re.compile(r"\d{1,4}(?:\.\d{1,3})?(?:[cm]m|%)?$", re.IGNORECASE)


def _described(about: str, value: str) -> str:
    own = [word for word in re.split(r"[ \t,-]+", value.lower().strip(" .")) if word]
    if own and all(word in _ADJECTIVES or _SIZED.match(word) for word in own):
        return f"{value.strip(' .').replace(',', '')} {about}"
    return f"{about}, {value}"
