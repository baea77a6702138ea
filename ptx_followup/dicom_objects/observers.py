"""The observers of a structured report: the program, and the persons who looked at the result.

DICOM PS3.16 TID 1002, and TID 1003 and 1004 for persons and devices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ptx_followup.dicom import codes
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects import content
from ptx_followup.dicom_objects.derived import LONG_STRING, MANUFACTURER, Equipment
from ptx_followup.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

_CONTEXT: content.Relationship = "HAS OBS CONTEXT"
#: What divides values, and ways to write a name, in DICOM (PS3.5 section 6.2).
_DIVIDES = frozenset("\\=")


def reader_name(name: str) -> str:
    """A reader's name or code as it may stand in a DICOM object (a Person Name of PS3.5), without padding.

    Raises:
        UsageError: It is empty, longer than 64 characters, or has signs that divide values in DICOM.
    """
    kept = name.strip()
    if not kept.strip("^ ") or len(kept) > LONG_STRING or not kept.isprintable() or _DIVIDES & set(kept):
        raise UsageError(
            "this is no reader's name or code",
            f"give one of up to {LONG_STRING} characters, without backslash and equals sign",
        )
    return kept


def persons_of(document: Mapping[str, Any]) -> list[str]:
    """Who looked at a result, each once: the reader of its review, then who drew a mask or a hemithorax.

    Args:
        document: A result object, of one exam or of several.
    """
    reader = (document.get("review") or {}).get("reader")
    exams = [document, document.get("prior"), document.get("followup"), *document.get("exams", [])]
    drew = (name for exam in exams if exam is not None for name in _creators(exam))
    return list(dict.fromkeys(([reader] if reader else []) + list(drew)))


def _creators(exam: Mapping[str, Any]) -> Iterator[str]:
    for source in (exam.get("mask_source"), exam.get("anatomy", {}).get("source")):
        if source is not None and source["kind"] == "edited" and source["creator"]:
            yield source["creator"]


def observers(equipment: Equipment, persons: Iterable[str]) -> list[Dataset]:
    """Content items that name the program, and the persons of `reader_name`, as observers."""
    texts = [
        (codes.DEVICE_OBSERVER_NAME, MANUFACTURER),
        (codes.DEVICE_OBSERVER_MANUFACTURER, MANUFACTURER),
        (codes.DEVICE_OBSERVER_MODEL_NAME, " ".join((equipment.model, equipment.version))),
        (codes.DEVICE_OBSERVER_SERIAL_NUMBER, equipment.serial_number),
    ]
    device = derived_uid("device", equipment.model, equipment.serial_number)
    items = [
        content.code(codes.OBSERVER_TYPE, codes.DEVICE, _CONTEXT),
        content.uid(codes.DEVICE_OBSERVER_UID, device, _CONTEXT),
        *(content.text(name, value, _CONTEXT) for name, value in texts),
    ]
    for name in persons:
        items.append(content.code(codes.OBSERVER_TYPE, codes.PERSON, _CONTEXT))
        items.append(content.person(codes.PERSON_OBSERVER_NAME, name, _CONTEXT))
    return items
