"""Draw the picture of the README again: the panel that `ptx compare` makes of `examples/`, reduced.

    python docs/images/renew.py

To be run after new weights or a change of the panel.
"""

from __future__ import annotations

from pathlib import Path

import cv2

from ptx_followup import compare
from ptx_followup.figures.panel import draw_panel

ROOT = Path(__file__).parents[2]
#: As wide as a page shows it on a fine screen.
WIDTH = 1320


def main() -> None:
    """Write compare.png beside this file."""
    exams = ROOT / "examples"
    result = compare(
        exams / "prior.dcm",
        exams / "followup.dcm",
        report=(exams / "prior.txt").read_text("utf-8"),
        followup_report=(exams / "followup.txt").read_text("utf-8"),
    )
    panel = draw_panel(result)
    size = (WIDTH, round(WIDTH * panel.shape[0] / panel.shape[1]))
    small = cv2.cvtColor(cv2.resize(panel, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(Path(__file__).with_name("compare.png")), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(result.sentence)


if __name__ == "__main__":
    main()
