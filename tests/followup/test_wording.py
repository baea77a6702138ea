"""What may be said of a direction, with its probability, and never more than is reached."""

from __future__ import annotations

import pytest

from ptx_followup.followup.wording import chance_in_words, change_in_words, verdict_in_words
from ptx_followup.measurement.change import Change, assess_change
from ptx_followup.measurement.uncertainty import Size, Uncertainty
from ptx_followup.network.change_error import ChangeError, FilmError

#: The spread of the difference of roots is then 1.
ERROR = ChangeError(images=FilmError(bias=10, slope=1, spread=0.5**0.5), source="test")


def changed(roots: float) -> Change:
    """Roots of the follow-up that differ by so many standard deviations from those of the prior."""
    sizes = Size(25.0), Size((5 + roots) ** 2)
    return assess_change("right", {"images": sizes}, Uncertainty(ERROR))


@pytest.mark.parametrize(
    ("roots", "words"),
    [
        (-2.0, "smaller (97 %)"),  # standard normal distribution at 2.0, 1.2 and 0.3: 0.977, 0.885, 0.618
        (-1.2, "probably smaller (88 %)"),
        (-0.3, "no direction (61 % smaller)"),
        (0.3, "no direction (61 % larger)"),
        (1.2, "probably larger (88 %)"),
        (3.0, "larger (> 99 %)"),
    ],
)
def test_a_direction_is_said_as_surely_as_it_is(roots: float, words: str) -> None:
    change = changed(roots)
    assert verdict_in_words(change) == words
    assert change_in_words(change).startswith(f"{words[:-1]}; difference ")


def test_a_withheld_direction_has_no_probability() -> None:
    withheld = changed(-3.0).withheld("the lungs were not found")
    assert verdict_in_words(withheld) == "indeterminate"
    assert changed(0.0).probability is not None


def test_no_probability_is_rounded_up_to_one_that_decides() -> None:
    assert chance_in_words(0.7999) == "79 %"
    assert chance_in_words(0.95) == "95 %"
