"""What a film cannot answer: "it is not possible to say whether there is a pneumothorax".

Each is put in words that the lexicon reads as "cannot be assessed".
"""

from __future__ import annotations

import re

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import FEW, NAME

_CANNOT_SAY = (
    r"(?:(?:cannot|can not|could not|cant) be|(?:can|could) (?:be )?neither(?: be)?|is neither)"
    r" (?:confirmed|proven"
    r"|proved|ruled in|diagnosed|affirmed) (?:or|nor)(?: be)? (?:excluded|ruled out|refuted|disproved|denied)"
)
#: What is asked of one that is there.
_ASKED_OF_IT = (
    r"(?! (?:is|has|are|have|was) (?:\w+ )?(?:larger|smaller|bigger|chang\w*|increas\w*|decreas\w*"
    r"|under tension|loculated|new|old|grow\w*|tension\w*|unchanged|improv\w*|wors\w*|due|caused))"
)
_UNANSWERED = compiled(
    (
        # Of one that nothing else is said of, the film says neither.
        (
            rf"^((?:[^.;]{{0,60}} [:,.;] )?)(?:(?:an?|the|any) )?(?:(?:presence|absence|existence)"
            rf" of (?:an? |the |any )?)?({NAME})"
            rf" {_CANNOT_SAY}\b",
            r"\1\2 cannot be assessed",
        ),
        (
            rf"\b(?:can|could|is) (?:i |we |one )?neither (?:confirm|prove|diagnose|affirm)\w*"
            rf" (?:nor|or) (?:exclud|rul|refut|deny)\w*"
            rf"(?: out)? (?:an? |the |any )?(?:presence of (?:an? |the |any )?)?({NAME})",
            r"\1 cannot be assessed",
        ),
        (
            rf"(?:^|(?<=[.;:,] ))(?:it is |i am |we are )?(?:not possible|impossible|unable|not able"
            rf"|too difficult)"
            rf" (?:on [^.;,]{{1,30}} )?to (?:say|tell|determine|decide|judge|know|state|establish|be"
            rf" sure) (?:whether|if)"
            rf" (?:or not )?(?:there is |there are )?(?:still )?(?:an? |any |the"
            rf" )?({FEW}{NAME}){_ASKED_OF_IT}[^.;]{{0,60}}",
            r"\1 cannot be assessed ",
        ),
        (
            rf"(?:^|(?<=[.;:,] ))(?:whether|if) (?:or not )?(?:there is |there are |this is"
            rf" )?(?:still )?(?:an? |any |the )?"
            rf"({FEW}{NAME}){_ASKED_OF_IT}[^.;,]{{0,60}}? (?:cannot|can not|could not) be"
            rf" (?:\w+ly )?(?:decided"
            rf"|determined|said|judged"
            rf"|told|settled|established|answered|clarified|assessed|known|resolved)",
            r"\1 cannot be assessed",
        ),
        # What this film cannot answer.
        (
            rf"\b(?:needed|required|necessary|wanted|awaited|should be \w+) before"
            rf" [^.;,]{{0,20}}?(?=(?:\w+ )?{NAME}\b"
            r"[^.;,]{0,30} (?:can|could) be\b)([^.;,]{1,60}?) (?:can|could) be"
            r" (?:commented on|excluded|assessed|judged|diagnosed|ruled out|evaluated|determined|stated"
            r"|confirmed)",
            r"as \1 cannot be assessed",
        ),
        (
            rf"\b(?:the )?(?:question|issue|presence|query|matter) (?:of|about|regarding|as to|whether)"
            rf" ([^.;,]{{0,30}}?"
            rf"{NAME})[^.;,]{{0,40}}? (?:cannot|can not|could not|may not|is not to) be (?:answered"
            rf"|settled|decided"
            r"|addressed|determined|judged|clarified|resolved)",
            r"\1 cannot be assessed",
        ),
    )
)
_QUICK = re.compile(r"\b(?:not|cannot|neither|unable|impossible|difficult|before)\b")


def unanswered(normalised: str) -> str:
    """A normalised sentence in which what the film leaves unanswered cannot be assessed.

    >>> unanswered("it is not possible to say whether there is a pneumothorax .")
    'pneumothorax cannot be assessed .'
    """
    return put_otherwise(normalised, _UNANSWERED) if _QUICK.search(normalised) else normalised
