"""Projection and patient position: from codes where there are any, else from words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from ptx_followup.dicom.elements import codes, items, text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.radiograph.image import Position

Projection = Literal["PA", "AP", "lateral", "oblique", "unknown"]

#: Terms of ViewPosition (PS3.3 C.8.1.1.1.2) that are not words of `_VIEW_WORDS`.
_VIEW_TERMS: dict[str, Projection] = {"LL": "lateral", "RL": "lateral"}

#: View codes of CID 4010, SNOMED CT and its older SNOMED-RT form.
_VIEW_CODES: dict[str, Projection] = {
    **dict.fromkeys(("399348003", "R-10206"), "AP"),
    **dict.fromkeys(("272479007", "R-40888", "R-10214"), "PA"),
    **dict.fromkeys(("399067008", "R-102CD", "399198007", "R-10232", "399173006", "R-10236"), "lateral"),
    **dict.fromkeys(("399260004", "R-10224", "399352003", "R-10228"), "lateral"),
}

#: Words for a view, matched in upper-case text whose punctuation has become blanks.
_VIEW_WORDS: dict[Literal["PA", "AP", "lateral", "oblique", "frontal"], re.Pattern[str]] = {
    "PA": re.compile(r"\b(PA|P A|POSTERO ?ANTERIOR|POSTERIOR ANTERIOR)\b"),
    "AP": re.compile(r"\b(AP|A P|ANTERO ?POSTERIOR|ANTERIOR POSTERIOR)\b"),
    "lateral": re.compile(r"\b(LAT|LATS|LATERAL|LLAT|RLAT|PROFIL|SEITLICH)\b"),
    "oblique": re.compile(r"\b(OBL|OBLIQUE|LAO|RAO|LPO|RPO|LLO|RLO)\b"),
    "frontal": re.compile(r"\bFRONTAL\b"),
}
_DECUBITUS = re.compile(r"\b(DECUB\w*|LLD|RLD)\b")

#: Words for a position, in this order: "semi-erect" contains "erect".
_POSITION_WORDS: dict[Position, re.Pattern[str]] = {
    "decubitus": _DECUBITUS,
    "semi-erect": re.compile(r"\bSEMI ?(ERECT|UPRIGHT|RECUMBENT)\b"),
    "supine": re.compile(r"\b(SUPINE|LYING)\b"),
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


def read_view(dataset: Dataset, *, lateral_plane: bool) -> Projection:
    """Find the projection: ViewPosition, else the view code, else the image plane, else the descriptions.

    A description that names several views ("chest PA and lateral" for the whole exam) says nothing about
    this image. A decubitus film is frontal, whatever "left lateral decubitus" sounds like.

    Args:
        dataset: The header.
        lateral_plane: Whether PatientOrientation says that the image plane runs from front to back.
    """
    stated = text(dataset, "ViewPosition")
    view = _VIEW_TERMS.get(stated.upper()) or view_in_words(stated)
    if view != "unknown":
        return view
    for code, meaning in codes(dataset, "ViewCodeSequence"):
        view = _VIEW_CODES.get(code) or view_in_words(meaning)
        if view != "unknown":
            return view
    if lateral_plane:
        return "lateral"
    return next(
        (view for view in map(view_in_words, _descriptions(dataset)) if view != "unknown"),
        "unknown",
    )


def view_in_words(words: str) -> Projection:
    """Find the one view that a text names.

    Examples:
        >>> view_in_words("W 34 Thorax p.a.")
        'PA'
        >>> view_in_words("XR CHEST PA AND LATERAL")
        'unknown'
    """
    normal = _normalised(words)
    found = {view for view, pattern in _VIEW_WORDS.items() if pattern.search(normal)}
    if _DECUBITUS.search(normal):
        found.discard("lateral")
    if found == {"lateral"}:
        return "lateral"
    if found == {"oblique"}:
        return "oblique"
    found.discard("frontal")
    if found == {"PA"}:
        return "PA"
    return "AP" if found == {"AP"} else "unknown"


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
    normal = _normalised(words)
    found: set[Position] = set()
    for position, pattern in _POSITION_WORDS.items():
        if pattern.search(normal):
            found.add(position)
            normal = pattern.sub(" ", normal)
    return found.pop() if len(found) == 1 else "unknown"


def _descriptions(dataset: Dataset) -> Iterator[str]:
    return (text(dataset, keyword) for keyword in _DESCRIPTIONS)


def _normalised(words: str) -> str:
    """Upper case with every run of other characters as one blank."""
    return re.sub(r"[\W_]+", " ", words[:1024].upper())
