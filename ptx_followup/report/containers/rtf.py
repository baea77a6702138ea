r"""RTF: what its reader sees becomes text that striprtf reads, and what is not seen is taken out.

With the destinations that are no text for it, striprtf passes over the answers of form fields (RTF 1.9:
\formfield), text boxes (\shptxt) and footnotes (\footnote).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

_TOKEN = re.compile(
    r"(?P<star>\\\*\s*)?\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    r"|\\'[0-9a-fA-F]{2}|\\.|[{}]|[^\\{}]+",
    re.DOTALL,
)
#: Hidden text, text deleted in a revision, and text that is struck out.
_UNSEEN = frozenset({"v", "deleted", "strike", "striked"})
#: Words that stand for characters.
_CHARACTERS = frozenset(
    {"u", "tab", "emdash", "endash", "bullet", "lquote", "rquote", "ldblquote", "rdblquote"}
)
#: Text beside the running text, and the shapes that hold some of it.
_NOTES = frozenset({"footnote", "shptxt", "dptxbxtext"})
_SHAPES = frozenset({"shp", "shpgrp", "shpinst", "do"})
#: Where a line ends, and a note can follow without cutting a sentence or a row of a table.
_ENDS_OF_LINES = frozenset({"par", "row", "sect", "page"})
_NUMBERS = frozenset({"fftype", "ffres", "ffdefres"})
_KINDS = {"FORMCHECKBOX": 1, "FORMDROPDOWN": 2}
#: The result of a form field that nobody has answered: its default holds.
_UNANSWERED = 25
_BOXES = {0: "[ ] ", 1: "[x] "}


@dataclass(slots=True, eq=False)
class _Field:
    """What a field has told so far; `written[start:]` is how it stands in the document."""

    written: list[str]
    start: int
    is_read: bool
    instruction: list[str] = field(default_factory=list)
    entries: list[list[str]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    has_result: bool = False

    def close(self) -> None:
        """Put the answer of a form field in its place; other fields stay as they are."""
        words = "".join(self.instruction).replace("\r", "").replace("\n", "").upper().split()
        kind = _KINDS.get(words[0] if words else "") or self.numbers.get("fftype", 0)
        if not self.is_read or kind not in _KINDS.values():
            return
        answer = self._answer(kind)
        if answer is not None:
            del self.written[self.start :]
            self.written.append(answer)
        elif kind == _KINDS["FORMCHECKBOX"] or not self.has_result:
            # A label without its box would read as a statement, a choice that is lost as none.
            raise ValueError("a form field without an answer that can be read")

    def _answer(self, kind: int) -> str | None:
        result = self.numbers.get("ffres", _UNANSWERED)
        if result == _UNANSWERED:
            result = self.numbers.get("ffdefres", _UNANSWERED)
        if kind == _KINDS["FORMCHECKBOX"]:
            return _BOXES.get(result)
        return "".join(self.entries[result]) if 0 <= result < len(self.entries) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """What holds to the end of a group."""

    written: list[str]
    unseen: frozenset[str] = frozenset()
    passed_over: bool = False
    in_shape: bool = False
    destination: str = ""
    field: _Field | None = None


class _Document:
    """A document on its way from tokens to the pieces that are read."""

    def __init__(self) -> None:
        from striprtf.striprtf import destinations

        self._passed_over = destinations
        self._body: list[str] = []
        self._group = _Group(self._body)
        self._outer: list[_Group] = []
        self._notes: list[list[str]] = []

    def text(self) -> str:
        """The document; groups that are still open are closed."""
        while self._outer:
            self._close()
        self._place_notes()
        return "".join(self._body)

    def take(self, token: re.Match[str]) -> None:
        """Take the next token."""
        piece, word = token.group(0), token["word"]
        if piece == "{":
            self._outer.append(self._group)
            self._group.written.append(piece)
        elif piece == "}":
            self._close()
        elif word is None or word in _CHARACTERS:
            self._take_characters(piece)
        elif word in _NOTES:
            self._open_note()
        else:
            self._take_word(word, token["number"], is_starred=token["star"] is not None)
            self._group.written.append(piece)
            if word in _ENDS_OF_LINES and self._is_running_text():
                self._place_notes()

    def _close(self) -> None:
        closed = self._group
        self._group = self._outer.pop() if self._outer else _Group(self._body)
        if closed.field is not None and closed.field is not self._group.field:
            closed.field.close()
        if not self._outer:
            self._place_notes()
        self._group.written.append("}")

    def _take_characters(self, piece: str) -> None:
        group = self._group
        if piece == "\\*":
            self._group = replace(group, passed_over=True)
        elif group.field is not None:
            self._tell_field(group.field, piece)
        if not group.unseen or piece == "\\*":
            group.written.append(piece)

    def _tell_field(self, told: _Field, piece: str) -> None:
        match self._group.destination:
            case "fldinst" if self._group.unseen:
                told.is_read = told.is_read and not piece.strip()
            case "fldinst":
                told.instruction.append(piece)
            case "ffl" if told.entries:
                told.entries[-1].append(piece)
            case "fldrslt" if not self._group.unseen:
                told.has_result = told.has_result or bool(piece.strip())

    def _take_word(self, word: str, number: str | None, *, is_starred: bool) -> None:
        group = self._group
        if word in _UNSEEN:
            unseen = group.unseen - {word} if number == "0" else group.unseen | {word}
            self._group = replace(group, unseen=unseen)
        elif word == "plain":
            self._group = replace(group, unseen=frozenset())
        elif word == "field":
            is_read = not (group.passed_over or group.in_shape)
            opened = _Field(group.written, len(group.written), is_read)
            self._group = replace(group, field=opened, destination="")
        elif word in _NUMBERS:
            if group.field is not None and number is not None and not group.unseen:
                group.field.numbers[word] = int(number)
        elif word == "fldrslt":
            self._group = replace(group, destination=word)
        elif word in _SHAPES:
            self._group = replace(group, in_shape=True)
        elif is_starred or word in self._passed_over:
            self._group = replace(group, passed_over=True, destination=word)
            if word == "ffl" and group.field is not None:
                group.field.entries.append([])

    def _open_note(self) -> None:
        group = self._group
        if group.passed_over or group.unseen & {"v", "deleted"}:
            self._group = replace(group, passed_over=True)
            group.written.append("\\*")
            return
        note: list[str] = []
        self._notes.append(note)
        self._group = _Group(note, unseen=group.unseen)

    def _is_running_text(self) -> bool:
        group = self._group
        return group.written is self._body and not (group.passed_over or group.in_shape)

    def _place_notes(self) -> None:
        for note in self._notes:
            self._body.extend(("{\\par ", *note, "\\par }"))
        self._notes.clear()


def without_unseen(text: str) -> str:
    r"""A document with its form fields, text boxes and footnotes as text, without what is not seen of it.

    Hidden, deleted and struck out text goes (RTF 1.9: \v, \deleted, \strike); a property holds to the end of
    its group, to its word with 0, or to \plain. A check box becomes "[x] " or "[ ] ", a drop-down its chosen
    entry. A text box or footnote follows the line that it hangs on. Time is linear in the length.

    Raises:
        ValueError: It cannot be told whether a check box is ticked or which entry was chosen.

    >>> without_unseen(r"{\rtf1 No {\v hidden }pneumothorax{\deleted  on the left}.}")
    '{\\rtf1 No {\\v }pneumothorax{\\deleted }.}'
    >>> box = r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1}}}{\fldrslt}}"
    >>> without_unseen(r"{\rtf1 " + box + "left}")
    '{\\rtf1 {[x] }left}'
    """
    document = _Document()
    for token in _TOKEN.finditer(text):
        document.take(token)
    return document.text()
