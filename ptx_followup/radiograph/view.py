"""Projection and patient position: from codes where there are any, else from words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import codes, items, text
from ptx_followup.radiograph.view_words import DECUBITUS, Projection, normalised, view_in_words

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.radiograph.image import Position

#: Terms of ViewPosition (PS3.3 C.8.1.1.1.2) that are not among `view_words`.
_VIEW_TERMS: dict[str, Projection] = {"LL": "lateral", "RL": "lateral"}

#: View codes of CID 4010, SNOMED CT and its older SNOMED-RT form.
_VIEW_CODES: dict[str, Projection] = {
    **dict.fromkeys(("399348003", "R-10206"), "AP"),
    **dict.fromkeys(("272479007", "R-40888", "R-10214"), "PA"),
    **dict.fromkeys(("399067008", "R-102CD", "399198007", "R-10232", "399173006", "R-10236"), "lateral"),
    **dict.fromkeys(("399260004", "R-10224", "399352003", "R-10228"), "lateral"),
}

#: Words for a position, in this order: "semi-erect" contains "erect".
_POSITION_WORDS: dict[Position, re.Pattern[str]] = {
    "decubitus": DECUBITUS,
    "semi-erect": re.compile(r"\bSEMI ?(ERECT|UPRIGHT|RECUMBENT)\b"),
    "supine": re.compile(r"\b(SUPINE|LYING|DE[CK]UB\w* (SUPIN|DORSAL)\w*)\b"),
    "erect": re.compile(r"\b(ERECT|UPRIGHT|STANDING|SITTING|STEHEND)\b"),
}

#: PatientPosition (PS3.3 C.7.3.1.1.2): head or feet first, then how the patient lies.
_TABLE_POSITIONS: dict[str, Position] = {"S": "supine", "DR": "decubitus", "DL": "decubitus"}

#: Free text that names the exam, the most specific first.
_DESCRIPTIONS = (
    "SeriesDescription",
    "ProtocolName",
    "AcquisitionDeviceProcessingDescription",
    "PerformedProcedureStepDescription",
    "StudyDescription",
)


def read_view(dataset: Dataset, *, lateral_plane: bool) -> tuple[Projection, tuple[str, ...]]:
    """Find the projection: ViewPosition, else the view code, else the image plane, else the descriptions.

    ViewPosition is what a console fills in by itself. Where it, or the code, says frontal and more of the
    others say lateral or oblique, they count; where only some do, there is a warning. A frontal image plane
    is no evidence: consoles write it for every film.

    Args:
        dataset: The header.
        lateral_plane: Whether PatientOrientation says that the image plane runs from front to back.

    Returns:
        The projection, and what in the header contradicts it.
    """
    stated = text(dataset, "ViewPosition")
    plane: Projection = "lateral" if lateral_plane else "unknown"
    described = [view for view in map(view_in_words, _descriptions(dataset)) if view != "unknown"]
    found: dict[str, Projection] = {
        "ViewPosition": _VIEW_TERMS.get(stated.upper()) or view_in_words(stated),
        "the view code": _coded_view(dataset),
        "PatientOrientation": plane,
        "a description": next(iter(described), "unknown"),
        "another description": next(
            (view for view in described[1:] if view in ("lateral", "oblique")), "unknown"
        ),
    }
    known = {source: view for source, view in found.items() if view != "unknown"}
    if not known:
        return "unknown", ()
    (first, view), *others = known.items()
    against = {source: other for source, other in others if other != view}
    if view not in ("PA", "AP") or not against:
        return view, ()
    sideways = [source for source, other in against.items() if other not in ("PA", "AP")]
    if len(sideways) > len(known) - len(sideways):
        return known[sideways[0]], ()
    says = ", ".join(f"{source} {other}" for source, other in against.items())
    return view, (f"The header contradicts itself: {first} says {view}, {says}",)


def _coded_view(dataset: Dataset) -> Projection:
    """The first view that a view code names."""
    views = (
        _VIEW_CODES.get(code) or view_in_words(meaning)
        for code, meaning in codes(dataset, "ViewCodeSequence")
    )
    return next((view for view in views if view != "unknown"), "unknown")


def read_position(dataset: Dataset) -> Position:
    """Find the position: coded orientation, else PatientPosition, else ViewPosition and descriptions."""
    for item in items(dataset, "PatientOrientationCodeSequence"):
        modifiers = codes(item, "PatientOrientationModifierCodeSequence")
        meanings = [meaning for _, meaning in modifiers] + [text(item, "CodeMeaning")]
        position = position_in_words(" ".join(meanings))
        if position != "unknown":
            return position
    table = _TABLE_POSITIONS.get(text(dataset, "PatientPosition").upper()[2:])
    if table is not None:
        return table
    for words in (text(dataset, "ViewPosition"), *_descriptions(dataset)):
        position = position_in_words(words)
        if position != "unknown":
            return position
    return "unknown"


def position_in_words(words: str) -> Position:
    """Find the one position that a text names.

    Examples:
        >>> position_in_words("Portable chest, semi-upright")
        'semi-erect'
    """
    normal = normalised(words)
    found: set[Position] = set()
    for position, pattern in _POSITION_WORDS.items():
        if pattern.search(normal):
            found.add(position)
            normal = pattern.sub(" ", normal)
    return found.pop() if len(found) == 1 else "unknown"


def _descriptions(dataset: Dataset) -> Iterator[str]:
    return (text(dataset, keyword) for keyword in _DESCRIPTIONS)
