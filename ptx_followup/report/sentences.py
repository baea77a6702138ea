"""Sentences of running text: where full stops, line ends and bullets end one, and where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]")
_BREAK = re.compile(r"[.!?]+|\n+|[•▪●‣]")
_ABBREVIATIONS = frozenset(
    {
        "bilat",
        "bil",
        "ap",
        "ant",
        "sm",
        "mod",
        "lg",
        "prev",
        "prob",
        "poss",
        "dr",
        "mr",
        "mrs",
        "ms",
        "vs",
        "approx",
        "lt",
        "rt",
        "fig",
        "st",
        "incl",
        "max",
        "min",
    }
)
_BULLET = re.compile(
    r"[ \t]{0,8}(?:[-*+•▪●‣>]+[ \t]|\(?\d{1,2}(?:[.)]|[ \t]?[-\u2013](?=[ \t][^\W\d]))[ \t])"
)
_LABEL = re.compile(r"[ \t]{0,8}[A-Za-z][A-Za-z /-]{0,30}:")
_ENUMERATOR = re.compile(
    r"(?:[\s*•▪●‣>#]|[-+](?!ve\b))*(?:\(?\d{1,2}(?:[.)](?!\d)|[ \t]?[-\u2013](?=[ \t][^\W\d])))?[\s*]*"
)
_OPEN_END = re.compile(
    r"(?:[,:/&-]|\b(?:of|or|and|nor|the|an?|no|not|without|with|in|on|at|to|for|from|by|is|are|was|has|have"
    r"|been|be|left|right|small|large|tiny|moderate|apical|basal|pleural|focal|possible|likely|than|as))$",
    re.IGNORECASE,
)
#: Lines this long were probably broken by the width of the page and not by the writer.
_WRAPPED_LINE = 60


def spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Trimmed, non-empty sentence spans between two offsets."""
    sentence_start = line_start = start
    part = text[start:end]
    one_case = part.isupper() or part.islower()
    for match in _BREAK.finditer(text, start, end):
        mark = match.group(0)
        if mark[0] == "\n":
            ends = len(mark) > 1 or _line_ends(text, line_start, match, end, one_case)
            line_start = match.end()
        else:
            ends = mark[0] not in ".!?" or _stop_ends(text, sentence_start, match, end)
        if ends:
            yield from _trimmed(text, sentence_start, match.end() if mark[0] in ".!?" else match.start())
            sentence_start = match.end()
    yield from _trimmed(text, sentence_start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    match = _ENUMERATOR.match(text, start, end)
    start = match.end() if match else start
    end = start + len(text[start:end].rstrip())
    if _WORD.search(text, start, end):
        yield start, end


def _stop_ends(text: str, sentence_start: int, match: re.Match[str], end: int) -> bool:
    """Whether a full stop, question or exclamation mark ends the sentence."""
    after = text[match.end() : match.end() + 2] if match.end() < end else ""
    before = text[max(sentence_start, match.start() - 12) : match.start()]
    if match.group(0)[0] == "?" and (not before or before[-1].isspace()):
        return False  # "?pneumothorax", "? ptx"
    if after and not after[0].isspace():
        return after[0].isupper() and before[-1:].isalnum() and len(before) > 1 and before[-2:-1] != "."
    if match.group(0) != ".":
        return True
    words = before.split()
    word = words[-1].lower() if words else ""
    if word == "ap" and words[-1].isupper() and after[1:2].isupper():
        return True  # "CHEST AP. Both lungs ...", and no "ap. pneumothorax"
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and not after[1:2].isupper()):
        return False
    enumerator = text[sentence_start : match.start()].strip() if match.start() - sentence_start < 12 else ""
    return not enumerator.strip("(-*# \t\n").isdigit()


def _line_ends(text: str, line_start: int, match: re.Match[str], end: int, one_case: bool) -> bool:
    """Whether a single line break ends the sentence or only wraps it."""
    following = text[match.end() : min(end, match.end() + 48)]
    if _BULLET.match(following) or _LABEL.match(following):
        return True
    # Only the end of the line is looked at, so that a long line costs no more than a short one.
    line = text[max(line_start, match.start() - 80) : match.start()].rstrip()
    first = following.lstrip()[:1]
    if not line or not first:
        return True
    if _OPEN_END.search(line[-12:]):
        return False
    if one_case:
        return len(line) < _WRAPPED_LINE
    return not first.islower()
