"""The engine books what becomes of grants, and of the jobs that they pay for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.domain.budgets.grants import Fund, GrantState
from scheduler.domain.budgets.ledger import Balance, Price
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.engine import confirming
from tests.build import a_tenant
from tests.engine.rig import Rig, a_rig
from tests.store.budgets import a_request_for, awarded

HOUR_S = 3600


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        made.store.add_fund(Fund("ai-fund", "AI Fund", 1_000_000))
        yield made


def granted(rig: Rig, gpu_seconds: int, lasts_s: float) -> None:
    now = rig.clock.now()
    expires = now + timedelta(seconds=lasts_s)
    awarded(rig.store, a_request_for(gpu_seconds, project="research", starts=now, expires=expires))


def submit(rig: Rig, sleep_s: int, gpus: int = 2) -> int:
    script = f"#!/bin/bash\n#SBATCH --gpus={gpus} --time=60\nsleep {sleep_s}\n"
    spec = read_job(script, ()).spec
    tenant = a_tenant("alpha", project="research")
    price = Price(gpus * HOUR_S, must=True)
    new = NewJobs(tenant, "alpha", spec, "", "", rig.clock.now(), price=price)
    (answer,) = rig.store.add_jobs([new])
    assert not isinstance(answer, Exception), answer
    return answer[0].job_id


def test_a_run_is_charged_to_the_second(rig: Rig) -> None:
    granted(rig, 4 * HOUR_S, lasts_s=100_000)
    job_id = submit(rig, sleep_s=37)
    rig.ticks(60)

    assert rig.states(job_id) == ["completed"]
    assert rig.store.grant(1).balance == Balance(awarded=4 * HOUR_S, charged=74)


def test_a_run_whose_node_fails_costs_nothing(rig: Rig) -> None:
    granted(rig, 4 * HOUR_S, lasts_s=100_000)
    job_id = submit(rig, sleep_s=600)
    rig.ticks(30)
    placement = rig.store.job(job_id).placement
    assert placement is not None
    rig.backend.node_down(placement.nodes[0])
    rig.ticks(30)

    assert rig.states(job_id) == ["node_failed"]
    assert rig.store.grant(1).balance == Balance(awarded=4 * HOUR_S)


def test_an_expired_grant_is_booked_within_a_minute(rig: Rig) -> None:
    granted(rig, 4 * HOUR_S, lasts_s=100)
    rig.ticks(90)
    assert rig.store.grant(1).state is GrantState.AWARDED
    rig.ticks(90)

    assert rig.store.grant(1).state is GrantState.EXPIRED
    assert rig.store.grant(1).balance == Balance(awarded=4 * HOUR_S, lapsed=4 * HOUR_S)


def requeued(rig: Rig, *, node_failed: bool = False) -> int:
    """Let Slurm put a job of two GPUs back that ran for 21 s; it begins anew a second later."""
    granted(rig, 4 * HOUR_S, lasts_s=100_000)
    job_id = submit(rig, sleep_s=600)
    rig.ticks(21)
    rig.backend.requeue(rig.store.job(job_id).slurm_id, node_failed=node_failed)
    rig.clock.advance(7)
    rig.ticks(1)
    assert charged(rig) == 44
    return job_id


def charged(rig: Rig) -> int:
    return rig.store.grant(1).balance.charged


def test_what_was_charged_until_slurm_was_looked_at_again_is_given_back(rig: Rig) -> None:
    job_id = requeued(rig)
    rig.ticks(60)

    assert charged(rig) == 42
    assert rig.store.open_charges() == ()
    rig.ticks(600)
    assert rig.states(job_id) == ["completed"]
    assert charged(rig) == 42 + 1200


def test_a_node_that_failed_under_a_job_that_slurm_began_anew_is_refunded(rig: Rig) -> None:
    requeued(rig, node_failed=True)
    rig.ticks(60)

    assert charged(rig) == 0


def test_a_slurmdbd_that_does_not_answer_is_waited_for(rig: Rig) -> None:
    rig.backend.refuse_to_measure(True)
    requeued(rig)
    rig.ticks(150, every_s=60)
    assert charged(rig) == 44 + 1200
    rig.backend.refuse_to_measure(False)
    rig.ticks(10, every_s=60)

    assert charged(rig) == 42 + 1200


def test_a_charge_of_which_there_is_no_record_stays_after_an_hour(rig: Rig) -> None:
    job_id = requeued(rig)
    rig.backend.lose_job(rig.store.job(job_id).slurm_id)
    rig.backend.forget_runs()
    rig.ticks(60, every_s=60)
    assert len(rig.store.open_charges()) == 1
    rig.ticks(10, every_s=60)

    assert rig.store.open_charges() == ()
    assert charged(rig) == 44


def test_silence_of_slurmdbd_does_not_tell_that_there_is_no_record(rig: Rig) -> None:
    rig.backend.refuse_to_measure(True)
    requeued(rig)
    rig.ticks(120, every_s=60)
    rig.backend.forget_runs()
    rig.backend.refuse_to_measure(False)
    rig.ticks(30, every_s=60)
    assert len(rig.store.open_charges()) == 1
    rig.ticks(60, every_s=60)

    assert rig.store.open_charges() == ()


def test_a_restart_confirms_what_was_still_open(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    with a_rig(url) as first:
        first.store.add_fund(Fund("ai-fund", "AI Fund", 1_000_000))
        requeued(first)
        backend = first.backend
    with a_rig(url, backend=backend) as second:
        second.clock.advance(60)
        second.ticks(1)

        assert charged(second) == 42


def test_nothing_is_asked_where_no_charge_is_open(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(rig.backend, "ended_runs", asked.append)
    granted(rig, 4 * HOUR_S, lasts_s=100_000)
    job_id = submit(rig, sleep_s=37)
    rig.ticks(120)

    assert rig.states(job_id) == ["completed"]
    assert asked == []


def test_one_charge_without_a_record_does_not_keep_others_waiting(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "JOBS_AT_ONCE", 1)
    granted(rig, 8 * HOUR_S, lasts_s=100_000)
    first, second = submit(rig, sleep_s=600), submit(rig, sleep_s=600)
    rig.ticks(21)
    rig.backend.requeue(rig.store.job(first).slurm_id)
    rig.backend.forget_runs()
    rig.backend.requeue(rig.store.job(second).slurm_id)
    rig.ticks(120)

    (still_open,) = rig.store.open_charges()
    assert still_open.job_id == first
