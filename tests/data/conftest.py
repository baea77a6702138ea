"""Small data sets written by hand, in every layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from made_sets import image, write_csv, write_png


@pytest.fixture
def candid(tmp_path) -> Callable[..., Path]:
    """Write a folder in the CANDID-PTX layout: rows are (UID, file name, report, code)."""

    def write(
        rows: Sequence[tuple[str, str, str, str]],
        folder: str = "dataset",
        header: Sequence[str] = ("SOPInstanceUID", "StudyInstanceUID", "filename", "Report", "EncodedPixels"),
        without: Sequence[str] = (),
    ) -> Path:
        root = tmp_path / "candid"
        (root / folder).mkdir(parents=True)
        for number, uid in enumerate(dict.fromkeys(row[0] for row in rows)):
            if uid not in without:
                write_png(root / folder / uid, image(number))
        lines = [(uid, f"{uid}.1", file, report, code) for uid, file, report, code in rows]
        write_csv(root / "Pneumothorax_reports.csv", [header, *lines])
        return root

    return write


@pytest.fixture
def siim(tmp_path) -> Callable[..., Path]:
    """Write a folder in the SIIM-ACR layout: rows are (image, code)."""

    def write(rows: Sequence[tuple[str, str]], table: str = "train-rle.csv") -> Path:
        root = tmp_path / "siim"
        for number, name in enumerate(dict.fromkeys(row[0] for row in rows)):
            write_png(
                root / "dicom-images-train" / f"study{number}" / "series" / f"{name}.png", image(number)
            )
        lines = "\n".join(f"{name}, {code}" for name, code in rows)
        (root / table).write_text(f"ImageId, EncodedPixels\n{lines}\n", encoding="utf-8")
        return root

    return write


@pytest.fixture
def plain(tmp_path) -> Callable[..., Path]:
    """Write a plain folder: an index, a mask for each name in `masks`, a report for each in `reports`."""

    def write(
        rows: Sequence[Mapping[str, str]],
        masks: Mapping[str, np.ndarray] | None = None,
        reports: Mapping[str, bytes] | None = None,
        name: str = "plain",
    ) -> Path:
        root = tmp_path / name
        columns = list(dict.fromkeys(column for row in rows for column in row))
        write_csv(
            root / "index.csv", [columns, *([row.get(column, "") for column in columns] for row in rows)]
        )
        (root / "images").mkdir()
        for number, row in enumerate(rows):
            write_png(root / "images" / f"{row['id']}.png", image(number))
        for key, mask in (masks or {}).items():
            write_png(
                root / "masks" / f"{key}.png", mask if mask.dtype == np.uint8 else 255 * mask.astype(np.uint8)
            )
        for key, text in (reports or {}).items():
            (root / "reports").mkdir(exist_ok=True)
            (root / "reports" / f"{key}.txt").write_bytes(text)
        return root

    return write
