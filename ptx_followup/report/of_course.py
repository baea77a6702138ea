"""Ordinary turns about a pneumothorax, in words that the lexicon reads: what it was, what was looked for.

"18 %, compared to 25 % on the initial study" has the measure of today, "none -> now small" the state of
today, "doubtful left pneumothorax" doubts one and denies none.
"""

from __future__ import annotations

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import FEW, NAME, SEEN

_MEASURE = r"\d+(?:\.\d+)? ?(?:%|percent\b|[cm]ms?\b)"
_SIZE = r"(?:(?:very )?(?:tiny|trace|minimal|small|mild|moderate|medium|large|massive|big))"
_STATE = rf"(?:none|nil|no|absent|{_SIZE}|{_MEASURE})"
_WAS = r"(?:prev\w*|prior|was|were|before|formerly|yesterday|earlier|old|last)"
_NOW = r"(?:now|today|currently|current|at present)"
_NUMBER = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|several|few|a few)"
_AGO = rf"{_NUMBER} (?:minutes?|hours?|days?|weeks?|months?|years?) ago"
_ADJECTIVE = r"(?:(?:very|small|tiny|minimal|trace|thin|left|right|sided|apical|basal|lateral|residual) )*"
_KIND = r"(?:(?:peripheral|lung|vascular|bronchovascular|pulmonary|visible) )*"
_RETURNED = (
    r"(?:re ?appeared|recurred|re ?accumulated|returned|re ?formed|re ?developed|come back|re ?opened)"
)
_TURNS = compiled(
    (
        # The choices of a form beside their label.
        (rf"({NAME}) \((?: [\w ]{{1,20}} [/,])+ [\w ]{{1,20}} \) ?(?=:)", r"\1 "),
        # What was measured before.
        (
            rf"({_MEASURE}[^.;]{{0,40}}?) ,? ?(?:as )?(?:(?:compared|comparison|relative) (?:to|with)"
            rf"|versus|vs|against|down from|up from) (?:about |approximately |approx |some |the )?{_MEASURE}"
            r"(?: (?:on|in|at|from|of|by|during) (?![^.;,]{0,20}\b(?:left|right|ap[ei]|bas|lateral))"
            r"[^.;,]{1,40}"
            r"| (?:yesterday|earlier|before|previously|prior|previous)\b)?",
            r"\1",
        ),
        (
            rf"\b(?:since|than|(?:compared|relative) (?:to|with)) (?:[^.;,]{{1,50}}? )?{_AGO}\b",
            "since the prior study",
        ),
        (
            rf"\b(change (?:of|in) [^.;,]{{1,60}}?) from (?:[^.;,]{{1,30}}? )?{_AGO}\b",
            r"\1 since the prior study",
        ),
        (
            rf"^(?:[a-z]{{1,2}}\d{{1,3}} )?({NAME}) (?:trend|course|change|evolution|status) : "
            r"(?=resolved|decreas|increas|smaller|larger|stable|unchanged|improv|wors|new)",
            r"\1 : ",
        ),
        # From an hour to the next.
        (
            rf"(?:there was|showed|shows|:) (?:an? |the )?({FEW}{NAME}) [.;] (?:at|by) \d{{1,2}}(?: : \d\d)?"
            rf"(?: ?(?:am|pm|h|hrs?|hours?))? (?:, )?(?:it|this) (is|has) "
            rf"(?=no longer|not {SEEN}(?= ?[.;,]|$)|now gone|gone|resolved)",
            r"previous \1 \2 ",
        ),
        # From a state to that of today.
        (rf"({NAME}) ?:? (?:{_WAS} )?{_STATE} ?(?:: )?> ?(?:{_NOW} )?(?=\w)", r"\1 : "),
        (rf"({NAME}) ?:? {_WAS} {_STATE} ?[,;] (?:and |but )?{_NOW} (?=\w)", r"\1 : "),
        (
            rf"({NAME}) (?:was )?{_SIZE} (?:on|at) (?:day|pod) \d[^.;]{{0,60}} [;,] (?:and |but )?"
            rf"(?:not {SEEN}|none|nil|gone|resolved)(?: at all)? {_NOW}\b",
            r"previous \1 is no longer seen",
        ),
        (
            rf"\bold ({NAME})((?: (?:left|right))?)(?: \([^()]{{0,40}}\))? ?[:,] (?:now |fully |completely )*"
            r"resolved\b",
            r"old\2 \1 has resolved",
        ),
        (
            rf"\b(?:hydro|ha?emo)pneumothorax (?:(?:previously )?{SEEN} )?(?:(?:on|in) the (?:left|right) )?"
            r"(?:has|is) (?:now )?(?:changed|converted|evolved|turned) (?:in)?to (?:an? )?"
            r"(?:simple |pure |plain )?(?=effusion|fluid)",
            "",
        ),
        (
            r"\b(left|right)((?: (?:side|lung|apex|hemithorax))?) [,:(] (?:which was )?"
            r"(?:(?:previously|formerly|earlier) (?:normal|clear|unremarkable|free|uninvolved)"
            r"|(?:normal|clear) (?:before|previously|earlier)) [,:)] (?=now|has|shows)",
            r"\1\2 ",
        ),
        # Doubt of one, and no denial.
        (rf"\b(?:doubtful|dubious) (?={_ADJECTIVE}{NAME})", "questionable "),
        (
            rf"({NAME} (?:is |are )?(?:likely|probable|suspected|possible|probably present)) ,? ?"
            rf"(?:but|though|although) (?:(?:is|are|it|this) )*not (?:\w+ly )?{SEEN}(?: directly)?\b",
            r"\1",
        ),
        # Vessels that are missing show it.
        (
            rf"\b(?:no|without|absent) {_KIND}(?:markings|vessels)"
            r"(?: (?:seen|visible|on the (?:left|right)|left|right))*(?= ?[,.;]| and| with|$)",
            "lucent",
        ),
        (
            rf"\b{_KIND}markings (?:are )?(?:not {SEEN}|absent)\b(?: (?:beyond|lateral to) (?:the )?\w+)?",
            "lucent",
        ),
        # Denials with a word between.
        (rf"\b(no {FEW}{NAME}) (?:has|have) (?:\w+ly )?{_RETURNED}\b(?: after [^.;,]{{1,30}})?", r"\1"),
        (rf"\b({NAME} (?:is|was)) (?:therefore|thus|hence|accordingly|consequently) ", r"\1 "),
        (r"^no : (?=the (?:left|right|pneumothorax|ptx))", ""),
        (
            r"^(?:[^.;]{0,60} )?(?:(?:cannot|can not|could not) be|(?:is|are) not) (?:\w+ly )?"
            r"(?:assessed|evaluated|judged|examined|assessable|evaluable) for "
            r"(?:an? |any |the presence of (?:an? )?)?"
            rf"((?:left |right )?{NAME})\b",
            r"\1 cannot be assessed",
        ),
    )
)


def in_plain_turns(normalised: str) -> str:
    """A normalised sentence whose turns are put in the words of the lexicon.

    >>> in_plain_turns("ptx : prev small > now none")
    'ptx : none'
    """
    return put_otherwise(normalised, _TURNS)
