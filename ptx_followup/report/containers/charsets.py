"""Which characters the bytes of an embedded document stand for."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What XML and HTML say of themselves.
_OWN = re.compile(
    rb"(?:<\?xml[^>]{0,100}?encoding|<meta[^>]{0,200}?charset)\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_.:-]{2,40})"
)
#: Of a type: "text/plain; charset=iso-8859-1".
_PARAMETER = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
#: HL7 table 0211 (MSH-18) where Python has another name.
_HL7 = {"UNICODE UTF-8": "utf-8", "UNICODE UTF-16": "utf-16", "UNICODE UTF-32": "utf-32", "UNICODE": "utf-8"}


def charset_of_type(kind: str) -> str:
    """The charset in a media type; empty where it names none."""
    match = _PARAMETER.search(kind)
    return match[1] if match else ""


def charset_of_message(name: str) -> str:
    """The charset that an HL7 message names in MSH-18, for Python: "8859/1" is iso-8859-1."""
    name = name.strip()
    return _HL7.get(name.upper(), f"iso-{name.replace('/', '-')}" if name.startswith("8859/") else name)


def decoded(data: bytes, charset: str = "") -> str:
    """The text in the bytes of a document.

    A byte order mark decides, then the charset that came with it, then what the document says of itself; else
    it is UTF-8, or Windows-1252 where it is not well formed.

    Args:
        data: The document.
        charset: Of the message or media type; an unknown one is passed over.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    own = _OWN.search(data, 0, 2_000)
    for name in (charset, own[1].decode("ascii") if own else "", "utf-8"):
        try:
            if name:
                return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", errors="replace")
