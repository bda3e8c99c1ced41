"""The engine books what becomes of grants, and of the jobs that they pay for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from scheduler.domain.budgets import Balance, Price
from scheduler.domain.grants import Fund, GrantState
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch import read_job
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
