"""Other words of the report on the review page: the mask that follows is the network's under these words."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from numpy.typing import NDArray
from review_browser import EXAMPLES, Page

pytestmark = pytest.mark.integration


def follows(page: Page) -> NDArray[np.uint8]:
    """The mask that is drawn for the words in the field, once the answer to them is there."""
    page.wait(lambda: page.text("#answer").startswith("With these words"), "the mask is there")
    columns, rows, data = page.run(
        "const { grid } = (await module('desk')).desk.told; let text = '';"
        "for (const value of grid.data) text += value; return [grid.width, grid.height, btoa(text)]"
    )
    return (np.frombuffer(base64.b64decode(data), np.uint8) - ord("0")).reshape(rows, columns)


def type_report(page: Page, text: str) -> None:
    page.run(
        "const field = document.getElementById('text'); field.value = given[0];"
        "document.getElementById('answer').textContent = '';"
        "field.dispatchEvent(new Event('input'))",
        text,
    )


def test_the_same_words_give_the_same_mask_and_others_another(page: Page) -> None:
    page.press("r")
    assert page.one("#text").get_attribute("value") == (EXAMPLES / "followup.txt").read_text()
    same = follows(page)
    assert np.array_equal(same, page.mask(1, "shown"))
    report = (EXAMPLES / "followup.txt").read_text()
    for before, after in (
        ("small right", "large left"),
        ("Small right", "Large left"),
        ("No left", "No right"),
    ):
        report = report.replace(before, after)
    type_report(page, report)
    other = follows(page)
    assert not np.array_equal(other, same)
    assert "large left" in page.text("#answer")
    assert np.array_equal(page.mask(1), same), "nothing is kept of what was only tried"
    page.one("#use").click()
    page.wait_until_sent()
    assert np.array_equal(page.mask(1), other)
    page.press("u")
    page.wait_until_sent()
    assert np.array_equal(page.mask(1), same)
