"""RTF: what a reader of the document does not see is taken out before its text is read."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'[0-9a-fA-F]{2}|\\.|[{}]|[^\\{}]+", re.DOTALL
)
#: Hidden text, text deleted in a revision, and text that is struck out.
_UNSEEN = frozenset({"v", "deleted", "strike", "striked"})
#: Words that stand for characters.
_CHARACTERS = frozenset(
    {"u", "tab", "emdash", "endash", "bullet", "lquote", "rquote", "ldblquote", "rdblquote"}
)


def without_unseen(text: str) -> str:
    r"""A document without hidden, deleted and struck out text (RTF 1.9: \v, \deleted, \strike).

    A property holds to the end of its group, to its word with 0, or to \plain. Time is linear in the length.

    >>> without_unseen(r"{\rtf1 No {\v hidden }pneumothorax{\deleted  on the left}.}")
    '{\\rtf1 No {\\v }pneumothorax{\\deleted }.}'
    """
    pieces: list[str] = []
    on: frozenset[str] = frozenset()
    outer: list[frozenset[str]] = []
    for token in _TOKEN.finditer(text):
        piece, word = token.group(0), token["word"]
        if piece == "{":
            outer.append(on)
        elif piece == "}":
            on = outer.pop() if outer else frozenset()
        elif word in _UNSEEN:
            on = on - {word} if token["number"] == "0" else on | {word}
        elif word == "plain":
            on = frozenset()
        elif on and (word is None or word in _CHARACTERS):
            continue
        pieces.append(piece)
    return "".join(pieces)
