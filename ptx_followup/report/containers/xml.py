"""XML: sections of a CDA document by their codes, other documents by the names of elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from ptx_followup.errors import InputError
from ptx_followup.report.containers.html import HTML_ELEMENTS, has_tags, html_text, table_row
from ptx_followup.report.containers.parts import SECTION_OF_CODE, Part
from ptx_followup.report.headings import Section, section_named
from ptx_followup.report.vocabulary import words

#: Documents deeper than this are refused; a CDA document has some twenty levels.
_MAX_DEPTH = 60
#: Characters in which a document type is looked for; it stands before the first element.
_PROLOG = 30_000
#: Declared entities are not needed, and could be made to grow without end.
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]{0,400}(?:\[.{0,20000}?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DECLARATION = re.compile(r"^\s*<\?xml[^<>]{0,200}\?>")
#: Expat's code for what stands behind the root element.
_SECOND_ROOT = 9
#: They call findings what stands in them only where nothing around them has a name.
_WRAPPERS = frozenset({"body", "narrative", "description", "result", "results"})
#: Names of elements, without those of a namespace with a prefix, as word processors put into HTML.
_ELEMENT = re.compile(r"<([A-Za-z]\w{0,40})(?=[\s/>])")
_ATTRIBUTE = re.compile(r"""\s([a-z]{2,10})\s?=\s?["']([^"'<>]{1,80})["']""")
_LINES = frozenset({"paragraph", "item", "br", "list", "table", "caption", "p", "div", "li", "title", "line"})
#: People and organisations; no word of them is the report's.
_PEOPLE = words(
    "recordtarget author custodian legalauthenticator authenticator informationrecipient participant"
    " patient person subject performer dataenterer informant provider physician requester"
    " assignedentity organization"
)
_NAME_ATTRIBUTES = ("label", "name", "title", "type", "heading", "section", "class", "id", "code")
_NAME_ELEMENTS = frozenset({"name", "label", "title", "heading", "key", "code", "caption"})


def is_xml(text: str) -> bool:
    """Whether a text is XML other than HTML."""
    start = re.match(
        r"\s{0,64}(?:<\?xml[^<>]{0,200}\?>\s{0,64})?(?:<!--.{0,400}?-->\s{0,64})?<!?(\w[\w:.-]{0,80})",
        text,
        re.DOTALL,
    )
    if start is None:
        return False
    declared = text.lstrip()[:5].lower() == "<?xml"
    root = start[1].lower()
    if root == "doctype":
        return declared and re.match(r"[^<]{0,70}<!DOCTYPE\s+html", text, re.IGNORECASE | re.DOTALL) is None
    return (
        not has_tags(f"<{root}>")
        and root != "form"
        and (declared or root.endswith("clinicaldocument") or f"</{start[1]}>" in text[-200:])
    )


def is_xml_in_words_of_html(text: str) -> bool:
    """Whether a text whose first element HTML has too (`<section>`, `<form>`) is XML all the same.

    It is well formed, and an element that HTML does not know or an attribute names a part of a report.
    """
    known = text.lstrip()[:1] == "<" and has_tags(text) and not is_xml(text)
    foreign = {name.lower() for name in _ELEMENT.findall(text)} - HTML_ELEMENTS if known else set()
    if not foreign and not (known and _names_a_part(text)):
        return False
    try:
        _parsed(_DECLARATION.sub("", text).strip())
    except (ET.ParseError, RecursionError, ValueError):
        return False
    return True


def _names_a_part(text: str) -> bool:
    return any(
        attribute in _NAME_ATTRIBUTES and section_named(_spaced(value))
        for attribute, value in _ATTRIBUTE.findall(text)
    )


def xml_parts(text: str, name: str) -> list[Part]:
    """The parts of a report in XML.

    Args:
        text: The document.
        name: What the file is called in error messages.

    Raises:
        InputError: It is not well formed, declares entities, or is too deep.
    """
    try:
        root = _parsed(_without_entities(text, name).strip())
    except (ET.ParseError, RecursionError, ValueError):
        raise InputError(f"{name} is XML that is not well formed", "give the text of the report") from None
    _require_depth(root, name)
    sections = list(_sections([root])) or list(_unstructured(root))
    if sections or _local(root) == "clinicaldocument":
        return sections
    return list(_named(root, None))


def _without_entities(text: str, name: str) -> str:
    text = _DECLARATION.sub("", text)
    if declared := _DOCTYPE.search(text, 0, _PROLOG):
        text = text[: declared.start()] + text[declared.end() :]
    if "<!ENTITY" in text:
        raise InputError(f"{name} is XML that declares entities", "give the text of the report")
    return text


def _require_depth(root: ET.Element, name: str) -> None:
    """Refuse what recursion could not follow to its end: a finding could stand there."""
    level = [root]
    for _ in range(_MAX_DEPTH):
        level = [child for element in level for child in element]
    if level:
        raise InputError(f"{name} is XML of more than {_MAX_DEPTH} levels", "give the text of the report")


def _parsed(text: str) -> ET.Element:
    """The root of a document; of a piece with several roots, one around them."""
    try:
        return ET.fromstring(text)  # noqa: S314 - no document type is left
    except ET.ParseError as error:
        if error.code != _SECOND_ROOT:
            raise
        return ET.fromstring(f"<document>{text}</document>")  # noqa: S314 - no document type is left


def _local(element: ET.Element) -> str:
    return (
        str(element.tag).rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""
    )


def _sections(elements: Iterable[ET.Element]) -> Iterator[Part]:
    """Sections of a CDA document with their narrative text."""
    for child in elements:
        if _local(child) == "section" and any(_local(one) in ("text", "code", "title") for one in child):
            narrative = next((one for one in child if _local(one) == "text"), None)
            if narrative is not None:
                yield Part(_section_of(child), _text(narrative))
        if _local(child) not in _PEOPLE:
            yield from _sections(child)


def _unstructured(root: ET.Element) -> Iterator[Part]:
    """The body of a CDA document that has no sections."""
    for element in root.iter():
        if _local(element) == "nonxmlbody":
            narrative = next((one for one in element if _local(one) == "text"), None)
            if narrative is not None and narrative.get("representation", "") != "B64":
                yield Part(None, _text(narrative))


def _section_of(section: ET.Element) -> Section | None:
    """By the code of a section, or by its title."""
    named = None
    for child in section:
        if _local(child) == "code":
            coded = SECTION_OF_CODE.get(child.get("code", "")) or section_named(child.get("displayName", ""))
            if coded:
                return coded
        elif _local(child) == "title":
            named = section_named("".join(child.itertext()).strip(" :\n\t"))
    return named


def _named(element: ET.Element, section: Section | None) -> Iterator[Part]:
    """Text of any document, under the names that elements or their attributes give it."""
    if _local(element) in _PEOPLE:
        return
    inherited = section if _local(element) in _WRAPPERS else None
    section = _name_of(element) or inherited or _name_of_tag(element) or section
    if not any(_name_of(child) or _name_of_tag(child) or len(child) for child in element):
        yield Part(section, _text(element))
        return
    yield Part(section, element.text or "")
    for child in element:
        if not (_local(child) in _NAME_ELEMENTS and _named_by_text(child)):
            yield from _named(child, section)
        yield Part(section, child.tail or "")


def _name_of(element: ET.Element) -> Section | None:
    for attribute in _NAME_ATTRIBUTES:
        value = element.get(attribute, "")
        section = SECTION_OF_CODE.get(value) or section_named(_spaced(value))
        if section:
            return section
    for child in element:
        if _local(child) in _NAME_ELEMENTS and _named_by_text(child):
            return _named_by_text(child)
    return None


def _name_of_tag(element: ET.Element) -> Section | None:
    return (
        section_named(_spaced(str(element.tag).rpartition("}")[2])) if isinstance(element.tag, str) else None
    )


def _named_by_text(element: ET.Element) -> Section | None:
    return section_named((element.text or "").strip(" :\n\t")[:80])


def _spaced(name: str) -> str:
    """Words of a name: "ReasonForExam", "prior_report"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_.-]+", " ", name[:80])


def _text(element: ET.Element) -> str:
    """The narrative of an element as lines."""
    pieces: list[str] = []
    _collect(element, pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    text = "\n".join(line for line in lines if line)
    return html_text(text) if "<" in text and ">" in text else text


def _collect(element: ET.Element, pieces: list[str]) -> None:
    name = _local(element)
    if name == "tr":
        cells = [
            " ".join("".join(cell.itertext()).split()) for cell in element if _local(cell) in ("td", "th")
        ]
        pieces.append(f"\n{table_row(cells)}\n")
        return
    if name in _LINES:
        pieces.append("\n- " if name in ("item", "li") else "\n")
    pieces.append(element.text or "")
    for child in element:
        _collect(child, pieces)
        pieces.append(child.tail or "")
    if name in _LINES and name != "br":
        pieces.append("\n")
