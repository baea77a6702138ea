"""Draw the pictures of the documentation again: `ptx compare` and `ptx explain` of `examples/`, reduced.

    python docs/images/renew.py

To be run after new weights or a change of the pictures.
"""

from __future__ import annotations

from pathlib import Path

import cv2

from ptx_followup import Segmenter, compare, read_radiograph
from ptx_followup.figures.canvas import Picture
from ptx_followup.figures.explanation import draw_explanation
from ptx_followup.figures.panel import draw_panel
from ptx_followup.segmentation.explanation import explain
from ptx_followup.segmentation.segmenter import DEFAULT_MODEL

ROOT = Path(__file__).parents[2]
#: As wide as a page shows it on a fine screen, and a tall one.
WIDTH, TALL_WIDTH = 1320, 900


def main() -> None:
    """Write compare.png and explain.png beside this file."""
    exams = ROOT / "examples"
    result = compare(
        exams / "prior.dcm",
        exams / "followup.dcm",
        report=(exams / "prior.txt").read_text("utf-8"),
        followup_report=(exams / "followup.txt").read_text("utf-8"),
    )
    _write("compare.png", draw_panel(result), WIDTH)
    print(result.sentence)
    told = "Moderate right apical and lateral pneumothorax."
    film = read_radiograph(exams / "prior.dcm")
    explained = explain(film, told, Segmenter(), DEFAULT_MODEL, [("right", "left"), ("moderate", "small")])
    _write("explain.png", draw_explanation(explained), TALL_WIDTH)


def _write(name: str, picture: Picture, width: int) -> None:
    size = (width, round(width * picture.shape[0] / picture.shape[1]))
    small = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(Path(__file__).with_name(name)), small, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
