"""Work in other threads: in order, bounded, in the caller's context."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from ptx_followup.ahead import ahead, both, in_order

STATE: ContextVar[str] = ContextVar("STATE", default="unset")


def test_what_is_begun_ahead_keeps_the_context_and_its_errors() -> None:
    STATE.set("de-identified")
    assert ahead(STATE.get).result() == "de-identified"
    with pytest.raises(ZeroDivisionError):
        ahead(lambda: 1 // 0).result()


def test_two_values_are_made_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    STATE.set("de-identified")
    meeting = threading.Barrier(2)

    def met(name: str) -> tuple[str, str]:
        meeting.wait(30)  # breaks where the other has not begun
        return name, STATE.get()

    found = both(lambda: met("first"), lambda: met("second"))
    assert found == (("first", "de-identified"), ("second", "de-identified"))


@pytest.mark.parametrize("processors", ["1", "2"])
def test_the_error_of_the_first_of_two_is_told_when_both_have_ended(
    monkeypatch: pytest.MonkeyPatch, processors: str
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", processors)
    ended: list[str] = []

    def fail(name: str) -> None:
        ended.append(name)
        raise ValueError(name)

    with pytest.raises(ValueError, match="first"):
        both(lambda: fail("first"), lambda: fail("second"))
    assert sorted(ended) == (["first"] if processors == "1" else ["first", "second"])
    with pytest.raises(ValueError, match="second"):
        both(lambda: None, lambda: fail("second"))


def test_with_one_processor_two_values_are_made_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    first, second = both(threading.get_ident, threading.get_ident)
    assert first == second == threading.get_ident()


def test_values_come_in_the_order_of_the_items() -> None:
    second = threading.Event()

    def slow_first(number: int) -> int:
        if number == 0:
            assert second.wait(30)
        elif number == 1:
            second.set()
        return number

    assert list(in_order(slow_first, range(20), workers=2)) == list(range(20))


def test_no_more_is_made_than_is_asked_for() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            asked.append(number)
            yield number

    values = in_order(lambda number: number, items(), workers=2)
    for taken in range(1, 6):
        next(values)
        assert len(asked) == taken + 2
    values.close()  # type: ignore[attr-defined]
    assert len(asked) == 7


def test_an_error_comes_at_the_turn_of_its_item() -> None:
    values = in_order(lambda number: 1 // number, [1, 1, 0, 1], workers=2)
    assert [next(values), next(values)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(values)
