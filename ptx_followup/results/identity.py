"""Results without identity: no patient, no date, no identifier or path of the source, no word of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from ptx_followup.dicom.basic_profile import deidentified_uid, is_deidentifying
from ptx_followup.dicom_objects.tracking import Tracking, finding_name
from ptx_followup.masks.source import MaskSource
from ptx_followup.radiograph.belonging import Belonging
from ptx_followup.radiograph.image import Identity, Radiograph
from ptx_followup.report.terms import Finding, Report
from ptx_followup.segmentation.result import Segmentation
from ptx_followup.sides import SIDES

Value = TypeVar("Value")


def shown(result: Value) -> Value:
    """A result as it may be drawn and written: itself, or in `deidentifying` a copy without identity.

    Args:
        result: A dataclass that holds radiographs and reports, at any depth.
    """
    return _without_identity(result) if is_deidentifying() else result


def stated(document: dict[str, Any]) -> dict[str, Any]:
    """A result object as it may be written: itself, or in `deidentifying` without the paths of images."""
    return _without_paths(document) if is_deidentifying() else document


def reviewed(document: dict[str, Any], review: Mapping[str, Any] | None) -> dict[str, Any]:
    """A result object with what a reader said of it; in `deidentifying` without the reader's name and words.

    Args:
        document: The result object.
        review: With `reader` and `reason`; None where no person looked at it.
    """
    if review is None:
        return document
    hidden = {"reader": None, "reason": None} if is_deidentifying() else {}
    return {**document, "review": {**review, **{key: hidden[key] for key in hidden if key in review}}}


def _without_identity(value: Any) -> Any:
    """Nested dataclasses, tuples, lists and dicts without identity; what held none is not copied."""
    if isinstance(value, Radiograph):
        return _anonymous(value)
    if isinstance(value, dict):
        return {key: _without_identity(one) for key, one in value.items()}
    if type(value) in (tuple, list):
        return type(value)(_without_identity(one) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
    changed = {name: _without_identity(part) for name, part in parts.items()} | _without_words(value)
    changed = {name: part for name, part in changed.items() if part is not parts[name]}
    return replace(value, **changed) if changed else value


def _without_words(value: Any) -> dict[str, Any]:
    """Fields that hold words of a report or of a user, or name objects and people, emptied or replaced."""
    if isinstance(value, Finding):
        return {"sentence": "", "span": (0, 0), "extent_of": None}
    if isinstance(value, Report):
        return {"text": ""}
    if isinstance(value, Belonging):
        return {"reason": ""}
    if isinstance(value, MaskSource):
        return {"file": None, "sha256": None, "sop_instance_uid": None, "creator": None}
    if isinstance(value, Tracking):
        # Another program's identifier may be any text.
        known = value.identifier in map(finding_name, SIDES)
        name = value.identifier if known else "Pneumothorax"
        return {"uid": deidentified_uid(value.uid), "identifier": name}
    if isinstance(value, Segmentation) and value.told is not None:
        return {"told": ""}
    return {}


def _anonymous(radiograph: Radiograph) -> Radiograph:
    uid = radiograph.sop_instance_uid
    return replace(
        radiograph,
        acquired_at=None,
        # Whether there is a header at all still matters: only a DICOM source gives DICOM objects.
        identity=None if radiograph.identity is None else Identity(),
        sop_instance_uid=None if uid is None else deidentified_uid(uid),
    )


def _without_paths(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_paths(one) for one in value]
    if isinstance(value, dict):
        return {key: None if key == "path" else _without_paths(one) for key, one in value.items()}
    return value
