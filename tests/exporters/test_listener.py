"""Tests of what is counted when the engine tells what it did."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from scheduler.domain.decisions import Recall
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.ports import Listener
from tests.build import NOON, POOL, a_job, a_placement, at
from tests.exporters.world import FELL_BACK, OPTIMAL, Scrape, a_report, a_share, an_exporter

ALPHA = {"class": "universities", "organisation": "alpha"}


def a_moved(
    state: JobState = JobState.RUNNING, *, started_s: int | None = 90, ended_s: int | None = None
) -> Job:
    """Return a job submitted at noon that is in `state` now."""
    return a_job(
        state=state,
        placement=a_placement(),
        started_at=None if started_s is None else at(started_s),
        ended_at=None if ended_s is None else at(ended_s),
    )


def waits(registry: CollectorRegistry) -> float | None:
    return Scrape(registry).value("tendik_job_wait_seconds_count", **ALPHA)


def test_the_listener_fulfils_the_port() -> None:
    _, metrics = an_exporter()
    listener: Listener = metrics

    listener.on_moved([], NOON)


def test_a_cycle_is_counted_by_solver_and_status() -> None:
    registry, metrics = an_exporter()
    for allocation in (FELL_BACK, FELL_BACK):
        metrics.on_cycle(a_report(allocation=allocation))

    scrape = Scrape(registry)
    assert scrape.value("tendik_cycles_total", status="not_run", solver="greedy") == 2
    assert scrape.value("tendik_solver_fallbacks_total") == 2
    assert scrape.value("tendik_cycle_duration_seconds_count") == 2


def test_violations_and_submissions_add_up() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(a_report(violations=("one", "two"), accepted=3))
    metrics.on_cycle(a_report(accepted=4))

    scrape = Scrape(registry)
    assert scrape.value("tendik_audit_violations_total") == 2
    assert scrape.value("tendik_submissions_total", outcome="accepted") == 7
    assert scrape.value("tendik_submissions_total", outcome="unknown") == 0


def test_held_gpus_become_gpu_seconds_from_cycle_to_cycle() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(a_report(a_share(held=8), taken_at=at(0)))
    metrics.on_cycle(a_report(a_share(held=2), taken_at=at(10)))
    metrics.on_cycle(a_report(a_share(held=0), taken_at=at(15)))

    assert Scrape(registry).value("tendik_gpu_seconds_total", **ALPHA, pool=POOL) == 8 * 10 + 2 * 5


def test_what_another_leader_counted_in_between_is_not_counted_again() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(a_report(a_share(held=8), cycle=1, taken_at=at(0)))
    metrics.on_cycle(a_report(a_share(held=8), cycle=9, taken_at=at(80)))
    metrics.on_moved([a_moved(JobState.COMPLETED, started_s=40, ended_s=85)], at(85))
    metrics.on_cycle(a_report(a_share(held=8), cycle=10, taken_at=at(90)))

    assert Scrape(registry).value("tendik_gpu_seconds_total", **ALPHA, pool=POOL) == 8 * 10
    assert waits(registry) == 0


def test_gpus_kept_free_for_planned_starts_add_up_from_cycle_to_cycle() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(replace(a_report(taken_at=at(0)), idled_gpus={POOL: 5}))
    assert Scrape(registry).value("tendik_gpu_seconds_idled_total", pool=POOL) == 0
    metrics.on_cycle(a_report(taken_at=at(10)))
    metrics.on_cycle(a_report(taken_at=at(20)))

    assert Scrape(registry).value("tendik_gpu_seconds_idled_total", pool=POOL) == 50


def test_gpus_kept_free_for_reservations_add_up_by_themselves() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(replace(a_report(taken_at=at(0)), reserved_idle_gpus={POOL: 8}))
    metrics.on_cycle(a_report(taken_at=at(10)))

    assert Scrape(registry).value("tendik_gpu_seconds_reserved_idle_total", pool=POOL) == 80
    assert Scrape(registry).value("tendik_gpu_seconds_idled_total", pool=POOL) == 0


def test_a_clock_set_back_takes_no_gpu_seconds_away() -> None:
    registry, metrics = an_exporter()
    for second in (0, 10, 5):
        metrics.on_cycle(a_report(a_share(held=1), taken_at=at(second)))

    assert Scrape(registry).value("tendik_gpu_seconds_total", **ALPHA, pool=POOL) == 10


def test_counters_of_a_known_organisation_start_at_zero() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(a_report())

    scrape = Scrape(registry)
    assert scrape.value("tendik_job_wait_seconds_count", **ALPHA) == 0
    for state in TERMINAL:
        assert scrape.value("tendik_jobs_ended_total", **ALPHA, state=state.value) == 0


def test_a_start_is_observed_with_its_wait() -> None:
    registry, metrics = an_exporter()
    metrics.on_moved([a_moved(started_s=90)], at(95))

    scrape = Scrape(registry)
    assert scrape.value("tendik_job_wait_seconds_sum", **ALPHA) == 90
    assert scrape.value("tendik_job_wait_seconds_bucket", **ALPHA, le="60.0") == 0
    assert scrape.value("tendik_job_wait_seconds_bucket", **ALPHA, le="300.0") == 1


def test_a_requeued_job_waited_only_once() -> None:
    registry, metrics = an_exporter()
    for state in (JobState.RUNNING, JobState.SUBMITTED, JobState.RUNNING, JobState.COMPLETED):
        metrics.on_moved([a_moved(state)], at(100))

    assert waits(registry) == 1


def test_a_job_too_short_to_be_seen_running_is_observed_at_its_end() -> None:
    registry, metrics = an_exporter()
    metrics.on_cycle(a_report(taken_at=at(80)))
    metrics.on_moved([a_moved(JobState.COMPLETED, started_s=90, ended_s=91)], at(95))

    assert waits(registry) == 1


def test_a_job_that_started_under_an_earlier_process_is_not_observed_again() -> None:
    registry, metrics = an_exporter()
    metrics.on_moved([a_moved(JobState.COMPLETED, started_s=90, ended_s=200)], at(201))

    assert waits(registry) is None


def test_a_job_cancelled_before_its_start_never_waited() -> None:
    registry, metrics = an_exporter()
    metrics.on_moved([a_moved(JobState.CANCELLED, started_s=None)], at(5))

    assert waits(registry) is None


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_an_end_is_counted_by_how_it_ended(state: JobState) -> None:
    registry, metrics = an_exporter()
    metrics.on_moved([a_moved(state)], at(300))

    ended = Scrape(registry).value("tendik_jobs_ended_total", **ALPHA, state=state.value)
    assert ended == 1


def test_only_a_fall_from_up_to_down_is_an_outage() -> None:
    registry, metrics = an_exporter()
    for up in (False, True, True, False, False, True, False):
        metrics.on_backend("simulated", up)

    assert Scrape(registry).value("tendik_backend_outages_total", backend="simulated") == 2


def test_recalls_are_counted_by_whose_runs_they_ended() -> None:
    registry, metrics = an_exporter()
    recalled = replace(
        a_moved(JobState.PENDING, started_s=None),
        recalls=1,
        recalled_for="beta",
        detail="recalled for beta, waits again",
    )
    metrics.on_moved([recalled], NOON)
    metrics.on_moved([replace(recalled, detail="Slurm refused it")], at(9))

    assert Scrape(registry).value("tendik_recalls_total", **ALPHA) == 1


def test_what_recalls_cost_at_most_adds_up() -> None:
    registry, metrics = an_exporter()
    told = Recall(7, ("universities", "beta"), "why", for_job=8, gpu_seconds=3600)
    for _ in range(2):
        metrics.on_cycle(a_report(allocation=replace(OPTIMAL, recalls=(told,))))

    assert Scrape(registry).value("tendik_recalled_gpu_seconds_total") == 7200
