"""What ended jobs used is asked for after a while, and kept with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.domain.measured import Measured
from tests.engine.rig import Rig, a_rig

# One CPU for as long as it ran, and an eighth of 4 GiB.
USED = Measured(10.0, None, 1.0, 512, None)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig(measure_every_s=30) as made:
        yield made


def test_an_ended_job_is_asked_about_once_its_record_can_be_there(rig: Rig) -> None:
    job_id = rig.submit("alpha", sleep_s=10)
    rig.ticks(25)
    assert rig.states(job_id) == ["completed"]
    assert rig.store.job(job_id).measured is None
    rig.ticks(40)
    assert rig.store.job(job_id).measured == USED


def test_an_outage_costs_nothing_but_time(rig: Rig) -> None:
    job_id = rig.submit("alpha", sleep_s=10)
    rig.ticks(15)
    rig.backend.refuse_to_measure(True)
    rig.ticks(60)
    assert rig.states(job_id) == ["completed"]
    rig.backend.refuse_to_measure(False)
    rig.ticks(200)
    assert rig.store.job(job_id).measured is None
    rig.ticks(200)
    assert rig.store.job(job_id).measured == USED


def test_what_is_not_on_record_for_an_hour_stays_unknown(rig: Rig) -> None:
    rig.backend.refuse_to_measure(True)
    job_id = rig.submit("alpha", sleep_s=10)
    rig.ticks(20)
    rig.clock.advance(3600)
    rig.backend.refuse_to_measure(False)
    rig.ticks(60)
    assert rig.store.job(job_id).measured is None


def test_a_job_that_never_ran_is_not_asked_about(rig: Rig) -> None:
    job_id = rig.submit("alpha", sleep_s=10)
    rig.store.request_cancel(job_id, rig.clock.now())
    rig.ticks(60)
    assert rig.store.job(job_id).measured is None


def test_a_restart_finds_who_is_still_to_be_asked_about(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    with a_rig(url) as first:
        job_id = first.submit("alpha", sleep_s=10)
        first.ticks(20)
        ended, backend = first.store.job(job_id), first.backend
    with a_rig(url, measure_every_s=30, backend=backend) as second:
        second.clock.advance(60)
        second.ticks(1)
        assert ended.measured is None
        assert second.store.job(job_id).measured == USED
