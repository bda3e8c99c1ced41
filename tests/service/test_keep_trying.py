"""Trying takes a tenth of the time at most, gives back what it needs not, and outlives faults."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from scheduler.errors import ExplainerUnavailable
from scheduler.texts import said
from scheduler.use_cases.trying import RESTS, keep_trying

EVERY_S = 30.0


class Turns:
    """Turns that take their time on a clock of their own; the last is followed by the end."""

    def __init__(self, *seconds: float, fault: Exception | None = None, tried: bool = True) -> None:
        self.rests = 0
        self.slept_s: list[float] = []
        self._now_s = 0.0
        self._left: Iterator[float] = iter(seconds)
        self._fault = fault
        self._tried = tried

    async def go_on(self) -> bool:
        self._now_s += next(self._left)
        if self._fault is not None:
            raise self._fault
        return self._tried

    def elapsed_s(self) -> float:
        return self._now_s

    async def sleep(self, delay_s: float) -> None:
        self.slept_s.append(delay_s)
        self._now_s += delay_s

    def rest(self) -> None:
        self.rests += 1


async def run(turns: Turns, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(delay_s: float) -> None:
        await turns.sleep(delay_s)
        if len(turns.slept_s) == count:
            raise asyncio.CancelledError

    monkeypatch.setattr("scheduler.use_cases.trying.asyncio.sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await keep_trying(turns, turns.rest, EVERY_S, turns.elapsed_s)  # type: ignore[arg-type]


async def test_long_turns_are_followed_by_long_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(0.5, 10.0, 2.0)

    await run(turns, 3, monkeypatch)

    assert turns.slept_s == [EVERY_S, RESTS * 10.0, EVERY_S]
    assert turns.rests == 0


async def test_while_nothing_is_on_trial_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(0.0, 0.0, tried=False)

    await run(turns, 2, monkeypatch)

    assert turns.rests == 2


@pytest.mark.parametrize("fault", [ExplainerUnavailable(said("away")), ValueError("a fault")])
async def test_a_fault_ends_a_turn_and_no_more(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns(10.0, 10.0, fault=fault)

    await run(turns, 2, monkeypatch)

    assert turns.slept_s == [RESTS * 10.0] * 2
