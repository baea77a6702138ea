"""Tables of pairs: which count in a figure, and how much."""

from __future__ import annotations

import numpy as np
import pytest

from ptx_followup.data.pairs import at_most, pair_weights, read_pairs
from ptx_followup.errors import InputError

HEADER = "patient,prior,followup,gap,prior_view,followup_view,split,read_by\n"


def listed(tmp_path, counts, header=HEADER, mark=",expert"):
    """A table with so many pairs of each patient."""
    rows = [
        f"{patient},{patient}_0,{patient}_{place},{place},PA,AP,val{mark}"
        for patient, count in counts.items()
        for place in range(1, count + 1)
    ]
    table = tmp_path / "pairs.csv"
    table.write_text(header + "\n".join(rows) + "\n")
    return table


def test_a_pair_says_whose_it_is_and_whether_an_expert_read_both_films(tmp_path):
    table = listed(tmp_path, {"7": 1}, mark=",identity uncertain")
    (pair,) = read_pairs(table)
    assert (pair.patient, pair.prior, pair.followup, pair.gap) == ("7", "7_0", "7_1", 1)
    assert (pair.views, pair.split, pair.for_figures) == (("PA", "AP"), "val", False)
    plain = read_pairs(listed(tmp_path, {"7": 1}, HEADER.replace(",read_by", ""), ""))
    assert plain[0].for_figures  # a table without that column knows no other films


def test_of_a_patient_twelve_pairs_at_most_count(tmp_path):
    pairs = read_pairs(listed(tmp_path, {"b": 30, "a": 5}))
    chosen = at_most(pairs)
    assert [pair.patient for pair in chosen] == ["a"] * 5 + ["b"] * 12
    assert len({pair.followup for pair in chosen}) == 17
    assert chosen == at_most(pairs)
    weights = pair_weights([pair.patient for pair in pairs])
    assert weights.sum() == pytest.approx(17)
    assert (weights[:30] == 12 / 30).all()
    assert (weights[30:] == 1).all()
    assert np.array_equal(pair_weights(["x", "x"], most=1), [0.5, 0.5])


@pytest.mark.parametrize("gap", ["", "0", "-1", "two"])
def test_a_wrong_gap_names_its_row(tmp_path, gap):
    table = listed(tmp_path, {"7": 1})
    table.write_text(table.read_text().replace("_1,1,", f"_1,{gap},"))
    with pytest.raises(InputError, match=r"pairs.csv row 2, column gap: not a number above 0"):
        read_pairs(table)


def test_real_pairs_are_those_of_their_documentation(real_data):
    pairs = [pair for pair in read_pairs(real_data / "cxr" / "pairs.csv") if pair.for_figures]
    for split, patients, every, limited in (("train", 336, 2363, 1258), ("val", 40, 656, 187)):
        own = [pair for pair in pairs if pair.split == split]
        assert (len({pair.patient for pair in own}), len(own), len(at_most(own))) == (
            patients,
            every,
            limited,
        )
