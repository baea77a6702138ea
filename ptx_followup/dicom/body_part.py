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
_ELSEWHERE = re.compile(
    "ABDOM|ACETAB|ANKLE|ARM|ARTERY|BLADDER|BRAIN|BREAST|BUTTOCK|CALCAN|CAROTID|CLAVIC|COCCYX|COLON|CRANI|ELBOW|"
    "ESOPHAG|EXTREM|EYE|FACE|FACIAL|FEMUR|FIBULA|FINGER|FOOT|HAND|HEAD|HEEL|HIP|HUMER|ILIUM|JAW|JOINT|KIDNEY|"
    "KNEE|LARYNX|LEG|LIMB|LIVER|MANDIB|MASTOID|MAXILL|NASAL|NECK|NOSE|ORBIT|PATELLA|PELVI|PHARYN|PROSTATE|"
    "RADIUS|SACR|SCAPULA|SCROTUM|SELLA|SHOULDER|SINUS|SKULL|SPINE|STERNUM|STOMACH|TARS|TEETH|TESTIS|THIGH|"
    "THUMB|TIBIA|TOE|TOOTH|ULNA|UTER|VERTEBRA|WRIST|ZYGOMA"
)

#: Values that say nothing about the part.
_NEUTRAL = frozenset({"", "UNKNOWN", "OTHER", "BODY", "WHOLEBODY", "WHOLE BODY", "TRUNK", "PORTABLE"})


def require_chest(dataset: Dataset, label: str) -> tuple[str, ...]:
    """Refuse a radiograph of another body part; return a warning where the part's name is not understood.

    Raises:
        QualityGateError: If the header names a body part that does not include the chest.
    """
    part = text(dataset, "BodyPartExamined") or " ".join(
        meaning for _, meaning in codes(dataset, "AnatomicRegionSequence")
    )
    part = part.upper()
    if part in _NEUTRAL:
        return ()
    # A thoracic spine is no chest, though it is called thoracic.
    if "SPINE" not in part and _CHEST.search(part):
        return ()
    if _ELSEWHERE.search(part):
        raise QualityGateError(
            f"{label} shows another body part by its BodyPartExamined", "give a frontal chest radiograph"
        )
    return ("BodyPartExamined names neither the chest nor another known body part",)
