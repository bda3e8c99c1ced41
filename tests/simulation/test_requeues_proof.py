"""Users requeue what runs again and again, amid faults: nothing is lost, and nothing runs twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loadtests.seeds import of_all
from loadtests.simulate import setup_of
from scheduler.domain.history.facts import FactKind
from scheduler.simulation.proof.simulation import REQUEUING, simulate
from scheduler.simulation.proof.verdicts import Verdict, verdict_of

SEEDS = 100


def requeued_and_judged(seed: int) -> tuple[int, Verdict]:
    """Return how many attempts followed a run that had ended, and the verdict."""
    outcome = simulate(seed, replace(setup_of(seed), habits=REQUEUING))
    begun: dict[int, set[int]] = {}
    for fact in outcome.facts:
        if fact.kind is FactKind.BEGAN and fact.is_ours:
            begun.setdefault(fact.job_id, set()).add(fact.attempt)
    return sum(len(attempts) - 1 for attempts in begun.values()), verdict_of(outcome)


@pytest.mark.timeout(600)
def test_jobs_that_are_requeued_amid_faults_run_once_at_a_time_and_end() -> None:
    told = of_all(requeued_and_judged, range(SEEDS), "schedules")

    assert [(one.seed, one.broken) for _, one in told if one.broken] == []
    assert sum(again for again, _ in told) >= SEEDS
    assert all(one.ended == one.jobs for _, one in told)
