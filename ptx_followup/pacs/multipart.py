"""Bodies of type multipart/related (RFC 2387), as DICOMweb uses them for binary objects."""

from __future__ import annotations

from email.message import Message

_LINE = b"\r\n"


def join_part(content: bytes, boundary: str) -> bytes:
    """A body with one DICOM object."""
    opening = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode("ascii")
    return opening + content + f"\r\n--{boundary}--\r\n".encode("ascii")


def only_part(body: bytes, content_type: str) -> bytes:
    r"""The content of the single part of a body.

    Args:
        body: The whole body.
        content_type: The header field of that name; a body that is no multipart one is its own only part.

    Raises:
        ValueError: The body is cut short, or has not exactly one part.

    Examples:
        >>> only_part(join_part(b"DICM\r\n", "x"), 'multipart/related; boundary="x"')
        b'DICM\r\n'
    """
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_maintype() != "multipart":
        return body
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise ValueError("the body states no boundary")
    delimiter = b"--" + boundary.encode("latin-1")
    start = body.find(delimiter)
    content = body.find(_LINE * 2, start)
    end = body.find(_LINE + delimiter, content)
    if start < 0 or content < 0 or end < 0:
        raise ValueError("the body is cut short")
    if not body.startswith(b"--", end + len(_LINE) + len(delimiter)):
        raise ValueError("the body has several parts")
    return body[content + 2 * len(_LINE) : end]
