"""Line ends and signs as HL7 and HTML write them, in any text."""

from __future__ import annotations

import html
import re

from ptx_followup.report.containers.html import has_tags, html_text

_LINE = re.compile(r"\.(?:br|sp|ce)\b", re.IGNORECASE)
_ESCAPED = re.compile(
    r"\\(\.(?:br|sp|ce|in|ti|fi|nf|sk)[ +\-\d]{0,6}|X(?:[0-9A-F]{2}){1,40}|[FSTREHN])\\", re.IGNORECASE
)
_TWO_SIGNS = re.compile(r"\\X0D\\\\X0A\\", re.IGNORECASE)
_SIGNS = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", "H": "", "N": ""}
_REFERENCE = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8}\d?);", re.IGNORECASE)
_WRITTEN_LINE_END = re.compile(r"\\r\\n|\\n(?!\\)|~(?![ \t]?\d)")


def plain(text: str) -> str:
    r"""A text with the line ends of HL7 (\.br\, \X0D\, ~), references and tags of HTML resolved.

    >>> plain(r"There is no\.br\pneumothorax&nbsp;today."), plain("No<br/>pneumothorax.")
    ('There is no\npneumothorax today.', 'No\npneumothorax.')
    """
    if "\\" in text or "~" in text:
        text = _WRITTEN_LINE_END.sub("\n", unescaped(text))
    for _ in range(2):  # "&lt;br&gt;" is a line end that was escaped twice
        if _REFERENCE.search(text) and not has_tags(text):
            text = html.unescape(text).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
        if has_tags(text):
            text = html_text(text)
    return text


def unescaped(text: str, signs: dict[str, str] | None = None) -> str:
    r"""A text of HL7 version 2 with its escape sequences resolved (chapter 2.7).

    Args:
        text: With sequences such as `\.br\`, `\X0D0A\`, `\T\`.
        signs: What the letters F, S, T, R and E stand for, where not the usual separators.
    """
    known = {**_SIGNS, **(signs or {})}
    text = _TWO_SIGNS.sub(r"\\X0A\\", text)
    return _ESCAPED.sub(lambda match: _resolved(match[1], known), text)


def _resolved(sequence: str, signs: dict[str, str]) -> str:
    if sequence[0] == ".":
        return "\n" if _LINE.match(sequence) else " "
    if sequence[0] in "Xx":
        return (
            bytes.fromhex(sequence[1:])
            .decode("utf-8", errors="replace")
            .replace("\r\n", "\n")
            .replace("\r", "\n")
        )
    return signs[sequence.upper()]
