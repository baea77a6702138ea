"""Denials of another film, view, time or reader: the pneumothorax of today is not denied by them.

"... which was not there when the drain was in" says that it is new, "it cannot be appreciated in inspiration"
where it shows. A clause of this kind is taken from the sentence or becomes "new".
"""

from __future__ import annotations

import re

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import NAME, SEEN, WRITTEN

#: Not of another film alone: where it is.
_LOOKED = rf"(?:{SEEN}|there(?: yet)?|in evidence)"
#: What makes a film another one than today's.
_FORMER = (
    r"(?:prior|previous|earlier|last|preceding|initial|first|immediate|admission|comparison|older?|outside"
    r"|referral|baseline|former|yesterdays?|overnight|preliminary|prelim|pre ?\w+|recovery|referring|morning"
    r"|nights?|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|\d{3,4}(?: ?(?:h|hrs?|hours?))?|post \w+)"
)
_VIEW_KIND = (
    r"(?:supine|recumbent|lateral|inspiratory|expiratory|decubitus|oblique|lordotic|frontal|portable|seated"
    r"|erect|upright|ap|pa|scout)"
)
_FILM = (
    r"(?:films?|cts?|radiographs?|x rays?|xrays?|cxrs?|stud(?:y|ies)|exam(?:ination)?s?|images?|views?|scans?"
    r"|topograms?|imaging|projections?|series|priors?|chest)"
)
_NOT_NOW = (
    r"(?!this\b|todays?\b|the (?:current|present)\b|current\b|present\b|either (?:side|lung|apex)"
    r"|both (?:sides|lungs))"
)
_DET = r"(?:the |any |all |either |both |any of the |all of the |his |her |their |our |my |an |a )?"
_COUNT = r"(?:two |three |four |several |few |other |\d )?"
_DATE = (
    r"(?:(?:of|from|at|on|taken|dated|obtained|performed|done|made) (?!this|today|now|the (?:current"
    r"|present))"
    r"(?:on |at |the )?(?:\d|yesterday|last|(?:mon|tues|wednes|thurs|fri|satur|sun)day|admission|discharge"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|previous|earlier|morning|night|early))"
)
#: Another film or time, and another view or breath.
_THEN = (
    rf"(?:(?:on|in|at|by|from|during|within) {_NOT_NOW}{_DET}{_COUNT}(?:\w+ ){{0,2}}?{_FORMER}\b"
    rf"|(?:on|in|at|by|from) {_NOT_NOW}{_DET}{_COUNT}(?:\w+ ){{0,3}}?{_FILM} {_DATE}"
    r"|(?:on|in|at|before) (?:the )?(?:\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|that (?:date|day|time"
    r"|film|occasion)"
    r"|admission|arrival|discharge)"
    r"|previously|earlier|before\b|beforehand|yesterday|then\b|at (?:the|that) time|initially|originally"
    r"|formerly"
    r"|this morning|last (?:night|week|month|year|time|\w+day)|an? (?:hour|day|week|month) ago"
    r"|\w+ (?:hours?|days?|weeks?|months?) (?:ago|before|earlier|previously)"
    r"|until (?:now|today)|(?:when|while|as long as) (?!compared|correlated|viewed|windowed)"
    r"|with the (?:drain|tube|lung|patient)\b|under (?:suction|drainage)|prior to\b"
    r"|(?:in|during) (?:surgery|theatre|hospital|the (?:procedure|operation|recovery)))"
)
_VIEW = (
    rf"(?:(?:on|in|at) {_NOT_NOW}{_DET}(?:\w+ )?{_VIEW_KIND}\b"
    r"|(?:on|in|at|during|with) (?:full |deep |quiet |maximal |forced )?(?:inspiration|expiration)"
    r"|(?:supine|recumbent|lying|in the supine position))"
)
_READER = (
    r"(?:(?:by|to) (?:the |our |an? )?(?:\w+ )?(?:registrar|resident|junior|house officer|clinicians?"
    r"|referr\w+|ward"
    r"|team|night \w+|on ?call \w+|emergency \w+|ed|er|algorithm|software|ai|outside \w+|teleradiolog\w+)"
    r"|(?:on|in|at|by) (?:the |an? |our )?(?:\w+ ){0,2}?(?:preliminary|prelim|initial|wet|first|original"
    r"|overnight"
    r"|provisional|verbal|outside|resident|registrars?|ed|ward|on ?call|emergency|referring)"
    r"(?: \w+){0,2}? (?:interpretation|read(?:ing)?|report|opinion|review|impression|note|assessment))"
)
_AUX = (
    r"(?:(?:was|were|is|are|has|have|had|could|can|did)(?: also| clearly| certainly| definitely| probably|"
    r" still"
    r"| in fact)? not(?: yet| clearly| been| be| definitely| even| really| readily| well)*"
    r"|cannot(?: yet| clearly| be| really| readily| well)*|was never|were never)"
)
#: Not there, and not seen there.
_NOT_THERE = (
    rf"(?:{_AUX} (?:\w+ly )?(?:{_LOOKED}|show|appear)"
    r"|(?:was|were|is|are|had been|has been|have been)(?: still| quite| entirely| completely)?"
    rf" (?:absent|invisible|inapparent|occult|missed|overlooked|unseen|undetected|hidden)"
    rf"|(?:was|were|had been) no longer {_LOOKED}(?=.*\b(?:back|return\w*|recur\w*|again|now|re ?appear\w*"
    rf"|re ?accumul\w*)\b)"
    r"|(?:does|did|do) not (?:show|appear))"
)
_REST = r"[^.;,:]{0,70}"
#: "which", "it" and their like, joined to what was said or at the head of a sentence.
_REFERS = (
    r"(?:(?:^|[,;:(] ?|(?<= ))(?:(?:and|but|though|although|this time|while|yet) )?"
    r"(?:which|that|it|this|these|they|this one|this finding|the finding|neither of which|neither)\b(?: ,)? )"
)
_ELSEWHERE = compiled(
    (
        (rf"{_REFERS}{_NOT_THERE} {_THEN}{_REST}", " , new "),
        (rf"{_REFERS}{_NOT_THERE} {_VIEW}{_REST}", " "),
        (rf"{_REFERS}(?:was|were|is|are|had been) not {WRITTEN} {_READER}{_REST}", " "),
        (
            rf"{_REFERS}(?:was|were|is|are|had been) not (?:{WRITTEN}|{_LOOKED}) (?:{_READER}"
            rf"|{_THEN}){_REST}",
            " ",
        ),
        (
            rf"\bneither of which (?:was|were|is|are|has been|had been|could be) {_LOOKED} (?:{_THEN}"
            rf"|{_VIEW}){_REST}",
            " ",
        ),
        # What is measured today was not there then.
        (
            rf"({NAME} , \d+(?:\.\d+)? ?[cm]ms? ,?) {_NOT_THERE} {_THEN}{_REST}",
            r"\1 , new ",
        ),
        (rf"({NAME}) not (?:{WRITTEN}|{_LOOKED}) (?:{_READER}){_REST}", r"\1 "),
        (rf", (?:but |though |although )?not (?:{WRITTEN}|{_LOOKED}) (?:{_READER}|{_VIEW}){_REST}", " "),
        (
            rf"({NAME}) (?:was|were|had been) (?:missed|overlooked|not (?:{WRITTEN}|{_LOOKED}))"
            rf" {_READER}{_REST}",
            r"\1 ",
        ),
        (
            rf"^((?:(?!\b(?:was|were|had|suspected|queried|questioned|possible|no)\b)[^.;]){{1,200}})[;,]"
            rf" (?:and |but )?"
            rf"(?:there (?:was|were|had been) none|none (?:was|were|had been)(?: {_LOOKED})?) {_THEN}{_REST}",
            r"\1, new ",
        ),
        (
            rf",? (?:(?:but|and|which was|that was) )?(?:not (?:\w+ly )?{_LOOKED}|absent) (?:\w+|\d+) "
            rf"(?:hours?|days?|weeks?|months?|years?) ago{_REST}",
            " , new ",
        ),
        # What happened to it, between it and what is seen of it.
        (
            rf"({NAME}[^.;,]{{0,40}}), which (?:was|were|had|has been) [^.;,]{{1,80}}, (?=(?:is|are|has"
            rf"|have|can|cannot"
            r"|could)\b)",
            r"\1",
        ),
        # Of the patient, and not of the film.
        (
            r",? \bin (?:an? |this )(?:\w+ ){0,4}?(?:patient|man|woman|boy|girl|child|smoker|person|infant"
            r"|neonate|baby"
            r"|lady|gentleman) (?:who|whose|with|after|known|having|that)\b[^.;,]{0,80}",
            " ",
        ),
    )
)
_QUICK = re.compile(
    r"\b(?:not|cannot|absent|invisible|inapparent|occult|missed|overlooked|unseen|undetected|hidden|no"
    r" longer|neither"
    r"|never|none|which|patient|man|woman|boy|girl|child|smoker|person|infant|neonate|baby|lady|gentleman)\b"
)


def without_elsewhere(normalised: str) -> str:
    """A normalised sentence without what it denies of another film, view, time or reader.

    >>> without_elsewhere("small left pneumothorax , which was not present when the drain was in .")
    'small left pneumothorax , new .'
    """
    if _QUICK.search(normalised) is None:
        return normalised
    return put_otherwise(normalised, _ELSEWHERE)
