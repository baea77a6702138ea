"""The words of chest radiograph reports that decide what is said about a pneumothorax.

A sentence is first brought to a plain form (`normalise`), then scanned once by one compiled expression
(`scan`), which yields marks: a mention, another finding, a denial, a side, a size, and so on. Longer and more
particular phrases stand before the words they contain.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ptx_followup.report.sections import REDACTION

_SEEN = (
    r"(?:seen|identified|noted|visuali[sz]ed|visible|demonstrated|detected|appreciated|evident|apparent|present"
    r"|found|observed|shown|recogni[sz]ed|perceptible|perceived|discerned|discernible|delineated|confirmed"
    r"|described|reported|documented|mentioned|suspected|included|there|clear)"
)
_ADVERB = (
    r"(?:definitely|clearly|confidently|well|readily|convincingly|significantly|substantially|appreciably"
    r"|currently|now|any|obviously|grossly|entirely|completely|fully|reliably|adequately|totally|absolutely"
    r"|radiographically|definitively|really|yet|otherwise|previously|much|greatly|markedly|notably|overtly"
    r"|considerably|visibly|accurately|with certainty)"
)
_DEGREE = (
    r"(?:significant|interval|appreciable|substantial|definite|further|large|gross|great|detectable|visible"
    r"|apparent|major|material|convincing|marked|notable|obvious|radiographic|overall|real|discernible|clear"
    r"|evidence (?:of|for)|acute|short|term|suspicious|considerable|dramatic|relevant|important)"
)
_PRIOR = r"(?:prior|previous|earlier|old|comparison|last|preceding|yesterday s?|outside|initial|most recent)"
_STUDY = (
    r"(?:stud(?:y|ies)|exam(?:ination)?s?|films?|radiographs?|x rays?|xrays?|cxr|chest|ct|images?|imaging"
    r"|priors?|scans?|day|night|comparisons?)"
)

#: Concepts in the order in which they are tried; every expression works on the normalised sentence.
CONCEPTS: dict[str, str] = {
    # Not about today's finding at all.
    "decoy": (
        r"pneumothorax (?:protocol|series|kit|catheter|tray|set|stud(?:y|ies)|views?|precautions|risk|pathway"
        r"|guidelines?|surgery|clinic|detection)|(?:risk|complications?) (?:of|for|including|such as) pneumothorax"
        r"|pa and lateral|ap and lateral|frontal and lateral|lateral (?:views?|films?|radiographs?|projections?)"
        r"|left (?:anterior )?(?:heart|ventric\w+|atri\w+)|right (?:heart|ventric\w+|atri\w+)"
    ),
    # Statements that presuppose the finding.
    "partly resolved": (
        r"(?:near(?:ly)?|almost|partial(?:ly)?|mostly|largely|incomplete(?:ly)?|nearing|approaching)"
        r"(?: complete(?:ly)?)? (?:resolution(?: of)?|resolved|resolving|cleared)|resolving"
    ),
    "unresolved": (
        r"(?:has|have|is|are)? ?not (?:yet )?(?:completely |fully |entirely )?resolved|unresolved|non resolving"
        r"|(?:without|no) resolution(?: of)?|incomplete resolution(?: of)?"
    ),
    "new": (
        rf"(?:was |were |is )?not (?:been )?{_SEEN}(?: on| in| at)?(?: the)? {_PRIOR}(?: {_STUDY})?"
        rf"|(?:was |were |is )?not (?:previously|formerly) (?:{_SEEN})?|absent (?:on|in|from) the {_PRIOR}"
        r"|interval development(?: of)?|(?:has|have|had)? ?(?:now |newly )?developed|development of|developing"
        r"|new(?:ly)?|recurrent|recurrence(?: of)?|recurred|reaccumulat\w+(?: of)?|re accumulat\w+(?: of)?"
        r"|interval appearance(?: of)?"
    ),
    "stable": (
        rf"(?:no|without|not)(?: {_DEGREE}){{0,3}} (?:changes?|increase|enlargement|progression|worsening"
        r"|growth|difference|expansion|decrease|improvement|reduction)(?: in)?(?: the)?(?: size)?(?: of| to| from)?"
        rf"|not (?:been )?(?:{_ADVERB} )?(?:changed|increased|enlarged|larger|worse|worsened|different|decreased"
        r"|improved|progressed|smaller|grown)(?: in size)?"
        rf"|(?:no|neither) (?:{_DEGREE} )?(?:larger|smaller|bigger|enlarging|worsening|increasing|increased)"
        r"|unchanged|stable|similar(?: in size)?(?: to)?|grossly the same|the same|not changed|constant"
        r"|relatively stable|as before"
    ),
    "resolved": (
        rf"no longer (?:{_ADVERB} )?(?:{_SEEN}|persists?|exists?|any)|(?:interval |complete |near )*resolution of"
        r"|(?:has |have |had )?(?:now |since |completely |fully |subsequently |entirely |essentially )*resolved"
        r"|resolution|(?:has |have )disappeared|(?:has |have )(?:completely )?cleared|gone|evacuat(?:ed|ion of)"
        rf"|not {_SEEN} (?:anymore|any more)|disappearance of|clearance of"
    ),
    # Doubt.
    "cannot exclude": (
        r"(?:cannot|can not|cant|could not|couldnt|not|difficult to|hard to|impossible to|unable to"
        r"|not possible to)(?: \w+){0,2}? (?:exclude|rule out|excluding)|without excluding"
    ),
    "not excluded": (
        r"(?:cannot|can not|cant|could not|couldnt|may not|not|incompletely|difficult to|hard to)"
        rf"(?: be)?(?: (?:{_ADVERB}|be)){{0,2}} (?:excluded|ruled out)|(?:is|remains) not excluded"
        r"|remains (?:a )?(?:possib\w+|consideration|concern)|difficult to exclude"
    ),
    "unassessable": (
        rf"(?:cannot|can not|cant|could not|not|unable to)(?: be)?(?: {_ADVERB})? (?:be )?(?:{_ADVERB} )?"
        r"(?:assessed|evaluated|determined|commented on|assessable|evaluable|interpreted|ascertained)"
    ),
    "cannot assess": (
        rf"(?:cannot|can not|cant|could not|unable to|not possible to|difficult to)(?: {_ADVERB})? (?:assess"
        r"|evaluate|determine|comment)(?: for| of| on)?(?: the)?(?: presence of)?"
        r"|(?:limit(?:s|ed|ing)?|suboptimal|inadequate|insufficient|poor|reduc(?:es|ed|ing)|decreas(?:es|ed|ing)"
        r"|non ?diagnostic|insensitive|preclud(?:es|ing)|hinder(?:s|ing)?|degrad(?:es|ing)|compromis(?:es|ing)"
        r"|low)(?: the| our)?(?: \w+)? ?(?:evaluation|assessment|sensitivity|detection|exclusion|visuali[sz]ation"
        r"|for|to)(?: for| of| to)?|not (?:sensitive|diagnostic) (?:for|to)"
    ),
    "limited": (
        r"(?:is|are|was|being) (?:\w+ )?(?:limited|suboptimal|inadequate|nondiagnostic|hampered|degraded|reduced"
        r"|compromised|precluded)(?! to)(?! by pneumothorax)"
    ),
    "unlikely": (
        r"rather than|as opposed to|instead of|not(?: to)?(?: be)? (?:confused|mistaken)(?: with| for)?"
        r"|mimic\w*|simulat\w+|(?:is |are )?(?:thought |felt |considered )?(?:to be )?(?:less likely|unlikely"
        r"|doubtful|not likely|not favou?red)(?: to (?:be|represent|reflect))?|not (?:due to|represent\w*|a true)"
    ),
    "likely none": r"(?:likely|probably|possibly|presumably) (?:no|without)|doubt(?: of)?(?: any)?",
    "query": (
        r"(?:rule out|exclude|ruling out|evaluat(?:e|ion|ing)|assess(?:ment|ing)?|check(?:ing)?|look(?:ing)?"
        r"|monitor(?:ing)?|screen(?:ing)?|watch(?:ing)?|eval|re ?assess|re ?evaluate|surveillance|query|concern"
        r"|sensitivity|detection)(?: for| of)(?: any| an?| the)?|rule out|ro|exclude|excluding|evaluate"
        r"|assess|eval|query|concern(?:ed)? (?:for|about)|if (?:there is |there are )?(?:any |clinical |persistent"
        r" )*(?:concern|suspicion)?(?: for| of| about)?|should (?:a|an|the)"
        r"|(?:should|must|needs? to|to) be (?:excluded|ruled out)"
    ),
    "uncertain": (
        r"possib(?:le|ly|ility)(?: of)?|probabl[ey]|likely|suspected|suspicious (?:for|of)|suspicion(?: for| of)?"
        r"|suggest(?:s|ed|ing|ive|ion)?(?: of)?(?: an?)?|question(?:able|ed)?(?: of)?|equivocal|concerning(?: for)?"
        r"|worrisome(?: for)?|may|might|could|perhaps|presumed|versus|vs|indeterminate|cannot be certain"
        r"|differential|potential(?:ly)?|conceivably|borderline|raises?(?: the)?|\?"
    ),
    "supports": (
        r"(?:consistent|compatible|in keeping|associated|coexist\w+|together|along) ?(?:with)?|to (?:suggest"
        r"|indicate)(?: an?)?|diagnostic of|indicat(?:es|ing|ive of)|representing|represents?"
    ),
    # History.
    "formerly": rf"(?:{_PRIOR}ly|was|were|from|measured|formerly|previously)(?= (?:\w+ ){{0,2}}?\d)",
    "history": (
        r"(?:known )?(?:history|hx) ?(?:of)?|status post|follow ?up(?: of| for)?|followup"
        rf"|(?:on |in |at )?(?:the )?{_PRIOR}(?: \w+){{0,3}}? (?:showed|demonstrated|revealed|had|there was"
        r"|there were)|previously there (?:was|were)|there (?:was|were) (?:previously|formerly)|had been"
        r"|(?:previously|formerly) (?:had|showed|demonstrated|treated)"
    ),
    "study": (
        rf"(?:as )?(?:compar(?:ed|ing|ison)(?: is made)?(?: to| with)?|since|than|versus|relative to|from|when"
        rf" compared(?: to| with)?|in comparison (?:to|with))(?: the| an?| his| her)? {_PRIOR}(?: \w+)?"
        rf"(?: {_STUDY})?(?: {_STUDY})?|(?:compar(?:ed|ison)|relative) (?:to|with) (?:the )?\w+|"
        rf"{_PRIOR} (?:chest )?{_STUDY}"
    ),
    "previous": (
        rf"(?:{_SEEN}|there) (?:on|in|at) (?:the )?{_PRIOR}(?: {_STUDY})?(?: {_STUDY})?"
        rf"|(?:previous|prior|earlier)(?:ly)?(?: {_SEEN})?|former(?:ly)?|old|remote|years? ago|months? ago"
        r"|(?:last|this past) (?:week|month|year)|weeks? ago|days? ago"
    ),
    # Denial.
    "not seen": (
        rf"(?:(?:is|are|was|were|has|have|be|can|could|does|do|cannot|cant|isnt|arent) )*(?:not|cannot|cant|isnt"
        rf"|arent)(?: be| been)?(?: {_ADVERB}){{0,2}} {_SEEN}|never {_SEEN}"
    ),
    "none": r"none|absent|negative(?! for)|nil|neg(?! for)|nad|ruled out|(?:is|are|been) excluded",
    "negation": (
        r"(?:there (?:is|are) )?(?:no|not|without|negative for|neg for|free (?:of|from)|clear of|absence of"
        r"|devoid of|lack of|neither|nor|denies|excludes|rules out|absent|fails? to \w+|never|isnt|arent)"
    ),
    # Clause boundaries.
    "boundary": (
        r"[;.!]|but|however|although|though|except(?:ing)?(?: for)?|other than|apart from|aside from|besides|while"
        r"|whereas|despite|in spite of|given|due to|because of|secondary to|to account for|to explain|which|that"
        r"|in addition(?: to)?|there (?:is|are|has been|have been|remains?|persists?|was|were|appears? to be)"
        r"|theres|otherwise|nevertheless|yet|note(?: is made| made)? of"
    ),
    "colon": r":",
    "list": r"[,&/()]|and|or|plus|as well as",
    "with": r"with",
    # The finding itself and its neighbours.
    "fluid level": r"(?:hydro|ha?emo|ha?emato|pyo)[ /]?pneumo[ ]?(?:thora(?:x(?:es)?|ces|cies|c)\b)?"
    r"|pneumo[ ]?(?:hydro|ha?emo|pyo)[ ]?thora(?:x(?:es)?|ces)",
    "pneumothorax": (
        r"pneumo[ ]?thora(?:x(?:es|s)?|ces|cies|sis)|ptxs?|pntx|pnx|pneumos?"
        r"|(?:intra)?pleural (?:based )?(?:air|gas)(?: fluid)?(?: collections?| levels?)*"
        r"|(?:air|gas)(?: fluid)?(?: collections?| levels?)* (?:with)?in the (?:\w+ )?pleur\w+(?: space| cavity)?"
    ),
    "air": r"(?:air|gas) (?:collections?|pockets?)|(?:collections?|pockets?) of (?:air|gas)",
    "tube": (
        r"chest tubes?|thoracostomy(?: tubes?)?|(?:pleural |chest |intercostal |thoracic )?pigtails?(?: catheters?)?"
        r"|(?:pleural|chest|intercostal|thoracic) (?:drain(?:s|age)?|catheters?)(?: catheters?| tubes?)?"
        r"|thoracic vents?|heimlich valve|icc\b|icd in situ"
    ),
    "shift": (
        r"(?:(?:right to left|left to right|leftward|rightward|contralateral|cardio\w+|mediastin\w+|tracheal?|heart)"
        r" )*(?:mediastinal |cardiomediastinal |tracheal )*(?:shift(?:ed|ing)?|deviat(?:ion|ed)|displac(?:ed|ement))"
        r"(?: of the (?:\w+ )?(?:mediastin\w+|trachea|heart|midline)(?: structures)?)?"
        r"(?: (?:in)?to(?:ward|wards)? the (?:left|right))?"
    ),
    "tension": r"tension(?: physiology| component| features)?|under tension",
    "collapse": (
        r"(?:lung )?collapsed?|hyper ?lucen(?:t|cy)|(?:visceral )?pleural (?:line|edge|reflection)|lung edge"
        r"|(?:absen(?:t|ce)|lack|paucity)(?: of)?(?: peripheral)?(?: lung| vascular| pulmonary) markings|deep sulcus"
        r"(?: sign)?"
    ),
    "other": (
        r"effusions?|(?:pleural )?fluid|consolidations?|opacit(?:y|ies)|opacifications?|infiltrates?|atelecta\w+"
        r"|o?edema|congestion|air ?space|disease|process|fractures?|nodules?|mass(?:es)?|lesions?|cardiomegaly"
        r"|pneumonia\w*|pneumonitis|pneumomediastinum|pneumoperitoneum|pneumopericardium|emphysema|thickening"
        r"|catheters?|picc|lines?|port|pacemaker|leads?|wires?|tubes?|ett|hardware|scarring|fibrosis|bullae?|blebs?"
        r"|skin folds?|luceno?cy|lucencies|contusions?|ha?emothora\w*|hydrothora\w*|granulomas?|volume loss"
        r"|hilum|hila|heart|cardiac|silhouette|mediastin\w+|diaphragms?|hemidiaphragms?|vasculature|markings|bones?"
        r"|osseous|ribs?|spine|aorta|abnormalit\w+|adenopathy|lymphadenopathy|lymph nodes?|calcifications?|cyst"
        r"|empyema|abscess|chylothorax|air trapping|hernia|trachea|drain\w*|removal|placement|biopsy|thoracentesis"
        r"|insertion|surgery|procedure|resection|lobectomy|pneumonectomy|bronchoscopy|thoracotomy|free air"
        r"|soft tissues?|sternotomy|clavicles?|stents?|clips?|artifacts?|foreign bod\w+|metasta\w+|cancer|tumou?r"
    ),
    # What is said of a finding.
    "site": r"lungs?|hemi ?thora(?:x|ces)|thorax|chest|pleural spaces?|side|cavity|hemichest",
    "normal": (
        r"clear|normal(?:ly)?|unremarkable|(?:well|fully|re) ?expanded|well aerated|intact|midline|within normal limits"
    ),
    "unequal": (
        r"(?:right|left)(?: side)? ?(?:>|greater than|larger than|more than|bigger than|worse than|smaller than|<)"
        r" ?(?:the )?(?:right|left)"
    ),
    "side": (
        r"left(?:ward)?|right(?:ward)?|lt|rt|bilateral(?:ly)?|both|[lr](?=,? (?:sided |apical |apex |basal |base |lung"
        r" |hemithorax |pneumothorax |ptx\b|side))|lul|lll|rul|rml|rll|lingular?|biapical|bibasal|bibasilar|either"
    ),
    "zone": (
        r"apico ?lateral\w*|apic(?:al|es)(?:ly)?|apex|supero ?lateral|basi ?lateral|infero ?lateral|antero ?lateral"
        r"|antero ?medial|laterall?y?|bas(?:al|e|es|ilar)(?:ly)?|costophrenic|(?:sub|infra) ?pulmon(?:ic|ary)"
        r"|anterior(?:ly)?|medial(?:ly)?|paramediastinal|circumferential(?:ly)?|surrounding"
        r"|(?:upper|lower)(?: (?:lobe|lung|zone|hemithorax|chest|third))?"
    ),
    "measure": (
        r"\d{1,4}(?:\.\d{1,3})?(?: ?(?:-|to|x) ?\d{1,4}(?:\.\d{1,3})?)? ?"
        r"(?:cms?|centimet(?:er|re)s?|mms?|millimet(?:er|re)s?|inch(?:es)?|in(?=[ ,;.)]*(?:$|at|in|from|apical|right|left"
        r"|pneumothorax|ptx|thick|wide|deep))|%|percent|per cent)(?![a-z])"
    ),
    "size": (
        r"(?:tiny|small|moderate|mild) (?:to|-) (?:small|moderate|large|severe)|very (?:small|tiny|large)|tiny|trace"
        r"|minimal(?:ly)?|minute|min[ui]scule|sliver|small|mild(?:ly)?|slight(?:ly)?|little|moderate(?:ly)?(?: large)?"
        r"|medium|large|big|extensive|massive|siz(?:e)?able|complete|total|huge|severe|subtle|significant(?:ly)?"
    ),
    "hedge": r"definit(?:e|ive)|convincing|obvious|gross|overt|frank|clear cut|discrete|unequivocal|conclusive|certain",
    "larger": (
        r"(?:increas(?:ed|ing|e|es)|enlarg(?:ed|ing|ement)|larger|wors(?:e|ened|ening)|progress(?:ed|ing|ion|ive)"
        r"|bigger|expanding|grown|growing|more prominent|greater)(?: in size)?"
    ),
    "smaller": (
        r"(?:decreas(?:ed|ing|e|es)|smaller|improv(?:ed|ing|ement|es)|reduc(?:ed|ing|tion)|diminish(?:ed|ing)"
        r"|less(?:ened|ening)?|shrunk(?:en)?|shrinking|regress(?:ed|ion)|decompress(?:ed|ion))(?: in size)?"
    ),
    "persistent": (r"persist(?:s|ent|ing|ed|ently|ence of)?|ongoing|continu(?:ed|es|ing)"),
    "remaining": r"again|re ?demonstrat(?:ed|ion)|remain(?:s|ing|der)?|still|residual|known",
    "seen": (
        r"present|positive|yes|seen|noted|identified|visuali[sz]ed|demonstrated|evident|visible|apparent|detected"
        r"|shows?|demonstrates?|reveals?"
    ),
    "verb": r"is|are|was|were|has|have|had|measur(?:es|ing|ed)|appears?|extends?|occup(?:ies|ying)|lies",
    "removed": r"removed|withdrawn|pulled|discontinued|out|taken out",
    "article": r"an?|the|this|these|it",
    "preposition": r"in|at|on|of|within|along|over|to|involving|near|above|around|throughout|from|for|after|following",
}

_SCANNER = re.compile(
    "(?<![a-z0-9])(?:"
    + "|".join(f"(?P<k{number}>{pattern})" for number, pattern in enumerate(CONCEPTS.values()))
    + ")(?![a-z0-9])"
)
_KINDS = {f"k{number}": kind for number, kind in enumerate(CONCEPTS)}

_SPACED_DASH = re.compile(r" [-\u2010-\u2015]{1,3} |\u2014")
_PUNCTUATION = re.compile(r"(?<!\d)[.]|[.](?!\d)|[,;:!?()&%<>/]")
_SHORT_FORMS = {
    "w/o": "without",
    "w/": "with ",
    "r/o": "rule out",
    "s/p": "status post",
    "h/o": "history of",
    "c/w": "consistent with",
    "f/u": "follow up",
    "and/or": "or",
}
_SHORT_FORM = re.compile(r"(?<![a-z0-9/])(?:(?:w/o|r/o|s/p|h/o|c/w|f/u|and/or)(?![a-z0-9/])|w/(?!o\b))")
_SUSPECT = re.compile(r"\b(?:p?n[eu]\w{5,13}|pmeumo\w{4,8})\b")
_CANONICAL = ("pneumothorax", "pneumothoraces")


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase of the lexicon in a normalised sentence: its concept, its text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def normalise(text: str) -> str:
    """Bring a sentence to the form that the lexicon is written in.

    Lower case, plain hyphens and apostrophes removed, punctuation set apart by single spaces, redaction marks
    removed, misspellings of "pneumothorax" corrected. Offsets are not kept.

    >>> normalise("Right-sided PNEUMOTHROAX, 2.5-cm (stable).")
    'right sided pneumothorax , 2.5 cm ( stable ) .'
    """
    text = unicodedata.normalize("NFKC", REDACTION.sub(" ", text)).lower()
    text = (
        text.replace("\u2019", "").replace("'", "").replace("(-)", " negative ").replace("(+)", " positive ")
    )
    text = " ".join(text.split())
    text = _SHORT_FORM.sub(lambda match: _SHORT_FORMS[match.group(0)], text)
    text = _SPACED_DASH.sub(" : ", text)
    text = re.sub(r"(?<=\d)[-\u2010-\u2015](?=\d)", "~", text)
    text = (
        re.sub(r"[-\u2010-\u2015_*\"\u201c\u201d#=|]+", " ", text)
        .replace("~", "-")
        .replace("[", "(")
        .replace("]", ")")
    )
    text = _PUNCTUATION.sub(lambda match: f" {match.group(0)} ", text)
    text = _SUSPECT.sub(lambda match: _spelled(match.group(0)), text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str:
    """The word, or the spelling of "pneumothorax" that it is within two letters of."""
    close = difflib.get_close_matches(word, _CANONICAL, n=1, cutoff=0.85)
    return close[0] if close else word


def scan(normalised: str) -> list[Mark]:
    """The marks of a normalised sentence, from left to right, without overlap."""
    return [
        Mark(_KINDS[match.lastgroup or ""], match.group(0).strip(), match.start(), match.end())
        for match in _SCANNER.finditer(normalised)
    ]
