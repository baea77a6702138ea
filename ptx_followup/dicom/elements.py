"""Tolerant access to data elements: a value that cannot be read counts as absent.

Files in the field break the standard in every optional element. What is essential is checked where it is
needed; everything else must not keep a good radiograph from being read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def value(dataset: Dataset, keyword: str) -> Any:
    """The element's value, or None where it is absent, empty or not convertible."""
    try:
        return dataset.get(keyword)
    except Exception:  # noqa: BLE001 - pydicom converts on access and raises many types on damaged values
        return None


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """All values as text without padding; empty where absent."""
    found = value(dataset, keyword)
    if found is None or isinstance(found, bytes | Sequence):
        return ()
    values: Iterable[Any] = found if isinstance(found, MultiValue | list | tuple) else (found,)
    return tuple(str(single).strip(" \0") for single in values)


def text(dataset: Dataset, keyword: str) -> str:
    """The first value as text without padding; an empty string where absent."""
    return next(iter(texts(dataset, keyword)), "")


def identifier(dataset: Dataset, keyword: str) -> str:
    r"""A value that tells one patient or study from another, whole; an empty string where absent.

    By the standard it holds no backslash, which separates values. Where a system writes one all the same,
    what stands before it is the identifier of another.
    """
    return "\\".join(texts(dataset, keyword))


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All values as finite numbers; empty where absent or where one of them is not a number."""
    try:
        found = tuple(float(single) for single in texts(dataset, keyword))
    except ValueError:
        return ()
    return found if all(math.isfinite(single) for single in found) else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    """The first value as a finite number, or None."""
    return next(iter(numbers(dataset, keyword)), None)


def integer(dataset: Dataset, keyword: str) -> int | None:
    """The first value as an integer, or None where it is absent or not integral."""
    found = number(dataset, keyword)
    return int(found) if found is not None and found.is_integer() else None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """The items of a sequence; empty where absent."""
    found = value(dataset, keyword)
    return tuple(found) if isinstance(found, Sequence) else ()


def codes(dataset: Dataset, keyword: str) -> tuple[tuple[str, str], ...]:
    """(code value, code meaning) of each item of a code sequence."""
    return tuple((text(item, "CodeValue"), text(item, "CodeMeaning")) for item in items(dataset, keyword))
