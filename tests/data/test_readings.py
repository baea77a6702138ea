"""Who read a film, how surely, and whose outlines are whose."""

from __future__ import annotations

import numpy as np
import pytest
from made_sets import block, loop_encode, write_png

from ptx_followup.data.anonymous import anonymous
from ptx_followup.data.check import check
from ptx_followup.data.convert import convert
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.readings import take_apart

#: One pocket as two people draw it, and a small piece that touches the first by one row of forty.
FIRST, SECOND = block(10, 50, 10, 30), block(20, 60, 15, 40)
TOUCHING = block(49, 89, 10, 30)
FAR = block(70, 90, 50, 70)


def test_two_outlines_of_one_pocket_are_two_readers():
    assert [one.sum() for one in take_apart([FIRST, SECOND])] == [FIRST.sum(), SECOND.sum()]


def test_a_reader_may_draw_several_pieces():
    upper, lower = block(10, 30, 10, 30), block(40, 60, 10, 30)
    whole = block(5, 65, 12, 28)
    for outlines in ([upper, whole, lower], [whole, upper, lower]):
        found = sorted(take_apart(outlines), key=np.sum)
        assert (found[0] == (upper | lower)).all()
        assert (found[1] == whole).all()


def test_three_readers_each_cover_all_others():
    outlines = [block(10, 40 + shift, 10, 30) for shift in (0, 5, 10)]
    assert len(take_apart(outlines)) == 3
    pieces = [block(10, 20, 10, 20), block(25, 40, 10, 20)]
    both = block(8, 42, 9, 19)
    larger = block(5, 50, 5, 25)
    assert [one.sum() for one in take_apart([*pieces, both, larger])] == [
        pieces[0].sum() + pieces[1].sum(),
        both.sum(),
        larger.sum(),
    ]


@pytest.mark.parametrize(
    "outlines",
    [
        [FIRST],
        [FIRST, FAR],
        [FIRST, TOUCHING],  # pieces of one reader that touch
        [FIRST, SECOND, FAR],  # a pocket that only one of the two drew
        [FIRST, SECOND, FAR, block(72, 92, 52, 72)],  # two pockets, each drawn twice
        # A chain that closes in three, and a fourth that covers one of them: neither two readers nor three.
        [block(10, 40, 10, 30), block(12, 42, 10, 30), block(14, 60, 10, 30), block(55, 80, 10, 30)],
    ],
)
def test_what_could_be_divided_in_two_ways_stays_whole(outlines):
    assert take_apart(outlines) is None


def test_rows_that_cover_one_another_are_readings_and_the_mask_is_their_union(siim):
    data_set = open_data_set(siim([("x", loop_encode(FIRST)), ("x", loop_encode(SECOND)), ("y", "-1")]))
    twice, negative = data_set.cases
    first, second = data_set.load_readings(twice)
    assert (first == FIRST).all()
    assert (second == SECOND).all()
    assert (data_set.load_mask(twice) == (FIRST | SECOND)).all()
    assert [one.any() for one in data_set.load_readings(negative)] == [False]


def read_twice(plain):
    rows = [
        {"id": "a_1", "pneumothorax": "1", "read_by": "expert, identity 89 %", "several_readings": "1"},
        {"id": "b", "pneumothorax": "1", "read_by": "Dr. Mask", "several_readings": "0"},
    ]
    root = plain(rows, masks={"a_1": FIRST | SECOND, "b": FAR})
    for letter, mask in (("a", FIRST), ("b", SECOND)):
        write_png(root / "readings" / f"a_1_{letter}.png", 255 * mask.astype(np.uint8))
    write_png(root / "readings" / "b_a.png", 255 * FAR.astype(np.uint8))  # a single one is not several
    return root


def test_a_folder_says_who_read_and_how_surely(plain):
    data_set = open_data_set(read_twice(plain))
    unsure, sure = data_set.cases
    assert (unsure.weight, unsure.united, unsure.for_figures) == (0.89, True, False)
    assert (sure.weight, sure.united, sure.for_figures) == (1, False, True)
    assert [one.sum() for one in data_set.load_readings(unsure)] == [FIRST.sum(), SECOND.sum()]
    assert [one.sum() for one in data_set.load_readings(sure)] == [FAR.sum()]


def test_a_copy_without_identity_says_so_too(plain, tmp_path):
    source = anonymous(open_data_set(read_twice(plain)))
    copy = open_data_set(convert(source, tmp_path / "copy", long_side=None).folder)
    unsure, sure = copy.cases
    assert (unsure.weight, unsure.united, sure.weight) == (0.89, True, 1)
    assert [one.sum() for one in copy.load_readings(unsure)] == [FIRST.sum(), SECOND.sum()]
    assert len(copy.load_readings(sure)) == 1
    assert "Dr. Mask" not in (tmp_path / "copy" / "index.csv").read_text()


def test_readings_of_a_table_are_converted(siim, tmp_path):
    source = open_data_set(siim([("x", loop_encode(FIRST)), ("x", loop_encode(SECOND))]))
    copy = open_data_set(convert(source, tmp_path / "copy", long_side=None).folder)
    assert [one.sum() for one in copy.load_readings(copy.cases[0])] == [FIRST.sum(), SECOND.sum()]


def test_a_reading_of_another_size_is_found_by_the_check(plain):
    root = read_twice(plain)
    write_png(root / "readings" / "a_1_b.png", 255 * SECOND[:40].astype(np.uint8))
    (problem,) = check(open_data_set(root)).problems
    assert (problem.code, problem.case) == ("mask-invalid", "a_1")
    assert "a_1_b.png is 40 x 80, its image 96 x 80" in problem.message
