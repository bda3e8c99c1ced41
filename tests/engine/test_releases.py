"""Releases are asked for again and again; what the backend refuses holds nobody else up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from scheduler.backend.simulated import SimulatedBackend, embedded_cluster
from scheduler.clock import ManualClock
from scheduler.engine.releases import Releases
from scheduler.errors import BackendUnavailable
from scheduler.texts import Said

LONG = timedelta(seconds=60)


class Refusing:
    """A backend that remembers what it was asked to release, and says what a test wants."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.refused: frozenset[int] = frozenset()
        self.is_away = False
        self.asked: list[tuple[int, ...]] = []
        self.releases = Releases(self._as_backend(), clock)

    def _as_backend(self) -> SimulatedBackend:
        cluster = embedded_cluster(self._clock)
        cluster.release = self.release  # type: ignore[method-assign] # all that is asked for here
        return cluster

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        self.asked.append(tuple(slurm_ids))
        if self.is_away:
            raise BackendUnavailable(Said("away"))
        return self.refused.intersection(slurm_ids)

    def look(self, *held: int) -> Sequence[tuple[int, ...]]:
        """Let these be held at another look, ten seconds later; return what was asked for."""
        self.asked = []
        self.releases.ask(held)
        self._clock.advance(10)
        return self.asked


@pytest.fixture
def cluster() -> Refusing:
    return Refusing(ManualClock())


def test_what_is_held_is_asked_for_at_every_look(cluster: Refusing) -> None:
    assert cluster.look(1, 2) == [(2, 1)]
    assert cluster.look(2) == [(2,)]
    assert cluster.look() == []


def test_the_refused_are_asked_for_one_at_a_look_and_after_all_others(cluster: Refusing) -> None:
    cluster.refused = frozenset({1, 2})

    assert cluster.look(1, 2, 3) == [(3, 2, 1)]
    assert cluster.look(1, 2, 4) == [(4,), (1,)]
    assert cluster.look(1, 2) == [(2,)]
    assert cluster.look(1, 2) == [(1,)]


def test_patience_is_counted_from_the_first_refusal(cluster: Refusing) -> None:
    cluster.refused = frozenset({1})
    for _ in range(5):
        cluster.look(1)
    assert cluster.releases.refused_for(LONG) == set()
    cluster.look(1)

    assert cluster.releases.refused_for(LONG) == {1}


def test_an_unanswered_release_may_come_through_and_ends_patience(cluster: Refusing) -> None:
    cluster.refused = frozenset({1})
    for _ in range(5):
        cluster.look(1)
    cluster.is_away = True
    cluster.look(1)
    assert cluster.releases.refused_for(LONG) == set()
    cluster.is_away = False
    cluster.look(1)

    assert cluster.releases.refused_for(LONG) == set()


@pytest.mark.parametrize("end", ["let go", "held no more", "forgotten"])
def test_patience_ends_with_the_refusals(cluster: Refusing, end: str) -> None:
    cluster.refused = frozenset({1})
    cluster.look(1)
    if end == "let go":
        cluster.refused = frozenset()
    if end == "forgotten":
        cluster.releases.forget()
    cluster.look(*([] if end == "held no more" else [1]))
    cluster.refused = frozenset({1})
    for _ in range(4):
        cluster.look(1)

    assert cluster.releases.refused_for(LONG) == set()
