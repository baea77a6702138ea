"""Is it a chest? From BodyPartExamined, or the anatomic region's code where that is silent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ptx_followup.dicom.elements import codes, text
from ptx_followup.errors import QualityGateError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Parts of words that name the chest, in several languages; combinations count (CHESTABDOMEN).
_CHEST = re.compile("CHEST|CHST|THOR|TORAX|TORACE|LUNG|PULM|POUMON|PECHO|HEART|CARDI")

#: Parts of words that name another region: the terms of PS3.16 Annex L and CID 4031 without a chest in them.
#: Ribs are left out: a rib view is a frontal view of a hemithorax, and may be all there is.
#: Some are common in German and Spanish.
_REGIONS = (
    "ABD|ACETAB|ANKLE|ARM|ARTERY|BECKEN|BLADDER|BRAIN|BREAST|BUTTOCK|CALCAN|CAROTID|CLAVIC|COCCYX|COLON|"
    "CRANI|ELBOW|ESOPHAG|EXTREM|EYE|FACE|FACIAL|FEMUR|FIBULA|FINGER|FOOT|HAND|HEAD|HEEL|HIP|HUMER|HWS|"
    "ILIUM|JAW|JOINT|KIDNEY|KNEE|KNIE|LARYNX|LEG|LIMB|LIVER|LWS|MANDIB|MASTOID|MAXILL|NASAL|NECK|NOSE|"
    "ORBIT|PATELLA|PELVI|PHARYN|PROSTATE|RADIUS|RODILLA|SACR|SCAPULA|SCROTUM|SELLA|SHOULDER|SINUS|SKULL|"
    "SPINE|STERNUM|STOMACH|TARS|TEETH|TESTIS|THIGH|THUMB|TIBIA|TOE|TOOTH|ULNA|UTER|VERTEBRA|WRIST|ZYGOMA"
)
_ELSEWHERE = re.compile(_REGIONS)
#: In prose only beginnings of words count: a college is no leg. FACE is left out, in French the frontal view.
_ELSEWHERE_IN_WORDS = re.compile(rf"\b(?!FACE\b)(?:{_REGIONS})|SPINE")
_THORACIC_SPINE = re.compile(r"THORACIC SPINE")
#: Free text that names the exam.
_DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "StudyDescription")

#: Values that say nothing about the part.
_NEUTRAL = frozenset({"", "UNKNOWN", "OTHER", "BODY", "WHOLEBODY", "WHOLE BODY", "TRUNK", "PORTABLE"})


def require_chest(dataset: Dataset, label: str) -> tuple[str, ...]:
    """Refuse a radiograph of another body part; return a warning where the part's name is not understood.

    Raises:
        QualityGateError: If the header names a body part that does not include the chest.
    """
    part = _stated_part(dataset)
    if part in _NEUTRAL or _is_chest(part):
        return ()
    if _ELSEWHERE.search(part):
        raise QualityGateError(
            f"{label} shows another body part by its BodyPartExamined", "give a frontal chest radiograph"
        )
    return ("BodyPartExamined names neither the chest nor another known body part",)


def described_elsewhere(dataset: Dataset) -> bool:
    """Whether descriptions name another region and no chest, where the body part is not stated as chest.

    For choosing among images that nobody named: descriptions are typed by hand, or left from another exam.
    """
    if _is_chest(_stated_part(dataset)):
        return False
    words = " ".join(text(dataset, keyword) for keyword in _DESCRIPTIONS).upper()
    words = _THORACIC_SPINE.sub("SPINE", re.sub(r"[\W_]+", " ", words))
    return bool(_ELSEWHERE_IN_WORDS.search(words)) and not _CHEST.search(words)


def _stated_part(dataset: Dataset) -> str:
    part = text(dataset, "BodyPartExamined") or " ".join(
        meaning for _, meaning in codes(dataset, "AnatomicRegionSequence")
    )
    return part.upper()


def _is_chest(part: str) -> bool:
    # A thoracic spine is no chest, though it is called thoracic.
    return "SPINE" not in part and _CHEST.search(part) is not None
