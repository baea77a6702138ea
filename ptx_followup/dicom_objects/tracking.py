"""One name for one finding through all exams of a patient (DICOM PS3.3 section C.8.20.4, PS3.16 TID 4108).

The first exam decides: its tracking UID follows from its image and the side. Every later result repeats it,
read back from an earlier Segmentation or Structured Report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydicom.uid import UID, SegmentationStorage

from ptx_followup.dicom import codes
from ptx_followup.dicom.elements import items, text
from ptx_followup.dicom.parse import lenient_pydicom, looks_like_dicom, parse
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects.sr_codes import SEGMENTED
from ptx_followup.errors import InputError, MismatchError
from ptx_followup.files import contained
from ptx_followup.files.contained import NOTHING, Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.identity import identity_conflicts, read_identity
from ptx_followup.radiograph.image import Identity
from ptx_followup.sides import SIDES, Side

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.radiograph.image import Radiograph

_SAME_ID = (
    "the {side} pneumothorax has another Tracking UID in each object, as after exams were anonymised one by "
    "one: it goes on by its Tracking ID"
)
_TWO_FINDINGS = (
    "the {side} pneumothorax is tracked as two findings: the one of the earlier result or exam goes on"
)

#: Sides by their code of CID 244.
SIDE_OF_CODE: dict[str, Side] = {codes.RIGHT.value: "right", codes.LEFT.value: "left"}


@dataclass(frozen=True)
class Tracking:
    """Names one finding through all exams of a patient.

    Attributes:
        identifier: For people ("Right pneumothorax").
        uid: For programs.
    """

    identifier: str
    uid: str

    def to_json(self) -> dict[str, str]:
        """The tracking of one side in the result files."""
        return {"identifier": self.identifier, "uid": self.uid}


@dataclass(frozen=True)
class PreviousResult:
    """An earlier result that a new one continues.

    Attributes:
        tracking: Of each side that it names.
        identity: Whose it is.
    """

    tracking: dict[Side, Tracking]
    identity: Identity


def finding_name(side: Side) -> str:
    """What a side's pneumothorax is called, for people."""
    return f"{side.capitalize()} pneumothorax"


def first_tracking(sop_instance_uid: str, side: Side) -> Tracking:
    """The tracking of a side's pneumothorax that starts with an image (its legal UID)."""
    label = finding_name(side)
    parts = (sop_instance_uid, codes.PNEUMOTHORAX.value, side, label)
    return Tracking(label, derived_uid("tracking", *parts))


def read_previous_result(path: Path) -> PreviousResult:
    """Read the tracking of both sides from an earlier result, in a child process.

    Args:
        path: A DICOM Structured Report of measurements (TID 1500) or a Segmentation, ours or another's.

    Raises:
        InputError: It is neither, or tracks no pneumothorax.
    """
    label, limits = file_label(path), configured_limits()
    known, _ = contained.call(read_previous_in_child, label, limits, path=path)
    tracking: dict[Side, Tracking] = {
        side: Tracking(**known["tracking"][side]) for side in SIDES if side in known["tracking"]
    }
    return PreviousResult(tracking, Identity(**known["identity"]))


def read_previous_in_child(request: Request) -> Answer:
    """Read an earlier result in the child process; see `contained`."""
    return read_previous_unprotected(request.paths["path"], request.label, request.limits), NOTHING


def read_previous_unprotected(path: Path, label: str, limits: Limits) -> dict[str, Any]:
    """Read an earlier result in this very process: a `PreviousResult`, as JSON."""
    content = read_content(path, label, limits)
    if not looks_like_dicom(content):
        raise InputError(f"{label} is not a DICOM file", "give the DICOM SR or SEG of the earlier result")
    with lenient_pydicom():
        dataset = parse(content, label, limits)
        # Reversed, as the first of a side counts.
        tracking = dict(reversed(list(tracked_sides(dataset))))
        identity = read_identity(dataset)
    if not tracking:
        raise InputError(
            f"{label} tracks no pneumothorax of a side", "give the DICOM SR or SEG of the earlier result"
        )
    return {
        "tracking": {side: one.to_json() for side, one in tracking.items()},
        "identity": asdict(identity),
    }


