"""Run-length codes against a decoder written as a literal loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ptx_followup.data import rle

masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 13), st.integers(1, 11)))


def loop_decode(code: str, rows: int, columns: int, convention: str) -> list[list[bool]]:
    """What the definition of each convention says, one pixel at a time."""
    mask = [[False] * columns for _ in range(rows)]
    if code == "-1":
        return mask
    numbers = [int(token) for token in code.split(" ")]
    position = 0
    for start, length in zip(numbers[0::2], numbers[1::2], strict=True):
        position = position + start if convention == "relative" else start - 1
        for _ in range(length):
            if convention == "absolute-rows":
                mask[position // columns][position % columns] = True
            else:
                mask[position % rows][position // rows] = True
            position += 1
    return mask


@pytest.mark.parametrize("convention", rle.CONVENTIONS)
@settings(max_examples=150, deadline=None)
@given(mask=masks)
def test_a_code_means_the_mask_it_was_written_from(convention, mask):
    code = rle.encode(mask, convention)
    rows, columns = mask.shape
    assert loop_decode(code, rows, columns, convention) == mask.tolist()
    runs = rle.parse(code)
    assert (rle.decode(runs, mask.shape, convention) == mask).all()
    assert rle.area([runs], convention) == mask.sum()


def test_the_published_form_is_read_without_a_shift():
    # Two columns of a 4 x 3 image: rows 1-2 of column 0, rows 1-3 of column 1 (0-based).
    expected = np.array([[0, 0, 0], [1, 1, 0], [1, 1, 0], [0, 1, 0]], dtype=bool)
    assert (rle.decode(rle.parse("1 2 2 3"), (4, 3), "relative") == expected).all()
    assert (rle.decode(rle.parse("2 2 6 3"), (4, 3), "absolute") == expected).all()
    assert (rle.decode(rle.parse("4 2 7 2 11 1"), (4, 3), "absolute-rows") == expected).all()


def test_the_first_and_the_last_pixel_can_be_marked():
    corner = rle.decode(rle.parse("0 1 10 1"), (4, 3), "relative")
    assert corner[0, 0]
    assert corner[3, 2]
    assert corner.sum() == 2


@given(spans=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=8))
def test_overlapping_runs_are_counted_once(spans):
    runs = np.array(spans, dtype=np.int64)
    drawn = rle.decode(runs, (60, 1), "absolute")
    assert rle.area([runs], "absolute") == drawn.sum()
    assert rle.area([runs[:1], runs, runs[1:]], "absolute") == drawn.sum()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "it is empty"),
        ("12 3 4", "found 3 numbers"),
        ("12 x", "whole numbers"),
        ("12.0 3", "whole numbers"),
        ("99999999999999999999 1", "whole numbers"),
        ("-5 3", "starts of 0 or more"),
        ("5 0", "lengths of 1 or more"),
        ("-1 -1", "starts of 0 or more"),
    ],
)
def test_a_malformed_code_says_what_was_expected(code, message):
    with pytest.raises(rle.RleError, match=message):
        rle.parse(code)


@pytest.mark.parametrize(
    ("code", "convention"),
    [("11 2", "relative"), ("12 2", "absolute"), ("0 2", "absolute"), ("12 2", "absolute-rows")],
)
def test_a_run_beyond_the_image_is_refused(code, convention):
    with pytest.raises(rle.RleError, match="outside the image of 4 x 3"):
        rle.decode(rle.parse(code), (4, 3), convention)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # The example that SIIM-ACR publishes with its data: gaps, since 23 follows 387620.
        ("387620 23 996 33 986 43 977 51 968 58 962 65 956 70 952 74 949 76 946 79", "relative"),
        ("387621 23 388640 33 389659 43 390679 51", "absolute"),
        ("387620 23", "either"),
        ("0 5", "relative"),
        ("2000000 5", "neither"),
    ],
)
def test_the_numbers_tell_gaps_from_pixel_numbers(code, expected):
    assert rle.vote(rle.parse(code), 1024 * 1024) == expected


@given(mask=masks)
def test_the_true_convention_is_never_voted_out(mask):
    if not mask.any():
        return
    for convention in ("relative", "absolute"):
        ballot = rle.vote(rle.parse(rle.encode(mask, convention)), mask.size)
        assert ballot in (convention, "either")
