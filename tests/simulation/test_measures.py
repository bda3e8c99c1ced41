"""The measures of a schedule, against examples worked by hand."""

from __future__ import annotations

import pytest

from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.measures import Yardstick, measure, percentile, undelivered_part
from tests.simulation.build import ran

FOUR = Yardstick(capacity_gpus=4, gang_gpus=4)


def test_a_cluster_of_one_after_another() -> None:
    """Alpha holds the four GPUs for 100 s while Beta, submitted together with it, waits."""
    measures = measure([ran("alpha", 4), ran("beta", 4, start_s=100)], FOUR)

    assert measures.utilisation == 1
    assert (measures.wait_mean_s, measures.wait_max_s, measures.gang_wait_mean_s) == (50, 100, 50)
    assert measures.slowdown_mean == 1.5
    # In the fluid both end at 200 s.
    assert measures.rho == {"alpha": 0.5, "beta": 1.0}
    assert measures.worst_rho_organisation == "beta"
    # 1 ÷ rho is 2 and 1: 3² ÷ (2 × 5).
    assert measures.jain == pytest.approx(0.9)
    # Until 100 s Beta holds nothing of the 2 GPUs it is entitled to: 200 of 800 GPU-seconds.
    assert measures.undelivered == 0.25
    assert (measures.worst_lag_s, measures.worst_lag_organisation) == (50, "beta")


def test_an_even_schedule_leaves_nothing_undelivered() -> None:
    measures = measure([ran("alpha", 2), ran("beta", 2)], FOUR)

    assert (measures.undelivered, measures.worst_lag_s, measures.worst_rho) == (0, 0, 1)
    assert (measures.jain, measures.slowdown_mean, measures.work_lost) == (1, 1, 0)


def test_weights_say_who_was_entitled_to_more() -> None:
    jobs = [ran("alpha", 4), ran("beta", 4, start_s=100)]
    thrice = Yardstick(4, {"alpha": 3})

    assert undelivered_part(jobs, thrice) == (100 * 1) / (200 * 4)


def test_short_work_counts_as_the_bound() -> None:
    job = ran(run_s=1, start_s=19)

    assert job.bounded_slowdown(10) == 2
    assert job.bounded_slowdown(0.5) == 20
    assert ran(run_s=1, start_s=2).bounded_slowdown(10) == 1
    assert measure([job], Yardstick(1, slowdown_bound_s=5)).slowdown_mean == 4


def test_a_recalled_job_waits_between_its_spells_and_its_lost_work_is_told() -> None:
    job = ran(gpus=2, run_s=100, spells=((10, 50), (80, 150)))
    measures = measure([job], FOUR)

    assert (job.wait_s, job.recalls, measures.recalls) == (40, 1, 1)
    assert measures.slowdown_mean == 1.5
    assert measures.work_lost == pytest.approx(0.1)
    assert measures.utilisation == 2 * 110 / (4 * 150)


def test_the_tail_after_the_last_submission_does_not_count_as_idle() -> None:
    measures = measure([ran(gpus=4, run_s=100), ran(gpus=1, submit_s=100, run_s=300)], FOUR)

    assert measures.busy_utilisation == 1
    assert measures.utilisation == 700 / 1600


def test_jobs_without_work_have_no_rho_and_break_nothing() -> None:
    measures = measure([ran("alpha", run_s=0), ran("beta", run_s=0, start_s=5)], FOUR)

    assert measures.rho == {}
    assert (measures.worst_rho, measures.jain, measures.utilisation) == (1, 1, 0)


def test_an_organisation_of_hardly_any_work_does_not_decide_the_worst_rho() -> None:
    jobs = [ran("alpha", 4, run_s=100_000), ran("tiny", 1, submit_s=9, start_s=100_000, run_s=1)]
    measures = measure(jobs, FOUR)

    assert (measures.worst_rho_organisation, measures.jain) == ("alpha", 1)
    assert measures.rho["tiny"] > 10_000
    assert measure(jobs, Yardstick(4, least_work_part=0)).worst_rho_organisation == "tiny"


def test_percentiles_are_linear_between_neighbours() -> None:
    assert percentile([1, 2, 3, 4, 5], 50) == 3
    assert percentile([1, 2], 95) == pytest.approx(1.95)
    assert percentile([7], 99) == 7


def test_impossible_jobs_are_refused_and_so_is_an_empty_schedule() -> None:
    with pytest.raises(ValueError, match="submitted, then starts"):
        FinishedJob("j", "alpha", "ann", 1, submit_s=5, start_s=4, end_s=9, run_s=4)
    with pytest.raises(ValueError, match="no negative amounts"):
        FinishedJob("j", "alpha", "ann", 1, submit_s=0, start_s=0, end_s=0, run_s=-1)
    with pytest.raises(ValueError, match="without a job"):
        measure([], FOUR)
