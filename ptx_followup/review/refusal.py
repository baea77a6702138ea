"""What the server answers to a request that it does not serve."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - a refused request is no error of the program
    """A request that is refused with a line for the page.

    Args:
        status: HTTP status, 400 to 499.
        problem: What is wrong, in one sentence without a full stop.
        hint: What to do about it.
        more: Further fields of the answer.
    """

    def __init__(self, status: int, problem: str, hint: str = "", **more: Any) -> None:
        self.status = status
        self.answer = {"problem": problem, "hint": hint, **more}
        super().__init__(problem)


def not_found() -> Refusal:
    """The refusal of an address that leads nowhere; it says nothing of what does."""
    return Refusal(404, "there is no such thing", "reload the page")
