"""The report of the mirror image: left for right, in every form in which reports write them."""

from __future__ import annotations

import re

_OPPOSITE = {"right": "left", "left": "right", "dextro": "levo", "levo": "dextro", "r": "l", "l": "r"}

# After a lower-case "r" or "l", what shows that a side is meant.
_SIDED_NOUN = (
    r"(?:apical|apico\w*|apex|lateral|basal|basilar|base|medial|subpulmonic|circumferential|lung|upper"
    r"|lower|mid"
    r"|hemi\w+|chest|pleural|effusion|sided?|rib|clavicle|pneumo\w*|hydropneumo\w*|ptx|pnx)\b"
)

_SIDE = re.compile(
    # The lobes that have no namesake: the lingula is the middle lobe's mirror image.
    r"(?P<middle>(?i:\bright middle lobe\b|\brml\b))"
    r"|(?P<lingula>(?i:\b(?:left[ -])?lingular?\b))"
    # No side of the chest: heart chambers, the verb, idioms, litres, initials, the lumbar spine, "rule out".
    r"|(?P<kept>(?i:\b(?:left|right)[ -](?:atri|ventric|heart)\w*|\bleft (?=in (?:place|situ|position)\b)"
    r"|\ball right\b|\bright (?=away\b|now\b)|\br/o\b|\b\d+(?:\.\d+)? ?l\b|\bl-spine\b|\bdr\.? [lr]\b))"
    r"|(?P<word>(?i:\b(?:right|left)(?=(?:wards?|[ -]?sided|most)?\b)"
    r"|\b(?:dextro|levo)(?=scolio|posit|convex|curv|rotat)))"
    # RUL, LLL, RUQ, RIJ, Rt: the first letter is the side.
    r"|(?P<first>(?i:\b[rl](?=(?:[ul]l|[ul]q|ij|t)\b)))"
    r"|(?P<letter>\b[RL]\b(?!')"
    rf"|\b[rl](?=[ -]+{_SIDED_NOUN})"
    # Alone it is a side in brackets, and after "on" where the clause ends.
    r"|(?<=\()[rl](?=\))|(?<=\bon )[rl](?=\s*(?:$|[.,;:)]))|(?<=\bon the )[rl](?=\s*(?:$|[.,;:)])))"
)


def swap_sides(text: str) -> str:
    """Exchange left and right of the patient in a report.

    "right", "left-sided", "Leftward", "RIGHT", "RLL", "LUL", "Rt", "(L)" and a side letter are exchanged
    with their case kept; "bilateral" and "both" stay. The middle lobe and the lingula, which have no
    namesake, are each other's mirror image. Heart chambers keep their names: a mirrored right atrium is one
    still.

    Twice applied it gives the text back, but for the abbreviation "RML", which returns spelled out.

    >>> swap_sides("Small R apical PTX. Left-sided tube, LLL atelectasis; bilateral effusions.")
    'Small L apical PTX. Right-sided tube, RLL atelectasis; bilateral effusions.'
    """
    return _SIDE.sub(_swapped, text)


def _swapped(match: re.Match[str]) -> str:
    found = match[0]
    if match.lastgroup == "kept":
        return found
    if match.lastgroup == "middle":
        return "lingula" if found == "RML" else _in_case_of(found, "lingula")
    if match.lastgroup == "lingula":
        return _in_case_of(found, "right middle lobe")
    return _in_case_of(found, _OPPOSITE[found.lower()])


def _in_case_of(original: str, replacement: str) -> str:
    if original.isupper() and (len(original) > 1 or len(replacement) == 1):
        return replacement.upper()
    return replacement[:1].upper() + replacement[1:] if original[:1].isupper() else replacement
