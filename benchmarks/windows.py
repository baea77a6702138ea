"""How many windows that show a film are replaced, and how many that clip it are caught.

    python benchmarks/windows.py FOLDER             # 1,000 of the radiographs in FOLDER, PNG or JPEG
    python benchmarks/windows.py FOLDER --films 100

The windows are made from the pixels, as consoles and viewers make them. A film takes a few hundredths of a
second on one core.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from ptx_followup.radiograph.voi import voi_values

#: The pictures have 8 bits, radiographs 12.
_STEP = 16

#: Lowest and highest value shown, and the VOI LUT function.
Window = tuple[float, float, str]


def main() -> None:
    parser = argparse.ArgumentParser(description="How many windows that show a film are replaced.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=1000)
    arguments = parser.parse_args()
    paths = sorted(one for one in arguments.folder.rglob("*") if one.suffix in (".jpg", ".png"))
    chosen = [paths[at] for at in np.linspace(0, len(paths) - 1, arguments.films).astype(int)]
    replaced: Counter[str] = Counter()
    for path in chosen:
        film = np.asarray(Image.open(path).convert("L"))
        windows = dict((*_showing(film), *_clipping(film)))
        replaced.update({name: _is_replaced(film, window) for name, window in windows.items()})
    for name, count in replaced.items():
        print(f"{name}: {count} of {len(chosen)} replaced")


def _showing(film: NDArray[np.uint8]) -> Iterator[tuple[str, Window]]:
    """Windows that show the film."""
    mean, deviation = film.mean(), film.std()
    high, wide = film.shape
    middle = film[high // 4 : -high // 4, wide // 6 : -wide // 6]
    for low, top in ((0.0, 100.0), (0.5, 99.5), (1.0, 99.0), (2.0, 98.0), (5.0, 99.5)):
        yield f"percentiles {low:g} to {top:g}", (*np.percentile(film, (low, top)), "LINEAR")
    yield "all 12 bits", (0.0, 256.0, "LINEAR")
    yield "mean and 2 SD", (mean - 2 * deviation, mean + 2 * deviation, "LINEAR")
    yield "lungs and mediastinum, 2 to 98", (*np.percentile(middle, (2, 98)), "LINEAR")
    yield "SIGMOID, percentiles 1 to 99", (*np.percentile(film, (1, 99)), "SIGMOID")
    yield "SIGMOID, mean and 2 SD", (mean - 2 * deviation, mean + 2 * deviation, "SIGMOID")
    yield "SIGMOID, lungs and mediastinum", (*np.percentile(middle, (2, 98)), "SIGMOID")


def _clipping(film: NDArray[np.uint8]) -> Iterator[tuple[str, Window]]:
    """Windows that clip it."""
    low, darker, median, brighter, top = np.percentile(film, (0.5, 30, 50, 70, 99.5))
    yield "clipping: 0 to 1023", (0.0, 64.0, "LINEAR")
    yield "clipping: 0 to 255", (0.0, 16.0, "LINEAR")
    yield "clipping: 16 bits", (0.0, 4096.0, "LINEAR")
    yield "clipping: the darker half", (low, median, "LINEAR")
    yield "clipping: the brighter half", (median, top, "LINEAR")
    yield "clipping: 30 % black", (darker, top, "LINEAR")
    yield "clipping: 30 % white", (low, brighter, "LINEAR")
    yield "clipping: SIGMOID, 0 to 255", (0.0, 16.0, "SIGMOID")


def _is_replaced(film: NDArray[np.uint8], window: Window) -> bool:
    low, top, function = window
    low, top = low * _STEP, max(top, low + 1) * _STEP
    header = Dataset()
    header.PhotometricInterpretation, header.VOILUTFunction = "MONOCHROME2", function
    header.WindowCenter, header.WindowWidth = round((low + top) / 2, 1), round(top - low, 1)
    counts = np.bincount(film.ravel(), minlength=256)
    _, warnings = voi_values(np.arange(256.0) * _STEP, counts, header)
    return bool(warnings)


if __name__ == "__main__":
    main()
