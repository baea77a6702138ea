"""The review page as a test drives it: keys, mouse, and what the server keeps."""

from __future__ import annotations

import gzip
import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver
    from selenium.webdriver.remote.webelement import WebElement

EXAMPLES = Path(__file__).parents[1] / "examples"
PATIENCE_S = 90.0


@dataclass
class Page:
    """A tab of the browser with the review page in it."""

    driver: WebDriver
    address: str

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """The first true value of a condition."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if value := condition():
                return value
            time.sleep(0.03)
        pytest.fail(f"waited in vain: {what}")

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        return str(
            self.driver.execute_script("return document.querySelector(arguments[0]).textContent", selector)
        )

    def shows(self, selector: str) -> bool:
        return self.one(selector).is_displayed()

    def run(self, body: str, *arguments: Any) -> Any:
        """The value of JavaScript that may await, with the page's modules as `await module(name)`."""
        script = (
            "const done = arguments[arguments.length - 1];"
            "const module = (name) => import(new URL(`page/${name}.js`, document.baseURI).href);"
            f"(async (...given) => {{ {body} }})(...arguments)"
            ".then((value) => done({value}), (error) => done({error: String(error.stack)}))"
        )
        answer = self.driver.execute_async_script(script, *arguments)
        assert "error" not in answer, answer
        return answer.get("value")

    def desk(self, value: str) -> Any:
        """A value of the desk, `exams[1].rows` for instance."""
        return self.run(f"const {{ desk }} = await module('desk'); return desk.{value}")

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def chord(self, modifier: str, key: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()

    def drag(self, selector: str, *points: tuple[int, int]) -> None:
        """Press the left button at the first point, from the upper left corner of an element, and drag on."""
        from selenium.webdriver.common.action_chains import ActionChains

        box = self.one(selector).rect
        chain = ActionChains(self.driver, duration=20)
        for number, (x, y) in enumerate(points):
            chain.w3c_actions.pointer_action.move_to_location(int(box["x"]) + x, int(box["y"]) + y)
            if number == 0:
                chain.w3c_actions.pointer_action.pointer_down()
        chain.w3c_actions.pointer_action.pointer_up()
        chain.perform()

    def open(self, case: str = "") -> None:
        """Load the page and wait until its case can be corrected, whoever had it before."""
        self.driver.get("about:blank")
        self.driver.get(self.address + (f"#{case}" if case else ""))

        def ready() -> bool:
            if self.driver.execute_script("return document.querySelector('#taken')?.open ?? false"):
                self.one("#taken button[value=take]").click()
            return bool(self.run("return (await module('desk')).desk.editable"))

        self.wait(ready, "the case can be corrected")
        self.wait_until_drawn()

    def holds(self, case: str) -> bool:
        """Whether this case is open here and can be corrected."""
        if not self.driver.current_url.startswith(self.address):
            return False
        holding = "const { desk } = await module('desk'); return desk.editable && desk.case?.id === given[0]"
        return bool(self.run(holding, case))

    def wait_until_drawn(self) -> None:
        self.run("await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def wait_until_sent(self) -> None:
        self.wait(lambda: self.run("return (await module('sender')).allSent()"), "all strokes are sent")

    def case(self) -> dict[str, Any]:
        """What the server says of the case on the desk."""
        answer: dict[str, Any] = json.loads(self.asked(f"api/case/{self.case_id}"))
        return answer

    @property
    def case_id(self) -> str:
        return str(self.run("return (await module('desk')).desk.case.id"))

    def asked(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address + path.replace(" ", "%20"), timeout=60) as answer:
            content: bytes = answer.read()
            return gzip.decompress(content) if answer.headers["Content-Encoding"] == "gzip" else content

    def mask(self, exam: int, layer: str = "edited") -> NDArray[np.uint8]:
        """A layer as the server keeps it."""
        known = self.case()["exams"][exam]
        content = self.asked(f"api/case/{self.case_id}/layer/{exam}/{layer}")
        return np.frombuffer(content, np.uint8).reshape(known["rows"], known["columns"])

    def complaints(self) -> list[str]:
        """What the browser logged as severe."""
        return [str(line["message"]) for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]


def resize(driver: WebDriver, width: int, height: int) -> None:
    """The size of the page's window in CSS pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
