"""Coded concepts, and the content items of structured reports (DICOM PS3.3 sections 8.8 and C.17.3).

Every function makes one item: what it is called, what it says, and how it belongs to the item above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from pydicom.dataset import Dataset
from pydicom.valuerep import format_number_as_ds

if TYPE_CHECKING:
    from ptx_followup.dicom.codes import Code

#: How an item belongs to the one above it (PS3.3 table C.17.3.2.4).
Relationship = Literal["CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS PROPERTIES"]


def coded(code: Code) -> Dataset:
    """The item of a code sequence."""
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def container(
    name: Code,
    children: Iterable[Dataset],
    relationship: Relationship | None = "CONTAINS",
    template: str = "",
) -> Dataset:
    """A heading over other items.

    Args:
        name: What it is called.
        children: In order.
        relationship: None for the root, which is the report itself.
        template: Identifier of the template of PS3.16 that it follows ("1501"), if any.
    """
    item = _item("CONTAINER", name, relationship, children)
    item.ContinuityOfContent = "CONTINUOUS"
    if template:
        follows = Dataset()
        follows.MappingResource = "DCMR"
        follows.TemplateIdentifier = template
        item.ContentTemplateSequence = [follows]
    return item


def text(name: Code, value: str, relationship: Relationship = "CONTAINS") -> Dataset:
    """A text, without the control characters that DICOM keeps to itself."""
    item = _item("TEXT", name, relationship)
    item.TextValue = "".join(one for one in value if one.isprintable() or one == "\n")
    return item


def code(
    name: Code, value: Code, relationship: Relationship = "CONTAINS", children: Iterable[Dataset] = ()
) -> Dataset:
    """A coded answer."""
    item = _item("CODE", name, relationship, children)
    item.ConceptCodeSequence = [coded(value)]
    return item


def number(
    name: Code,
    value: float,
    unit: Code,
    relationship: Relationship = "CONTAINS",
    children: Iterable[Dataset] = (),
) -> Dataset:
    """A figure with its unit; one with decimals stands there in binary too, as its text may be rounded."""
    measured = Dataset()
    measured.NumericValue = str(int(value)) if value == int(value) else format_number_as_ds(value)
    if isinstance(value, float):
        measured.FloatingPointValue = value
    measured.MeasurementUnitsCodeSequence = [coded(unit)]
    item = _item("NUM", name, relationship, children)
    item.MeasuredValueSequence = [measured]
    return item


def uid(name: Code, value: str, relationship: Relationship = "HAS OBS CONTEXT") -> Dataset:
    """A UID of something that is no DICOM object."""
    item = _item("UIDREF", name, relationship)
    item.UID = value
    return item


def person(name: Code, value: str, relationship: Relationship = "CONTAINS") -> Dataset:
    """The name of a person."""
    item = _item("PNAME", name, relationship)
    item.PersonName = value
    return item


def image(name: Code, sop_class: str, sop_instance: str, frame: int | None = None) -> Dataset:
    """An image, or one of its frames, numbered from 1."""
    reference = Dataset()
    reference.ReferencedSOPClassUID = sop_class
    reference.ReferencedSOPInstanceUID = sop_instance
    if frame is not None:
        reference.ReferencedFrameNumber = frame
    item = _item("IMAGE", name, "CONTAINS")
    item.ReferencedSOPSequence = [reference]
    return item


def _item(
    value_type: str, name: Code, relationship: Relationship | None, children: Iterable[Dataset] = ()
) -> Dataset:
    item = Dataset()
    if relationship is not None:
        item.RelationshipType = relationship
    item.ValueType = value_type
    item.ConceptNameCodeSequence = [coded(name)]
    below = list(children)
    if below:
        item.ContentSequence = below
    return item
