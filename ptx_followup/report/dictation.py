"""Dictation as it was spoken: punctuation in words, headings in running text."""

from __future__ import annotations

import re

_STOP = r"(?<!\ba )(?<!this )(?<!same )(?<!short )(?<!interval )\b(?:period|full stop)\b(?! of)"
_SPOKEN = re.compile(rf"{_STOP}|\b(?:comma|(?:new|next) (?:line|paragraph))\b", re.IGNORECASE)
_WRITTEN = re.compile(r"[.;:,](?:\s|\Z)")
#: Signs in the middle of words show that somebody wrote punctuation; so many may be slips.
_FEW = 1
_HEADINGS = r"(?:findings|impression|conclusion|opinion|addendum)"
_REQUESTS = (
    r"(?:clinical (?:history|details|indication|information)|indication|reason for (?:exam\w*|study)"
    r"|technique|comparison)"
)
#: Before a heading and behind it stands no word that makes it one of a sentence.
_NO_ARTICLE = "".join(
    f"(?<!\\b{word} )"
    for word in ("no", "any", "in", "the", "an", "a", "of", "for", "other", "these", "acute", "new", "to")
)
_NO_VERB = (
    r"(?! (?:of|for|with|to|is|are|was|were|in|on|and|or|from|suggest\w*|consistent|compatible|remain\w*)\b)"
)
_BODY = re.compile(rf"{_NO_ARTICLE}\b({_HEADINGS})\b{_NO_VERB}", re.IGNORECASE)
_REQUEST = re.compile(rf"{_NO_ARTICLE}\b({_REQUESTS})\b{_NO_VERB}", re.IGNORECASE)
_SIGNS = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (rf"\s*{_STOP}", "."),
        (r"\s*\bcomma\b", ","),
        (rf"\b({_HEADINGS}|{_REQUESTS}|history)\s+colon\b", r"\1:"),
        (r"\s*\b(?:new|next) (?:line|paragraph)\b\s*", "\n"),
        (r"\s*\bnumber (?:one|two|three|four|five|six|[1-6])\b[ .,]*", "\n- "),
        (r"\b(comparison\W{1,3}(?:none|nil)(?: available)?)\s+(?=there|the|a|an|small|no)\b", r"\1.\n\n"),
        (r"\s*\bend (?:of )?(?:dictation|report)\b.{0,20}\Z", ""),
    )
)
_NUMBERED = re.compile(r"\bnumber (?:one|two|1|2)\b", re.IGNORECASE)
#: Longer texts were not spoken in one breath, in characters.
_LONGEST = 20_000


def as_written(text: str) -> str:
    r"""A report with the signs that were dictated as words, where it has none that were written.

    >>> as_written("findings colon small left pneumothorax period no shift period")
    'findings: small left pneumothorax. no shift.'
    >>> as_written("FINDINGS RIGHT PNEUMOTHORAX IMPRESSION RIGHT PNEUMOTHORAX")
    'FINDINGS: RIGHT PNEUMOTHORAX \nIMPRESSION: RIGHT PNEUMOTHORAX'
    """
    if len(text) > _LONGEST or len(_WRITTEN.findall(text)) > _FEW:
        return text
    if _SPOKEN.search(text) or _NUMBERED.search(text):
        for pattern, sign in _SIGNS:
            text = pattern.sub(sign, text)
    if text.isupper() or text.islower():
        found = _BODY.search(text)
        if found:
            text = _REQUEST.sub(_heading, text[: found.start()]) + _BODY.sub(_heading, text[found.start() :])
    return text.strip("\n")


def _heading(match: re.Match[str]) -> str:
    followed = match.string[match.end() : match.end() + 1]
    start = "" if match.start() == 0 else "\n"
    return match[1] if followed in (":", "\n", "") else f"{start}{match[1]}:"
