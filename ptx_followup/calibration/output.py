"""The output folder of a calibration: configuration, sizes, reliability diagram and result.json."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ptx_followup.calibration.run import Calibrated
from ptx_followup.calibration.sizes import FilmSize, write_sizes
from ptx_followup.files.output_folder import staged
from ptx_followup.files.storage import MODEL_CONFIG
from ptx_followup.network.checkpoint import ModelConfig, store_config

RESULT, SIZES, RELIABILITY = "result.json", "sizes.csv", "reliability.png"
#: Every file that a calibration leaves, the one that says it is complete first.
FILES = (RESULT, MODEL_CONFIG, SIZES, RELIABILITY)
#: Okabe and Ito's colours, which hold with each form of colour blindness.
_COLOURS = {"images": "#0072b2", "images and words": "#d55e00", "mixed": "#009e73"}


def write_calibration(
    calibrated: Calibrated, config: ModelConfig, sizes: Sequence[FilmSize], out: Path
) -> dict[str, Any]:
    """Write all files of a calibration into an existing folder, all or none.

    Args:
        calibrated: The calibration.
        config: Of the model; a copy with the new coefficients is written.
        sizes: That were fitted.
        out: The folder.

    Returns:
        The content of result.json.

    Raises:
        UsageError: They cannot be written.
    """
    document = {
        **calibrated.document,
        "model": {"name": config.name, "version": config.version, "sha256": config.weights_sha256},
        "outputs": {"config": MODEL_CONFIG, "sizes": SIZES, "reliability": RELIABILITY, "result": RESULT},
    }
    with staged(out, FILES) as folder:
        store_config(folder, config.model_copy(update={"error": calibrated.error}))
        write_sizes(folder / SIZES, sizes)
        (folder / RELIABILITY).write_bytes(reliability(calibrated.document["routes"]))
        text = json.dumps(document, indent=2, allow_nan=False) + "\n"
        (folder / RESULT).write_text(text, encoding="utf-8")
    return document


def reliability(routes: dict[str, Any]) -> bytes:
    """Observed share of "larger" against the stated probability, out of fold; a PNG.

    A pair and its mirror image both count, so the curves are symmetric. A dot grows with the pairs behind it.
    """
    from matplotlib.figure import Figure

    figure = Figure((5.6, 4.2), dpi=130, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.plot([0, 1], [0, 1], color="#666666", linewidth=0.8)
    for route, figures in routes.items():
        bins = figures["reliability"]
        most = max(one["weight"] for one in bins)
        stated, observed = ([one[key] for one in bins] for key in ("stated", "observed"))
        label = f"{route}: slope {figures['calibration_slope']:.2f}, ECE {figures['ece']:.3f}"
        colour = _COLOURS[route]
        axes.plot(stated, observed, color=colour, linewidth=1, label=label)
        axes.scatter(stated, observed, s=[8 + 60 * one["weight"] / most for one in bins], color=colour)
    axes.set(xlabel="Stated probability of larger", ylabel="Share that the expert drew larger")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False, fontsize=8)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
