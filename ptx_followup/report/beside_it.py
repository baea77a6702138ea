"""What else is said to be well, or gone, beside a pneumothorax that is stated: the other side, an organ.

"Small pneumothorax lt side, no shift, rt side NAD" denies nothing of the left. What is said of the other side
is set apart, so that no denial in it falls on the pneumothorax.
"""

from __future__ import annotations

import re

from ptx_followup.report.wording import NAME

#: Longer sentences are not looked at, in characters.
_LONGEST = 600
#: Words that deny, doubt or put into the past what they stand before.
_DENYING = (
    r"(?:no|not|nor?|nil|none|without|neither|never|cannot|negative|neg|absen\w+|free|clear\w*|resol\w+|gone"
    r"|exclu\w+|rule\w*|history|previous\w*|former\w*|old|query|evaluate|assess|unlikely|doubt\w*|lack|denies|if)"
)
_PART = (
    r"(?:sides?|sided|lungs?(?: fields?)?|hemithorax|hemi thorax|chest|thorax|pleura|pleural spaces?|apex"
    r"|base|costophrenic angle|cp angle|zones?)"
)
_WELL = (
    r"(?:nad|none|nil|negative|neg|no|absent|nothing(?! (?:but|else|other|more))|normal|clear|unremarkable"
    r"|intact|unaffected|spared|ok|okay|fine|not (?:affected|involved)|uninvolved"
    r"|no (?:abnormality|lesion|finding)s?)"
)
_REST = (
    r"(?: (?:of note|significant|abnormal(?:ity)?|detected|seen|identified|noted|visible|wrong|acute"
    r"|today))*"
)
#: The other side by name, and by what it is to the first.
_THAT_SIDE = re.compile(
    rf"(?:(?:[,;:(]|\b(?:and|while|but|whereas|with)) |(?<= ))(?:and |while |but |whereas |with )?"
    r"(?:on |in )?(?:the )?"
    rf"(?P<side>left|right|lt|rt|l|r|other|opposite|contralateral)(?: (?P<part>{_PART}))?"
    rf" (?:(?:is|are|was|were|shows?|appears?|:) )*(?P<word>{_WELL}){_REST}(?= ?[.,;)]|$)"
)
_SIDE = re.compile(r"\b(?:(left|lt|l)|(right|rt|r))\b(?! (?:shift|displace|deviat))")
#: A pneumothorax that is told with a side, a size or a measure.
_TOLD = re.compile(
    r"\b(?:left|right|lt|rt|l|r|bilateral|tiny|trace|minimal|small|mild|moderate|mod|medium|large|massive|big"
    r"|apical|basal|lateral)\b|\d ?(?:[cm]ms?|%)"
)
_NAMED = re.compile(rf"\b{NAME}\b")
_DENIED = re.compile(rf"\b{_DENYING}\b|\?")
_BEHIND = re.compile(r" (?:[,;:.(]|(?:no|without) (?!longer))")
#: "Nothing abnormal detected" is said of an organ.
_NAD = re.compile(r"\bnad\b")
#: Another finding that has gone or is not there, after a comma.
_OTHER = re.compile(
    r" , (?=(?:(?:the|left|right|lt|rt|small|pleural|surgical|subcutaneous|previous|basal|lower|lobe|zone) )*"
    r"(?:effusion|fluid|consolidation|o?edema|emphysema|atelectasis|collapse|pneumonia|opacity|ha?emothorax"
    r"|shift|tension|drain|tube|nodule|mass|congestion|bones?|ribs?|heart|mediastinum|trachea)s? "
    r"(?:(?:has|is|now) )*(?:gone|resolved|cleared|none|nil|neg|negative|absent|not (?:seen|present|visible)"
    r"|no longer (?:seen|present|visible)|removed|out)(?= ?[.,;]|$))"
)
#: A place where none of it is seen: "; none at the apex".
_FREE_PLACE = re.compile(
    r" [;,] (?:and |but )?(?:none|nothing) (?:is )?(?:seen |visible |present )?(?:(?:at|in|over|along) the "
    r"(?:left |right )?(?:apex|base|lung base|lateral wall|costophrenic angle)|apically|basally|laterally)"
    r"(?= ?[.,;]|$)"
)


def set_apart(normalised: str) -> str:
    """A normalised sentence in which what is well beside a stated pneumothorax stands in clauses of its own.

    >>> set_apart("small pneumothorax lt side , no shift , rt side nad")
    'small pneumothorax lt side , no shift  ; normal ;'
    """
    named = _NAMED.search(normalised)
    if named is None or len(normalised) > _LONGEST or not _is_stated(normalised, named):
        return normalised
    head, rest = normalised[: named.end()], _OTHER.sub(" ; ", normalised[named.end() :])
    rest = _FREE_PLACE.sub(" ;", rest)
    well = _THAT_SIDE.search(rest)
    if well is not None:
        said = _said_of(well, _sides(head + rest[: well.start()]))
        rest = f"{rest[: well.start()]} ; {said} ;{rest[well.end() :]}"
    return head + _NAD.sub("normal", rest)


def _is_stated(normalised: str, named: re.Match[str]) -> bool:
    """Whether the first mention is told with a side, size or measure, and neither denied nor doubted."""
    behind = normalised[named.end() :]
    end = _BEHIND.search(behind)
    own = normalised[: named.end() + (end.start() if end else len(behind))]
    is_label = end is not None and end.start() == 0 and end.group(0) == " :"
    following = behind.lstrip(" :,").partition(" ")[0]
    return not (is_label or following == "nad" or _DENIED.search(own)) and _TOLD.search(own) is not None


def _said_of(well: re.Match[str], own: set[str]) -> str:
    """What is said of a side: a denial where it denies something of the one without a statement."""
    sides = _sides(well["side"]) if well["word"].startswith(("no", "nil", "neg", "abs")) else set[str]()
    return f"no pneumothorax on the {next(iter(sides))}" if sides and own and not sides & own else "normal"


def _sides(text: str) -> set[str]:
    return {"left" if match[1] else "right" for match in _SIDE.finditer(text)}
