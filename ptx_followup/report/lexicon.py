"""The words of chest radiograph reports that decide what is said about a pneumothorax.

A sentence is first brought to a plain form (`normalise`), then scanned once by one compiled expression
(`scan`), which yields marks: a mention, another finding, a denial, a side, a size, and so on. Longer and more
particular phrases stand before the words they contain.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ptx_followup.report.lexicon_classes import CLASSES
from ptx_followup.report.lexicon_cues import CUES
from ptx_followup.report.lexicon_things import THINGS
from ptx_followup.report.sections import REDACTION


def _expression(phrases: str) -> str:
    """One regular expression for any of the phrases, classes filled in and groups not captured."""
    joined = "|".join(phrase.strip() for phrase in re.split(r"  +|\n", phrases) if phrase.strip())
    for name in reversed(CLASSES):
        if f"<{name}>" in joined:
            joined = joined.replace(f"<{name}>", f"(?:{_expression(CLASSES[name])})")
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", joined)


_CONCEPTS = {**CUES, **THINGS}
_SCANNER = re.compile(
    "(?<![a-z0-9])(?:"
    + "|".join(f"(?P<k{number}>{_expression(phrases)})" for number, phrases in enumerate(_CONCEPTS.values()))
    + ")(?![a-z0-9])"
)
_KINDS = {f"k{number}": kind for number, kind in enumerate(_CONCEPTS)}

_SPACED_DASH = re.compile(r" [-\u2010-\u2015]{1,3} |\u2014")
_PUNCTUATION = re.compile(r"(?<!\d)[.]|[.](?!\d)|[,;:!?()&%<>/]")
_SHORT_FORMS = {
    "b/l": "bilateral",
    "w/o": "without",
    "w/": "with ",
    "r/o": "rule out",
    "s/p": "status post",
    "h/o": "history of",
    "c/w": "consistent with",
    "c/o": "history of",
    "e/o": "evidence of",
    "f/u": "follow up",
    "and/or": "or",
}
_SHORT_FORM = re.compile(
    r"(?<![a-z0-9/])(?:(?:b/l|w/o|r/o|s/p|h/o|c/w|c/o|e/o|f/u|and/or)(?![a-z0-9/])|w/(?!o\b))"
)
_BRACKETED = re.compile(r"\(([lr])\)")
#: "(-) effusion, (+) pneumothorax".
_LEADING_SIGN = re.compile(r"(?:^|(?<=[,;] ))\(([-+])\) ?(?=\w)")
#: "-ve", "+ve".
_SIGNED = re.compile(r"(?:(?<= )|^)[-+]ve\b")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2} ?[cm]m\b)")
_SUSPECT = re.compile(
    r"\b(?:(?:hydro|ha?emo|pyo)p[neu]\w{5,13}"
    r"|p?n[eu]\w{5,13}|p[emn]\w{0,2}mo?\w{4,8}|penu\w{4,9}|n[ue]w?mo ?thora\w{1,4}|new mow?"
    r" thora\w{1,4})\b"
)
_CANONICAL = ("pneumothorax", "pneumothoraces")
#: Short forms written as one word: "RPTX", "HydroPTX".
_GLUED = re.compile(r"\b(?P<side>[lr])?(?P<fluid>h(?:ydro)?)?ptx(?=s?\b)")

#: "hasnt", its apostrophe gone.
_NOT = re.compile(r"\b(has|have|is|are|was|were|does|did|could|would)nt\b")
#: What a machine hears.
_HEARD = re.compile(
    r"\b(?:(?:new|nu|knew|gnu|nemo|numo|newmo|neo) ?mo(?:w|e|re)? ?(?:th|t)ora(?:x|xes|ces|cies|ks)\b"
    r"|(?:nemo|numo|newmo|nimo) thora(?:x|ces)"
    r"|new motor (?:ax\w*|acts?)|motor acts|nude? or thorax|new math or ax\w*"
    r"|new m[oa]\w{1,4} (?:or )?(?:a[cx]\w{0,3}|oryx|thorax)"
    r"|(?:numa|numo|neumo|pneumatic|numerous|nu mo|pnu?emo) thorax)\b"
)
#: "write sided", as a machine hears it.
_WRITE = re.compile(
    r"\bwrite(?= (?:sided?|pneumo\w*|ptx|lung|apical|apex|chest|upper|lower|basal|base"
    r"|hemi\w+)\b)|(?<=on the )write\b"
)
#: Signs in place of words: "PTX +, effusion -", "- PTX, + effusion"; one alone may be a dash.
_SIGN_BEHIND = re.compile(r"(?<=[a-z]) ([+-])(?= ?(?:[,;.]|$))")
_SIGN_BEFORE = re.compile(r"(?:^|(?<=[,;] ))([+-]) ?(?=[a-z])")
_FROM_TO = re.compile(r"(\d+(?:\.\d+)?) ?([cm]m)? ?(?:\u2192|-+>) ?(?=(\d+(?:\.\d+)?) ?([cm]m)\b)")
_ARROWS = {"\u2193": " decreased ", "\u2191": " increased ", "\u00f8": " no ", "\u2205": " no "}
_ARROW = re.compile(r"[\u2193\u2191\u2205]|(?<!\w)\u00f8(?= ?[a-z])")
#: A word said twice: "no no pneumothorax".
_TWICE = re.compile(r"\b(no|the|a|an|of|is|in|on|there is|small|left|right|evidence of) \1\b")
#: "leftsided", "bothsided".
_GLUED_SIDE = re.compile(r"\b(left|right|both)(?=sided?\b)")


def _slips(word: str) -> set[str]:
    """What one slip of a finger makes of a word: two letters swapped, one left out, or one doubled."""
    places = range(len(word))
    return {
        *(word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]),
        *(word[:at] + word[at + 1 :] for at in places),
        *(word[:at] + word[at] + word[at:] for at in places),
    } - {word}


#: Words on which a side, place or size hangs, and words that a slip makes of them and that mean something
#: else.
_TYPED_OFTEN = (
    *(
        "right",
        "left",
        "bilateral",
        "apical",
        "basal",
        "lateral",
        "apex",
        "small",
        "large",
        "tiny",
        "moderate",
    ),
    *("evidence", "pneumothorax", "pneumothoraces", "resolved", "previous", "without", "clear", "increase"),
)
_WORDS_OF_THEIR_OWN = {
    "resolve",
    "let",
    "mall",
    "tin",
    "tins",
    "lift",
    "ape",
    "tint",
    "ales",
    "aex",
    "ilateral",
}
_TYPED = {
    slip: word
    for word in _TYPED_OFTEN
    for slip in sorted(_slips(word) - _WORDS_OF_THEIR_OWN)
    if len(slip) > 2
} | {"rught": "right", "rifht": "right", "lwft": "left", "ledt": "left", "evidance": "evidence"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase of the lexicon in a normalised sentence: its concept, its text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=1024)
def normalise(text: str) -> str:
    """Bring a sentence to the form that the lexicon is written in.

    Lower case, plain hyphens and apostrophes removed, punctuation set apart by single spaces, redaction marks
    removed, misspellings of "pneumothorax" corrected. Offsets are not kept.

    >>> normalise("Right-sided PNEUMOTHROAX, 2.5-cm (stable).")
    'right sided pneumothorax , 2.5 cm ( stable ) .'
    """
    text = unicodedata.normalize("NFKC", REDACTION.sub(" ", text)).lower()
    text = (
        _LEADING_SIGN.sub(lambda match: "no " if match[1] == "-" else "", text)
        .replace("\u2019", "")
        .replace("~", " approx ")
        .replace("'", "")
        .replace("(-)", " negative ")
        .replace("(+)", " positive ")
    )
    text = _FROM_TO.sub(lambda match: f"from {match[1]} {match[2] or match[4]} to ", text)
    text = _ARROW.sub(lambda match: _ARROWS[match[0]], text)
    if len(_SIGN_BEHIND.findall(text)) > 1:
        text = _SIGN_BEHIND.sub(lambda match: " negative" if match[1] == "-" else " positive", text)
    if len(_SIGN_BEFORE.findall(text)) > 1:
        text = _SIGN_BEFORE.sub(lambda match: "no " if match[1] == "-" else "", text)
    text = _BRACKETED.sub(lambda match: "left " if match[1] == "l" else "right ", text)
    text = _SIGNED.sub(lambda match: " negative" if match.group(0).strip()[0] == "-" else " positive", text)
    text = " ".join(text.split())
    text = _DECIMAL_COMMA.sub(".", text)
    text = _SHORT_FORM.sub(lambda match: _SHORT_FORMS[match.group(0)], text)
    text = re.sub(r"(?<=\d) ?[-\u2010-\u2015] ?(?=\d)", "~", text)
    text = _SPACED_DASH.sub(" : ", text)
    text = (
        re.sub(r"[-\u2010-\u2015_*\"\u201c\u201d#=|]+", " ", text)
        .replace("~", "-")
        .replace("[", "(")
        .replace("]", ")")
    )
    text = _PUNCTUATION.sub(lambda match: f" {match.group(0)} ", text)
    text = _SUSPECT.sub(lambda match: _spelled(match.group(0)), text)
    text = _NOT.sub(r"\1 not", text)
    text = _HEARD.sub("pneumothorax", text)
    text = _TWICE.sub(r"\1", _WRITE.sub("right", text))
    text = _GLUED.sub(_unglued, text)
    text = _GLUED_SIDE.sub(r"\1 ", text)
    text = " ".join(_TYPED.get(word) or _side_typed(word) for word in text.split(" "))
    return " ".join(text.split())


def _unglued(match: re.Match[str]) -> str:
    side = f"{match['side']} " if match["side"] else ""
    return side + ("hydropneumothorax" if match["fluid"] else "ptx")


@lru_cache(maxsize=4096)
def _side_typed(word: str) -> str:
    """The word, or the side that it is one wrong letter more of: "ritght"."""
    for side in ("right", "bilateral", "left"):
        is_near = len(word) == len(side) + 1 and word[0] == side[0] and word[-1] == side[-1]
        if is_near and any(word[:at] + word[at + 1 :] == side for at in range(1, len(word) - 1)):
            return side
    return word


_PREFIX = re.compile(r"(?:hydro|ha?emo|pyo)(?=p[neu])")


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str:
    """The word, or the spelling of "pneumothorax" that it is within two letters of."""
    prefix = _PREFIX.match(word)
    if prefix:
        return prefix.group(0) + _spelled(word[prefix.end() :])
    if "hem" in word or "haem" in word or "hydro" in word or "pyo" in word:
        return word  # pneumohaemothorax and its like are words of their own
    close = difflib.get_close_matches(word, _CANONICAL, n=1, cutoff=0.85)
    return close[0] if close else word


def scan(normalised: str) -> list[Mark]:
    """The marks of a normalised sentence, from left to right, without overlap."""
    return [
        Mark(_KINDS[match.lastgroup or ""], match.group(0).strip(), match.start(), match.end())
        for match in _SCANNER.finditer(normalised)
    ]
