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
    return item if _STATES.search(item) else f"no {item}"


def is_plain_item(line: str) -> bool:
    """Whether a line without a bullet is an item: a few words that state nothing of their own."""
    return bool(line.strip()) and len(line.split()) <= 5 and not _STATES.search(line) and ". " not in line
