"""Denials that deny something else than the pneumothorax: its resolution, its cause, its past.

Each is put in words that the lexicon reads: "no evidence that the right pneumothorax has resolved" becomes
"right pneumothorax has not resolved".
"""

from __future__ import annotations

from ptx_followup.report.substitution import compiled, put_otherwise
from ptx_followup.report.wording import DATE, FEW, NAME, SEEN, WRITTEN

_GONE = r"(?:resolved|cleared|gone|disappeared|(?:re ?)?expanded)"
#: What was seen on another film, or by somebody else, and is there today.
_ELSEWHERE = (
    r"(?:on|in|at|by|before|from|until|prior|previously|earlier|there|then|initially|originally)\b"
    r"(?! (?:this|todays?|current|the (?:current|present)|present|any|either|all|both|the (?:left|right)))"
)
_LOOKED = rf"(?:{SEEN}|{WRITTEN})"
_NOT_THEN = r"(?:was|were|had been) not (?:\w+ly )?"
_INVERTED = compiled(
    (
        # An earlier film, told in a clause of its own.
        (
            rf"^(?:as )?(?:compared|comparison)(?: is made)? (?:to|with) [^.;]{{0,60}}, (?:which|that)"
            rf" (?:showed|demonstrated|revealed|had) (?:an? |the )?({FEW}{NAME}) , (?:there is )?none"
            r"(?: is)?(?: now)?",
            r"previous \1 is not",
        ),
        (
            r"^(?:as |when )?(?:compared|comparison)(?: is made)? (?:to|with) [^.;]{0,60}, (?:where|when"
            r"|which"
            r"|(?:on|in|at) which(?: time)?)\b[^.;,]{0,80}, "
            r"(?=there|an?\b|now|no\b|the (?:left|right|pneumo|lungs?)|both)",
            "",
        ),
        (rf"\( ?(?:was|were|previously|prior|prev|formerly|on \d{{1,2}} \w+ :|{DATE} :)[^()]{{0,80}}\)", ""),
        (r"^(?:as |when )?compared (?:to|with) [^()]{0,40}\([^()]{0,80}\) ?[:,]", ""),
        (r"\bnot (?:quite|yet) (?=[:,.;])", ""),
        (rf"(?:^|(?<=[.;] ))not {_LOOKED} : (?:any )?", "no "),
        # A correction gives what holds.
        (
            r"(?:^|(?<=[.;,:] ))[^.;]{1,60} (?:should|ought to|must) (?:\w+ )?(?:read|say|be read as|state)"
            r" (?::|as)? ?(?=\w)",
            "",
        ),
        # What was not expected is there all the same.
        (
            r"\b(?:(?:that |which )?(?:i|we|you|they|nobody|no one) (?:had |did |do |would |was "
            r"|were )?(?:not )?"
            r"(?:been )?(?:expect|bargain|anticipat|foresee|foresaw|hope|reckon|look)\w*(?: for|"
            r" with)?)(?= ?[:;,])",
            "",
        ),
        (r"\bnot (?:unexpected|surprising|unsurprising)(?:ly)?\b ?,?", ""),
        (r"\bnot (?:unlikely|improbable)\b", "possible"),
        (
            r"\b(?:i am |we are |one is )?not (?:\w+ )?(?:sure|certain|confident|happy)(?: (?:about"
            r"|of|with) ([^.;,:]{1,40}))?"
            rf" ?[,;:] (?:but |and )?(?=[^.;]{{0,80}}{NAME})",
            r"perhaps \1 , ",
        ),
        # What failed is another thing.
        (
            r"\b(?:re ?expansion|expansion|re ?inflation|inflation|improvement|evacuation)(?: of the"
            r" (?:\w+ )?lung)? has not"
            r" (?:yet )?(?:occurred|happened|taken place|been achieved|been obtained|succeeded)"
            r" ?[:;,.] (?=\w)",
            "incomplete re expansion ; ",
        ),
        (
            r"\bneither (?:better|larger|bigger|increased|improved|improving|smaller|worse|grown"
            r"|greater|more|decreased)"
            r" nor (?:better|larger|bigger|increased|improved|improving|smaller|worse|shrunk|greater"
            r"|less|decreased)\b ?[:,]?",
            "unchanged ",
        ),
        # Present on one side, absent on the other.
        (
            rf"\b({NAME}) ?:? (?:is )?(?:present|yes|seen|visible|noted) (?:on |in |at )?(?:the"
            rf" )?(left|right)((?: \([^()]*\))?) [,;]"
            rf" (?:and |but )?(?:absent|none|not (?:seen|present|visible)|no) (?:on |in |at )?(?:the"
            rf" )?(left|right)\b",
            r"\2 \1 is present \3 ; no \4 \1",
        ),
        (
            rf"\b({NAME}) ?:? (?:is )?(?:absent|not (?:seen|present|visible)) (?:on |in |at )?(?:the"
            rf" )?(left|right) [,;]"
            rf" (?:and |but )?(?:present|yes|seen|visible) (?:on |in |at )?(?:the )?(left|right)\b",
            r"no \2 \1 ; \3 \1 is present",
        ),
        # Its resolution is denied.
        (
            r"\b(?:it is not (?:true|the case) that|no (?:evidence|signs?|indication|suggestion) (?:that|of)"
            r"|nothing (?:suggests|indicates|to suggest)"
            r"(?: that)?|(?:does|do) not (?:mean|imply|indicate|suggest)(?: that)?) "
            rf"({FEW}{NAME} (?:\w+ ){{0,4}}?)(?:has|have|is|are) (?:\w+ly )?{_GONE}\b",
            r"\1has not resolved",
        ),
        (
            rf"\bresolution of ({FEW}{NAME}) has not (?:yet )?(?:been achieved|occurred|happened"
            rf"|taken place)\b",
            r"\1 has not resolved",
        ),
        (
            rf"\bnot (?:regard|consider|call|describe|deem) ({FEW}{NAME}) "
            rf"(?:as |to be )?(?:\w+ly )?{_GONE}\b",
            r"\1 has not resolved",
        ),
        (
            rf"\bpreviously (?:\w+ly )?(?:{_GONE}|drained|absent) ({FEW}{NAME})(?= (?:has|have) (?:now )?"
            r"(?:recurred|returned|re ?appeared|re ?accumulated)\b)",
            r"recurrent \1",
        ),
        (
            r"\b(?:this|it|which) (?:should|will|would|is (?:expected|likely) to) (?:\w+ )?"
            r"(?:resolve|clear|re ?absorb|resorb)\b",
            "",
        ),
        (r"\b(?:rather than|instead of) (?:resolving|clearing|improving)\b ?,? ?", ""),
        (
            rf"\b(?:is|are) (?:far from|nowhere near|not yet|anything but) (?:being )?{_GONE}\b",
            "has not resolved",
        ),
        (
            rf"\ball but ((?:an? |the )?{FEW}of {FEW}{NAME}) (?:has|have|is|are) (?:now )?{_GONE}\b",
            r"\1 remains",
        ),
        (
            r"\b(?:except for|apart from|save for|but for|other than) (an? (?:\w+ |\d+ ){0,4}"
            rf"(?:remnant|rim|sliver|residue|pocket|cap)) ,? ?(?:there is |complete |near complete"
            rf" )*resolution of"
            rf" ({FEW}{NAME})",
            r"\1 of \2 remains",
        ),
        (r"\b(?:no|not|nothing|little) more than (an? )", r"only \1"),
        (r"\bnot (?:yet |entirely |completely |fully )*(?:free|clear|devoid) of\b", "with"),
        # It may come yet.
        (
            rf"\b(?:a )?(?:delayed |late )?{NAME} (?:may|might|could|can) (?:still |yet |also )?"
            r"(?:develop|occur|follow|appear|arise)\b",
            "",
        ),
        # Something of it is denied that presupposes it.
        (
            r"\b(?:no|without)(?! (?:\w+ )?(?:history|clinical|concern)) (?:\w+ ){1,6}?(?:for|about"
            r"|in association with)"
            rf" (the (?!presence|possib)(?:\w+ ){{0,6}}{NAME})",
            r"\1",
        ),
        (r"\b(?:there is )?no (?:mistaking|denying|missing|ignoring|overlooking)\b", "there is"),
        (
            r"\b(?:no|without|nothing to suggest)(?: (?:evidence|signs?|features) of)? (?:\w+ ){1,2}?"
            rf"(?:in|within|from|with) (th(?:is|ese) {FEW}{NAME})",
            r"\1",
        ),
        (
            r"\b(?:has|have) not (?:\w+ly )?(?:altered|changed|affected|improved|helped|reduced) "
            rf"(the {FEW}{NAME})",
            r": \1 is unchanged",
        ),
        (r"\bnothing has changed (?:[^.;,]{0,60} )?, including\b", "unchanged :"),
        (
            r"[,;:] (?:the )?(?:cause|origin|reason|source|aetiology|etiology|mechanism) (?:is |was )?"
            r"(?:not \w+|unclear|unknown|uncertain)\b",
            "",
        ),
        (rf"\bnothing has changed about (the {FEW}{NAME})", r"\1 unchanged"),
        (r"\bno sig\b", "no significant"),
        (r"\bno side is spared ?:?", "bilateral"),
        (
            rf"\bno (?:additional|other|further|second|new|fresh) {NAME} (?:besides|beyond|other"
            rf" than|apart from|except)"
            r" (?:that|the one|those)\b(?: already)?",
            "known pneumothorax",
        ),
        (r"\b(?:an? |the )?(?:cause|origin|reason|source|aetiology|etiology) of which [^.;,]{0,60}", ""),
        (r"\b(?:the )?presence or absence of\b", ""),
        # What a denial may have missed; the denial stands.
        (
            rf"[;,] (?:although |but |though )?an? (?:\w+ ){{0,3}}(?:collection|one|{NAME})"
            r" (?:may|might|could|can) (?:\w+ )?be (?:missed|overlooked|obscured|hidden|occult)\b",
            " , may be missed",
        ),
        # It was not there before.
        (rf"^not (?:previously|formerly) {_LOOKED} :", "new"),
        (
            rf"\b(?:it|this) (?:is|was) (?:absent|not (?:\w+ly )?{_LOOKED}) (?:on|in|at|from) the "
            r"(?:immediate|initial|first|earlier|previous|prior|preceding|last"
            r"|(?:film|study|image|radiograph|ct) (?:of|from|at|taken)(?! (?:today|this"
            r"|now)\b))\b[^.;,]{0,40}",
            "new",
        ),
        (
            rf",? ?\b(?:which|that|and|but)? ?{_NOT_THEN}{_LOOKED} {_ELSEWHERE}(?: [^.;,]{{0,60}})?",
            " , new ",
        ),
        (rf", not (?:\w+ly )?{_LOOKED} {_ELSEWHERE}(?: [^.;,]{{0,60}})?", " , new "),
        (
            r"\b(?:was|were) not there (?:this morning|yesterday|earlier|before|previously|then|last \w+"
            r"|(?:on|in|at) the (?:last|prior|previous|earlier|first|initial|admission)\b[^.;,]{0,30})",
            "is new",
        ),
        (r"\bno tension(?: component| physiology| element| features?)? (?:to|of|in|from|with)\b", ""),
        (rf"\bwhich {_NOT_THEN}there\b[^.;,]{{0,40}}", " , new "),
        (
            r",? ?\b(?:of which )?there (?:was|were|had been) none (?:before|previously|earlier|on"
            r"|at|in|until)\b[^.;,]{0,40}",
            " , new ",
        ),
        (
            r", (?:(?:was|were) none|(?:with |having )?none) (?:before|previously|earlier|on (?:the"
            r" )?(?:prior|previous|earlier"
            r"|last|suction|first|initial|admission))\b[^.;,]{0,40}",
            " , new ",
        ),
        (
            r", (?:the )?(?:film|study|one|image) before (?:\w+ )?(?:had )?(?:shown|showed|showing) none\b",
            " , new ",
        ),
        # A denial of another film.
        (
            r"\b(?:when|where|at which time|on which|reported as(?: showing)?|with|showing|shown"
            r"|had shown) no (?:\w+ ){0,3}"
            rf"{NAME} (?:was|were|had been) [^.;,]{{1,40}}",
            " ",
        ),
        # One value a side, the noun named once.
        (
            rf"({NAME}) ?:? ?none (?:seen )?(?:on the )?(left|right) ?[,;] (?:and )?((?:[\w.]+"
            rf" ){{1,5}}?)(?:on the )?"
            r"(left|right)\b",
            r"no \2 \1 ; \3 \4 \1",
        ),
        (
            rf"({NAME}) (?:on the )?(left|right) [,.;] (?:none (?:on the )?(?=left|right)"
            rf"|(?=(?:left|right) none))"
            r"(left|right)(?: none)?\b",
            r"\2 \1 ; no \3 \1",
        ),
        (rf"\bno (left|right) ({NAME}) ,? ?but (left|right)(?= [.;,]|$)", r"no \1 \2 ; \3 \2"),
        # Where it was seen before.
        (
            r"\bfor which (?:the |an? |they )?(?:\w+ ){0,3}(?:was|were) (?:placed|inserted|drained"
            r"|treated)\b",
            "",
        ),
        (
            r"\b(?:seen|noted|described|reported|present|shown|identified|found|visible)? ?(?:on|of"
            r"|at|from) (?:the )?"
            rf"(?:{DATE}|that date|admission(?: ct| film)?)(?= ,? ?(?:is|are|has|have|had|can"
            rf"|cannot|neither|both)\b)",
            " previously seen",
        ),
        # A question, its answer, and a word of today behind it.
        (r"(?:^|(?<=[:?] ))no ,(?= )", ""),
        (
            r"\b(?:it would be |it is )?(?:wrong|incorrect|inaccurate|misleading|a mistake|an error) to \w+"
            rf" [^.;,]{{0,40}}\bno (?={NAME})",
            "",
        ),
        (r"\b(?:isnt|arent|is not|are not|not) (?=[:])", ""),
        (
            r"\bbut (?:is |are )?(?:now )?(?:evident|present|visible|seen|there|apparent)(?: now|"
            r" today)?(?= [.;,]|$)",
            " ; pneumothorax is present",
        ),
    )
)


def inverted(normalised: str) -> str:
    """A normalised sentence in which a denial is left of what it denies."""
    return put_otherwise(normalised, _INVERTED)
