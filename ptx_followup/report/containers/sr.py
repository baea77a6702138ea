"""DICOM structured reports: the text of the content items, under the sections that their codes name."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import Dataset

from ptx_followup.errors import InputError
from ptx_followup.report.containers.parts import SECTION_OF_CODE, Part
from ptx_followup.report.headings import Section, section_named

#: Content trees deeper than this are refused; real reports have fewer than ten levels.
_MAX_DEPTH = 40


def sr_parts(item: Dataset, name: str, section: Section | None = None, depth: int = 0) -> Iterator[Part]:
    """Parts of a structured report (DICOM PS3.3 section C.17.3, PS3.16 TID 2000), depth first.

    A section is known by its code (CID 7001), else by its name. An item in it (CID 7002) opens no section
    of today:
    a "Finding" among the previous findings is a previous one.

    Args:
        item: A data set with a content sequence.
        name: What the file is called in error messages.
        section: The section that it stands in.
        depth: Its depth in the tree.

    Raises:
        InputError: The tree is too deep.
    """
    if depth > _MAX_DEPTH:
        raise InputError(
            f"{name} is a structured report of more than {_MAX_DEPTH} levels", "give the text of the report"
        )
    for child in item.get("ContentSequence", []) or []:
        named = _section_of(child)
        own = _inner(section, named)
        value = _value(child)
        if child.get("ValueType") != "CONTAINER" and value:
            heading = _meaning(child, "ConceptNameCodeSequence")
            is_label = bool(heading) and named is None
            yield Part(own, f"{heading}: {value}" if is_label else value)
        elif child.get("ValueType") == "CONTAINER" and named is None and section is None:
            heading = _meaning(child, "ConceptNameCodeSequence")
            yield Part(None, f"{heading}:" if heading else "")
        yield from sr_parts(child, name, own, depth + 1)


def _inner(section: Section | None, named: Section | None) -> Section | None:
    """The section of an item: its own, unless what it stands in is not of today's images or outweighs it."""
    if section in (None, "findings"):
        return named or section
    if section == "impression" and named in ("comparison", "indication"):
        return named
    return section


def _section_of(item: Dataset) -> Section | None:
    codes = item.get("ConceptNameCodeSequence")
    if not codes:
        return None
    return SECTION_OF_CODE.get(str(codes[0].get("CodeValue", "")).strip()) or section_named(
        str(codes[0].get("CodeMeaning", "")).strip()
    )


def _value(item: Dataset) -> str:
    kind = item.get("ValueType")
    if kind == "TEXT":
        return str(item.get("TextValue", "")).strip()
    if kind == "CODE":
        return _meaning(item, "ConceptCodeSequence")
    if kind == "NUM" and item.get("MeasuredValueSequence"):
        measured = item.MeasuredValueSequence[0]
        units = measured.get("MeasurementUnitsCodeSequence")
        return f"{measured.get('NumericValue', '')} {units[0].get('CodeValue', '') if units else ''}".strip()
    return ""


def _meaning(item: Dataset, sequence: str) -> str:
    codes = item.get(sequence)
    return str(codes[0].get("CodeMeaning", "")).strip() if codes else ""
