"""Text in documents: DICOM structured reports, encapsulated documents, CDA and HTML."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from pydicom.dataset import Dataset

from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.errors import InputError
from ptx_followup.files import contained
from ptx_followup.files.contained import NOTHING, Answer, Request
from ptx_followup.files.limits import Limits, configured_limits

_PREAMBLE = 128
#: Of a report, inflated if it is deflated: some times what `text.MAX_BYTES` allows to be read.
_LIMITS = Limits(file_bytes=16_000_000)
#: Content trees deeper than this are not followed; real reports have fewer than ten levels.
_MAX_DEPTH = 40
_BLOCKS = frozenset(
    [
        *("p", "div", "br", "li", "tr", "table", "caption", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("paragraph", "item", "list", "content", "text", "title", "section", "component"),
    ]
)
_HIDDEN = frozenset({"script", "style", "head"})


def is_dicom(data: bytes) -> bool:
    """Whether the bytes are a DICOM file."""
    return data[_PREAMBLE : _PREAMBLE + 4] == b"DICM"


def is_markup(text: str) -> bool:
    """Whether the text is XML or HTML."""
    return re.match(r"\s{0,64}<(?:\?xml|!doctype|html|clinicaldocument)", text, re.IGNORECASE) is not None


def read_document(document: bytes | str, name: str) -> str:
    """The text of a DICOM document (bytes) or of markup (str), in a child process.

    A megabyte of either can be made such that its parser, pydicom or Python's own of HTML, takes hours.

    Args:
        document: See `document_text` and `markup_text`.
        name: What the file is called in error messages.

    Raises:
        InputError: It cannot be parsed within the limits, or holds no text.
    """
    if isinstance(document, str):
        texts = {"markup": document}
    else:
        texts = {"dicom": base64.b64encode(document).decode()}
    known, _ = contained.call(read_in_child, name, configured_limits(), texts)
    return str(known["text"])


def read_in_child(request: Request) -> Answer:
    """Read a document in the child process; see `contained`."""
    texts = request.texts
    if "markup" in texts:
        return {"text": markup_text(texts["markup"])}, NOTHING
    return {"text": document_text(base64.b64decode(texts["dicom"]), request.label)}, NOTHING


def document_text(data: bytes, name: str) -> str:
    """The text of a DICOM structured report or encapsulated document.

    Args:
        data: The DICOM file.
        name: What the file is called in error messages.

    Returns:
        Headings with a colon, one content item a line.

    Raises:
        InputError: It cannot be parsed, or holds no text (an image, a PDF).
    """
    with lenient_pydicom():
        dataset = parse(data, name, _LIMITS)
        try:
            if "ContentSequence" in dataset:
                return "\n".join(_content_lines(dataset, 0))
            if "EncapsulatedDocument" in dataset:
                return _encapsulated(dataset, name)
        except InputError:
            raise
        except Exception as error:  # pydicom converts on access and raises many types on damaged values
            raise InputError(f"{name} is a damaged DICOM file", "export the report again") from error
    raise InputError(f"{name} is a DICOM file without a report", "name a structured report or a text file")


def _encapsulated(dataset: Dataset, name: str) -> str:
    mime = str(dataset.get("MIMETypeOfEncapsulatedDocument", "")).lower()
    if "xml" not in mime and not mime.startswith("text/"):
        raise InputError(f"{name} encapsulates a document that is not text", "save its text in a file")
    text = bytes(dataset.EncapsulatedDocument).rstrip(b"\x00").decode("utf-8", errors="replace")
    return markup_text(text) if is_markup(text) else text


def _content_lines(item: Dataset, depth: int) -> Iterator[str]:
    """Lines of a structured report's content items (DICOM PS3.3 section C.17.3), depth first."""
    if depth > _MAX_DEPTH:
        return
    for child in item.get("ContentSequence", []) or []:
        heading = _meaning(child, "ConceptNameCodeSequence")
        value = _value(child)
        if child.get("ValueType") == "CONTAINER":
            yield ""
            yield f"{heading}:" if heading else ""
        elif value:
            yield f"{heading}: {value}" if heading else value
        yield from _content_lines(child, depth + 1)


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


class _TextOnly(HTMLParser):
    """Collects character data; entities of a document type are never expanded."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag in _BLOCKS:
            self.pieces.append(":\n" if tag == "title" else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(" ".join(data.split()) if data.strip() else " ")


def markup_text(text: str) -> str:
    r"""The text of an XML (CDA) or HTML document, titles as headings.

    >>> markup_text("<?xml?><section><title>Impression</title><text>No pneumothorax.</text></section>")
    'Impression:\nNo pneumothorax.'
    """
    parser = _TextOnly()
    parser.feed(text)
    parser.close()
    lines = (line.strip() for line in "".join(parser.pieces).split("\n"))
    return "\n".join(line for line in lines if line)
