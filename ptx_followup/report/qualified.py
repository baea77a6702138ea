"""What is doubted of a pneumothorax that is stated: its meaning, its course, its cause; not that it is there.

"Of doubtful significance" and "unlikely to need a drain" must not be read as "pneumothorax unlikely".
"""

from __future__ import annotations

import re

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import NAME

_DOUBTED = r"(?:doubtful|dubious|questionable|unlikely|not likely|improbable)"
_MEANING = (
    r"(?:significance|relevance|importance|consequences?|concern|meaning|moment|impact|effect|need|cause"
    r"|causes|origin|aetiology|etiology|age|duration|chronicity|benefit|value)"
)
#: What is doubted of the finding itself: that it is there.
_BEING_THERE = (
    r"(?:be (?:present|real|genuine|true|there|an? (?:true|real|genuine)|seen|found|detected|visible)\b"
    r"|exist|represent|reflect|have (?:developed|occurred|formed|arisen|recurred)|develop|occur)"
)
_QUALIFIED = compiled(
    (
        (
            rf"[,;:]? ?(?:(?:which|this|it|and|but|although|though) )*(?:is )?(?:probably )?(?:of )?"
            rf"{_DOUBTED} (?:\w+ ){{0,2}}?{_MEANING}\b",
            " ",
        ),
        (
            rf"({NAME}) (?:is |are |was |seems |appears )*{_DOUBTED} to (?:resolve|clear|go|re ?expand"
            r"|re ?absorb|settle|heal)\b",
            r"\1 persists , not expected to go",
        ),
        (
            rf"({NAME}\b[^.;]{{0,60}}?) ?,? (?:(?:which|this|it|and|but|although|though|they) )*(?:(?:is|are"
            rf"|was|were|seems|appears) )*(?:thought |felt |considered |judged |clinically )?{_DOUBTED} to"
            rf" (?!{_BEING_THERE})(?:(?!{NAME})[^.;,])*",
            r"\1 ",
        ),
        (
            rf"\b(?:resolution|re ?absorption|clearance|disappearance) of (?:the )?((?:\w+ ){{0,5}}{NAME})"
            r" (?:is|was|seems) (?:not (?:to be )?(?:expected|anticipated|foreseen|likely|seen)|unlikely"
            r"|doubtful|improbable)\b",
            r"the \1 persists",
        ),
        (
            rf"({NAME}\b[^.;,]{{0,40}}?) (?:is|are|was|were) not (?:seen|shown|found|noted|observed|thought"
            r"|felt|believed|known|demonstrated) to (?:have|be) (?:(?:significantly|appreciably) )?"
            r"(?:changed|moved|increased|decreased|grown|enlarged|enlarging|changing|larger|smaller"
            r"|resolved|resolving|improved|worse)\b",
            r"\1 persists",
        ),
        # What else it might be, and is less likely.
        (
            rf"({NAME}\b[^.;,]{{0,60}}?) [,;:] (?:(?:with|and|but|though|although|while)"
            rf" )?(?:(?!{NAME})[^.;,]){{1,60}}?"
            rf" (?:(?:is|are|being|seems|appears|thought|felt|considered|possible|but|deemed)"
            rf" )*(?:less (?:likely|probable)"
            rf"|not favou?red)\b",
            r"\1 , versus ",
        ),
        (r"\b(?:has |have )gone up\b(?! to (?:the )?(?:chest wall|ribs))", "has increased"),
        (r"\b(?:has |have )gone down\b", "has decreased"),
    )
)
_QUICK = re.compile(
    rf"{_DOUBTED}|\b(?:is|are|was|were|seems) not\b|\bgone (?:up|down)\b|\b(?:resolution"
    rf"|clearance)\b|\bless (?:likely|probable)\b|not favou?red"
)


def without_qualms(normalised: str) -> str:
    """A normalised sentence without doubt of what a pneumothorax means, does or came from.

    >>> without_qualms("small left pneumothorax , of doubtful clinical significance .")
    'small left pneumothorax .'
    """
    if not _QUICK.search(normalised):
        return normalised
    return put_otherwise(normalised, _QUALIFIED)
