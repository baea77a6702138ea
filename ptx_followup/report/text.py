"""Loading a report: from a text file, standard input, or a DICOM document."""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata
from pathlib import Path

from ptx_followup.errors import InputError, system_reason
from ptx_followup.files.storage import file_label
from ptx_followup.report.containers.escapes import plain
from ptx_followup.report.dictation import as_written
from ptx_followup.report.documents import is_container, is_dicom, read_document

#: Largest report that is read, in bytes; a megabyte of text is some hundred times a long report.
MAX_BYTES = 4 * 1024 * 1024

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x1f\x8b": "a gzip archive",
}
#: "pneumothorax" broken by a hyphen at the end of a line.
_BROKEN = re.compile(r"(pneu(?:mo)?)-[ \t]?\n[ \t]{0,8}(?=(?:mo)?thora)", re.IGNORECASE)
#: Other words broken so, by their endings: "enlarge-ment"; "right-sided" keeps its hyphen.
_BROKEN_ENDING = re.compile(
    r"(?<=[a-z][a-z])-[ \t]?\n[ \t]{0,8}(?=(?:ments?|sions?|tions?|ations?|ings?|ity|ness|ly"
    r"|thorax|thoraces)\b)",
    re.IGNORECASE,
)
_KEPT_CONTROLS = "\n\t"


def load_report(path: str | Path) -> str:
    r"""Load the text of a report.

    Args:
        path: A text file in UTF-8, UTF-16, UTF-32 or Windows-1252 (with or without a byte order mark), an
            HTML or CDA document, a DICOM structured report, a DICOM object with an encapsulated CDA or text
            document, or "-" for standard input.

    Returns:
        The text with line ends as "\n" and without other control characters.

    Raises:
        InputError: It cannot be read, is too large, is empty, or is of another kind.
    """
    if str(path) == "-":
        return decode_report(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")
    path = Path(path)
    name = file_label(path)
    if path.is_dir():
        raise InputError(f"{name} is a folder", "name the report file in it")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no report {name}", "check the path") from None
    except OSError as error:
        reason = system_reason(error)
        raise InputError(f"cannot read the report {name} ({reason})", "check its permissions") from None
    return decode_report(data, name)


def decode_report(data: bytes, name: str) -> str:
    """The text in the bytes of a report; `name` stands in error messages. See `load_report`."""
    if len(data) > MAX_BYTES:
        raise InputError(
            f"the report {name} is larger than {MAX_BYTES // 2**20} MB", "give the text of one report"
        )
    if is_dicom(data):
        text = read_document(data, name)
    else:
        text = _decoded(data, name)
        # A message of HL7 ends its segments, and a file its lines, with one of three line ends.
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = read_document(text, name) if is_container(text) else plain(text)
    text = as_written(_plain(text))
    if not text.strip():
        raise InputError(f"the report {name} holds no text", "leave the report out, or give one with text")
    return text


def _decoded(data: bytes, name: str) -> str:
    for magic, kind in _FOREIGN.items():
        if data.startswith(magic):
            raise InputError(f"the report {name} is {kind}", "save it as plain text")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    head = data[:4096]
    if b"\x00" in head:
        return _without_mark(data, head, name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Every byte means something in Latin-1; Windows-1252 adds the curly quotes and dashes.
        return data.decode("cp1252", errors="replace")


def _without_mark(data: bytes, head: bytes, name: str) -> str:
    """UTF-16 without a byte order mark: in Latin text every second byte is zero."""
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[offset::2].count(0) > 0.8 * len(head[offset::2]) and not head[1 - offset :: 2].count(0):
            return data.decode(encoding, errors="replace")
    raise InputError(f"the report {name} is not text", "give a text file, a DICOM report or -")


def _plain(text: str) -> str:
    r"""Line ends as "\n"; no control characters, which could drive a terminal."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    text = _BROKEN_ENDING.sub("", _BROKEN.sub(r"\1", text))
    if all(character.isprintable() or character in _KEPT_CONTROLS for character in text):
        return text
    return "".join(
        character
        for character in text
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cf")
    )
