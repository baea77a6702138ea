"""Lists: what a line of denial says of the items under it."""

from __future__ import annotations

import re

_DENIAL = re.compile(
    r"(?:(?:we|i) (?:see|find) |there (?:is|are|was|were) )?(?:no|nil|without|negative for|absence of"
    r"|free of|none of)\b"
    r"(?: (?:radiographic|radiological|definite|convincing|obvious|clear|acute|other))*"
    r"(?: (?:evidence|signs?|suggestion|indication|features?|findings?|abnormalit(?:y|ies)))?(?: (?:of"
    r"|for|such as))?"
    r"(?: (?:any (?:of )?)?the following)?(?: (?:is|are|was|were) (?:seen|present|identified|noted))?"
    r"|(?:i|we) (?:do not|don't|cannot|can't) (?:see|find|identify) (?:any of )?(?:these|the following)"
    r"|(?:there (?:is|are) )?n(?:one|either) of (?:the )?(?:following|these|(?:two |usual "
    r"|expected |looked.for )?\w+"
    r"(?: (?:looked for|asked about|sought))?)(?: (?:findings?|things))?(?: (?:is|are) (?:seen"
    r"|present|identified|found))?"
    r"|(?:absent|not (?:seen|present|identified|visible|found)) (?:on|in) (?:today'?s|this|the"
    r" (?:current|present)) \w+"
    r"|(?:the )?following(?: findings?| entities)? (?:is|are|was|were) (?:all )?(?:absent|not \w+"
    r"|excluded|negative)"
    r"|(?:pertinent |relevant |significant )?negatives?(?: findings?)?|(?:findings? )?absent(?: findings?)?"
    r"|(?:findings? )?not (?:seen|present|identified|visuali[sz]ed|evident|demonstrated)|excluded|ruled out",
    re.IGNORECASE,
)
BULLET = re.compile(
    r"[ \t]*(?:[-*+\u2022\u25aa\u25cf\u2023>\u2013]+[ \t]*|Q\d{1,2}[.):]?[ \t]+"
    r"|\(?(?:\d{1,2}|[a-z])[.)][ \t]+)(?=\S)"
)
_STATES = re.compile(
    r"\b(?:no|not|none|nil|without|absent|is|are|was|were|there|seen|present|has|have|resolved"
    r"|unchanged)\b|:",
    re.IGNORECASE,
)


#: What is under such a line was there before.
_RESOLVED = re.compile(
    r"(?:now |have |has )?(?:resolved|cleared|gone|disappeared|no longer (?:seen|present|visible"
    r"|evident|identified))"
    r"(?: (?:since|from|on|in|after|compared) [^:.]{1,40}| today| now| findings?)?[ \t]*(?::|$)",
    re.IGNORECASE,
)
#: What is under such a line is as it says.
_STATE = re.compile(
    r"(?:persist(?:s|ent|ing)|unchanged|stable|still (?:there|present|seen|visible)|remaining"
    r"|new|improved|worse)[ \t]*:[ \t]*$",
    re.IGNORECASE,
)
_ENUMERATED = re.compile(r"[ \t]*[;/][ \t]*")
_ARTICLE = re.compile(r"(?:an?|the|any) ", re.IGNORECASE)


def without_bullet(line: str) -> str:
    """A line without the bullet or number that it begins with."""
    match = BULLET.match(line)
    return line[match.end() :].strip() if match else line.strip()


def denial_over_list(line: str) -> tuple[bool, str] | None:
    """Whether a line denies what is listed after it: with a colon or not, and what follows on the line.

    >>> denial_over_list("No evidence of:"), denial_over_list("Absent: effusion, pneumothorax.")
    ((True, ''), (True, 'effusion, pneumothorax.'))
    """
    line = without_bullet(line.strip())
    match = _DENIAL.match(line)
    if match is None:
        return None
    rest = line[match.end() :].strip()
    if rest[:1] in (":", "\uff1a"):
        return True, rest[1:].strip()
    return (False, "") if rest.strip(" .-\u2013") == "" else None


def denied_item(item: str) -> str:
    """An item of a denied list as a sentence; one that states something of its own stays as it is."""
    item = without_bullet(item)
    if _STATES.search(item):
        return item
    return "no " + _ENUMERATED.sub(", ", _ARTICLE.sub("", item, count=1) if _ARTICLE.match(item) else item)


def resolved_list(line: str) -> bool:
    """Whether what is listed under a line has resolved: "Resolved since last film:"."""
    return _RESOLVED.match(without_bullet(line.strip())) is not None


def states_items(line: str) -> bool:
    """Whether a line only says how what is listed under it has changed: "Persistent:"."""
    return _STATE.match(without_bullet(line.strip())) is not None


def resolved_item(item: str) -> str:
    """An item of a list of what has resolved, as a sentence."""
    item = without_bullet(item)
    return item if _STATES.search(item) else f"{item.rstrip(' .')} has resolved"


def is_plain_item(line: str) -> bool:
    """Whether a line without a bullet is an item: a few words that state nothing of their own."""
    return bool(line.strip()) and len(line.split()) <= 5 and not _STATES.search(line) and ". " not in line
