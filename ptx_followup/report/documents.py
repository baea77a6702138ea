"""Reports in containers: which kind they are, and their text, read in a child process."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ptx_followup.errors import InputError
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.report.containers.charsets import decoded
from ptx_followup.report.containers.escapes import plain, unescaped
from ptx_followup.report.containers.fhir import fhir_parts, is_json
from ptx_followup.report.containers.hl7 import hl7_parts, is_hl7
from ptx_followup.report.containers.html import has_tags
from ptx_followup.report.containers.parts import Part, assembled
from ptx_followup.report.containers.rtf import without_unseen
from ptx_followup.report.containers.xml import is_xml, is_xml_in_words_of_html, xml_parts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ptx_followup.files.contained import Answer, Request

_PREAMBLE = 128
#: Of a report, inflated if it is deflated: some times what `text.MAX_BYTES` allows to be read.
_LIMITS = Limits(file_bytes=16_000_000)
#: Documents in documents: a CDA document in a message, a text in that; more are not opened.
_MAX_NESTED = 3


def is_dicom(data: bytes) -> bool:
    """Whether the bytes are a DICOM file."""
    return data[_PREAMBLE : _PREAMBLE + 4] == b"DICM"


def is_container(text: str) -> bool:
    """Whether a text is a report in a container: HL7, FHIR, CDA or other XML, HTML, RTF."""
    return (
        is_hl7(text) or is_json(text) or is_rtf(text) or is_xml(text) or has_tags(text) or _is_escaped(text)
    )


def is_rtf(text: str) -> bool:
    r"""Whether a text is in the Rich Text Format."""
    return text.lstrip()[:5] == "{\\rtf"


def _is_escaped(text: str) -> bool:
    """Whether tags come up once references and escapes are resolved; they are not parsed in this process."""
    return ("&" in text or "\\" in text) and has_tags(html.unescape(html.unescape(unescaped(text))))


def read_document(document: bytes | str, name: str) -> str:
    """The text of a DICOM document (bytes) or of another container (str), in a child process.

    A megabyte of either can be made such that its parser takes hours.

    Args:
        document: See `document_text` and `container_text`.
        name: What the file is called in error messages.

    Raises:
        InputError: It cannot be parsed within the limits, or holds no text.
    """
    # It comes with numpy, which a report in plain text need not wait for; so below with pydicom.
    from ptx_followup.files import contained

    if isinstance(document, str):
        texts = {"text": document}
    else:
        texts = {"dicom": base64.b64encode(document).decode()}
    known, _ = contained.call(read_in_child, name, configured_limits(), texts)
    return str(known["text"])


def read_in_child(request: Request) -> Answer:
    """Read a document in the child process; see `contained`."""
    from ptx_followup.files.contained import NOTHING

    texts = request.texts
    if "text" in texts:
        return {"text": container_text(texts["text"], request.label)}, NOTHING
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
    from ptx_followup.dicom.parse import lenient_pydicom, parse
    from ptx_followup.report.containers.sr import sr_parts

    with lenient_pydicom():
        dataset = parse(data, name, _LIMITS)
        try:
            if "ContentSequence" in dataset:
                return _text(sr_parts(dataset, name))
            if "EncapsulatedDocument" in dataset:
                return _encapsulated(dataset, name)
        except InputError:
            raise
        except Exception as error:  # pydicom converts on access and raises many types on damaged values
            raise InputError(f"{name} is a damaged DICOM file", "export the report again") from error
    raise InputError(f"{name} is a DICOM file without a report", "name a structured report or a text file")


def _encapsulated(dataset: Dataset, name: str) -> str:
    mime = str(dataset.get("MIMETypeOfEncapsulatedDocument", "")).lower()
    if not any(word in mime for word in ("xml", "rtf", "json")) and not mime.startswith("text/"):
        raise InputError(f"{name} encapsulates a document that is not text", "save its text in a file")
    text = decoded(bytes(dataset.EncapsulatedDocument).rstrip(b"\x00"))
    return container_text(text, name)


def container_text(text: str, name: str, nested: int = 0) -> str:
    """The text of a report in a container, under headings that the reader of reports knows.

    Args:
        text: HL7 version 2, FHIR (JSON), CDA or other XML, HTML or parts of it, RTF, or plain text.
        name: What the file is called in error messages.
        nested: Containers that it was found in.

    Raises:
        InputError: It cannot be parsed, holds no report, more than one, or a damaged document.
    """

    def decode(encoded: str, charset: str) -> str:
        try:
            data = base64.b64decode(encoded)
        except ValueError:
            raise InputError(f"{name} holds a damaged document", "give the text of the report") from None
        inner = decoded(data, charset)
        if nested >= _MAX_NESTED or inner.startswith("%PDF") or "\x00" in inner[:1000]:
            return ""
        return container_text(inner.replace("\r\n", "\n").replace("\r", "\n"), name, nested + 1)

    if is_hl7(text):
        return _text(hl7_parts(text, name, decode))
    if is_rtf(text):  # before JSON: it begins and ends as that does
        return plain(_rtf_text(text, name))
    if is_json(text):
        return _text(fhir_parts(text, name, decode))
    if is_xml(text) or is_xml_in_words_of_html(text):
        return _text(xml_parts(text, name))
    return plain(text)


def _text(parts: Iterable[Part]) -> str:
    return assembled(replace(part, text=plain(part.text)) for part in parts)


def _rtf_text(text: str, name: str) -> str:
    from striprtf.striprtf import rtf_to_text

    try:
        return str(rtf_to_text(without_unseen(text), errors="replace")).replace("\xa0", " ")
    except (ValueError, LookupError, TypeError, OverflowError, AttributeError):
        raise InputError(f"{name} is damaged rich text (RTF)", "save it as plain text") from None
