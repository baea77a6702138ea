"""The review page among others: worklist, other tabs, a server that is away, a stranger without the token."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from review_browser import Page
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

pytestmark = pytest.mark.integration


def test_the_worklist_finds_cases_and_the_next_comes_by_one_key(page: Page) -> None:
    first = page.case_id
    page.press("q")
    page.wait(lambda: page.shows("#worklist"), "the worklist is open")
    rows = page.driver.find_elements("css selector", "#cases tr")
    assert {row.text.split()[0] for row in rows} == {"pair", "single"}
    assert page.text("#progress-words") == "0 of 2 read"
    page.press("single")
    rows = page.driver.find_elements("css selector", "#cases tr")
    assert [row.text.split()[0] for row in rows] == ["single"]
    page.one("#filter").clear()
    page.press(Keys.ESCAPE, Keys.PAGE_DOWN)
    page.wait(lambda: page.case_id != first, "the next case")
    assert page.text("#case-name") == "single"
    page.wait(lambda: page.desk("editable"), "it is open")
    assert not page.shows("#pane-left")
    assert page.one("button[data-mode=swipe]").get_attribute("disabled")


def test_nothing_of_the_patient_is_left_in_the_browser(page: Page) -> None:
    assert page.driver.title == "Review of pneumothorax follow-ups"
    assert page.driver.current_url == f"{page.address}#{page.case_id}"
    kept = page.run("return [Object.keys(sessionStorage), localStorage.length, document.cookie]")
    assert kept == [["tab"], 0, ""]


def test_everything_comes_from_the_server_itself(page: Page) -> None:
    loaded = page.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert len(loaded) > 20
    assert [name for name in loaded if not name.startswith(page.address)] == []


@pytest.mark.parametrize("token", ["", "wrong", "A" * 43])
def test_without_the_token_there_is_nothing(page: Page, token: str) -> None:
    host = page.address.rstrip("/").rpartition("/")[0]
    for path in ("", "page/main.js", "api/session"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{host}/{token}/{path}", timeout=30)
        assert refused.value.code == 404
        assert refused.value.read() == b""


def test_strokes_wait_while_the_server_is_away(page: Page) -> None:
    before = page.mask(1)
    conditions = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
    page.press("b")
    page.drag("#frame-right", (150, 220), (160, 260))
    page.wait(lambda: page.shows("#offline"), "the page says that no server answers")
    page.drag("#frame-right", (250, 220), (260, 260))
    assert np.array_equal(page.mask(1), before)
    page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {**conditions, "offline": False})
    page.wait_until_sent()
    page.wait(lambda: not page.shows("#offline"), "the alarm is over")
    drawn = page.desk("exams[1].grids.mask.count(1)")
    assert np.count_nonzero(page.mask(1)) == drawn > np.count_nonzero(before)
    page.driver.get_log("browser")


def test_a_second_tab_must_ask_and_the_first_then_stops(page: Page, browser: Callable[[], WebDriver]) -> None:
    case = page.case_id
    page.press("b")
    other = Page(browser(), page.address)
    other.driver.get(f"{page.address}#{case}")
    other.wait(lambda: other.shows("#taken"), "the second tab asks")
    other.one("#taken button[value=take]").click()
    other.wait(lambda: other.run("return (await module('desk')).desk.editable"), "it has the case")
    kept = page.mask(1)
    page.drag("#frame-right", (150, 220), (160, 260))
    page.wait(lambda: page.shows("#conflict"), "the first tab is told")
    assert np.array_equal(page.mask(1), kept)
    page.one("#conflict button[value=take]").click()
    page.wait(lambda: page.desk("editable"), "it has the case again")
    assert page.desk("exams[1].grids.mask.count(1)") == np.count_nonzero(kept)
    page.driver.get_log("browser")
    other.driver.quit()


def test_a_case_in_another_tab_can_be_looked_at(page: Page, browser: Callable[[], WebDriver]) -> None:
    other = Page(browser(), page.address)
    other.driver.get(f"{page.address}#{page.case_id}")
    other.wait(lambda: other.shows("#taken"), "the second tab asks")
    other.one("#taken button[value=look]").click()
    other.wait(lambda: "Only to be looked at" in other.text("#said"), "it is open to be looked at")
    assert other.one("button[data-tool=brush]").get_attribute("disabled")
    assert json.loads(page.asked("api/session"))["cases"]
    other.driver.quit()


def test_a_correction_is_saved_beside_the_result(page: Page, results: Path) -> None:
    old = {path: path.read_bytes() for path in sorted((results / "pair").iterdir())}
    page.press("b")
    page.drag("#frame-right", (150, 220), (160, 260))
    page.wait_until_sent()
    drawn = page.mask(1)
    page.press("s")
    page.wait(lambda: page.shows("#saving"), "the dialog is open")
    assert page.run("return document.querySelector('input[name=decision]:checked').value") == "corrected"
    page.one("input[value=rejected]").click()
    page.one("#do-save").click()
    assert page.shows("#saving"), "a rejection needs a reason"
    page.one("input[value=corrected]").click()
    page.one("#reader").send_keys("Reader 7", Keys.ENTER)
    page.wait(lambda: page.shows("#saved"), "it is saved")
    folder = results / page.text("#saved-folder")
    assert np.array_equal(cv2.imread(str(folder / "followup_mask.png"), cv2.IMREAD_GRAYSCALE) > 0, drawn > 0)
    assert json.loads((folder / "result.json").read_text())["review"]["reader"] == "Reader 7"
    assert {path: path.read_bytes() for path in sorted((results / "pair").iterdir())} == old
    page.one("#saved-stay").click()
    page.press("q")
    page.wait(lambda: page.text("#progress-words") == "1 of 2 read", "the worklist knows")
    assert page.one("#cases .status[data-status=corrected]").text.endswith("corrected")
