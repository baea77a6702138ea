"""Denials that do not name the finding: "Both lungs are fully expanded.", "Resolved.", "None now.".

They count where a pneumothorax was asked for or was there on an earlier exam, and where nothing states one
today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ptx_followup.report.headings import ASIDE, BODY, section_named
from ptx_followup.report.lexicon import normalise
from ptx_followup.report.sections import Sentence
from ptx_followup.report.terms import Finding
from ptx_followup.sides import SIDES, Side

#: Longer sentences are not looked at, in characters.
_LONGEST = 300
_QUICK = re.compile(
    r"expan|aerat|inflat|\bup\b|chest wall|resol|clear|gone|disappear|absor|\bnone\b|\bnil\b|no longer"
    r"|nothing"
    r"|not (?:seen|visible)|has left",
    re.IGNORECASE,
)
_ALL = r"(?:fully|completely|entirely|totally|perfectly)"
_WALL = r"(?:the )?(?:lateral |bony |whole )?(?:chest wall|ribs|periphery|thoracic wall)"
_STILL_UP = r"(?:is |are |has |have |now |both |again |also |appears? |remains? |stays? )*"
#: A lung that fills its half of the chest, in words that are said of one that had not.
_RE_EXPANDED = re.compile(
    r"\b(?:complete|full|total) re ?expansion\b"
    r"|\bre ?expansion (?:of (?:\w+ ){1,4})?(?:is|has been|appears) (?:now |again )?(?:complete|full)\b"
    rf"|\bre ?expanded (?:\w+ )?{_ALL}\b|\b{_ALL} re ?expanded\b"
    rf"|\blungs? {_STILL_UP}(?:{_ALL} |well )?(?:re ?)?(?:expanded|inflated|aerated|up) to {_WALL}"
)
#: And in words that are said of any lung.
_EXPANDED = re.compile(
    rf"\blungs? {_STILL_UP}(?:{_ALL} (?:expanded|inflated|aerated)|re ?expanded|(?:{_ALL} )?up)\b"
    rf"|\blungs? {_STILL_UP}(?:expanded|inflated|aerated) {_ALL}\b"
    rf"|\blungs? (?:\w+ ){{0,3}}(?:in contact with|meets?|touch(?:es)?|reach(?:es)?|abuts?) {_WALL}"
    rf"|\bmarkings (?:\w+ ){{0,3}}(?:reach|extend(?:ing)? to|out to|seen to|to) {_WALL}"
)
_SUBJECT = (
    r"(?:(?:this|it|that|these|they|both|all|everything|(?:the |that )?residual|the (?:finding|air)) )?"
)
_WHEN = (
    r"(?: (?:is|are|now|today|completely|fully|entirely|since|then|in the (?:interim|interval|meantime)"
    r"|any ?more"
    r"|any longer|at all|seen|visible|present|at present|on (?:this|the present|todays) \w+"
    r"|without (?:residue|residual|trace)|of it|on either side|on both sides|currently))*"
)
#: It has gone, in a sentence of its own.
_GONE = re.compile(
    r"^(?:(?:cxr|film|radiograph|today|now|this film|conclusion|current(?: \w+)?|present \w+) (?:today )?: )?"
    r"(?:and |but |now |today |(?:on )?(?:this|todays|the present) \w+ )*(?:, )?(?:"
    rf"{_SUBJECT}(?:has |have |is |are |had )?(?:now |since |also |all |both |been |completely |fully "
    rf"|entirely"
    r" |totally )*(?:resolved|cleared|gone|disappeared|(?:re ?)?absorbed|evacuated)"
    r"|(?:complete |full |total |interval )+(?:resolution|clearance|disappearance|evacuation)"
    r"|(?:i |we )?(?:can )?(?:see |find )?(?:there is |now )?(?:none|nil)"
    rf"|{_SUBJECT}(?:is |are |can )?(?:no longer|not)(?: be)? (?:seen|visible|present|identified|evident"
    r"|demonstrated|appreciated)"
    r"|nothing (?:of it )?(?:is )?(?:left|remains|seen)"
    rf"){_WHEN} ?[.;,]?$"
)
#: It has not gone altogether, or is yet to go.
_NOT_ALL = re.compile(
    r"\b(?:not (?!seen|visible|present|identified)|almost|near(?:ly)?|partial(?:ly)?|partly|incomplete\w*"
    r"|except\w*|apart|but|besides|save|other than|aside|rim|gap|yet|most(?:ly)?|largely|thirds?|half"
    r"|quarters?|hyper\w+|fail\w*|unable|until|await\w*|trapped|if|once|when|should|will|would|may|might"
    r"|expect\w*|toward\w*|hope\w*|improv\w+|further|progress\w*|better|ongoing|slow\w*|\d+ ?[cm]m|\d+ ?%"
    r"|sliver|residual(?! (?:has|is)\b)|separat\w+|loculat\w*|likely|probably|possibly|appears? to|seems?"
    r"|allow|encourage|promote|achieve)\b|[?]"
)
#: It is told of another time.
_THEN = re.compile(r"\b(?:previously|was|were|had|for)\b")
#: Something else that may have gone.
_OTHER_FINDING = re.compile(
    r"\b(?:effusions?|consolidations?|pneumonia|o?edema|atelectas[ie]s|infiltrat\w+|opacit\w+|mass|nodules?"
    r"|emphysema|ha?emothorax|pneumomediastinum|fractures?|congestion|collapse)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"pneumo ?thora|\bptx|\bpnx\b|\bpneumos?\b|pleural air", re.IGNORECASE)
#: What a sentence is the value of, and the names of films that such a value may be said of.
_LABEL = re.compile(r"([^\n:=|.;]{1,40})[:=|\t]\s*\Z")
_FILM = re.compile(
    r"\W*(?:cxr|chest|film|radiograph|x-?ray|today'?s?|now|this|current|present|new|final|repeat|comment"
    r"|result)\b"
    r"(?: \w+){0,3}\W*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r" ; | , (?=and |the |both |today|now)")


def unnamed_denials(text: str, sentences: Sequence[Sentence], findings: Sequence[Finding]) -> list[Finding]:
    """Denials that leave out the finding, as statements of their sentences, in order.

    Args:
        text: The report.
        sentences: Of it.
        findings: What it states otherwise, for the sides of a pneumothorax that was known.
    """
    known = {one.side for one in findings if one.side}
    found: list[Finding] = []
    mentioned = clouded = False
    for sentence in sentences:
        names = _NAMED.search(sentence.text) is not None
        if sentence.section in BODY and _QUICK.search(sentence.wording):
            found.extend(
                Finding(
                    present=False,
                    certainty="certain",
                    side=side,
                    section=sentence.section,
                    sentence=sentence.text,
                    span=(sentence.start, sentence.end),
                )
                for side in _sides(
                    sentence.wording,
                    known,
                    mentioned=mentioned or names,
                    clouded=clouded or _is_value(text, sentence),
                )
            )
        mentioned = mentioned or names
        clouded = sentence.section in BODY and (
            (clouded and not names) or _OTHER_FINDING.search(sentence.wording) is not None
        )
    return found


def _is_value(text: str, sentence: Sentence) -> bool:
    """Whether a sentence is the value of a label of something else: "Lines: none"."""
    label = _LABEL.search(text[max(0, sentence.start - 44) : sentence.start])
    return label is not None and not (_FILM.match(label[1]) or section_named(label[1]) in BODY)


def _sides(wording: str, known: set[Side], *, mentioned: bool, clouded: bool) -> Iterator[Side | None]:
    """The sides of which a sentence says that nothing is there; None where it names none."""
    plain = normalise(wording)
    if len(plain) > _LONGEST or _NOT_ALL.search(plain):
        return
    for clause in _CLAUSE.split(plain):
        if _THEN.search(clause):
            continue
        if mentioned and not clouded and _GONE.match(clause):
            yield None
            return
        again = _RE_EXPANDED.search(clause) is not None
        if not again and not (mentioned and _EXPANDED.search(clause)):
            continue
        sides = {side for side in SIDES if re.search(rf"\b{side}\b", clause)}
        if re.search(r"\blungs\b|\bboth\b|\bbilateral", clause):
            sides = set(SIDES)
        if (sides and not known <= sides) or (len(sides) == 1 and mentioned and not known):
            continue
        yield from [side for side in SIDES if side in sides] or (None,)
        return


def without_needless(findings: Sequence[Finding], unnamed: Sequence[Finding]) -> list[Finding]:
    """Findings without those denials that name nothing, where another one speaks of today."""
    added = frozenset(unnamed)
    speaks = any(
        one.section in BODY | ASIDE
        and one not in added
        and (one.present is not False or one.certainty == "certain" or one.change == "resolved")
        for one in findings
    )
    return [one for one in findings if not (speaks and one in added)]
