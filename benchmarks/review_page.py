"""How fast and how large the review page is in Chromium, on a pair of films of 3000 x 3000 pixels.

Run by hand, with Debian's chromium and chromium-driver: `python benchmarks/review_page.py [--out FILE]`.
The films are those of `examples/`, enlarged. Printed are

- the first picture: milliseconds from the start of the navigation until a film is first drawn, and until both
  are there in full depth, for the first tab (the server reads the files) and after a reload (it has them);
- a stroke: milliseconds that the page's own code takes for each event of a drag by real mouse events
  (reading them, changing the mask, drawing), and milliseconds until the figures of a stroke are back;
- memory: proportional set size of the tab's process, with every layer of both films loaded, after drawing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
from pydicom.uid import generate_uid
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

EXAMPLES = Path(__file__).parents[1] / "examples"
PIXELS = 3000
MOVES = 200
BROWSER = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars"

#: Notes when pixels of films reach a canvas, before any script of the page runs.
WATCH = """
window.drawn = [];
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
  put.call(this, image, ...rest);
  if (image.width > 300) window.drawn.push(performance.now());
};
"""

#: Times the page's own work for each event of a drag: from before its first listener to after its last.
TIME_EVENTS = """
window.events = [];
let began = 0;
window.addEventListener("pointermove", () => { began = performance.now(); }, { capture: true });
window.addEventListener("pointermove", (event) => {
  if (event.buttons === 1) window.events.push(performance.now() - began);
});
"""


def enlarged(source: Path, target: Path) -> None:
    """An example film on a grid of `PIXELS` x `PIXELS`."""
    dataset = pydicom.dcmread(source)
    film = dataset.pixel_array
    scale = PIXELS / film.shape[0]
    large = cv2.resize(film, (PIXELS, PIXELS), interpolation=cv2.INTER_CUBIC)
    dataset.Rows = dataset.Columns = PIXELS
    large = np.clip(large, 0, 2**dataset.BitsStored - 1).astype("<u2")
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.PixelData = large.tobytes()
    dataset["PixelData"].VR = "OW"
    for name in ("PixelSpacing", "ImagerPixelSpacing"):
        if name in dataset:
            dataset[name].value = [float(one) / scale for one in dataset[name].value]
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.save_as(target)


def started(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """`ptx review` on the results in a folder, and its address."""
    command = [sys.executable, "-c", "from ptx_followup.cli.app import main; main()", "review"]
    server = subprocess.Popen(
        [*command, str(folder / "results"), "--images", str(folder), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


def tab() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in BROWSER.split():
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_script_timeout(120)
    size = {"width": 1920, "height": 1200, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    return driver


def value(driver: webdriver.Chrome, body: str) -> Any:
    """The value of JavaScript that may await the page's modules."""
    return driver.execute_async_script(
        "const done = arguments[0];"
        "const module = (name) => import(new URL(`page/${name}.js`, document.baseURI).href);"
        f"(async () => {{ {body} }})().then(done, (error) => done(String(error)))"
    )


def wait_until_open(driver: webdriver.Chrome) -> None:
    end = time.monotonic() + 180
    while value(driver, "return (await module('desk')).desk.editable") is not True:
        if time.monotonic() > end:
            raise SystemExit("the case was not opened within three minutes")
        time.sleep(0.1)


def first_picture(driver: webdriver.Chrome, address: str | None) -> dict[str, float]:
    if address:
        driver.get(address)
    else:
        driver.refresh()
    wait_until_open(driver)
    found = value(
        driver,
        "const all = performance.getEntriesByType('resource');"
        "const films = all.filter((each) => /film.[0-9]$/.test(each.name)).map((each) => each.responseEnd);"
        "return [window.drawn[0], Math.max(...films),"
        "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd]",
    )
    return dict(zip(("first_picture_ms", "both_films_ms", "page_ms"), map(round, found), strict=True))


