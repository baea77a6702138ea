"""A pneumothorax that is named by where it was seen before, and what became of it.

"The right pneumothorax seen on day 1 has gone after aspiration" becomes "the right pneumothorax has resolved
after aspiration", which the lexicon reads.
"""

from __future__ import annotations

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import NAME, SEEN, WRITTEN

_LOOKED = rf"(?:{SEEN}|{WRITTEN}|diagnosed|discovered|known)"
#: Where or when it was, and at most so many words of it.
_WHERE = r"(?:(?:at|on|in|by|from|during|before|after|with|until|for) |(?:\w+ ){1,2}(?:ago|earlier|before)\b)"
_WHEN_SEEN = (
    rf"(?:(?:(?:which|that) (?:was|were|had been) )?(?:previously |formerly |initially |originally |first "
    rf"|recently )?{_LOOKED} {_WHERE}[^.;,]{{0,60}}?"
    r"|(?:of|from) (?:about |some |over )?(?:\w+ ){1,2}(?:hours?|days?|weeks?|months?|years?) (?:ago"
    r"|back|earlier|before)"
    r"|(?:(?:which|that) (?:was|were|had been) )?(?:treated|drained|aspirated|managed|sustained|decompressed)"
    r" (?:(?:last|this|at|in|on|by|with|yesterday|elsewhere|earlier|previously)\b[^.;,]{0,60}?)"
    r"|(?:of|on|from|at) (?:admission|arrival|presentation|discharge|birth|the (?:day|night|film|study) of"
    r" [^.;,]{1,30}?)"
    r"|(?:of|from|on) (?:last|yesterday|the (?:previous|prior|last|earlier|first|initial)) ?\w*(?:"
    r" \w+){0,2}?)"
)
_ALL = (
    r"(?:now |since |both |all |also |again |then |fully |completely |entirely |totally |happily |duly "
    r"|been )*"
)
#: "has cleared only partly" is no end of it.
_PARTLY = (
    r"(?! ?,? ?(?:only|part|in part|almost|near|incomplete|most|large|for the most|except|but|apart|to a"
    r"|save|by|from))"
)
_GONE = (
    rf"(?:(?:(?:has|have|had) {_ALL}(?:resolved|cleared|disappeared|vanished|(?:re ?)?absorbed|resorbed"
    rf"|healed)"
    rf"|(?:has|have|had) {_ALL}gone(?! (?:from|up|down|to|back|by)\b)"
    rf"|(?:is|are) {_ALL}(?:gone|absorbed|re ?absorbed|resolved|cleared)(?! (?:from|up|down|to|by)\b)"
    rf"|(?:was|were|has been|have been) {_ALL}(?:(?:re ?)?absorbed|resorbed))\b{_PARTLY})"
)
_NOT_SEEN = (
    rf"(?:(?:is|are) (?:now )?(?:not|no longer)(?: \w+ly)? {_LOOKED}|(?:can|could) (?:now )?(?:not|no longer)"
    rf" be {_LOOKED}|cannot (?:now )?be {_LOOKED})"
)
_TODAY = (
    r"(?! (?:on|in|by|at) (?!(?:this|these|todays?|the (?:present|current)|either|both|any|all|inspir"
    r"|expir)))"
)
_SETTLED = compiled(
    (
        # What it was and what has become of it, its former place and time left out.
        (
            rf"\b((?:left |right |bilateral |apical |basal |lateral )*{NAME}(?: on the (?:left|right))?)"
            rf" {_WHEN_SEEN}"
            rf"(?= {_GONE}| (?:has|have) (?:not|never) (?:recurred|returned|re ?appeared|re"
            rf" ?accumulated|come back))",
            r"\1",
        ),
        (
            rf"\b({NAME}(?: on the (?:left|right))?) {_WHEN_SEEN} {_NOT_SEEN}{_TODAY}",
            r"\1 previously seen is no longer seen",
        ),
        (rf"\b({NAME}(?: on the (?:left|right))?) {_GONE}", r"\1 has resolved"),
        (
            rf"\b({NAME}(?: on the (?:left|right))?) (?:was |were )?{_LOOKED} (?:yesterday|previously"
            rf"|earlier|before"
            rf"|{_WHERE}[^.;,]{{0,40}}?) ?[;,] (?:and |but )?(?:it|this|which|these|they) {_NOT_SEEN}"
            rf" (?:today|now"
            r"|any ?more|any longer|on (?:this|todays) \w+)",
            r"\1 previously seen is no longer seen",
        ),
        (rf"^(?:they|these|both) {_GONE}", "they have resolved"),
        (
            rf"^((?:however|happily|fortunately|now|today|but) ,? ?)?(?:it|they|this) (?:is|are|has|have)"
            rf" {_ALL}"
            rf"(?:gone(?! (?:from|up|down|to|back|by)\b)|(?:re ?)?absorbed|resolved|cleared"
            rf"|disappeared)\b{_PARTLY}",
            r"\1it has resolved",
        ),
        (
            r"\b(resolved|cleared|disappeared|gone|absorbed) (?:only |just )?(?:part(?:ial)?ly|in part"
            r"|incompletely"
            r"|for the most part|to a large (?:part|extent|degree))\b",
            r"partially \1",
        ),
        (r"\bgone (?=from (?:an? )?(?:\d|very|large|moderate|small|massive|medium|tiny|big))", "changed "),
        (rf"\bneither (?:ha?emo|hydro|pyo)(?:thorax)? nor (?={NAME})", "no "),
        (
            r"\b(?:after|since|following) (?:\w+ ){0,2}?(?:treatment|hospital stay|hospitali[sz]ation|stay"
            r"|admission"
            rf"|therapy|surgery|operation|pleurodesis) (?:for|of|because of) (?=(?:an? |the |his |her"
            rf" )?(?:\w+ ){{0,3}}{NAME})",
            "history of ",
        ),
        (
            r"\b(?:\w+ ){1,2}?(?:days?|weeks?|months?|years?) (?:after|following|post|since)"
            r" (?=(?:an? |the |his |her )?"
            rf"(?:(?:left|right|small|moderate|large|spontaneous|traumatic|iatrogenic|primary"
            rf"|secondary|apical|tension|"
            rf"drained|treated|first|second) )*{NAME}(?: on the (?:left|right))? ?(?:[.;,:]|$))",
            "history of ",
        ),
        # It was looked for.
        (
            rf"(?:^|(?<=[.;,] ))(?:one|it|this|an? (?:\w+ )?{NAME}|{NAME}) (?:was|were|is|has been) "
            r"(?:carefully |specifically |again |also |actively )*(?:looked for|searched for|sought"
            r"|checked for)"
            r"[^.;,]{0,30}?,? (?:and|but) (?:none|no such \w+|not|it (?:is|was) not)(?: (?:is|was|could be"
            r"|can be"
            r"|has been))? (?:found|seen|identified|detected|present|visible|demonstrated)",
            "no pneumothorax is seen",
        ),
        # One denial, and the same again of a place.
        (
            rf"\b(no (?:\w+ )?{NAME}(?: on either side)?),? and none (?:is |was |can be )?(?:seen|present"
            rf"|visible"
            r"|found|detected|identified)?(?: elsewhere)?(?= (?:at|in|on|over) )",
            r"\1 , and no pneumothorax ",
        ),
        # Doubt that is put as a denial of proof.
        (
            r"\b(suggest\w*|suspicious|indicat\w+|favou?r\w*|suspected|possible|likely) ?,? (?:of |for"
            r" )?(?:but|though"
            r"|although|yet|without) (?:(?:is|are|it is|do|does|did|can|cannot) )?(?:not )?(?:yet"
            r" )?(?:\w+ly )?"
            r"(?:prov(?:e|en|ed|ing)|establish\w*|diagnostic|conclusive|definite|certain|specific"
            r"|pathognomonic)"
            r"(?: (?:of|for)\b)? ?,? ?",
            r"\1 ",
        ),
        # A film for a known one says nothing of it.
        (
            r"^((?:[\w ]{1,30} [.:] )?)(?:x ray |film |radiographic |chest |routine )?(?:control|check|re"
            r" ?check|review"
            r"|progress|monitoring|surveillance)(?: film| radiograph| x ray| image| chest| cxr)* (?:of|for"
            r"|after|in) "
            rf"(?=(?:an? |the |his |her |known |treated |left |right |drained |small |moderate |large"
            rf" )*{NAME}(?: on the"
            r" (?:left|right))? ?(?:[.;]|$|after|following|under|treated|post|with (?:an? )?(?:drain|chest"
            r" tube)))",
            r"\1follow up of ",
        ),
    )
)


def settled(normalised: str) -> str:
    """A normalised sentence in which a pneumothorax that was named by its past is named plainly.

    >>> settled("the right pneumothorax seen on day 1 has gone after aspiration .")
    'the right pneumothorax has resolved after aspiration .'
    """
    return put_otherwise(normalised, _SETTLED)