def continued_tracking(
    stated: Iterable[Mapping[Side, Tracking]], *, same_patient: bool = True
) -> tuple[dict[Side, Tracking], tuple[str, ...]]:
    """The tracking that goes on where several objects state one.

    An archive that anonymises one exam after another gives each of them other UIDs, but leaves the Tracking
    ID (Orthanc does): where patient, side and ID agree, it is one finding.

    Args:
        stated: What counts most comes first.
        same_patient: Whether all are of one patient by what they state, not by what a person overrode.

    Returns:
        That of each side, and warnings where the objects differ in it.
    """
    tracking: dict[Side, Tracking] = {}
    warnings: dict[str, None] = {}
    for one in stated:
        for side, found in one.items():
            kept = tracking.setdefault(side, found)
            if found.uid == kept.uid:
                continue
            alike = same_patient and found.identifier == kept.identifier
            warnings[(_SAME_ID if alike else _TWO_FINDINGS).format(side=side)] = None
    return tracking, tuple(warnings)


def require_same_patient(previous: PreviousResult, radiograph: Radiograph) -> None:
    """Refuse an earlier result of another patient.

    Raises:
        MismatchError: What both state of the patient contradicts.
    """
    conflicts = identity_conflicts(previous.identity, radiograph.identity)
    if conflicts:
        raise MismatchError(
            f"the earlier result is of another patient (not alike: {', '.join(conflicts)})".replace("_", " "),
            "give the earlier result of this patient",
        )


def tracked_sides(dataset: Dataset) -> Iterator[tuple[Side, Tracking]]:
    """Side and tracking of every pneumothorax in a Segmentation or Structured Report."""
    if text(dataset, "SOPClassUID") == SegmentationStorage:
        yield from _of_segments(dataset)
    else:
        yield from _of_groups(dataset)


def _of_segments(dataset: Dataset) -> Iterator[tuple[Side, Tracking]]:
    for segment in items(dataset, "SegmentSequence"):
        if not _has_code(segment, "SegmentedPropertyTypeCodeSequence", codes.PNEUMOTHORAX.value):
            continue
        side = side_of_segment(segment)
        identifier, uid = text(segment, "TrackingID"), text(segment, "TrackingUID")
        if side is not None and identifier and _is_legal(uid):
            yield side, Tracking(identifier, uid)


def side_of_segment(segment: Dataset) -> Side | None:
    """The patient's side of an item of a Segmentation's Segment Sequence."""
    modifiers = [
        text(code, "CodeValue")
        for owner in (segment, *items(segment, "SegmentedPropertyTypeCodeSequence"))
        for code in items(owner, "SegmentedPropertyTypeModifierCodeSequence")
    ]
    return next((SIDE_OF_CODE[value] for value in modifiers if value in SIDE_OF_CODE), None)


def _of_groups(dataset: Dataset) -> Iterator[tuple[Side, Tracking]]:
    for container in _children(dataset, codes.IMAGING_MEASUREMENTS.value):
        for group in _children(container, codes.MEASUREMENT_GROUP.value):
            identifier = _text_of(group, codes.TRACKING_IDENTIFIER.value, "TextValue")
            uid = _text_of(group, codes.TRACKING_UNIQUE_IDENTIFIER.value, "UID")
            sites = _children(group, codes.FINDING_SITE.value)
            lateralities = [
                text(code, "CodeValue")
                for site in sites
                for item in _children(site, codes.LATERALITY.value)
                for code in items(item, "ConceptCodeSequence")
            ]
            side = next((SIDE_OF_CODE[value] for value in lateralities if value in SIDE_OF_CODE), None)
            if side is not None and identifier and _is_legal(uid) and _is_pneumothorax(group):
                yield side, Tracking(identifier, uid)


def _is_pneumothorax(group: Dataset) -> bool:
    """The group is about a pneumothorax: one that is there, or one that was looked for in vain."""
    findings = _children(group, codes.FINDING.value)
    found = any(_has_code(item, "ConceptCodeSequence", codes.PNEUMOTHORAX.value) for item in findings)
    return found or bool(_children(group, SEGMENTED.value))


def _children(item: Dataset, concept: str) -> list[Dataset]:
    return [
        child
        for child in items(item, "ContentSequence")
        if _has_code(child, "ConceptNameCodeSequence", concept)
    ]


def _text_of(item: Dataset, concept: str, keyword: str) -> str:
    return next((text(child, keyword) for child in _children(item, concept)), "")


def _has_code(item: Dataset, keyword: str, code_value: str) -> bool:
    return any(text(code, "CodeValue") == code_value for code in items(item, keyword))


def _is_legal(uid: str) -> bool:
    return UID(uid).is_valid
