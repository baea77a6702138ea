"""What would give a direction where two sizes give none, and the smallest change that is detectable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from ptx_followup.measurement.change import LEANING, Change, Leaning
from ptx_followup.measurement.outlines import exceedance, probability_of
from ptx_followup.measurement.uncertainty import Size, Uncertainty

#: Halvings of 0..100 percent in the search for a size.
_HALVINGS = 24


@dataclass(frozen=True)
class Detectable:
    """Sizes of a follow-up from which a change is detectable, in percent of the hemithorax.

    Attributes:
        below: The largest that is smaller with the wanted probability; None where not even 0 is.
        above: The smallest that is larger with it; None where not even 100 is.
    """

    below: float | None
    above: float | None


@lru_cache(maxsize=256)
def smallest_detectable(
    prior: Size, followup: Size, uncertainty: Uncertainty, probability: float = LEANING
) -> Detectable:
    """The sizes of a follow-up that would give a direction.

    Args:
        prior: The measured size.
        followup: What it is measured with; its percentage does not matter. Where that is words, they tell
            what is measured.
        uncertainty: What the sizes are worth.
        probability: That is wanted.
    """
    return Detectable(
        _end(prior, followup, uncertainty, probability, "smaller"),
        _end(prior, followup, uncertainty, probability, "larger"),
    )


def _end(
    prior: Size, followup: Size, uncertainty: Uncertainty, wanted: float, direction: Leaning
) -> float | None:
    before, correlation = uncertainty.outline(prior), uncertainty.correlation(prior, followup)

    def reached(percent: float) -> bool:
        after = uncertainty.outline(followup.of(percent))
        films = (before, after) if direction == "smaller" else (after, before)
        return float(exceedance(*films, correlation)) >= wanted

    inside, outside = (0.0, 100.0) if direction == "smaller" else (100.0, 0.0)
    if not reached(inside):
        return None
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if reached(middle):
            inside = middle
        else:
            outside = middle
    return inside


def what_would_decide(change: Change, uncertainty: Uncertainty) -> str | None:
    """In one clause, what would give a direction to a change that has none.

    A person's outlines of these sizes, where they would; a follow-up so small or so large.
    """
    prior, followup = change.leading.prior, change.leading.followup
    undecided = change.verdict == "indeterminate" and change.leaning is None
    if not undecided or prior is None or followup is None or change.probability is None:
        return None
    ways = []
    drawn = [replace(one, read_with="reader") for one in (prior, followup)]
    outlines = [uncertainty.outline(one) for one in drawn]
    chances = probability_of(outlines[0], outlines[1], uncertainty.correlation(*drawn))
    if drawn != [prior, followup] and max(chances.increase, chances.decrease) >= LEANING:
        ways.append("a reader's outlines of both films")
    ends = smallest_detectable(prior, followup, uncertainty)
    sizes = [
        f"{word} {end:.0f} %"
        for word, end in (("below", ends.below), ("above", ends.above))
        if end is not None and 0 < round(end) < 100
    ]
    if sizes:
        ways.append(f"a follow-up {' or '.join(sizes)}")
    return ", or ".join(ways) or None
