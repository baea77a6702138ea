"""Correcting masks on the review page: the server keeps exactly the pixels that were drawn on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from review_browser import Page
from selenium.webdriver.common.keys import Keys

from ptx_followup.followup.wording import chance_in_words

pytestmark = pytest.mark.integration


def inverse_map(page: Page, exam: int, side: str) -> NDArray[np.float64]:
    found = page.run(
        "const { panes } = await module('stage'); return panes[given[1] === 'left' ? 0 : 1].map(given[0])",
        exam,
        side,
    )
    return cv2.invertAffineTransform(np.array(found, float).reshape(2, 3))


def near_line(shape: tuple[int, ...], points: list[Any], radius: float) -> NDArray[np.bool_]:
    """Pixels whose centre is no further than `radius` from a chain of lines."""
    rows, columns = np.indices(shape)
    near = np.zeros(shape, bool)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((columns - x0) * dx + (rows - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        near |= np.hypot(columns - x0 - along * dx, rows - y0 - along * dy) <= radius
    return near


def stroke(page: Page, side: str, exam: int, *points: tuple[int, int]) -> list[Any]:
    """Drag over these points of a pane; the same points on the film."""
    back = inverse_map(page, exam, side)
    page.drag(f"#frame-{side}", *points)
    page.wait_until_sent()
    return [back @ [x - 0.5, y - 0.5, 1] for x, y in points]


@pytest.mark.parametrize(("side", "exam"), [("left", 0), ("right", 1)])
def test_a_stroke_gives_exactly_its_pixels(page: Page, side: str, exam: int) -> None:
    before = page.mask(exam).astype(bool)
    page.press("b")
    points = stroke(page, side, exam, (300, 250), (330, 320), (360, 330))
    radius = page.desk("brush / 2")
    expected = before | near_line(before.shape, points, radius)
    assert np.array_equal(page.mask(exam), expected)
    assert np.count_nonzero(expected) > np.count_nonzero(before) + 300
    page.press("e")
    points = stroke(page, side, exam, (300, 250), (330, 320))
    expected &= ~near_line(before.shape, points, radius)
    assert np.array_equal(page.mask(exam), expected)


def test_figures_follow_the_stroke(page: Page) -> None:
    page.press("b")
    stroke(page, "right", 1, (150, 220), (160, 260))
    known = page.case()["figures"]["sides"]["right"]["exams"][1]
    assert known["area_px"] == np.count_nonzero(page.mask(1))
    assert f"{known['area_px']} pixels" in [
        cell.get_attribute("title") for cell in page.driver.find_elements("css selector", ".sizes td")
    ]
    assert "corrected by a reader" in page.text("#caption-right")
    probability = page.case()["figures"]["sides"]["right"]["change"]["probability"]
    assert f"smaller {chance_in_words(probability['decrease'])}" in page.text(".verdict p")
    assert f"larger {chance_in_words(probability['increase'])}" in page.text(".verdict p")


def test_undo_and_redo_give_the_pixels_back(page: Page) -> None:
    before = page.mask(1)
    page.press("b")
    stroke(page, "right", 1, (150, 220), (160, 260))
    first = page.mask(1)
    page.press("g")
    page.wait_until_sent()
    second = page.mask(1)
    assert np.count_nonzero(second) > np.count_nonzero(first) > np.count_nonzero(before)
    page.chord(Keys.CONTROL, "z")
    page.wait_until_sent()
    assert np.array_equal(page.mask(1), first)
    page.chord(Keys.CONTROL, "z")
    page.wait_until_sent()
    assert np.array_equal(page.mask(1), before)
    page.chord(Keys.CONTROL, "y")
    page.chord(Keys.CONTROL, "y")
    page.wait_until_sent()
    assert np.array_equal(page.mask(1), second)


def test_none_and_back_to_the_first_mask(page: Page) -> None:
    page.press(Keys.DELETE)
    page.wait_until_sent()
    assert not page.mask(1).any()
    page.press("k")
    page.wait_until_sent()
    assert np.array_equal(page.mask(1), page.mask(1, "shown"))


def test_a_hemithorax_is_corrected_like_a_mask(page: Page) -> None:
    before = page.mask(1, "edited hemithoraces")
    page.run("await (await module('commands')).setTarget('right')")
    page.press("b")
    points = stroke(page, "right", 1, (230, 300), (240, 420))
    radius = page.desk("brush / 2")
    drawn = near_line(before.shape, points, radius)
    assert np.array_equal(page.mask(1, "edited hemithoraces"), np.where(drawn, 1, before))
    page.press("u")
    page.wait_until_sent()
    assert np.array_equal(page.mask(1, "edited hemithoraces"), before)
    page.run("await (await module('commands')).setTarget('mask')")


def test_without_a_mouse(page: Page) -> None:
    """A stroke by keys alone: brush down, eight steps down, brush up."""
    before = page.mask(1).astype(bool)
    page.run("(await module('pointers')).pointer.at = null")
    page.press("b", Keys.ARROW_RIGHT, Keys.ENTER, *[Keys.ARROW_DOWN] * 8, Keys.ENTER)
    page.wait_until_sent()
    drawn = page.mask(1).astype(bool) & ~before
    step = 8 * inverse_map(page, 1, "right")[0, 0]
    brush = page.desk("brush")
    rows, columns = np.nonzero(drawn)
    assert np.ptp(rows) + 1 == pytest.approx(8 * step + brush, abs=2)
    assert np.ptp(columns) + 1 == pytest.approx(brush, abs=2)


def test_a_polygon_by_clicks_and_a_fill(page: Page) -> None:
    page.press(Keys.DELETE, "p")
    corners = [(150, 200), (230, 210), (220, 320), (160, 300)]
    back = inverse_map(page, 1, "right")
    for corner in corners:
        page.drag("#frame-right", corner)
    page.press(Keys.ENTER)
    page.wait_until_sent()
    on_film = np.array([back @ [x - 0.5, y - 0.5, 1] for x, y in corners])
    rows, columns = np.indices(page.mask(1).shape)
    inside = np.ones(rows.shape, bool)
    for (x0, y0), (x1, y1) in zip(on_film, np.roll(on_film, -1, axis=0), strict=True):
        inside &= (x1 - x0) * (rows - y0) - (y1 - y0) * (columns - x0) >= 0
    assert np.count_nonzero(page.mask(1).astype(bool) ^ inside) <= 4
    page.press("e")
    stroke(page, "right", 1, (185, 250), (195, 255))
    assert np.count_nonzero(page.mask(1)) < np.count_nonzero(inside)
    page.press("f")
    page.drag("#frame-right", (190, 252))
    page.wait_until_sent()
    assert np.count_nonzero(page.mask(1).astype(bool) ^ inside) <= 4


def test_a_draft_outlives_a_reload(page: Page) -> None:
    page.press("b")
    stroke(page, "right", 1, (150, 220), (160, 260))
    drawn = page.mask(1)
    page.open(page.case_id)
    assert "draft" in page.text("#said")
    assert np.array_equal(page.mask(1), drawn)
    assert page.desk("exams[1].grids.mask.count(1)") == np.count_nonzero(drawn)


def test_a_stroke_that_has_not_ended_is_kept_too(page: Page) -> None:
    before = np.count_nonzero(page.mask(1))
    page.press("b")
    page.run(
        "const strokes = await module('strokes'); const { brush } = await module('grid'); strokes.begin(1);"
        "strokes.go((grid, label) => brush(grid, [300, 600], [350, 650], 10, label, true))"
    )
    page.wait(lambda: np.count_nonzero(page.mask(1)) > before + 500, "the server has what was drawn")
    page.run("(await module('strokes')).end()")
    page.press("u")
    page.wait_until_sent()
    assert np.count_nonzero(page.mask(1)) == before


def test_operations_on_a_grid_agree_with_opencv(page: Page) -> None:
    """Growing and shrinking are those of a disc; a fill takes what is enclosed and nothing else."""
    rng = np.random.default_rng(7)
    mask = (cv2.GaussianBlur(rng.random((60, 80)), (0, 0), 3) > 0.5).astype(np.uint8)
    rows, columns = np.indices((9, 9)) - 4
    disc = (np.hypot(rows, columns) <= 3.2).astype(np.uint8)
    ring = cv2.circle(np.zeros((60, 80), np.uint8), (40, 30), 20, 1, 2)

    def done(grid: NDArray[np.uint8], body: str) -> NDArray[np.uint8]:
        values = page.run(
            "const grids = await module('grid');"
            f"const grid = new grids.Grid(80, 60, new Uint8Array(given[0])); {body}; return [...grid.data]",
            grid.ravel().tolist(),
        )
        return np.array(values, np.uint8).reshape(60, 80)

    grown = done(mask, "grids.offsetBorder(grid, 3.2, 1, true)")
    assert np.array_equal(grown, cv2.dilate(mask, disc, borderType=cv2.BORDER_CONSTANT, borderValue=0))
    shrunk = done(mask, "grids.offsetBorder(grid, 3.2, 1, false)")
    assert np.array_equal(shrunk, cv2.erode(mask, disc, borderType=cv2.BORDER_CONSTANT, borderValue=1))
    filled = done(ring, "grids.fill(grid, [40, 30], 1)")
    assert np.array_equal(filled, cv2.circle(ring.copy(), (40, 30), 20, 1, -1))
    assert np.array_equal(done(ring, "grids.fill(grid, [2, 2], 1)"), ring)


def test_two_hundred_steps_are_kept(page: Page) -> None:
    kept = page.run(
        "const { History, flip } = await module('history'); const { Grid, brush } = await module('grid');"
        "const history = new History(); const grid = new Grid(300, 300); const before = grid.copy();"
        "for (let step = 0; step < 250; step += 1) {"
        "  const rect = brush(grid, [step, step], [step, step], 3, 1, true);"
        "  history.record(0, 'mask', grid, before, rect); }"
        "let steps = 0; for (let step = history.undo(); step; step = history.undo()) {"
        "  flip(step, grid, before); steps += 1; }"
        "return [steps, grid.count(1)]"
    )
    rest = near_line((300, 300), [(0, 0), (49, 49)], 0) * 0
    for step in range(50):
        rest |= near_line((300, 300), [(step, step), (step, step + 1e-9)], 3)
    assert kept == [200, np.count_nonzero(rest)]
