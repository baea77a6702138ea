"""Signs of air between lung and chest wall, by whatever name; they are read as a pneumothorax.

A report may describe what is seen and not name it: a pleural line that stands off the ribs, a lung that is
collapsed by a share, a pleural space that holds air.
"""

from __future__ import annotations

import re

from ptx_followup.report.lexicon import normalise
from ptx_followup.report.substitution import compiled

#: Parts of words without which no sentence shows one of the signs; a quick test before reading.
_QUICK = re.compile(
    r"thorax|up\b|expanded|collapse|lucen|black|recess|gap|level|edge|margin|stripe|contour|reflection"
    r"|pleura|lung|air|gas|separat|collins|distance"
)
_MEASURED = r"\d ?(?:[cm]ms?|millimet\w+|centimet\w+)\b"
#: What a lung edge does that has left the chest wall.
_OFF_THE_WALL = re.compile(
    rf"{_MEASURED}|\b(?:from|off|inside|short of) (?:the |its )?(?:\w+ ){{0,3}}(?:wall|ribs?|cupola"
    rf"|rib cage)\b"
    r"|\baway from\b|\blifted\b|\bdisplaced from\b|\b(?:with|air) (?:in )?between\b"
    r"|\b(?:no|absent|absence of|without|lack of|devoid of) (?:\w+ ){0,3}(?:markings|vessels|vasculature)\b"
)
_EDGE = re.compile(
    r"(?:\bvisceral )?\b(?:visceral pleura|(?:pleural|pleura|lung) (?:edge|lines?|margin|stripe"
    r"|reflection|contour"
    r"|surface|border))\b"
)
_PLEURAL = r"(?:the )?pleural (?:spaces|cavities)"
_LUNG = r"(?:lung|hemithorax)"
#: Phrases, and what is read for them.
_SHOWN = compiled(
    (
        (
            r"\bin (?:(?:both|either|the|each) )*pleural (?:spaces?|cavit(?:y|ies)) ,? ?(?:there is"
            r" )?(?:no|nil)"
            r" (?:free )?(?:air|gas)\b",
            "no pneumothorax",
        ),
        (
            r"\bpleural (?:spaces?|cavit(?:y|ies)) (?:contains?|holds?|shows?) (?:no|neither) (?:free )?"
            r"(?:air|gas)\b(?: (?:n?or) (?:fluid|effusion))?",
            "no pneumothorax",
        ),
        (
            r"\bneither (?:free )?(?:air|gas) nor (?:free )?(?:fluid|effusion) (?:(?:is|are) )?(?:seen"
            r" )?(?:with)?in"
            rf" {_PLEURAL}",
            "no pneumothorax",
        ),
        (
            r"\b(no|nil) (?:free )?(?:air|gas) (?:(?:is|was) )?(?:seen|found|noted|identified|visible"
            r"|present)"
            rf" (?:with)?in (?:(?:both|either) )?{_PLEURAL}",
            r"\1 pneumothorax",
        ),
        (rf"\b{_LUNG}(?= (?:is |has |now |still |remains )*separated from\b)", "pneumothorax"),
        (
            rf"\b{_LUNG}(?= (?:is |has |now |partly |partially )*collapsed by (?:\w+ ){{0,2}}\d)",
            "pneumothorax",
        ),
        (
            rf"\b{_LUNG} (?:(?:is|remains|has) (?:still )?|(?:completely|totally|part(?:ial)?ly"
            r"|\d{1,3} %) ){1,2}"
            r"(?:down\b(?! to\b)|dropped\b|not (?:fully )?up\b)"
            r"|\blung (?:still )?(?:down|not (?:fully )?up)"
            r"(?= (?:about|by|an?|on|\d)\b| [.;,]|$)",
            "pneumothorax persists",
        ),
        (
            rf"\b{_LUNG} (?:still |now )*(?:fails to|does not) reach (?:the )?"
            r"(?:\w+ ){0,2}(?:wall|ribs)\b",
            "pneumothorax persists",
        ),
        (
            r"\bexpanded ,? ?(?:but for|except for|apart from|save for) "
            r"(an? (?:\w+ ){0,3}(?:rim|sliver|cap))\b",
            r"expanded ; \1 of pneumothorax",
        ),
        (
            r"\b(?:lung edge|visceral pleura) (?:is |has |now |again |clearly |become |becomes )+"
            r"(?:visible|seen|visuali[sz]ed|identified|apparent)\b",
            "pneumothorax is seen",
        ),
        (
            rf"\b{_LUNG} (?:has |is )?(?:come|fallen|detached|(?:two|one) thirds? expanded"
            r"|half expanded)\b(?! up)",
            "pneumothorax persists",
        ),
        (
            r"\b(?:gap|separation|space) (?:of \d[\w. ]{0,8} )?between (?:the )?((?:left |right )?)lung and"
            r" (?:the )?"
            r"(?:chest wall|ribs)\b",
            r"\1 pneumothorax",
        ),
        (
            r"\blung edge (?=(?:\w+ ){0,4}at (?:the )?(?:level of )?(?:the )?\w+ "
            r"(?:posterior |anterior )?rib\b)",
            "pneumothorax ",
        ),
        (r"\b(?:apical air (?:space|cap)|air cap|persist\w+ (?:apical )?air space)\b", "pneumothorax"),
        (rf"\b{_LUNG} has (?:an? )?detachment\b", "pneumothorax"),
        (
            rf"\b{_LUNG} is (?:now )?(?:\w+ ){{0,2}}(?:occupied|filled) (?:by|with) (?:free )?(?:air|gas)\b",
            "pneumothorax",
        ),
        (
            r"\b(?:(?:pleural|rib to lung|lung to rib) (?:gap|separation)|apex to cupola distance"
            r"|(?:apical |lateral )?lung edge (?:distance|separation))(?= (?:\w+ ){0,4}\d)",
            "pneumothorax",
        ),
        (
            r"\b(?:incomplete|partial) re ?expansion of (the (?:left|right) lung)(?=.*\b(?:drain\w*|tubes?"
            r"|pigtail|catheter|thoracostomy)\b)",
            r"\1 partly expanded pneumothorax persists",
        ),
        (
            r"\b(?:incompletely|partially|partly|not fully|not completely) (?:re ?)?expanded"
            r" (?=(?:left|right) lung"
            r".*\b(?:drain\w*|tubes?|pigtail|catheter)\b)",
            "pneumothorax persists ",
        ),
        (rf"\bfailure of (the (?:left|right)) {_LUNG} to (?:re ?)?expand\b", r"\1 pneumothorax persists"),
        (
            rf"\b(?:re ?)?expansion of (the (?:left|right)) {_LUNG} (?:is |remains )(?:not complete"
            rf"|incomplete)\b",
            r"\1 pneumothorax persists",
        ),
        (r"\bnot call (?:this|the) (left|right) lung (?:fully )?(?:re ?)?expanded\b", r"\1 pneumothorax"),
        (
            r"\blung is reduced to\b|\blung (?:to|and) chest wall (?:separation|distance)\b"
            r"|\binterpleural distance\b",
            "pneumothorax",
        ),
        (
            rf"\b{_LUNG} (?:has |is )?(?:been )?collapsed? (?:down )?(?:to|onto|against|towards?)"
            rf" (?:the )?(?:hilum|mediastinum)\b",
            "pneumothorax",
        ),
        (
            rf"\b{_LUNG} (?:has |is )?(?:now )?(?:re ?)?expanded by (?:about |roughly |some"
            rf" )?(?:an? |one |two )?"
            r"(?:thirds?|half|quarters?|\d)",
            "pneumothorax persists",
        ),
        (
            rf"\b{_LUNG} (?:is |remains |has come )?(?:now )?(?:about |only )?(?:(?:three"
            rf" )?quarters?|(?:two|one) thirds?"
            r"|half|half way|mostly|not quite|nearly|almost)(?: (?:of the way|way|fully))? (?:up"
            r"|expanded|re ?expanded)\b",
            "pneumothorax persists",
        ),
        (
            r"\b(?:up|expanded) ,? ?(?:but for|except for|except|apart from|save for|bar) "
            r"(an? (?:\w+ |\d+ [cm]m ){0,3}(?:rim|sliver|cap|gap|strip))\b",
            r"expanded ; \1 of pneumothorax",
        ),
        (
            r"^neither lung (?:is |has )(?:yet )?(?:fully |completely |quite )?(?:re ?)?(?:up|expanded)\b",
            "bilateral pneumothorax persists",
        ),
        (
            r"\bnot (?:yet )?(?:fully |completely |entirely |quite )?(?:up|(?:re ?)?expanded)(?="
            r" ?[,;:(] ?[\w ]{0,30}\d ?[cm]m\b)",
            "pneumothorax persists",
        ),
        (r"\b(?:re ?)collapse (?=(?:of |by )?(?:about |some )?\d{1,3} ?%)", "recurrent pneumothorax "),
        (
            rf"\b{_LUNG} (?:has |is )?(?:now )?(?:slipped|peeled|come away|dropped away|moved"
            rf" away|fallen) (?:away |off )?(?:from )?"
            r"(?:the )?(?:chest )?(?:wall|ribs)\b",
            "pneumothorax",
        ),
        (
            r"\b(?:air|gas) (?:now |still |is )*(?:fills?|filling|occup(?:ies|ying)|replac(?:es"
            r"|ing)) (?:the |most of the |all of the )?"
            r"(?:\w+ ){0,3}(?:hemithorax|pleural (?:space|cavity)|vacated space)\b",
            "pneumothorax",
        ),
        (rf"\b{_LUNG} (?:is )?(?:filled|full) (?:with|of) (?:free )?(?:air|gas)\b", "pneumothorax"),
        (
            r"(?<=[cm]m )(?:pleural )?(?:gap|separation)(?= (?:persists|remains|on the|at the"
            r"|over the|between|laterally|apically))",
            "pneumothorax",
        ),
        (
            r"(?:^|(?<=[,;:.] ))(?:\w+ ){0,2}\b(?:still |residual |persistent )(?:air|gas)(?="
            r" (?:around|along|over|lateral to|above|beside) "
            r"the (?:\w+ ){0,2}(?:lobe|lung)\b)",
            "residual pneumothorax",
        ),
        (
            r"\b(?:recess|space|sulcus|angle) (?:which |that )?(?:still |also )?(?:holds"
            r"|contains) (?:some |a little )?(?:air|gas)\b",
            "pneumothorax",
        ),
        (
            r"\b(?:lucen\w+|black|dark|air|gas)(?= (?:\w+ ){0,3}(?:between|around) the (?:left "
            r"|right )?lung\b)",
            "pneumothorax",
        ),
        (
            r"\bfluid level(?= (?:is seen |seen )?in (?:the )?(?:left|right) (?:pleural|hemithorax))",
            "hydropneumothorax",
        ),
        (r"\b(?:lung )?edge(?= (?:is |now )*\d+(?:\.\d+)? ?[cm]m (?:off|from|away) )", "pneumothorax"),
        (r"\bcollins (?:estimate|index|method|size)\b(?= (?:: |estimates |gives |is )?\d)", "pneumothorax"),
        (
            r"\bpleural (?:space|cavity) (?:still |now )?(?:contains|holds|is filled with) (?:air|gas)\b",
            "pneumothorax",
        ),
        (r"\b(?:air|gas) filled pleural (?:space|cavity)\b", "pneumothorax"),
        (r"\b(?:air|gas) has entered (?=the (?:left |right )?pleura)", "pneumothorax in "),
        (
            r"(\bpleural (?:spaces?|cavity|cavities) (?:(?:is|are) )?(?:free|clear) (?:of|from)) (?:air"
            r"|gas)\b",
            r"\1 pneumothorax",
        ),
        (
            r"((?:^|: |, |and )(?:no |residual |small )?)(?:air|gas)(?= (?:present |seen )?(?:on"
            r" the |at the )?"
            r"(?:right|left)(?: apex| side| base)?(?: [.,;]|$))",
            r"\1pneumothorax",
        ),
        (r"(?<=[cm]m of )(?:air|gas)\b|(?<=centimetre of )(?:air|gas)\b", "pneumothorax"),
        (r"(?:^|(?<=[.;:,] ))(?:air|gas)(?= (?:is )?\d{1,2}(?:\.\d)? ?[cm]m deep)", "pneumothorax"),
        (r"\b(?:air|gas) (?=at the (?:left|right) apex within the pleural)", "pneumothorax "),
    )
)
_NAMED = re.compile(r"thora(?:x|ces)|ptx|pleural (?:air|gas)")
_TURN = re.compile(r"(?<= )(?:but(?! for )|however|although|yet)(?= )")


def shows(text: str) -> bool:
    """Whether a sentence in lower case is worth reading for a sign."""
    plain = normalise(text) if _QUICK.search(text) else text
    return signs_named(plain) != plain


def signs_named(normalised: str) -> str:
    """A normalised sentence with "pneumothorax" in place of the signs of one.

    >>> signs_named("the left lung edge is 2 cm from the chest wall")
    'the left pneumothorax is 2 cm from the chest wall'
    """
    if _QUICK.search(normalised) is None:
        return normalised
    turn = _TURN.search(normalised)
    if turn:
        return _named(normalised[: turn.start()]) + _named(normalised[turn.start() :])
    return _named(normalised)


def _named(clause: str) -> str:
    if _NAMED.search(clause.replace("hemithorax", "")):
        return clause
    for pattern, words in _SHOWN:
        clause, count = pattern.subn(words, clause, count=1)
        if count:
            return clause
    return _EDGE.sub("pneumothorax", clause, count=1) if _OFF_THE_WALL.search(clause) else clause
