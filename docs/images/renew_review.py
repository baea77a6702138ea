"""Take the pictures of the review page again, in Debian's Chromium, on the simulated films of `examples/`.

    python docs/images/renew_review.py

Needs the extra `test` and the packages chromium and chromium-driver. To be run after a change of the page.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from ptx_followup.cli.app import run
from ptx_followup.review.server import Server
from ptx_followup.review.setup import Choices, make_session, new_token

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
WIDTH, HEIGHT = 1280, 720
QUALITY = 86

#: A stroke along the lateral wall of the follow-up, in pixels of its film.
STROKE = [(262, 352), (244, 395), (228, 440), (217, 480)]
DRAW = (
    "const strokes = await module('strokes'); const { brush } = await module('grid');"
    "const commands = await module('commands'); const { pointer } = await module('pointers');"
    "const { panes, redrawAll } = await module('stage');"
    "commands.setTool('brush'); await commands.toggleLayer('hemithoraces'); strokes.begin(1);"
    f"const points = {[list(point) for point in STROKE]};"
    "for (let at = 1; at < points.length; at += 1) {"
    "  strokes.go((grid, label) => brush(grid, points[at - 1], points[at], 10, label, true)); }"
    "strokes.end(); await (await module('sender')).sent();"
    "pointer.at = { exam: 1, film: points.at(-1), pane: panes[1] }; redrawAll();"
)
WORDS = (
    "const { original } = await module('strokes'); await original(); await (await module('sender')).sent();"
    "(await module('report')).tryWords(); const field = document.getElementById('text');"
    "field.value = field.value.replace('small right', 'large left').replace('Small right', 'Large left')"
    ".replace('No left', 'No right');"
    "field.dispatchEvent(new Event('input'));"
    "const answer = document.getElementById('answer');"
    "while (!answer.textContent.includes('large left')) await new Promise((done) => setTimeout(done, 100));"
)


def tab() -> webdriver.Chrome:
    """A browser whose window is `WIDTH` x `HEIGHT`."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_script_timeout(120)
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    return driver


def value(driver: webdriver.Chrome, body: str) -> Any:
    """The value of JavaScript that may await the page's modules."""
    return driver.execute_async_script(
        "const done = arguments[0];"
        "const module = (name) => import(new URL(`page/${name}.js`, document.baseURI).href);"
        f"(async () => {{ {body} }})().then(done, (error) => done(String(error)))"
    )


def picture(driver: webdriver.Chrome, name: str) -> None:
    """The page as it is, beside this file."""
    value(driver, "document.getElementById('said').textContent = ''; document.activeElement.blur()")
    time.sleep(0.5)
    shot = cv2.imdecode(np.frombuffer(driver.get_screenshot_as_png(), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(str(Path(__file__).with_name(name)), shot, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def main() -> None:
    """Write review.jpg and review-words.jpg beside this file."""
    with tempfile.TemporaryDirectory() as temporary:
        results = Path(temporary) / "results"
        films = [str(EXAMPLES / name) for name in ("prior.dcm", "followup.dcm")]
        run(["compare", *films, "--out", str(results / "example"), "--quiet"])
        server = Server(make_session(results, Choices(images=EXAMPLES), Path(temporary)), new_token())
        thread = threading.Thread(target=server.run)
        thread.start()
        driver = tab()
        try:
            driver.get(server.address)
            while value(driver, "return (await module('desk')).desk.editable") is not True:
                time.sleep(0.2)
            value(driver, DRAW)
            picture(driver, "review.jpg")
            value(driver, WORDS)
            picture(driver, "review-words.jpg")
        finally:
            driver.quit()
            server.stop()
            thread.join()


if __name__ == "__main__":
    main()
