"""Pieces of small data sets, written without the project's own writers."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

#: Not square, so that a transposed mask cannot pass.
ROWS, COLUMNS = 96, 80


def image(seed: int = 0, shape: tuple[int, int] = (ROWS, COLUMNS)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def block(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    mask = np.zeros((ROWS, COLUMNS), dtype=bool)
    mask[top:bottom, left:right] = True
    return mask


def loop_encode(mask: np.ndarray, convention: str = "relative") -> str:
    """Write runs pixel by pixel, as the conventions define them; independent of the project's encoder."""
    if not mask.any():
        return "-1"
    pixels = [bool(mask[row, column]) for column in range(mask.shape[1]) for row in range(mask.shape[0])]
    if convention == "absolute-rows":
        pixels = [bool(mask[row, column]) for row in range(mask.shape[0]) for column in range(mask.shape[1])]
    numbers: list[int] = []
    end_of_last = 0
    position = 0
    while position < len(pixels):
        if not pixels[position]:
            position += 1
            continue
        start = position
        while position < len(pixels) and pixels[position]:
            position += 1
        numbers += [start - end_of_last if convention == "relative" else start + 1, position - start]
        end_of_last = position
    return " ".join(map(str, numbers))


def write_png(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
