"""The command that judges ten thousand worlds: always the same ones, and none of them twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.check_fairness import Batch, batches, fingerprint, judge_batch, worlds_in
from loadtests.seeds import of_all
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.snapshot import Snapshot
from tests.fairness.judging import ALLOCATORS, Broken, judge
from tests.fairness.saved import load

SMALL = (Batch(1, 15), Batch(2, 15))


def nobody_starts(snapshot: Snapshot) -> Allocation:
    """Decide nothing about anybody."""
    return Allocation((), "idle", SolverStatus.NOT_RUN)


def test_the_worlds_are_the_same_in_one_process_and_in_two() -> None:
    alone, both = (of_all(judge_batch, SMALL, "batches", processes) for processes in (1, 2))

    assert [one.worlds for one in both] == [one.worlds for one in alone]
    assert fingerprint(both) == fingerprint(alone)
    assert [one.exercised for one in both] == [one.exercised for one in alone]


def test_a_batch_has_as_many_unlike_worlds_as_it_was_asked_for() -> None:
    found = judge_batch(Batch(3, 40))

    assert len(found.worlds) == len(set(found.worlds)) == len(worlds_in([found])) == 40


def test_batches_add_up_and_their_seeds_follow_from_the_first() -> None:
    some = list(batches(600, 7))

    assert sum(batch.worlds for batch in some) >= 600
    assert some == list(batches(600, 7)) != list(batches(600, 8))


def test_a_broken_promise_is_told_with_a_small_world_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ALLOCATORS, "greedy", nobody_starts)

    found = judge_batch(Batch(1, 40), keep_in=tmp_path)

    kept = load(tmp_path / found.saved_as)
    assert "greedy: " in found.broken
    assert sum(len(group.jobs) for group in kept.queue) == 1
    with pytest.raises(Broken):
        judge(kept)
