"""Questions about a pneumothorax with their answers: "Any residual pneumothorax? None.".

A question states nothing. Its answer, where it is a short yes or no, is read as the statement that it makes
in full: "no pneumothorax", "pneumothorax is present", "the pneumothorax persists".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ptx_followup.report.headings import BODY
from ptx_followup.report.lexicon import normalise
from ptx_followup.report.sections import Sentence
from ptx_followup.report.wording import NAME

#: Longer sentences are no questions of a request, and longer answers no plain yes or no, in characters.
_LONGEST = 240
_QUICK = re.compile(
    r"[?]|\b(?:whether|if|ask|asks|asked|wonders?|quer\w+|question\w*|requests?)\b", re.IGNORECASE
)
_NAMED = re.compile(rf"\b{NAME}\b")
#: Who asks, and how; what is asked stands behind it.
_ASKS = re.compile(
    r"\b(?:question|ask|asks|asked|asking|wonders?|wondered|wondering|want(?:s|ed)? to know|quer(?:y|ies|ied)"
    r"|request(?:s|ed)?)\b[^.;]{0,60}\b(?:whether|if|about|for|regarding)\b"
    r"|\b(?:referrer|referring \w+|clinicians?|ward|ed|gp|team|doctor|request|they|you)"
    r" (?:asks?|asked|quer(?:y|ies|ied)|questions?|questioned) (?:about )?(?=an? |the |left|right|pneumo|ptx)"
)
#: Questions whose answer says nothing of whether it is there.
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:bigger|larger|smaller|chang\w*|increas\w*|decreas\w*|wors\w+|improv\w*|better|same|stable"
    r"|unchanged"
    r"|tension|need\w*|can|could|size|why|how|where|which|missed|drain(?:ed|age)?|drains?|tubes?|remov\w+|due"
    r"|cause\w*|under|treat\w*|aspirat\w+|discharg\w*|fly|explain\w*|see above|simple|old|confirm\w*|real"
    r"|true"
    r"|or|versus|vs|no|not)\b"
)
_OF_ITS_END = re.compile(r"\b(?:resolv\w*|resolution|gone|cleared|disappeared|re ?expan\w+|healed)\b")
#: After what: it is not asked for.
_AFTER = re.compile(
    r"\b(?:after|post|following|since|from|s p|status post)\b (?:\w+ ){0,5}?(?:drain\w*|tubes?|lines?"
    r"|catheters?"
    r"|biopsy|tap|puncture|placement|insertion|removal|procedure)( removal| insertion| placement| out)?\b"
)
_LABEL = r"(?:(?:answer|answered|reply|response|a|ans)(?: (?:to (?:the|this) )?\w+)? ?[:.,] ?)?"
_NO = re.compile(
    rf"{_LABEL}(?:no|nope|none|nil|negative|(?:is |it is |has been )?(?:ruled out|excluded)|absent"
    r"|(?:it|there|they) (?:has|have|is|was|did|does|do) not|there is(?: now)? none|not any more"
    r"|(?:i (?:can )?|we (?:can )?)(?:see|find) none|(?:is |it is )?not (?:seen|present|identified|visible"
    r"|demonstrated|evident))"
    r"(?: (?:seen|any ?more|any longer|identified|visible|today|now|so|been|evident|present|at all|on this"
    r" \w+|on todays \w+|on either side|on both sides|so far as can be seen))*"
    r"(?: ?, (?:it|there|they) (?:has|is|have|did|does) not)? ?(?:[.;,](?P<rest>.*))?$"
)
_YES = re.compile(
    rf"{_LABEL}(?:yes|it has|it does|it did|there is(?: one)?|they have|present|positive|confirmed|it is)"
    r"(?: (?:indeed|now|again))? ?(?:[.;,:](?P<rest>.*))?$"
)
#: Behind a "no" that goes on in another direction.
_GOES_ON = re.compile(
    r"\b(?:but|however|although|though|apart|except|only|one|now|still|it|persist\w*|remain\w*|larger|smaller"
    r"|\d+(?:\.\d+)? ?[cm]m|rim|sliver|trace|small|tiny|there is)\b"
)
#: Behind a "yes" that is taken back.
_TURNS = re.compile(
    r"\b(?:but|however|although|though|not?|none|gone|resolv\w*|clear\w*|until|was|previously)\b"
)
_SIDE = re.compile(r"\b(left|right|bilateral)\b")


def with_answers(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences in which the answer to a question stands as a statement, and the question states nothing.

    Args:
        sentences: Of a report, in order.
    """
    result = list(sentences)
    for index, (question, answer) in enumerate(pairwise(sentences)):
        said = _answer(question, answer)
        if said is not None:
            section = answer.section if answer.section in BODY else "findings"
            result[index] = replace(question, said="")
            result[index + 1] = replace(answer, said=said, section=section)
    return result


def _answer(question: Sentence, answer: Sentence) -> str | None:
    """What a sentence says as the answer to the one before it, or None where it is none."""
    if (
        len(question.text) > _LONGEST
        or len(answer.text) > _LONGEST
        or not _QUICK.search(question.wording)
        or question.said == ""
    ):
        return None
    asked = _asked(normalise(question.wording))
    if asked is None:
        return None
    labelled = re.match(r"(?:answer|reply|response|a|ans)\b", answer.wording, re.IGNORECASE) is not None
    if answer.section not in BODY and not labelled:
        return None
    replied = normalise(answer.wording)
    for pattern, state in ((_NO, False), (_YES, True)):
        match = pattern.match(replied)
        turns = _TURNS if state else _GOES_ON
        if match and not turns.search(match["rest"] or ""):
            return _statement(asked, state, (match["rest"] or "").strip(" .,;"))
    return None


def _asked(plain: str) -> str | None:
    """What is asked of a pneumothorax, or None where nothing is."""
    asks = _ASKS.search(plain)
    if not asks and not plain.rstrip(" .").endswith("?") and not plain.startswith("?"):
        return None
    asked = plain[asks.end() :] if asks else plain
    name = _NAMED.search(asked)
    if name is None:
        return None
    asked = _AFTER.sub(" ", asked)
    return None if _OF_SOMETHING_ELSE.search(asked) else asked


def _statement(asked: str, state: bool, rest: str) -> str | None:
    """The sentence that a yes or no makes of what was asked."""
    sides = set(_SIDE.findall(asked))
    side = f"{sides.pop()} " if len(sides) == 1 else ""
    behind = f"{',' if state else '.'} {rest}" if rest else ""
    if _OF_ITS_END.search(asked):
        end = "has resolved" if state else "persists"
        return f"The {side}pneumothorax {end}{behind}"
    return f"{side}pneumothorax is present{behind}" if state else f"No {side}pneumothorax{behind}"
