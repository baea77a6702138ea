"""A FHIR DiagnosticReport (JSON, R4 and R5): its text, its conclusion and the observations that it holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ptx_followup.errors import InputError
from ptx_followup.report.containers.charsets import charset_of_type
from ptx_followup.report.containers.html import html_text
from ptx_followup.report.containers.parts import SECTION_OF_CODE, Part
from ptx_followup.report.headings import Section, section_named

#: Items that a list may have: resources of a bundle, sections, components.
_MOST = 2_000
_VOID = frozenset({"entered-in-error", "cancelled"})
_HINT = "give the text of the report"

Decode = Callable[[str, str], str]
Resource = dict[str, Any]


def is_json(text: str) -> bool:
    """Whether a text may be JSON."""
    return text.lstrip()[:1] == "{" and text.rstrip()[-1:] == "}" and '"' in text[:200]


def fhir_parts(text: str, name: str, decode: Decode) -> list[Part]:
    """The parts of the report in a resource or a bundle.

    Args:
        text: JSON.
        name: What the file is called in error messages.
        decode: Gives the text of an attached document in base64 with its charset.

    Raises:
        InputError: It is not JSON, no DiagnosticReport, more than one, withdrawn, or too long a list.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{name} looks like JSON and cannot be read", _HINT) from None
    _require_short_lists(document, name)
    resources = list(_resources(document))
    reports = [one for one in resources if one.get("resourceType") == "DiagnosticReport"]
    if not reports and resources and resources[0].get("resourceType") == "Observation":
        return list(_observed(resources[0]))
    reports = _newest(reports)
    if len(reports) != 1:
        count = "no" if not reports else "more than one"
        raise InputError(f"{name} is JSON with {count} FHIR DiagnosticReport", _HINT)
    if reports[0].get("status") in _VOID:
        raise InputError(f"{name} is a report that was withdrawn", "give the report that took its place")
    return list(_parts(reports[0], resources, decode))


def _newest(reports: list[Resource]) -> list[Resource]:
    """The newest of several reports, where all tell when they were made and no two the same time."""
    times = [str(one.get("effectiveDateTime") or one.get("issued") or "") for one in reports]
    if len(reports) < 2 or not all(times) or times.count(max(times)) != 1:
        return reports
    return [reports[times.index(max(times))]]


def _require_short_lists(document: object, name: str) -> None:
    """Refuse what would have to be left out: a finding could stand there."""
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, list) and len(value) > _MOST:
            raise InputError(f"{name} is JSON with a list of more than {_MOST} items", _HINT)
        pending += value.values() if isinstance(value, dict) else _list(value)


def _resources(document: object) -> Iterator[Resource]:
    """A resource, those it contains, and those of a bundle."""
    if not isinstance(document, dict):
        return
    yield document
    entries = [_dict(entry).get("resource") for entry in _list(document.get("entry"))]
    for entry in entries:
        if isinstance(entry, dict):
            yield entry
            yield from _dicts(entry.get("contained"))
    yield from _dicts(document.get("contained"))


def _parts(report: Resource, resources: list[Resource], decode: Decode) -> Iterator[Part]:
    found = False
    for form in _dicts(report.get("presentedForm")):
        for part in _attached(form, decode):
            found = True
            yield part
    for one in resources:
        if one.get("resourceType") == "Composition":
            yield from _sections(one)
        if one.get("resourceType") == "Observation" and one.get("status") not in _VOID:
            found = True
            yield from _observed(one)
    conclusions = [
        report.get("conclusion"),
        *(_concept(code) for code in _dicts(report.get("conclusionCode"))),
    ]
    for conclusion in conclusions:
        if isinstance(conclusion, str) and conclusion.strip():
            found = True
            yield Part("impression", conclusion)
    narrative = _dict(report.get("text")).get("div")
    if not found and isinstance(narrative, str):
        yield Part(None, html_text(narrative))


def _attached(form: Resource, decode: Decode) -> Iterator[Part]:
    kind, data = str(form.get("contentType", "")).lower(), form.get("data")
    if isinstance(data, str) and not any(word in kind for word in ("pdf", "image", "dicom")):
        yield Part(None, decode(data, charset_of_type(kind)))


def _sections(composition: Resource) -> Iterator[Part]:
    for section in _dicts(composition.get("section")):
        narrative = _dict(section.get("text")).get("div")
        if isinstance(narrative, str):
            title = section.get("title")
            named = section_named(title) if isinstance(title, str) else None
            yield Part(_section(_dict(section.get("code"))) or named, html_text(narrative))


def _observed(observation: Resource) -> Iterator[Part]:
    """An observation as "name: value, place", and its components."""
    code = _dict(observation.get("code"))
    for one in (observation, *_dicts(observation.get("component"))):
        name, value = _concept(_dict(one.get("code"))), _value(one)
        section = _section(_dict(one.get("code")))
        if value and section:
            yield Part(section, value)
        elif value and name:
            place = _concept(_dict(one.get("bodySite")))
            yield Part(_section(code) or "findings", f"{name}: {value}" + (f", {place}" if place else ""))


def _value(one: Resource) -> str:
    for key, value in one.items():
        if key == "valueBoolean":
            return "yes" if value is True else "no"
        if key in ("valueString", "valueInteger"):
            return str(value)
        if key == "valueCodeableConcept":
            return _concept(_dict(value))
        if key == "valueQuantity":
            return f"{_dict(value).get('value', '')} {_dict(value).get('unit', '')}".strip()
    return ""


def _section(code: Resource) -> Section | None:
    codes = (str(coding.get("code", "")) for coding in _dicts(code.get("coding")))
    known = (SECTION_OF_CODE.get(one) for one in codes)
    return next((section for section in known if section), None)


def _concept(concept: Resource) -> str:
    """The words of a coded concept."""
    if isinstance(concept.get("text"), str):
        return str(concept["text"])
    words = (coding.get("display") for coding in _dicts(concept.get("coding")))
    return next((word for word in words if isinstance(word, str)), "")


def _dict(value: object) -> Resource:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[Resource]:
    return [one for one in _list(value) if isinstance(one, dict)]
