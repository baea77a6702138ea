"""Which cases are evaluated, and in which groups their figures are shown."""

from pathlib import Path

import pytest

from ptx_followup.data.division import divide
from ptx_followup.data.layout import open_data_set
from ptx_followup.data.splits import save_split, split_by_patient
from ptx_followup.errors import UsageError
from ptx_followup.evaluation.choice import Choice, choose_cases, seen_in_training
from ptx_followup.evaluation.scoring import Row
from ptx_followup.evaluation.strata import strata


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Ten cases of five patients; nothing is decoded."""
    (tmp_path / "images").mkdir()
    parts = ("train", "train", "train", "val", "test")
    lines = [f"{number},{number // 2},{number % 2},{parts[number // 2]}" for number in range(10)]
    (tmp_path / "index.csv").write_text("\n".join(["id,patient,pneumothorax,split", *lines]) + "\n")
    return tmp_path


def ids(choice: Choice) -> list[str]:
    return [case.id for case in choice.cases]


def test_the_parts_of_the_data_set_count(index: Path) -> None:
    data = open_data_set(index, tolerant=True)
    assert ids(choose_cases(data, "validation")) == ["6", "7"]
    assert ids(choose_cases(data, "test")) == ["8", "9"]
    assert len(ids(choose_cases(data, "train"))) == 6
    assert len(ids(choose_cases(data, "all"))) == 10


def test_stated_test_cases_are_never_trained_on_and_shared_patients_are_warned_of(index: Path) -> None:
    table = index / "index.csv"
    table.write_text(table.read_text().replace(",val", ",train").replace("4,2,0,train", "4,4,0,train"))
    data = open_data_set(index, tolerant=True)
    division = divide(data)
    assert division.members["test"] == ("8", "9")
    assert division.members["validation"] == ()
    assert "1 patient has exams in more than one part" in division.warnings[0]


def test_a_split_file_counts_before_them(
    index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = open_data_set(index, tolerant=True)
    monkeypatch.setattr(type(data), "mask_area", lambda self, case: 0)
    split = split_by_patient(data, seed=3, fractions=(0.4, 0.4, 0.2))
    save_split(split, tmp_path / "split.json")
    assert ids(choose_cases(data, "test", tmp_path / "split.json")) == list(split.members["test"])


def test_a_limit_draws_the_same_cases_each_time(index: Path) -> None:
    data = open_data_set(index, tolerant=True)
    drawn = ids(choose_cases(data, "all", limit=4, seed=1))
    assert len(set(drawn)) == 4
    assert drawn == ids(choose_cases(data, "all", limit=4, seed=1))
    assert ids(choose_cases(data, "validation", limit=9)) == ["6", "7"]


def test_an_empty_part_is_refused(index: Path) -> None:
    (index / "index.csv").write_text("id,pneumothorax,split\na,0,train\nb,0,val\n")
    with pytest.raises(UsageError, match="no case in the part test"):
        choose_cases(open_data_set(index, tolerant=True), "test")


def test_masks_that_may_be_another_film_s_are_counted_and_left_out(index: Path) -> None:
    rows = (index / "index.csv").read_text().splitlines()
    marks = ["read_by", *(["expert", "expert, identity 97 %"] * 5)]
    table = "\n".join(f'{row},"{mark}"' for row, mark in zip(rows, marks, strict=True))
    (index / "index.csv").write_text(table + "\n")
    data = open_data_set(index, tolerant=True)
    chosen = choose_cases(data, "all")
    assert (ids(chosen), chosen.uncertain) == (["0", "2", "4", "6", "8"], 5)
    assert choose_cases(data, "all", limit=3).uncertain == 5
    (index / "index.csv").write_text(
        table.replace(",expert", ",identity 89 %").replace('"expert"', "identity 89 %")
    )
    with pytest.raises(UsageError, match="all 2 cases of the part test may be another film's"):
        choose_cases(open_data_set(index, tolerant=True), "test")


def test_a_model_that_may_know_the_cases_is_warned_of(index: Path) -> None:
    data = open_data_set(index, tolerant=True)
    held_out, known = choose_cases(data, "test"), choose_cases(data, "all")
    run = {"data": {"fingerprint": data.fingerprint}, "split": {"sha256": held_out.split_sha256}}
    assert seen_in_training(held_out, data, {"run": run}) is None
    assert "flatter" in seen_in_training(known, data, {"run": run})
    other = run | {"split": {"sha256": "another"}}
    assert "another split" in seen_in_training(held_out, data, {"run": other})
    assert seen_in_training(known, data, {"run": run | {"data": {"fingerprint": "another"}}}) is None
    assert seen_in_training(known, data, {}) is None


def positive(number: int, **known: object) -> Row:
    """A row of which nothing is known but what is given."""
    fields = dict.fromkeys(Row.__dataclass_fields__)
    defaults = {
        "id": str(number),
        "view": "unknown",
        "rows": 10,
        "columns": 10,
        "expert_px": number,
        "report": "own",
    }
    return Row(**(fields | defaults | known))


def test_groups_follow_what_is_known() -> None:
    rows = [
        positive(number, side=side, age=age, chest_tube=tube, view=view)
        for number, (side, age, tube, view) in enumerate(
            [
                ("left", 17, True, "PA"),
                ("right", 18, False, "AP"),
                ("left", 64, None, "unknown"),
                ("bilateral", 65, None, "PA"),
                ("right", None, None, "PA"),
                ("left", 90, True, "PA"),
            ],
            start=1,
        )
    ]
    groups = {
        name: {label: [row.id for row in one] for label, one in of.items()}
        for name, of in strata(rows).items()
    }
    assert groups["size"] == {"small": ["1", "2"], "middle": ["3", "4"], "large": ["5", "6"]}
    assert list(groups["side"]) == ["right", "left", "bilateral"]
    assert groups["age"] == {"under 18": ["1"], "18 to 39": ["2"], "40 to 64": ["3"], "from 65": ["4", "6"]}
    assert groups["chest_tube"] == {"no": ["2"], "yes": ["1", "6"]}
    assert groups["view"] == {"PA": ["1", "4", "5", "6"], "AP": ["2"]}
    assert not {"sex", "source", "report"} & groups.keys()  # of these only one group, or none, is known


def test_no_rows_have_no_groups() -> None:
    assert strata([]) == {}
