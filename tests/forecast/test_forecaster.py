"""The forecaster learns from what cycles show, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

from scheduler.domain.decisions import Allocation, SolverStatus, Start
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.snapshot import Snapshot
from scheduler.forecast.forecaster import LONG_QUEUE, LONGEST_QUEUE, PAUSE_S, Forecaster
from scheduler.forecast.runtimes import Runtimes
from tests.build import (
    a_holding,
    a_pending,
    a_placement,
    a_policy,
    a_quota,
    a_snapshot,
    a_tenant,
    at,
)

HOUR_S = 3600
FULL = a_holding(1001, "beta", 8, started_at=at(HOUR_S), walltime_s=HOUR_S)
NOTHING = Allocation((), "test", SolverStatus.NOT_RUN)


def seen(at_s: float, *pending: PendingJob, holding: tuple[HoldingJob, ...] = (FULL,)) -> Snapshot:
    return replace(a_snapshot(*pending, holding=holding), taken_at=at(at_s))


def starting(job_id: int, gpus: int = 8) -> Allocation:
    return replace(NOTHING, decisions=(Start(job_id, a_placement(gpus)),))


def test_a_job_is_told_once_in_the_first_cycle_that_sees_it_wait() -> None:
    forecaster, job = Forecaster(), a_pending(1, gpus=8)

    (told,) = forecaster.saw(seen(HOUR_S, job), NOTHING)
    assert told.made_at == at(HOUR_S)
    assert forecaster.saw(seen(HOUR_S + 1, job), NOTHING) == ()
    assert forecaster.estimate_of(1) == told


def test_a_job_whose_p50_has_passed_is_told_anew_and_not_in_every_cycle() -> None:
    forecaster, job = Forecaster(), a_pending(1, gpus=8)
    (first,) = forecaster.saw(seen(HOUR_S, job), NOTHING)
    passed_s = (first.p50 - at(0)).total_seconds()

    assert forecaster.saw(seen(passed_s - 1, job), NOTHING) == ()
    (anew,) = forecaster.saw(seen(passed_s, job), NOTHING)
    assert (anew.job_id, anew.made_at) == (1, first.p50)
    assert forecaster.estimate_of(1) == anew
    assert forecaster.saw(seen(passed_s + 1, job), NOTHING) == ()


def test_a_job_that_starts_at_once_is_told_nothing() -> None:
    forecaster = Forecaster()

    assert forecaster.saw(seen(HOUR_S, a_pending(1, gpus=8), holding=()), starting(1)) == ()
    assert forecaster.estimate_of(1) is None


def test_a_job_that_could_never_run_is_told_nothing() -> None:
    assert Forecaster().saw(seen(HOUR_S, a_pending(1, gpus=100)), NOTHING) == ()


def test_runs_that_end_early_are_learnt_from_as_they_leave_the_cluster() -> None:
    runtimes = Runtimes()
    forecaster = Forecaster(runtimes)
    for number in range(20):
        began = at(HOUR_S + number * 100)
        run = replace(FULL, job_id=2000 + number, started_at=began)
        forecaster.saw(seen(HOUR_S + number * 100, holding=(run,)), NOTHING)

    assert runtimes.runtime_s(a_tenant("beta"), HOUR_S) < HOUR_S / 4


def test_a_run_that_was_recalled_says_nothing_of_runtimes() -> None:
    runtimes = Runtimes()
    forecaster = Forecaster(runtimes)
    forecaster.saw(seen(HOUR_S), NOTHING)
    forecaster.saw(seen(HOUR_S + 60, a_pending(1001, "beta", 8), holding=()), NOTHING)

    assert runtimes.runtime_s(a_tenant("beta"), HOUR_S) == HOUR_S / 2


def test_runs_that_ended_while_another_replica_led_say_nothing_of_runtimes() -> None:
    runtimes = Runtimes()
    forecaster = Forecaster(runtimes)
    forecaster.saw(seen(HOUR_S), NOTHING)
    forecaster.saw(replace(seen(HOUR_S + 60, holding=()), cycle=10), NOTHING)

    assert runtimes.runtime_s(a_tenant("beta"), HOUR_S) == HOUR_S / 2


def test_new_jobs_of_a_long_queue_are_told_together() -> None:
    forecaster = Forecaster()
    crowd = [a_pending(n, gpus=8) for n in range(1, LONG_QUEUE + 2)]
    late = a_pending(LONG_QUEUE + 2, gpus=8)

    assert len(forecaster.saw(seen(HOUR_S, *crowd), NOTHING)) == len(crowd)
    assert forecaster.saw(seen(HOUR_S + 1, *crowd, late), NOTHING) == ()
    assert len(forecaster.saw(seen(HOUR_S + PAUSE_S, *crowd, late), NOTHING)) == 1


def test_what_came_true_is_told_by_class() -> None:
    forecaster, job = Forecaster(), a_pending(1, gpus=8)
    forecaster.saw(seen(HOUR_S, job), NOTHING)
    forecaster.saw(seen(HOUR_S + 60, job, holding=()), starting(1))

    (record,) = forecaster.track_record()
    assert (record.tenant_class, record.judged, record.within_p90) == ("universities", 1, 1)
    assert forecaster.estimate_of(1) is None


def test_the_same_cycles_give_the_same_estimates() -> None:
    jobs = [a_pending(n, gpus=1 + n % 8) for n in range(1, 30)]
    one, other = (Forecaster().saw(seen(HOUR_S, *jobs), NOTHING) for _ in range(2))

    assert one == other


def test_in_the_longest_queue_nobody_is_told_anything() -> None:
    forecaster = Forecaster()
    queue = [a_pending(number, gpus=8) for number in range(1, LONGEST_QUEUE + 2)]

    assert forecaster.saw(seen(HOUR_S, *queue), NOTHING) == ()
    assert forecaster.estimate_of(1) is None


def test_a_long_queue_at_a_ceiling_costs_no_more_than_its_looks() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=1)})
    full = [a_holding(9000 + n, "beta", 1, walltime_s=7200 + n) for n in range(8)]
    jobs = [a_pending(n, "alpha" if n < 800 else "beta", gpus=1) for n in range(1, 1000)]
    snapshot = replace(a_snapshot(*jobs, holding=full, policy=policy), taken_at=at(HOUR_S))
    before_s = process_time()

    told = Forecaster().saw(snapshot, NOTHING)

    # A second here; half a minute where each start looked at all whom the ceiling keeps waiting.
    assert process_time() - before_s < 10
    assert len(told) == len(jobs)
