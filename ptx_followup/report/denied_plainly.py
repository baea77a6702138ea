"""Denials in other words than "no": "not a trace of", "neither seen nor suspected", "none of the following".

Each is put in words that the lexicon reads as a denial of known form (see `denials`).
"""

from __future__ import annotations

import re

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import FEW, NAME, SEEN

_LOOKED = rf"(?:{SEEN}|suspected|confirmed|reproduced)"
_TRACE = (
    r"(?:traces?|slivers?|hints?|signs?|suggestion|bit|bubble|vestige|remnant|rim|residue|evidence"
    r"|indication|remainder|semblance|suspicion|features?)"
)
_EXAM = (
    r"(?:this|the present|todays?|the current|our|the) (?:\w+ ){0,2}"
    r"(?:film|ct|radiograph|x ray|cxr|study|examination|exam|image|view|scan)"
)
_GONE = r"(?:resolved|cleared|gone|disappeared|(?:re ?)?absorbed|resorbed)"
_MEASURE = r"\d+(?:\.\d+)? ?[cm]ms?"
_PLAIN = compiled(
    (
        # What it was before, in brackets.
        (
            r"\( ?(?:was|were|previous(?:ly)?|formerly|before|prior|earlier|yesterday|last)\b[^()]{0,60}\)",
            "",
        ),
        # What looks like a denial and is none.
        (rf"\bno ({FEW}?{NAME}) can (?:yet |now )?be (?:excluded|ruled out)\b", r"\1 cannot be excluded"),
        (
            r"\b(?:(?:cannot|can not|could not|cant) be|(?:can|could) (?:be )?neither(?: be)?|is neither) "
            r"(?:confirmed|proven|proved|ruled in|diagnosed) (?:or|nor)(?: be)? (?:excluded|ruled out|refuted"
            r"|disproved)\b",
            "cannot be excluded",
        ),
        (rf"\bnever (?:\w+ly )?(?:{_GONE}|went)\b", "persists"),
        (
            rf"\b(?:resolution|re ?absorption|clearance|disappearance) of (?:the )?({FEW}{NAME}) (?:is"
            r"|was|has"
            r" been) (?:still |yet )?(?:not (?:yet )?(?:complete\w*|seen|achieved|reached)|incomplete"
            r"|awaited|pending|expected|slow|delayed|under way|in progress)\b",
            r"the \1 persists",
        ),
        (r"\b(?:is|are|was|were) not absent\b", "is present"),
        (r"^(?:this|that|it) is no (?=(?:small|minor|trivial|simple|mere|ordinary|tiny)\b)", "there is a "),
        (
            rf"\bno (?:interval |further )?({NAME}) (?:enlargement|growth|progression|expansion|increase"
            r"|change"
            r"|improvement|resolution)\b",
            r"unchanged \1",
        ),
        # "none of" and its like over a list; "neither" over two.
        (
            r"\b(?:there (?:is|are) |i (?:see|find) |we (?:see|find) )?(?:none of|neither of|no sign of"
            r" any of"
            r"|not any of|(?:i |we )?(?:do not|dont|cannot|did not) (?:see|find|identify) any of) "
            r"(?:the following|these|the below)(?: (?:\w+ ){0,2}(?:is|are|was|were)(?: \w+)?)? ?:? ?",
            "no ",
        ),
        (
            rf"(?:^|(?<=[.;:,] ))of (?:the )?((?:\w+ )?{NAME})(?: {FEW}(?:on|in|of) (?:\w+ ){{0,4}}?)?,? ?"
            rf"(?:neither|nothing|none)(?: one)?(?: (?:is|can be|remains|now|today|any ?more|still))*"
            rf"(?: {_LOOKED})?\b",
            r"no \1 is seen ",
        ),
        (rf"\b({NAME} (?:is|was|are) )neither {_LOOKED} nor {_LOOKED}\b", r"\1not seen"),
        (
            rf"\b(?:an? )?({NAME}) is neither {_LOOKED} (?:on|in) the (?:left|right) nor (?:on |in"
            r" )?(?:the )?"
            r"(?:left|right)\b",
            r"no \1 on either side",
        ),
        # Not even a trace.
        (
            rf"\b(?:there (?:is|are) )?not? (?:even )?(?:an?|any|one|the|so much as an?) (?:single |slightest"
            rf" |faintest |least |tiniest |smallest )?{_TRACE} of (?:an? |any |the )?"
            rf"(?:former |previous |prior |known |earlier )?(?={FEW}{NAME})",
            "no evidence of ",
        ),
        (rf"\bnot (?:signs?|evidence|features|indications?) of (?={NAME})", "no evidence of "),
        (rf"^({NAME}) , (?:none|nil|not {_LOOKED})(?= ?[.]?$)", r"no \1"),
        (rf"^no (?:has|is there|is|was there|did|does|are there|have) (?:an?|any) (?={FEW}{NAME})", "no "),
        (r"; (?:it|there) (?:has|is|did|does|was) not(?= ?[.]?$)", ""),
        (rf"^({NAME}) : {_GONE}(?= ?[.]?$)", r"\1 has resolved"),
        (rf"\bno \? (?={NAME})", "no "),
        (
            rf"\b(?:none of|neither of) (?:the|these) (?:\w+ )?(?:films|images|views|studies|exams) (?:shows?"
            rf"|demonstrates?|reveals?) (?:an? |any )?(?={FEW}{NAME})",
            "no ",
        ),
        (rf"\b({NAME}) (?:is |was |has been )?(?:excluded|ruled out) (?:on|by|with|in) {_EXAM}", r"no \1"),
        (
            r"\bi (?:really |very much )?doubt (?:that|if|whether) (?:there is|this is|it is) (?:an? |any )?",
            "doubt of ",
        ),
        (r": (in particular|specifically|especially|notably|importantly) :", r", \1"),
        # Something else only looks like it.
        (
            r"\b(?:the |an? )?(?:apparent|supposed|seeming|so called|alleged) ((?:left |right |apical "
            r"|basal )*"
            rf"{NAME})(?: (?:on|in|at) [^.;,]{{1,40}}?)? (?:is|was) (?:due to|caused by|explained by"
            r"|produced"
            r" by|accounted for by|an? (?=skin|artefact|artifact|fold))",
            r"no \1 ; this is ",
        ),
        (r"[\u00f8\u2205] ?(?=\w)", "no "),
        (rf"\bno evidence of ({FEW}{NAME})((?: \w+){{0,6}}?) (?:remains?|persists?|is left)\b", r"no \1\2"),
        (rf"^it is not (?:{_LOOKED}) (?={NAME})", "no "),
        (rf"\bno (?:(?:\w+ )?{NAME}) (?:any ?more|any longer|either)\b", "no pneumothorax"),
        # Procedures without it.
        (
            r"\b(?:was|were|is|has) not (?:been )?(?:complicated|followed|accompanied|associated) (?:by|with)"
            rf" (?:an? |any )?(?={FEW}{NAME})",
            "without ",
        ),
        (
            r"\b(?:i |we )?no longer (?:think|believe|consider|feel|suspect)(?: that)? (?:there is|this is"
            rf"|it is|there was|this was) (?:an? |any )?(?={FEW}{NAME})",
            "no ",
        ),
        # Its size is nothing.
        (
            rf"^((?:left |right |l |r )?){NAME}(?: (?:size|width|depth|extent|volume|rim))?((?:"
            rf" (?:left|right|l|r))?) ?:?"
            r" 0(?:\.0)? ?(?:%|[cm]ms?|percent)(?= ?[.;]|$)",
            r"no \1\2 pneumothorax",
        ),
        (
            r"\b(no|without) (?:\w+ )?(?:intra)?pleural (?:collections? of )?(?:fluid|liquid"
            r"|effusions?) (?:or|nor) (?:air|gas)\b",
            r"\1 effusion or pneumothorax",
        ),
        # There was one, and now there is none.
        (
            rf"\bthere (?:was|had been) (?:an? |the )?({FEW}{NAME})[^.;]{{0,60}} [;,:] (?:but |and"
            rf" )?(?:today|now|currently"
            rf"|at present|on this \w+|on todays \w+) (?:there is |we see |it shows )?(?:none|nil|nothing)"
            r"(?= ?[.;,]|$)",
            r"previous \1 is no longer seen",
        ),
        (
            rf"\b(?:do|does|did) not (?:suggest|indicate|show|favou?r|unmask|reveal|disclose) (?:an? |any )?"
            rf"(?={FEW}{NAME})",
            "show no ",
        ),
        (
            r"\b(?:i|we) (?:do not|dont) (?:think|believe|feel|consider) (?:that )?(?:there is|this is"
            rf"|it is) (?:an? |any )?(?={NAME})",
            "no ",
        ),
        (rf"\babsent (?={NAME})", "no "),
        (rf"\b({NAME}) (?:could|can) (?:also )?not be {_LOOKED}\b", r"\1 is not seen"),
        # What was asked for, and is not there.
        (
            rf"\bthe (?:(?:possible|suspected|questioned|queried|presumed|previous|earlier|left|right) )*"
            rf"({NAME}) (?:(?:that|which) (?:was|had been) )?(?:clinically )?"
            r"(?:suspected|queried|questioned|raised|suggested|considered|feared)(?: (?:by|on|at|in"
            r"|clinically)"
            rf"(?: \w+){{0,5}}?)? (?:is|was|has)(?: been)? not (?:been )?{_LOOKED}\b",
            r"no \1 is seen",
        ),
        (
            rf"\bwithout the ({FEW}{NAME}) (?:that|which) (?:was|had been) (?:queried|suspected"
            r"|questioned)\b",
            r"without \1",
        ),
        (
            rf"\b(?:the |an? )?(?:possible|suspected|questioned|queried|questionable|presumed|apparent)"
            rf" ((?:left |right |apical |basal )*{NAME}) (?:on|in|of|at) [^.;,]{{1,40}} is (?:now )?"
            rf"(?:excluded|ruled out|refuted|not (?:confirmed|reproduced)) by {_EXAM}",
            r"no \1",
        ),
        (
            rf"\bthe ({FEW}{NAME}) (?:shown|seen|noted|described|reported|demonstrated|present|visible"
            r"|known|found"
            rf"|identified)"
            rf"(?: (?:on|in|by|at|from) [^.;,]{{1,40}}?)?(?: (?:this|yesterday|last) ?\w*| earlier)? "
            rf"(?:is|was|are|can) (?:no longer|not|now not)(?: be| to be)? {_LOOKED}"
            rf"(?: (?:on|in|at|by) {_EXAM})?(?= ?[.,;]|$)",
            r"previous \1 is no longer seen",
        ),
        (
            rf"\bthe ({FEW}{NAME}) (?:for which [^.;,]{{1,60}}|(?:described|seen|shown|noted|present) (?:on"
            rf"|at) (?:that|the same) (?:date|time|day|film)) (has|have)\b",
            r"the \1 \2",
        ),
        (
            rf"\b({NAME}) (?:has|have) (?:not|never) (?:recurred|returned|re ?appeared|come back"
            rf"|re ?accumulated|reformed|re ?developed)\b",
            r"\1 no longer seen",
        ),
        (
            rf"\b({NAME}) (?:(?:has|have|is|was) )?(?:been )?(?:completely |fully |entirely |now )*"
            r"(?:absorbed|re ?absorbed|resorbed)\b",
            r"\1 has resolved",
        ),
        (
            rf"\b(?:right|left) ({NAME}) and (?:the )?(?:right|left) {NAME}((?: of [^.;,]{{1,20}})?) have"
            r" (?:both )?(resolved|cleared|gone)\b",
            r"bilateral \1\2 have \3",
        ),
        (
            rf"\bboth (?:the )?(?:left|right) and (?:the )?(?:left|right) ({NAME}) (?:have|has)\b",
            r"bilateral \1 have",
        ),
        (rf"\b({NAME}[^.;,]{{0,40}} have) both (?=resolved|cleared|gone)", r"\1 "),
        # What is gone of a pneumothorax that holds fluid.
        (
            r"\b(?:hydro|ha?emo)pneumothorax (?:\w+ ){0,3}?(?:is|has) (?:now )?(?:become )?(?:purely|only"
            r"|entirely) (?:fluid|effusion|an effusion)\b",
            "effusion",
        ),
        # The same of the other side.
        (
            r",? (?:and|nor) (?:the same (?:is true|holds|applies|goes) (?:of|for|on|to)|likewise(?: on)?"
            r"|similarly(?: on)?|also not(?: on)?) the (?:left|right)(?: side)?(?= ?[.,;]|$)",
            "",
        ),
        # It may come yet, by whatever name.
        (
            r"(?:, |; |: |^|\. )(?:as |but |though |although |and |because )?(?:an? )?(?:delayed|late"
            r"|subsequent)"
            rf" (?:one|{NAME}) (?:may|might|could|can)\b[^.;]{{0,80}}",
            " ",
        ),
        (
            rf"\b(?:told|advised|warned|informed|aware) (?:that |of )?(?:an? )?(?:\w+ )?{NAME} (?:may|might"
            r"|could|can)\b[^.;]{0,80}",
            " ",
        ),
        (
            r"[;,.] (?:(?:although|but|though|however|noting|note|please note|bearing in mind) )*(?:that"
            r" )?(?:the )?"
            r"sensitivity [^.;]{0,100}",
            "",
        ),
        # It was there, and "it" is no longer.
        (
            rf"({NAME})\b(?:(?! (?:and|with|or|but|effusion)\b)[^.;]){{0,80}} [.;] (?:it|this) (is|has"
            r"|can)(?= (?:now |since |completely |also )*"
            rf"(?:no longer|not (?:be )?{_LOOKED}|{_GONE})\b(?!(?: \w+)? (?:on|in|at|by|before|from|until"
            r"|yesterday"
            r"|previously|earlier)\b(?! (?:this|todays?|either|the (?:current|present|erect|repeat)))))",
            r"\1 \2",
        ),
        (
            rf"({NAME})(?: {_LOOKED})? on (?:film|image|exam|ct|scan) \w+ (?:has|is) (?:now )?{_GONE}\b",
            r"\1 has resolved",
        ),
        # From film to film; the last counts.
        (
            rf"\b({NAME}) (?:was |measured |has gone from )?(?:: )?{_MEASURE}(?: [^.;]{{0,80}}?)?"
            r"(?:[,>]|and|to) (?:and |is |then |now )*(?:none|nil|gone|resolved|zero|0|not"
            rf" {_LOOKED}|absent)(?: (?:today|now|(?:on|in|at) {_EXAM}))?(?= ?[.;]|$)",
            r"\1 is no longer seen",
        ),
        (
            rf"\b({NAME}) (?:: )?(?:none|nil|0|not {_LOOKED})\b[^.;]{{0,80}}?[,>] (?:and )?({_MEASURE})"
            rf"(?: (?:today|now|(?:on|in|at) {_EXAM}))?(?= ?[.;]|$)",
            r"new \1 of \2",
        ),
        # Its time.
        (
            rf"\b(no (?:recurrent |residual |new |delayed )?(?:left |right )?{NAME}) (?:\w+ )?(?:hours?"
            r"|days?"
            r"|weeks?|minutes?|min|h|hrs?) (?:after|post|following)\b[^.;,]{0,60}",
            r"\1",
        ),
    )
)
_GLUED_SIGN = re.compile(r"(?<=[a-z)])([.,;:])(?=\s|$)")
#: Words without which no sentence is put otherwise; a quick test before the table.
_QUICK = re.compile(
    r"\b(?:no|nil|not|cannot|could|unable|impossible|none|neither|nor|nothing|never|without|absent"
    r"|doubt|resol\w*|(?:re ?)?absor\w*|resor\w*"
    r"|clear\w*|gone|disappear\w*|excluded|ruled|refuted|delayed|late|subsequent|apparent|supposed|seeming"
    r"|called|alleged|zero|0|purely|only|both|confirmed|proven|told|advised|warned|informed|aware|go|goes)\b"
    r"|[(\u00f8\u2205]"
)


def plainly(normalised: str) -> str:
    """A normalised sentence with its denials as "no" and "not seen".

    >>> plainly("not a trace of pneumothorax remains .")
    'no pneumothorax .'
    """
    if not _QUICK.search(normalised):
        return normalised
    return _GLUED_SIGN.sub(r" \1", put_otherwise(normalised, _PLAIN))
