"""Looking at two films on the review page: what is drawn is what the files hold."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from review_browser import EXAMPLES, Page, resize

from ptx_followup.radiograph.read import read_radiograph

pytestmark = pytest.mark.integration

SIZES = ((1280, 720), (1920, 1200))


def film_canvas(page: Page, side: str) -> NDArray[np.uint8]:
    """Greys that a pane shows now, H x W."""
    page.wait_until_drawn()
    width, height, greys = page.run(
        "const canvas = document.querySelector(`#frame-${given[0]} canvas.film`);"
        "const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
        "const greys = []; for (let at = 0; at < data.length; at += 4) greys.push(data[at]);"
        "return [canvas.width, canvas.height, greys]",
        side,
    )
    return np.array(greys, np.uint8).reshape(height, width)


def to_canvas(page: Page, exam: int, side: str) -> NDArray[np.float64]:
    """2 x 3: a film's pixels to those of a pane's canvas."""
    found = page.run(
        "const { panes } = await module('stage'); return panes[given[1] === 'left' ? 0 : 1].map(given[0])",
        exam,
        side,
    )
    return np.array(found, float).reshape(2, 3)


def onto(page: Page) -> NDArray[np.float64]:
    """2 x 3: the prior's pixels to the follow-up's, as the server says."""
    return np.array(page.case()["registration"]["affine"], float).reshape(2, 3)


def moved(matrix: NDArray[np.float64], point: Any) -> NDArray[np.float64]:
    return np.asarray(matrix @ [*point, 1])


@pytest.mark.parametrize(("exam", "side", "file"), [(0, "left", "prior"), (1, "right", "followup")])
def test_each_pane_shows_its_film(page: Page, exam: int, side: str, file: str) -> None:
    shown = film_canvas(page, side).astype(float)
    film = read_radiograph(EXAMPLES / f"{file}.dcm").pixels * 255
    matrix = to_canvas(page, exam, side)
    height, width = shown.shape
    blurred = cv2.GaussianBlur(film, (0, 0), 0.4 / matrix[0, 0])
    expected = cv2.warpAffine(blurred, matrix, (width, height), flags=cv2.INTER_LINEAR)
    assert abs(shown - expected).mean() < 1.5
    assert shown.max() > 150


def test_window_and_inversion_are_those_of_the_standard(page: Page) -> None:
    page.run(
        "const { desk } = await module('desk');"
        "for (const exam of desk.exams) exam.window = [1250, 1900];"
        "(await module('windows')).applyWindows();"
        "Object.assign((await module('view')).view, {x: 520, y: 430, scale: 2});"
        "(await module('stage')).redrawAll()"
    )
    straight = film_canvas(page, "right").astype(float)
    film = pydicom.dcmread(EXAMPLES / "followup.dcm").pixel_array.astype(float)
    # DICOM PS3.3 C.11.2.1.2.1, before it is drawn two pixels of the screen to one of the film.
    windowed = np.clip(((film - 1249.5) / 1899 + 0.5) * 255, 0, 255)
    matrix = to_canvas(page, 1, "right")
    expected = cv2.warpAffine(windowed, matrix, straight.shape[::-1], flags=cv2.INTER_LINEAR)
    assert abs(straight - expected).mean() < 0.6
    assert 20 < straight.mean() < 235
    page.press("i")
    assert abs(film_canvas(page, "right") + straight - 255).max() <= 1
    page.press("i")
    page.run("(await module('windows')).resetWindows(); (await module('stage')).fitAll()")


def test_the_same_rib_stays_under_both_pointers(page: Page) -> None:
    """Zooming keeps the point under the pointer, and both panes are centred on one point of the patient."""
    page.run("(await module('stage')).fitAll()")
    box = page.one("#frame-right").rect
    before = moved(cv2.invertAffineTransform(to_canvas(page, 1, "right")), (99.5, 149.5))
    wheel = {"type": "mouseWheel", "x": box["x"] + 100, "y": box["y"] + 150, "deltaX": 0, "deltaY": -400}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", wheel)
    scale = to_canvas(page, 1, "right")[0, 0]
    page.wait(lambda: to_canvas(page, 1, "right")[0, 0] >= scale, "zoomed")
    after = moved(cv2.invertAffineTransform(to_canvas(page, 1, "right")), (99.5, 149.5))
    assert after == pytest.approx(before, abs=0.01)
    middle = [box["width"] / 2 - 0.5, box["height"] / 2 - 0.5]
    left = moved(cv2.invertAffineTransform(to_canvas(page, 0, "left")), middle)
    right = moved(cv2.invertAffineTransform(to_canvas(page, 1, "right")), middle)
    assert moved(onto(page), left) == pytest.approx(right, abs=0.01)
    # The wheel over the prior keeps its own point too.
    box = page.one("#frame-left").rect
    before = moved(cv2.invertAffineTransform(to_canvas(page, 0, "left")), (79.5, 209.5))
    page.driver.execute_cdp_cmd(
        "Input.dispatchMouseEvent", {**wheel, "x": box["x"] + 80, "y": box["y"] + 210, "deltaY": 300}
    )
    page.wait_until_drawn()
    after = moved(cv2.invertAffineTransform(to_canvas(page, 0, "left")), (79.5, 209.5))
    assert after == pytest.approx(before, abs=0.01)
    page.run("(await module('stage')).fitAll()")


def test_blink_shows_one_film_and_then_the_other_in_the_same_place(page: Page) -> None:
    page.press(" ")
    assert "Prior" in page.text("#caption-right")
    assert not page.shows("#pane-left")
    laid = to_canvas(page, 0, "right")
    earlier = film_canvas(page, "right").astype(float)
    film = read_radiograph(EXAMPLES / "prior.dcm").pixels * 255
    expected = cv2.warpAffine(film, laid, earlier.shape[::-1], flags=cv2.INTER_LINEAR)
    assert abs(earlier - expected).mean() < 2
    page.press(" ")
    assert "Follow-up" in page.text("#caption-right")
    followup = to_canvas(page, 1, "right")
    for point in ((300, 300), (700, 800)):
        assert moved(laid, point) == pytest.approx(moved(followup, moved(onto(page), point)), abs=0.01)
    page.press("1")
    assert page.shows("#pane-left")


def test_difference_is_grey_where_the_films_agree(page: Page) -> None:
    page.press("4")
    page.wait_until_drawn()
    difference = film_canvas(page, "right").astype(float)
    page.press("3")
    page.run("(await module('desk')).desk.blinkShows = 'right'; (await module('stage')).redrawAll()")
    later = film_canvas(page, "right").astype(float)
    page.press(" ")
    earlier = film_canvas(page, "right").astype(float)
    assert abs(difference - (128 + (later - earlier) / 2)).max() <= 1
    page.press("1")


def test_swipe_shows_the_prior_left_of_the_line(page: Page) -> None:
    page.press("2")
    whole = film_canvas(page, "right")
    page.press("3")
    page.run("(await module('desk')).desk.blinkShows = 'left'; (await module('stage')).redrawAll()")
    earlier = film_canvas(page, "right")
    page.press(" ")
    later = film_canvas(page, "right")
    line = whole.shape[1] // 2
    assert np.array_equal(whole[:, : line - 1], earlier[:, : line - 1])
    assert np.array_equal(whole[:, line + 1 :], later[:, line + 1 :])
    page.press("1")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_control_is_in_sight_and_has_a_name(page: Page, width: int, height: int) -> None:
    resize(page.driver, width, height)
    try:
        outside = page.run(
            "const all = [...document.querySelectorAll('header *, #tools *, footer *')];"
            "const seen = all.filter((each) => each.checkVisibility() && !each.closest('.unseen'));"
            "return seen.filter((each) => { const box = each.getBoundingClientRect();"
            "  return box.right > innerWidth || box.bottom > innerHeight || box.left < 0;"
            "}).map((each) => each.outerHTML)"
        )
        assert outside == []
        nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        roles = ("button", "combobox", "slider", "textbox", "searchbox", "radio", "dialog", "application")
        seen = [node for node in nodes if not node["ignored"]]
        controls = [node for node in seen if node.get("role", {}).get("value") in roles]
        assert len(controls) > 25
        nameless = [node for node in controls if not node.get("name", {}).get("value")]
        assert nameless == []
    finally:
        resize(page.driver, 1280, 720)


def test_every_command_is_listed_under_the_question_mark(page: Page) -> None:
    page.press("?")
    assert page.shows("#help-dialog")
    listed = page.text("#help-keys")
    for command in page.run(
        "const { commands } = await module('commands'); return commands(() => {}).map((each) => each.says)"
    ):
        assert command in listed
    page.press("?")
    assert not page.shows("#help-dialog")


def test_layers_are_fetched_when_they_are_switched_on(page: Page) -> None:
    for name in ("hemithoraces", "shown", "measured"):
        button = page.one(f"button[data-layer={name}]")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
    for name in ("shown", "measured"):
        page.wait(
            lambda name=name: page.desk(f"exams[1].layers.{name}?.count(1) > 0"), "the layers are there"
        )
        assert page.desk(f"exams[1].layers.{name}.count(1)") == np.count_nonzero(page.mask(1, name))
    for key in "hnm":
        page.press(key)
    assert page.desk("layers.hemithoraces || desk.layers.shown || desk.layers.measured") is False


def test_the_report_is_whole_and_says_what_counted(page: Page) -> None:
    assert page.text("#report") == (EXAMPLES / "followup.txt").read_text()
    marks = {kind: page.text(f"#report mark.{kind}") for kind in ("counted", "denied")}
    assert "small right apical" in marks["counted"]
    assert marks["denied"] == "No left pneumothorax."
    assert page.text("#told") == page.case()["exams"][1]["told"]
    page.press("t")
    assert page.text("#report") == (EXAMPLES / "prior.txt").read_text()
    page.press("t")
