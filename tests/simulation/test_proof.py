"""The simulation proves what it says: the same again, five kinds of fault, nothing broken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.seeds import of_all, quiet
from loadtests.simulate import LEAST_KINDS, setup_of, totals, verdict_of_seed
from scheduler.domain.history.facts import FactKind
from scheduler.simulation.proof.simulation import STEPS, simulate
from tests.simulation.track_record import FOUND, Bug

ROOT = Path(__file__).resolve().parent.parent.parent
DIGEST = """
from loadtests.seeds import quiet
from loadtests.simulate import setup_of
from scheduler.simulation.proof.simulation import simulate
quiet()
print(simulate(7, setup_of(7)).digest)
"""
# What continuous integration runs; `make simulate SEEDS=10000` runs more.
CI_SEEDS = 500


def digest_in_another_process(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DIGEST]
    return subprocess.check_output(command, env=environment, cwd=ROOT, text=True).strip()


def test_the_same_seed_gives_the_same_history_in_every_process() -> None:
    quiet()
    here = {simulate(7, setup_of(7)).digest for _ in range(2)}

    assert here | {digest_in_another_process("1"), digest_in_another_process("2")} == here
    assert len(here) == 1


def test_another_seed_gives_another_history() -> None:
    quiet()
    assert simulate(1, setup_of(1)).digest != simulate(2, setup_of(2)).digest


def test_both_replicas_lead_in_turn() -> None:
    quiet()
    led = [
        {fact.by for fact in simulate(seed, setup_of(seed)).facts if fact.kind is FactKind.LED}
        for seed in range(6)
    ]

    assert {"engine 1", "engine 2"} in led


@pytest.mark.parametrize("bug", FOUND, ids=lambda bug: bug.what)
def test_a_bug_that_was_found_does_not_come_back(bug: Bug) -> None:
    quiet()
    assert verdict_of_seed(bug.seed).broken == ()


@pytest.mark.timeout(900)
def test_nothing_is_lost_and_nothing_runs_twice_in_the_first_seeds() -> None:
    verdicts = of_all(verdict_of_seed, range(CI_SEEDS), "schedules")
    found = totals(verdicts)

    assert [(one.seed, one.broken) for one in verdicts if one.broken] == []
    assert found["steps"] >= CI_SEEDS * STEPS
    assert found["kinds of fault in a schedule, least"] >= LEAST_KINDS
