"""Lists of words, written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text that are set apart by white space."""
    return frozenset(text.split())
