"""Sentences that leave out the noun that was named before them: "Small on the right." and the like."""

from __future__ import annotations

import re

_SIDE = r"(?P<side>left|right)"
_AT = r"(?:on |in |at )?(?:the )?"
_SITE = r"(?: side| lung| apex| base| hemithorax| one)?"
_END = r"(?= ?[.,;]|$)"
_NOW = (
    r"(?:now|today|todays? (?:film|study|image)|current(?:ly)?|current (?:film|study|image|exam)|at present"
    r"|presently|present film|this (?:film|study|time)|new film)"
)
_FILM = (
    r"(?:the |this |our |todays )?(?:\w+ ){0,2}(?:film|radiograph|x ray|cxr|ct|scan|image|exam\w*|study|view)"
    r"(?: today| now)?"
)
_LABEL = (
    rf"(?:{_NOW}|{_FILM}|(?:post \w+ )?(?:, )?\d{{1,2}} (?:h|hrs?|hours?|min\w*|days?|weeks?)(?: (?:later"
    r"|post \w+|after \w+))?|second|final|repeat|answer)"
)
_QUALITY = (
    r"(?:tiny|trace|minimal|small|mild|moderate|medium|large|massive|big|very|apical|basal|basilar|lateral"
    r"|anterior|medial|persistent|stable|unchanged|residual|larger|smaller|bigger|\d+(?:\.\d+)? ?[cm]ms?"
    r"|\d+(?:\.\d+)? ?%)"
)
_QUALITIES = rf"(?:(?:an?|only|still|again|just|about) )*(?P<quality>{_QUALITY}(?:(?: ,)? {_QUALITY})*)"
_IS = r"(?:is|are|was|has|appears|remains|measures|persists)"
#: What a side is, and a pneumothorax is not.
_WELL = (
    r"(?:clear|free|without|an?|one|none|no|normal|well|fully|unremarkable|expanded|aerated|up|intact"
    r"|negative|unaffected|spared|not)\b"
)
_AGAIN = r"(?:same|ditto|idem|similarly|likewise|so too|also)(?: ,| is| are| one| seen| present| again)*"
_YES = r"(?:yes|confirmed|correct|indeed|affirmative|positive)"
_LEFT_OUT = tuple(
    (re.compile(rf"^(?:(?:however|but|and|while) ,? ?)?{pattern}"), words)
    for pattern, words in (
        (
            rf"(?:the )?{_SIDE}{_SITE} (?:has|have|does|is) not(?: yet)?(?= ?[.;,]|$)",
            r"the \g<side> pneumothorax persists",
        ),
        (
            rf"(?:the )?{_SIDE}(?: one| side)? (?=(?:still|again|also|persist\w*|remain\w*|unchanged|same"
            rf"|smaller|larger)\b(?! {_WELL}))",
            r"the \g<side> pneumothorax ",
        ),
        (rf"{_SIDE} (?={_IS} (?!{_WELL}))", r"the \g<side> pneumothorax "),
        (rf"{_SIDE}(?: sided?)? : {_QUALITIES}(?= ?[.,;]|$)", r"\g<quality> pneumothorax on the \g<side>"),
        (rf"(?:on|in|at) the {_SIDE} , {_QUALITIES}{_END}", r"\g<quality> pneumothorax on the \g<side>"),
        (rf"only the {_SIDE}{_SITE} (?={_IS} )", r"the \g<side> pneumothorax "),
        (rf"{_SIDE} : (?:yes|present|positive)\b", r"pneumothorax is present on the \g<side>"),
        (rf"{_SIDE} : (?:none|nil|no|absent|nad|normal|clear){_END}", r"no pneumothorax on the \g<side>"),
        (rf"{_AGAIN} {_AT}{_SIDE}{_SITE}{_END}", r"pneumothorax on the \g<side>"),
        (
            rf"{_NOW}(?: [:,])? (?:only |just )?(?:on|at|in) (?:the )?{_SIDE}\b(?! (?:lung|side) (?:is|has))",
            r"pneumothorax now on the \g<side>",
        ),
        (rf"{_NOW}(?: [:,])? (?:only |just )?{_SIDE}{_END}", r"pneumothorax now on the \g<side>"),
        (
            rf"{_NOW} : (?:the )?(?:same|unchanged|no change|stable|idem|ditto){_END}",
            "pneumothorax unchanged",
        ),
        (rf"{_NOW}(?: [:,])? (?:none|nil|absent){_END}", "no pneumothorax now"),
        (
            rf"{_LABEL} : (?:now |has )?(?:none|nil|gone|(?:fully |completely )?(?:resolved|cleared)"
            rf"|absent|not (?:seen|visible)|no longer (?:seen|visible)){_END}",
            "no pneumothorax now",
        ),
        (rf"{_FILM} (?:shows|demonstrates|reveals) (?:none|no such \w+){_END}", "no pneumothorax now"),
        (rf"{_NOW} [:,] {_QUALITIES}{_END}", r"now \g<quality> pneumothorax"),
        (rf"{_QUALITIES} {_AT}{_SIDE}{_SITE}{_END}", r"\g<quality> pneumothorax on the \g<side>"),
        (rf"{_YES}(?: [:,])? {_AT}{_SIDE}\b", r"pneumothorax is present on the \g<side>"),
    )
)
#: Longer sentences are looked at in vain, in characters.
_LONGEST = 200
_QUICK = re.compile(rf"\b(?:left|right|none|nil|gone|resolved|cleared|absent|{_NOW})\b")


def with_noun(normalised: str) -> str:
    """A normalised sentence behind a mention, with the noun that it leaves out.

    >>> with_noun("small on the right ."), with_noun("small left effusion .")
    ('small pneumothorax on the right .', 'small left effusion .')
    """
    if len(normalised) > _LONGEST or not _QUICK.search(normalised):
        return normalised
    for pattern, words in _LEFT_OUT:
        said, count = pattern.subn(words, normalised)
        if count:
            return " ".join(said.split())
    return normalised
