"""Tables of patterns and what is put in the place of their matches, one after another."""

from __future__ import annotations

import re
from collections.abc import Iterable

Table = tuple[tuple[re.Pattern[str], str], ...]


def compiled(pairs: Iterable[tuple[str, str]]) -> Table:
    """A table of patterns and replacements, in the order in which they are tried."""
    return tuple((re.compile(pattern), words) for pattern, words in pairs)


def put_otherwise(text: str, table: Table) -> str:
    r"""A text with every replacement of a table made, and single spaces between its words.

    >>> put_otherwise("not  a trace of air", compiled([(r"\bnot\s+a\b", "no")]))
    'no trace of air'
    """
    for pattern, words in table:
        if pattern.search(text):  # most match nothing, and a search costs less
            text = pattern.sub(words, text)
    return " ".join(text.split())
