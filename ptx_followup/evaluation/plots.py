"""The plots of an evaluation, as PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ptx_followup.evaluation.scoring import Row
from ptx_followup.evaluation.strata import TERCILES, strata
from ptx_followup.evaluation.summary import column

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito's colours, which hold with each form of colour blindness.
_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#666666"
_SIZE_INCHES, _DPI = (5.6, 4.2), 130


def bland_altman(matching: Sequence[Row], areas: dict[str, Any]) -> bytes:
    """Difference of model and expert against their mean, with bias and limits of agreement.

    Args:
        matching: Positives under their own report.
        areas: The "area" object of the summary.
    """
    if "hemithorax_percent" in areas:
        figures, unit = areas["hemithorax_percent"], "% of both hemithoraces"
        model, expert = column(matching, "percent"), column(matching, "expert_percent")
    else:
        figures, unit = areas["image_percent"], "% of the image"
        model, expert = (100 * column(matching, name) for name in ("share", "expert_share"))
    with _Plot() as plot:
        plot.axes.scatter((model + expert) / 2, model - expert, s=14, color=_BLUE, alpha=0.6, linewidths=0)
        bias = figures["bias"]["value"]
        plot.axes.axhline(0, color=_GREY, linewidth=0.8)
        plot.axes.axhline(bias, color=_ORANGE, label=f"bias {bias:+.2f}")
        if figures["limits_of_agreement"]:
            low, high = figures["limits_of_agreement"]
            label = f"95 % limits {low:+.1f} to {high:+.1f}"
            plot.axes.axhline(low, color=_ORANGE, linestyle="--", label=label)
            plot.axes.axhline(high, color=_ORANGE, linestyle="--")
        plot.axes.set(xlabel=f"Mean of model and expert, {unit}", ylabel="Model - expert")
        plot.axes.legend(frameon=False, fontsize=8)
        return plot.png()


def dice_by_size(matching: Sequence[Row], by_size: dict[str, Any]) -> bytes:
    """Dice of each positive against the size of the expert's mask, and the mean of each tercile.

    Args:
        matching: Positives under their own report.
        by_size: The terciles of the summary's "strata".
    """
    from matplotlib import ticker

    with _Plot() as plot:
        share = 100 * column(matching, "expert_share")
        plot.axes.scatter(share, column(matching, "dice"), s=14, color=_BLUE, alpha=0.6, linewidths=0)
        groups = strata(matching).get("size", {})
        for name in TERCILES:
            if name not in groups or name not in by_size:
                continue
            shares = 100 * column(groups[name], "expert_share")
            dice = by_size[name]["dice"]
            ends = (shares.min(), shares.max())
            plot.axes.hlines(dice["value"], *ends, color=_ORANGE, linewidth=2)
            if dice["low"] is not None:
                plot.axes.fill_between(ends, dice["low"], dice["high"], color=_ORANGE, alpha=0.2, linewidth=0)
        plot.axes.set(xlabel="Expert's mask, % of the image", ylabel="Dice", xscale="log", ylim=(-0.03, 1.03))
        plot.axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        plot.axes.xaxis.set_major_formatter("{x:g}")
        plot.axes.xaxis.set_minor_locator(ticker.NullLocator())
        return plot.png()


def conditions(figures: dict[str, Any]) -> bytes:
    """Mean Dice in each text condition, beside that of the same cases under their own reports."""
    with _Plot() as plot:
        names = list(figures)[::-1]
        for place, name in enumerate(names):
            _interval(plot.axes, figures[name]["dice"], place, _BLUE)
            if name != "matching":
                _interval(plot.axes, figures[name]["dice_matching"], place + 0.25, _GREY)
        labels = [f"{name.replace('_', ' ')} ({figures[name]['dice']['n']})" for name in names]
        plot.axes.set(
            yticks=range(len(names)),
            yticklabels=labels,
            xlabel="Mean Dice, 95 % interval (grey: the same cases, own report)",
            xlim=(0, None),
        )
        return plot.png()


def reliability(calibration: dict[str, Any]) -> bytes:
    """Observed against stated probability; the size of a dot grows with the number of pixels."""
    with _Plot() as plot:
        bins = calibration["reliability"]
        stated, observed, pixels = (
            np.array([one[key] for one in bins]) for key in ("stated", "observed", "pixels")
        )
        plot.axes.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8)
        plot.axes.plot(stated, observed, color=_BLUE, linewidth=1)
        plot.axes.scatter(stated, observed, s=10 + 90 * np.sqrt(pixels / pixels.max()), color=_BLUE)
        plot.axes.set(xlabel="Stated probability", ylabel="Share inside the expert's mask")
        plot.axes.set(xlim=(0, 1), ylim=(0, 1))
        return plot.png()


def _interval(axes: Axes, estimate: dict[str, Any], place: float, colour: str) -> None:
    if estimate["value"] is None:
        return
    axes.plot(estimate["value"], place, "o", color=colour, markersize=5)
    if estimate["low"] is not None:
        axes.hlines(place, estimate["low"], estimate["high"], color=colour, linewidth=1.5)


class _Plot:
    """One plot with the axes that all share; made without pyplot, which would keep it."""

    def __enter__(self) -> _Plot:
        from matplotlib.figure import Figure

        self.figure = Figure(_SIZE_INCHES, dpi=_DPI, layout="constrained")
        self.axes: Axes = self.figure.subplots()
        self.axes.spines[["top", "right"]].set_visible(False)
        return self

    def __exit__(self, *error: object) -> None:
        self.figure.clear()

    def png(self) -> bytes:
        """The finished plot."""
        file = io.BytesIO()
        self.figure.savefig(file, format="png")
        return file.getvalue()
