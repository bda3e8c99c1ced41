"""Who leads acts, and only while it is sure that it still does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from scheduler.clock import ManualClock
from scheduler.engine.leadership import (
    STUCK_AFTER_S,
    TRUSTED_PART,
    Alone,
    Leadership,
    Leased,
    LedBackend,
)
from scheduler.errors import NotLeading
from scheduler.ports import Backend
from scheduler.simulation.memory_store import MemoryStore
from tests.engine.pair import TTL_S, Pair
from tests.engine.rig import a_rig


@pytest.fixture
def pair() -> Pair:
    return Pair()


def is_sure(leadership: Leadership) -> bool:
    try:
        return leadership.demand() > 0
    except NotLeading:
        return False


class SlowStore(MemoryStore):
    """Answers who leads only after a while."""

    def __init__(self, clock: ManualClock, slowness_s: float) -> None:
        super().__init__(lambda: clock.now().timestamp())
        self._clock = clock
        self._slowness_s = slowness_s

    def renew_lease(self, epoch: int, ttl_s: float) -> bool:
        answer = super().renew_lease(epoch, ttl_s)
        self._clock.advance(self._slowness_s)
        return answer


def test_one_of_two_leads_and_only_after_it_asked(pair: Pair) -> None:
    assert not is_sure(pair.first.leadership)
    assert [pair.first.leadership.lead(), pair.second.leadership.lead()] == [True, False]
    assert [is_sure(pair.first.leadership), is_sure(pair.second.leadership)] == [True, False]


def test_a_leader_is_sure_for_less_than_its_lease_lasts(pair: Pair) -> None:
    pair.first.leadership.lead()
    pair.clock.advance(TRUSTED_PART * TTL_S - 0.01)
    assert is_sure(pair.first.leadership)
    pair.clock.advance(0.01)

    assert not is_sure(pair.first.leadership)
    assert not pair.second.leadership.lead()


def test_the_time_that_an_answer_took_is_not_trusted() -> None:
    clock = ManualClock()
    slow = Leased(SlowStore(clock, 7.0), "slow", TTL_S, lambda: clock.now().timestamp())
    slow.lead()
    slow.renew()
    clock.advance(TRUSTED_PART * TTL_S - 7.0)

    assert not is_sure(slow)


def test_a_renewed_term_goes_on_and_one_that_was_followed_is_over(pair: Pair) -> None:
    for _ in range(9):
        pair.clock.advance(TTL_S / 3)
        assert pair.first.leadership.lead()
        assert not pair.second.leadership.lead()
    assert pair.first.leadership.demand() == 1
    pair.clock.advance(TTL_S)
    assert pair.second.leadership.lead()
    pair.first.leadership.renew()

    assert [is_sure(pair.first.leadership), is_sure(pair.second.leadership)] == [False, True]
    assert pair.second.leadership.demand() == 2


def test_a_lease_that_is_given_up_is_anothers_at_once(pair: Pair) -> None:
    pair.first.leadership.lead()
    pair.first.leadership.give_up()

    assert not is_sure(pair.first.leadership)
    assert pair.second.leadership.lead()


def test_an_engine_that_hangs_in_a_tick_is_followed(pair: Pair) -> None:
    pair.first.leadership.lead()
    hung_s = 0.0
    while not pair.second.leadership.lead():
        pair.clock.advance(TTL_S / 3)
        hung_s += TTL_S / 3
        pair.first.leadership.renew()

    assert STUCK_AFTER_S <= hung_s <= STUCK_AFTER_S + 2 * TTL_S


CHANGES: Mapping[str, Callable[[Backend], object]] = {
    "submit": lambda backend: backend.submit(()),
    "release": lambda backend: backend.release(()),
    "signal": lambda backend: backend.signal(()),
    "cancel": lambda backend: backend.cancel(()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_only_who_leads_changes_the_cluster(
    pair: Pair, change: Callable[[Backend], object]
) -> None:
    led = LedBackend(pair.backend, pair.first.leadership)
    assert led.read(()).jobs == ()
    with pytest.raises(NotLeading):
        change(led)
    pair.first.leadership.lead()
    change(led)
    pair.clock.advance(TTL_S)
    with pytest.raises(NotLeading):
        change(led)


def test_an_engine_without_a_lease_is_refused_once_anybody_took_one() -> None:
    with a_rig() as rig:
        rig.submit("alpha")
        rig.ticks(1)
        assert rig.store.take_lease("another", 60) == 1
        with pytest.raises(NotLeading):
            rig.ticks(1)
    assert Alone().lead()