def drag(driver: webdriver.Chrome) -> dict[str, float]:
    """Draw by real mouse events over the follow-up, with a brush of 2 % of the film's width."""
    value(driver, "(await module('commands')).setTool('brush')")
    driver.execute_script(TIME_EVENTS)
    box = driver.find_element("id", "frame-right").rect
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = {"button": "left", "buttons": 1, "clickCount": 1}

    def send(kind: str, x: float, y: float) -> None:
        driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **mouse})

    send("mousePressed", *middle)
    for step in range(MOVES):
        angle = step / 9
        send("mouseMoved", middle[0] + step * 0.6 * np.cos(angle), middle[1] + step * 0.6 * np.sin(angle))
    send("mouseReleased", *middle)
    value(driver, "await (await module('sender')).sent()")
    events = driver.execute_script("return window.events")
    answers = value(
        driver,
        "return performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/stroke'))"
        ".map((each) => each.duration)",
    )
    return {
        "events": len(events),
        "event_median_ms": round(statistics.median(events), 2),
        "event_p95_ms": round(float(np.percentile(events, 95)), 2),
        "figures_median_ms": round(statistics.median(answers), 1),
    }


def short_strokes(driver: webdriver.Chrome, count: int = 15) -> float:
    """Milliseconds until the figures of one short stroke are back, the median of some."""
    took = value(
        driver,
        "const strokes = await module('strokes'); const { brush } = await module('grid'); const times = [];"
        "const { sent } = await module('sender'); const { on } = await module('desk');"
        f"for (let step = 0; step < {count}; step += 1) {{"
        " strokes.begin(1); const at = [900 + 20 * step, 900];"
        " const answered = new Promise((done) => on('figures', done)); const start = performance.now();"
        " strokes.go((grid, label) => brush(grid, at, [at[0] + 60, 960], 30, label, true)); strokes.end();"
        " await answered; times.push(performance.now() - start); await sent(); }"
        "return times",
    )
    return round(statistics.median(took), 1)


def megabytes(driver: webdriver.Chrome) -> float:
    """Proportional set size of the tab's process, with every layer of the case loaded."""
    value(driver, "const { toggleLayer } = await module('commands'); await toggleLayer('hemithoraces')")
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    time.sleep(1)
    profile = driver.capabilities["chrome"]["userDataDir"]
    largest = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if "--type=renderer" not in (process / "cmdline").read_text():
                continue
            if not any(profile in words for words in _parents(process)):
                continue
            rollup = (process / "smaps_rollup").read_text()
        except OSError:
            continue
        size = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        largest = max(largest, size)
    return round(largest / 1024)


def _parents(process: Path) -> list[str]:
    """Command lines of the processes above one, up to the browser itself."""
    found: list[str] = []
    while True:
        status = (process / "status").read_text()
        parent = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))
        if parent in ("0", "1"):
            return found
        process = Path("/proc") / parent
        found.append((process / "cmdline").read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="write the figures here as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in ("prior", "followup"):
            enlarged(EXAMPLES / f"{name}.dcm", folder / f"{name}.dcm")
            (folder / f"{name}.txt").write_bytes((EXAMPLES / f"{name}.txt").read_bytes())
        call = "from ptx_followup.cli.app import main; main()"
        films = [str(folder / f"{name}.dcm") for name in ("prior", "followup")]
        subprocess.run(
            [sys.executable, "-c", call, "compare", *films, "--out", str(folder / "results" / "pair")],
            check=True,
        )
        server, address = started(folder)
        driver = tab()
        try:
            figures: dict[str, Any] = {"film": f"{PIXELS} x {PIXELS}", "window": "1920 x 1200"}
            figures["first_tab"] = first_picture(driver, address)
            figures["reload"] = first_picture(driver, None)
            figures["drag"] = drag(driver)
            figures["stroke_to_figures_ms"] = short_strokes(driver)
            figures["tab_mb"] = megabytes(driver)
        finally:
            driver.quit()
            server.terminate()
            server.wait(30)
    print(json.dumps(figures, indent=2))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
