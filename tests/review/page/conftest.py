"""The review page in Debian's Chromium, on results of the example films, as a reader meets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from review_browser import EXAMPLES, PATIENCE_S, Page, resize

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

BROWSER = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars"
)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of the example's two films, and its follow-up alone."""
    from ptx_followup.cli.app import run

    folder = tmp_path_factory.mktemp("review") / "results"
    films = [str(EXAMPLES / name) for name in ("prior.dcm", "followup.dcm")]
    assert run(["compare", *films, "--out", str(folder / "pair"), "--quiet"]) == 0
    report = ["--report", str(EXAMPLES / "followup.txt")]
    assert run(["segment", films[1], *report, "--out", str(folder / "single"), "--quiet"]) == 0
    return folder


@pytest.fixture(scope="session")
def address(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `ptx review` answers."""
    pytest.importorskip("starlette")
    from made_review import serving

    from ptx_followup.review.setup import Choices, make_session

    fetched = tmp_path_factory.mktemp("fetched")
    with serving(make_session(results, Choices(images=EXAMPLES), fetched)) as client:
        yield client.address


@pytest.fixture(scope="session")
def browser(
    program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], WebDriver]]:
    """Start a browser of its own at each call."""
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    chromium, driver = program("chromium", "chromium"), program("chromedriver", "chromium-driver")
    started: list[WebDriver] = []

    def start() -> WebDriver:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for argument in (*BROWSER.split(), f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        started.append(webdriver.Chrome(options=options, service=Service(driver)))
        started[-1].set_script_timeout(PATIENCE_S)
        resize(started[-1], 1280, 720)
        return started[-1]

    yield start
    for one in started:
        one.quit()


@pytest.fixture(scope="session")
def first_tab(browser: Callable[[], WebDriver], address: str) -> Page:
    return Page(browser(), address)


@pytest.fixture
def page(first_tab: Page) -> Iterator[Page]:
    """The page with the pair of films open and its first masks on them; it may log nothing severe."""
    cases = json.loads(first_tab.asked("api/session"))["cases"]
    pair = next(case["id"] for case in cases if case["name"] == "pair")
    if not first_tab.holds(pair):
        first_tab.open(pair)
    first_tab.run(
        "const { desk } = await module('desk'); const strokes = await module('strokes');"
        "for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();"
        "const commands = await module('commands'); commands.setMode('side'); desk.target = 'mask';"
        "const { activate } = await module('hands');"
        "for (const exam of desk.exams) { activate(exam.index); await strokes.original(); }"
        "strokes.forget(); activate(desk.right); commands.setTool('move');"
        "(await module('windows')).resetWindows(); (await module('stage')).fitAll()"
    )
    first_tab.wait_until_sent()
    first_tab.driver.get_log("browser")
    yield first_tab
    assert first_tab.complaints() == []
