"""Sentences in words that say the same and that the lexicon knows: nouns left out, parts that remain."""

from __future__ import annotations

import re

from ptx_followup.report.substitution import compiled
from ptx_followup.report.wording import NAME

#: "Left pneumothorax has resolved; the right is unchanged": the noun is left out the second time.
_ELLIPSIS = re.compile(
    r"((?:^|[;,.] |\b(?:and|while|but|whereas) )the (?:left|right)|[;,] (?:left|right))(?: one)?"
    r"(?= (?:is|has|was|appears|remains|measures|persists)\b"
    r"(?! (?:clear|free|without|an?|one|none|no|normal|well|fully|unremarkable|expanded|aerated|up|intact"
    r"|negative|unaffected|spared)))"
)
_SIZE = r"(?:tiny|trace|minimal|small|mild|moderate|mod|medium|large|massive|big)"
_TO = r"(?:decreas|increas|enlarg|reduc|improv|progress)\w+ (?:in size )?to"
_MEASURE = r"\d+(?:\.\d+)? ?[cm]ms?\b(?: \w+)?"
_ZONE = r"(?:apical|basal|basilar|lateral|anterior|medial)"
_TODAYS_SIZE = rf"(?:(?:now|{_TO}) (?:an? )?{_SIZE}|{_SIZE} (?:now|today|currently))\b"
#: Other words for what the lexicon reads, tried in this order.
_REPHRASED = (
    (
        r"\b(?:has |have )?(?:yet|failed|fails|failing) to (?:fully |completely )?"
        r"(?:resolve|clear|go|re-?expand)\b",
        "persists",
    ),
    (
        r"\b((?:resolved|cleared)) (?:almost|nearly|virtually|practically|all but) "
        r"(?:entirely|completely|fully|totally)\b",
        r"partially \1",
    ),
    # A sentence on the other side, without a full stop before it.
    (
        r"(?<!the)(?<!and)(?<!while)(?<!but)(?<!both)(?<!with)(?<!in)(?<!of)(?<!on)"
        r" (?=(?:the )?(?:left|right) (?:side|lung|hemithorax) (?:is )?(?:clear|normal|expanded"
        r"|unremarkable|well|fully)\b)",
        " ; ",
    ),
    (
        r"[;,.] (?:and |but )?(?:that|the one) (?:on|in) the (left|right) (?=(?:has|is|persists"
        r"|remains|stable|unchanged|now|still)\b)",
        r"; the \1 pneumothorax ",
    ),
    (r"\b(pneumothorax) has not(?= ?[.;,]|$)", r"\1 persists"),
    # The size today, not the earlier one.
    (rf"\bfrom (?:an? )?(?:very )?{_SIZE} (?:in size )?to (?:an? )?(?=(?:very )?{_SIZE}\b)", "now "),
    (r"\bgone (?=from \d)", "changed "),
    # What is missing shows it.
    (
        r"\b(?:no|without|absent) (?:\w+ ){0,2}(?:markings|vessels|vasculature) "
        r"(?:beyond|peripherally|laterally|outside)\b",
        "lucent",
    ),
    (r"\bfrom (?:none|nil|zero|0|nothing) to\b", "new"),
    (r"\bwith the exception of (?=an? |the (?!left|right))", "except for "),
    # "Small left pneumothorax, none on the right."
    (
        r"(?:[;,.] ?)?\bnone (?:is )?(?:seen )?(?:on|in) (?:the )?(left|right|l|r|lt|rt)\b",
        r"; no pneumothorax on the \1",
    ),
    (r"(\bright\b[^.;]{0,80}) ?[.;,] none left(?= ?[.;,]|$)", r"\1 ; no pneumothorax on the left"),
    # "The former ..., the latter ...", of two pneumothoraces or of one beside another thing.
    (
        rf"\b(left|right) (?:sided )?and (?:the )?(left|right) (?:sided )?{NAME}[^.;,:]{{0,40}}[,;:]"
        rf" (?:the )?former"
        r"\b([^.;,]*)[,;] (?:and |but |while |whereas )?(?:the )?latter\b",
        r"the \1 pneumothorax \3 ; the \2 pneumothorax ",
    ),
    (
        rf"({NAME}) (and (?:an? |the )?[^.;,:]{{1,60}}?) ?[,;:] (?:the )?former\b([^.;,]*)[,;]"
        rf" (?:and |but |while )?"
        r"(?:the )?latter\b[^.;,]*",
        r"\1 \3 ; \2 ",
    ),
    (
        rf"({NAME}) ?[,;:] (?:the )?former\b[^.;,]*[,;] (?:and |but |while )?(?:the )?latter\b",
        r"\1 ",
    ),
    # What has gone is the one of the other side.
    (
        r"(pneumothorax\b[^;]{0,80}? )[.;,] (?:and |but |while )?(?:the )?(left|right)(?: one|"
        r" side)? (?:has |is )?"
        r"(?:now |since |completely |fully )*(?:resolved|cleared|gone)(?= ?[.;,]|$)",
        r"\1; the \2 pneumothorax has resolved",
    ),
    (
        r"[;,.] not (?:seen|identified|present|visible) (?:on|in) (?:the )?(left|right)(?= [.;,]|$)",
        r"; no pneumothorax on the \1",
    ),
    (r"[;,.] (left|right|l|r|lt|rt) (?:: )?(?:none|nil)\b", r"; no pneumothorax on the \1"),
    (rf"\b({_TO} an? {_SIZE}) (?:residual|remnant|sliver|component|rim)\b", r"\1"),
    (
        r"\b(only|trace|sliver|bit|little|amount|rim)\b([^,;.]{0,40}) pneumothorax left (at|in|over|along)\b",
        r"\1\2 pneumothorax remaining \3",
    ),
    (
        r"^((?:right|left) )?(?:there (?:is|are) )?none(?: (?:is|are))?(?: seen| present)? (?=[.;,])",
        r"no \1pneumothorax ",
    ),
    (
        r"\bneither ([^.;]{1,80}?) nor the ([^.;]{0,40}?pneumothorax) (?:has|have) (?:changed|moved"
        r"|increased|decreased|improved)\b",
        r"\1 and the \2 are unchanged",
    ),
    (r"^(?:unlike|in contrast to) the (?:left|right)(?: side| lung)? ?, ", ""),
    (
        r"\b(?:except|apart from|other than|aside from|with the exception of)(?: for)? (?:that |the one"
        r" )?(?:on |in )?"
        r"(?:the )?(left|right)(?: side| one)?(?= ?[,.;]| ?$)",
        r"; pneumothorax on the \1 ;",
    ),
    # The other side, without the noun.
    (
        r"(?:\b(?:but|and|while|whereas|yet)|[;,]) ?,? ?(?:the )?(left|right)(?: one)? (?:has|have|is"
        r"|does) not\b"
        r"(?= (?:yet )?[.;,]| yet$|$)",
        r"; the \1 pneumothorax persists",
    ),
    (
        rf"(?:\b(?:but|and|while|whereas)|[;,]) ((?:(?:an? )?(?:{_SIZE}|{_ZONE}|persistent|stable"
        rf"|unchanged|residual) )+)"
        r"(?:(?:is|are|seen|present|noted) )*"
        r"(?:on|at) the (left|right)\b",
        r"; \1pneumothorax on the \2",
    ),
    (
        r"(?:\b(?:but|and|while|whereas)|[;,]) (?:the )?(left|right)(?: one)? (?:is )?"
        r"(as (?:above|before|described|previously)|unchanged|stable|persistent|persists|present|remains"
        r"|the same)\b",
        r"; \1 pneumothorax \2",
    ),
    # A part that is left, named by its place or its size alone.
    (
        r"\b(?:except|save|apart from|other than|aside from|with the exception of)(?: for| of)?(?: at| in"
        r"| over| along)?"
        r" (?:the |its )?(?:very |extreme |most )?(apex|apices|base|apical region|lung base|costophrenic"
        r" angle)\b",
        r"; pneumothorax is seen at the \1",
    ),
    (
        rf"(?<!pneumothorax of )(?<!ptx of )({_MEASURE}) (?:still )?(?:remains?|persists?"
        r"|(?:is|are) (?:still )?left)\b",
        r"residual pneumothorax of \1",
    ),
    (
        r"\bmost of (the (?:\w+ ){0,2}pneumothorax) (?:has|is|was|have) (?:\w+ )?(?:gone|resolved|cleared"
        r"|drained|evacuated)",
        r"\1 has partially resolved",
    ),
    (r", which (?=(?:may|might|could|likely|probably|is|represents|would)\b)", " "),
    (
        r"\b(?:but|although|though|however) ?,? none (?:is |are |was )?(?:clearly |definitely )?"
        r"(?:seen|identified|visible|evident|present|noted|detected|demonstrated)\b",
        "; no pneumothorax is seen",
    ),
    (r"\b(left|right) and no (left|right) (?=pneumothora)", r"\1 pneumothorax and no \2 "),
    # The size of the earlier film gives way to that of this one.
    (r"\bwhen it (?:was|measured) [^.;,]*", ""),
    (
        r"\bit (?:was|measured) [^.;,]{0,40}?\b(?:ago|before|yesterday|previously|earlier)\b(?: too| also)?",
        "",
    ),
    (rf"\b(?:vs|versus) {_MEASURE[:-11]} (?:prior|previously|before|earlier|yesterday)\b", ""),
    (
        r"\b(?:the )?(?:previous|prior|earlier) (?:\w+ ){0,2}episodes? (?:having|were|was) [^.;]{0,80}",
        "",
    ),
    (rf"\b(?:(?:was|were|previously|formerly|from) )?{_SIZE}\b(?=[^;]{{0,120}}\b{_TODAYS_SIZE})", ""),
)
_REPHRASING = compiled(_REPHRASED)
#: A part of a pneumothorax that has gone leaves the rest.
_COMPONENT = re.compile(
    r"(?:\bthe )?(?:\b(?P<side>left|right) )?"
    r"\b(?:apical|basal|basilar|lateral|medial|anterior|inferior|superior|subpulmonic) (?:component"
    r"|portion|part)"
    r"(?P<of> of (?:the |an? )?(?:(?P<other>left|right) )?pneumothorax)?"
    r" (?:(?:has|have|had|is|was) )?(?:now )?(?:largely |completely )?"
    r"(?:resolved|cleared|gone|no longer (?:seen|visible|present|identified|evident))\b"
)


def rephrased(normalised: str) -> str:
    """A sentence in words that say the same and that the lexicon knows."""
    for pattern, replacement in _REPHRASING:
        if pattern.search(normalised):
            normalised = pattern.sub(replacement, normalised)
    normalised = _COMPONENT.sub(_smaller, normalised)
    return _ELLIPSIS.sub(r"\1 pneumothorax", normalised)


def _smaller(component: re.Match[str]) -> str:
    side = component["side"] or component["other"]
    subject = f"the {side} pneumothorax" if side else "pneumothorax" if component["of"] else "it"
    return f"{subject} has partially resolved"
