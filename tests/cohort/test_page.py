"""The page of a cohort: whole in one file, inert, and at work in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ptx_followup.cohort.page import page

HOSTILE = "</script><script>document.title='SECRET'</script>"
BROWSER = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def document(done: int, failed: int) -> dict[str, Any]:
    counts = {"cases": done + failed, "done": done, "failed": failed, "waiting": 0, "left_out": 1}
    return {
        "disclaimer": "Research use only.",
        "version": "0.1.0",
        "model": {"name": "<b>model", "sha256": "f199df2cc2b3"},
        "counts": counts,
    }


@pytest.fixture
def written(tmp_path: Path) -> str:
    rows: list[dict[str, Any]] = [
        {
            "case_id": f"case-{number:04}",
            "change_verdict": "larger" if number % 2 else "smaller",
            "change_side": HOSTILE if number == 0 else "left",
            "change_prior": 10.0,
            "change_followup": 10.0 + number % 7,
            "change_difference": float(number % 7),
            "change_interval95_low": -3.0,
            "change_interval95_high": 12.0,
            "belonging_interval_days": 2.0,
            "prior_anatomy_quality": 0.5 if number == 42 else 0.97,
        }
        for number in range(3000)
    ]
    panel = tmp_path / "cases" / "case-0042" / "panel.png"
    panel.parent.mkdir(parents=True)
    cv2.imwrite(str(panel), np.full((600, 1000, 3), 90, np.uint8))
    failures: list[dict[str, Any]] = [
        {"case_id": "bad", "code": 3, "message": HOSTILE, "hint": "", "kind": ""}
    ]
    return page(tmp_path, rows, failures, document(3000, 1))


def test_the_page_is_one_file_that_asks_for_nothing(written: str) -> None:
    asked: list[str] = []
    scripts: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            asked.extend(value or "" for name, value in attributes if name in ("src", "href"))
            scripts.extend([tag] if tag == "script" else [])

    Reader().feed(written)
    assert asked == []
    assert len(scripts) == 2
    assert "<b>model" not in written
    (stated,) = re.findall(r"script-src 'sha256-([^']+)'", written)
    (script,) = re.findall(r"<script>(.*?)</script>", written, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == stated
    assert "default-src 'none'" in written


def test_the_most_doubtful_have_pictures(written: str) -> None:
    (content,) = re.findall(r'"(data:image/jpeg;base64,[^"]+)"', written)
    image = cv2.imdecode(np.frombuffer(base64.b64decode(content.split(",")[1]), np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (156, 260, 3)


@pytest.mark.integration
def test_a_browser_shows_the_failures_then_the_most_doubtful_and_only_what_is_in_sight(
    written: str, tmp_path: Path, program: Callable[[str, str], str]
) -> None:
    (tmp_path / "summary.html").write_text(written, encoding="utf-8")
    command = [program("chromium", "chromium"), *BROWSER.split(), f"--user-data-dir={tmp_path / 'browser'}"]
    shown = subprocess.run(
        [*command, "--dump-dom", "--virtual-time-budget=3000", (tmp_path / "summary.html").as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert "<title>3001 follow-ups</title>" in shown
    window = shown[shown.index('id="space"') : shown.index('id="pictures"')]
    rows = re.findall(r'<div class="row" role="row".*?</div>', window, re.DOTALL)
    assert 10 < len(rows) < 60
    assert "bad" in rows[0]
    assert "&lt;script&gt;" in rows[0]
    assert 'href="cases/case-0042/panel.png"' in rows[1]
    assert "hemithoraces of the prior uncertain" in rows[1]
    assert "3001 of 3001." in shown
    assert shown.count("<img") == 1
