"""The persons who looked at a result: observers of its structured report, beside the program.

DICOM PS3.16 TID 1002 and TID 1003.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from ptx_followup.dicom_objects.derived import LONG_STRING
from ptx_followup.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.sr.coding import Code

_CONTEXT = "HAS OBS CONTEXT"
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


def add_persons(report: Dataset, names: Iterable[str]) -> None:
    """Add persons to the observers of a structured report, after those that it has.

    Args:
        report: Whose root content items stand in their order.
        names: Of `reader_name`.
    """
    items = list(report.ContentSequence)
    last = max(place for place, one in enumerate(items) if one.RelationshipType == _CONTEXT)
    persons = [item for name in names for item in _person(name)]
    report.ContentSequence = [*items[: last + 1], *persons, *items[last + 1 :]]


def _person(name: str) -> list[Dataset]:
    """PS3.16 TID 1003: that the observer is a person, and the name."""
    kind, called = _item("CODE", codes.DCM.ObserverType), _item("PNAME", codes.DCM.PersonObserverName)
    kind.ConceptCodeSequence = [_coded(codes.DCM.Person)]
    called.PersonName = name
    return [kind, called]


def _item(value_type: str, name: Code) -> Dataset:
    item = Dataset()
    item.RelationshipType = _CONTEXT
    item.ValueType = value_type
    item.ConceptNameCodeSequence = [_coded(name)]
    return item


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = (
        code.value,
        code.scheme_designator,
        code.meaning,
    )
    return item
