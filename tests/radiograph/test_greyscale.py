"""Windows, look-up tables, padding and polarity. Truth: the standard's formulas, computed literally here."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_files import make_dataset, ramp, read_back
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from ptx_followup.radiograph.display import greyscale_of
from ptx_followup.radiograph.greyscale import stretch
from ptx_followup.radiograph.lookup import read_lookup_table
from ptx_followup.radiograph.voi import window_values


def by_the_standard(x: float, c: float, w: float, function: str) -> float:
    """PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.2 (LINEAR_EXACT), C.11.2.1.3.1 (SIGMOID), ymin 0, ymax 1."""
    if function == "LINEAR":
        if x <= c - 0.5 - (w - 1) / 2:
            return 0.0
        if x > c - 0.5 + (w - 1) / 2:
            return 1.0
        return ((x - (c - 0.5)) / (w - 1) + 0.5) * (1.0 - 0.0) + 0.0
    if function == "LINEAR_EXACT":
        if x <= c - w / 2:
            return 0.0
        if x > c + w / 2:
            return 1.0
        return ((x - c) / w + 0.5) * (1.0 - 0.0) + 0.0
    return (1.0 - 0.0) / (1 + math.exp(-4 * (x - c) / w)) + 0.0


@given(
    values=st.lists(st.integers(-32768, 65535), min_size=1, max_size=20),
    center=st.floats(-5000, 70000),
    width=st.floats(1, 70000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
)
def test_window_is_the_standards_formula(
    values: list[int], center: float, width: float, function: str
) -> None:
    expected = [
        by_the_standard(x, center, width, function) if abs(x - center) < 150 * width else float(x > center)
        for x in values
    ]
    shown = window_values(np.array(values, dtype=float), center, width, function)
    np.testing.assert_allclose(shown, expected, atol=1e-9)


def test_narrowest_linear_window_is_a_threshold() -> None:
    np.testing.assert_array_equal(window_values(np.array([99.0, 100.0]), 100, 1), [0.0, 1.0])


@pytest.mark.parametrize("function", [None, "LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_first_of_several_windows(tmp_path: Path, function: str | None) -> None:
    stored = ramp()
    dataset = make_dataset(stored, WindowCenter=[2000, 900], WindowWidth=[3500, 10])
    if function:
        dataset.VOILUTFunction = function
    expected = [
        [by_the_standard(x, 2000, 3500, function or "LINEAR") for x in row] for row in stored.tolist()
    ]
    image = read_back(dataset, tmp_path)
    np.testing.assert_allclose(image.pixels, expected, atol=1e-6)
    assert not any("window" in warning for warning in image.warnings)


def test_window_is_applied_after_the_rescale(tmp_path: Path) -> None:
    stored = ramp()
    dataset = make_dataset(
        stored, RescaleSlope=2, RescaleIntercept=-1000, RescaleType="US", WindowCenter=3000, WindowWidth=6500
    )
    expected = [[by_the_standard(2 * x - 1000, 3000, 6500, "LINEAR") for x in row] for row in stored.tolist()]
    np.testing.assert_allclose(read_back(dataset, tmp_path).pixels, expected, atol=1e-6)


@pytest.mark.parametrize("window", [{}, {"WindowCenter": 1900, "WindowWidth": 3600}])
def test_monochrome1_shows_low_values_white(tmp_path: Path, window: dict[str, Any]) -> None:
    positive = read_back(make_dataset(**window), tmp_path)
    negative = read_back(make_dataset(PhotometricInterpretation="MONOCHROME1", **window), tmp_path)
    np.testing.assert_allclose(negative.pixels, 1 - positive.pixels, atol=1e-6)


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"WindowCenter": 2000, "WindowWidth": 0},
        {"WindowCenter": 2000},
        {"WindowCenter": 60000, "WindowWidth": 100},
    ],
    ids=["absent", "no width", "width missing", "beside the image"],
)
def test_percentiles_where_no_window_is_usable(tmp_path: Path, window: dict[str, Any]) -> None:
    stored = np.random.default_rng(1).normal(1800, 300, (128, 128)).clip(0, 4095).astype(np.uint16)
    image = read_back(make_dataset(stored, **window), tmp_path)
    low, high = np.percentile(stored, (0.5, 99.5), method="inverted_cdf").astype(float)
    np.testing.assert_allclose(image.pixels, np.clip((stored - low) / (high - low), 0, 1), atol=1e-6)
    assert any("window" in warning for warning in image.warnings) == (len(window) == 2)


@pytest.mark.parametrize(
    ("dtype", "padding", "elements"),
    [
        ("uint16", slice(0, 1), {"PixelPaddingValue": 0}),
        ("uint16", slice(4000, 4096), {"PixelPaddingValue": 4000, "PixelPaddingRangeLimit": 4095}),
        ("uint16", slice(4000, 4096), {"PixelPaddingValue": 4095, "PixelPaddingRangeLimit": 4000}),
        ("int16", slice(-2000, -1999), {"PixelPaddingValue": -2000}),
    ],
)
@pytest.mark.parametrize("model", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_outside_the_percentiles(
    tmp_path: Path, dtype: str, padding: slice, elements: dict[str, int], model: str
) -> None:
    random = np.random.default_rng(2)
    stored = random.normal(1000, 200, (128, 128)).clip(1, 1900).astype(dtype)
    inside = stored.copy()
    stored[:, :50] = random.integers(padding.start, padding.stop, (128, 50))
    image = read_back(make_dataset(stored, PhotometricInterpretation=model, **elements), tmp_path)
    assert (image.pixels[:, :50] == 0).all()
    low, high = np.percentile(inside[:, 50:], (0.5, 99.5), method="inverted_cdf").astype(float)
    shown = np.clip((inside[:, 50:] - low) / (high - low), 0, 1)
    np.testing.assert_allclose(
        image.pixels[:, 50:], shown if model == "MONOCHROME2" else 1 - shown, atol=1e-6
    )


def lut_item(entries: list[int], first: int, bits: int, *, packed: bool = False, order: str = "<") -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "SS" if first < 0 else "US", [len(entries) % 65536, first, bits])
    data = np.array(entries, np.uint8 if packed else f"{order}u2").tobytes()
    item.add_new(0x00283006, "OW", data + b"\0" * (len(data) % 2))
    return item


@pytest.mark.parametrize("first", [0, 500])
@pytest.mark.parametrize("declared_bits", [10, 16])
def test_voi_lut_goes_before_the_window(tmp_path: Path, first: int, declared_bits: int) -> None:
    entries = [int(1023 * (i / 3800) ** 2) for i in range(3801)]
    stored = ramp()
    dataset = make_dataset(stored, WindowCenter=10, WindowWidth=5)
    dataset.VOILUTSequence = Sequence([lut_item(entries, first, declared_bits)])
    index = np.clip(stored.astype(int) - first, 0, 3800)
    # 16 declared bits for entries of 10: consoles do write the storage size there.
    expected = np.array(entries)[index] / 1023
    np.testing.assert_allclose(read_back(dataset, tmp_path).pixels, expected, atol=1e-6)


def test_modality_lut_goes_before_the_window(tmp_path: Path) -> None:
    entries = [4095 - i for i in range(4096)]
    stored = ramp()
    dataset = make_dataset(stored, WindowCenter=2048, WindowWidth=4096)
    dataset.ModalityLUTSequence = Sequence([lut_item(entries, 0, 16)])
    dataset.ModalityLUTSequence[0].ModalityLUTType = "US"
    expected = [[by_the_standard(4095 - x, 2048, 4096, "LINEAR") for x in row] for row in stored.tolist()]
    np.testing.assert_allclose(read_back(dataset, tmp_path).pixels, expected, atol=1e-6)


@pytest.mark.parametrize("order", ["<", ">"])
def test_lut_entries_follow_the_byte_order(order: str) -> None:
    table = read_lookup_table(
        lut_item([0, 256, 1000], 7, 16, order=order), inputs_signed=False, little_endian=order == "<"
    )
    assert table is not None
    assert table.apply(np.array([0.0, 7, 8, 9, 50])).tolist() == [0, 0, 256, 1000, 1000]
    assert table.full_scale == 1023


def test_lut_of_packed_bytes_and_signed_start() -> None:
    table = read_lookup_table(
        lut_item([3, 200, 255], -2, 8, packed=True), inputs_signed=True, little_endian=True
    )
    assert table is not None
    assert table.apply(np.array([-5.0, -2, -1, 0, 9])).tolist() == [3, 3, 200, 255, 255]


def test_a_damaged_lut_is_left_out_with_a_warning(tmp_path: Path) -> None:
    dataset = make_dataset(WindowCenter=2048, WindowWidth=4096)
    dataset.VOILUTSequence = Sequence([lut_item([1, 2, 3], 0, 16)])
    dataset.VOILUTSequence[0].LUTDescriptor = [4096, 0, 16]
    image = read_back(dataset, tmp_path)
    np.testing.assert_array_equal(
        image.pixels, read_back(make_dataset(WindowCenter=2048, WindowWidth=4096), tmp_path).pixels
    )
    assert "the VOI LUT is damaged and was replaced by the window" in image.warnings


@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=300).filter(lambda counts: sum(map(bool, counts)) > 1)
)
def test_stretch_keeps_order_and_reaches_both_ends(counts: list[int]) -> None:
    levels = np.arange(len(counts), dtype=float)
    shown = stretch(levels, np.array(counts))
    present = shown[np.array(counts) > 0]
    assert (np.diff(shown) >= 0).all()
    assert (present.min(), present.max()) == (0.0, 1.0)


def test_an_image_for_processing_is_warned_of(tmp_path: Path) -> None:
    raw = read_back(make_dataset(PresentationIntentType="FOR PROCESSING"), tmp_path)
    shown = read_back(make_dataset(PresentationIntentType="FOR PRESENTATION"), tmp_path)
    assert [warning for warning in raw.warnings if warning not in shown.warnings] == [
        "The image is for processing: its contrast may differ from what was trained on"
    ]


@pytest.mark.parametrize("shown", [[0.0, 1.0], [1.0, 0.0], [0.7, 1.0], [0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0]])
def test_a_greyscale_of_few_levels_keeps_their_order(shown: list[float]) -> None:
    """No line can be drawn through them: the window then parts the dark from the bright."""
    values = np.arange(len(shown), dtype=float)
    greyscale = greyscale_of(values, np.array(shown), np.ones(len(shown), int))
    grey = window_values(values, *greyscale.window, "LINEAR")
    through = 1 - grey if greyscale.inverse else grey
    assert greyscale.inverse == (shown[0] > shown[-1])
    assert through[np.argmin(shown)] == 0
    assert through[np.argmax(shown)] == 1
