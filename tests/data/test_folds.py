"""Cross-validation holds every patient of the development part out once."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ptx_followup.data.dataset import DataSet
from ptx_followup.data.folder import open_folder
from ptx_followup.data.folds import fold_of, parse_fold
from ptx_followup.errors import UsageError

FOLDS = 3


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Twenty patients with one to three exams; every fourth patient is held back for validation."""
    root = tmp_path_factory.mktemp("folds")
    for folder in ("images", "masks"):
        (root / folder).mkdir()
    rows = ["id,patient,pneumothorax,split"]
    for patient in range(20):
        part = "val" if patient % 4 == 3 else "train"
        for exam in range(1 + patient % 3):
            name = f"p{patient:02}e{exam}"
            mask = np.zeros((32, 32), np.uint8)
            mask[: patient % 5 * 3, :8] = 255
            cv2.imwrite(str(root / "images" / f"{name}.png"), np.full((32, 32), 90, np.uint8))
            cv2.imwrite(str(root / "masks" / f"{name}.png"), mask)
            rows.append(f"{name},P{patient},{int(mask.any())},{part}")
    (root / "index.csv").write_text("\n".join(rows) + "\n")
    return open_folder(root)


def test_every_patient_is_held_out_once_and_what_is_held_back_never_appears(data: DataSet) -> None:
    splits = [fold_of(data, fold, FOLDS) for fold in range(FOLDS)]
    development = sorted(case.id for case in data if case.part == "train")
    held_out = [name for split in splits for name in split.members["validation"]]
    assert sorted(held_out) == development
    for split in splits:
        assert sorted(split.members["train"] + split.members["validation"]) == development
        assert split.shared_patients == 0
        assert not split.members["test"]


def test_folds_are_of_about_one_size_and_the_same_every_time(data: DataSet) -> None:
    splits = [fold_of(data, fold, FOLDS) for fold in range(FOLDS)]
    sizes = [len(split.members["validation"]) for split in splits]
    assert max(sizes) - min(sizes) <= 3  # the exams of one patient
    assert [split.sha256 for split in splits] == [fold_of(data, fold, FOLDS).sha256 for fold in range(FOLDS)]
    assert len({split.sha256 for split in splits}) == FOLDS


@pytest.mark.parametrize(("fold", "folds"), [(5, 5), (0, 1), (0, 40)])
def test_folds_that_are_none_are_refused(data: DataSet, fold: int, folds: int) -> None:
    with pytest.raises(UsageError):
        fold_of(data, fold, folds)


def test_a_fold_is_read_as_one_of_so_many() -> None:
    assert parse_fold("0/5") == (0, 5)
    for text in ("5", "a/5", "0/", "-1/5", ""):
        with pytest.raises(UsageError, match="no fold"):
            parse_fold(text)
