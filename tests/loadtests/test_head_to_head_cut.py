"""A cut is the same each time, keeps the trace's character and fits the development Slurm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from loadtests.head_to_head.cut import (
    CAPACITY_GPUS,
    JOBS,
    LIMIT_SLACK_S,
    LONGEST_S,
    ORGANISATIONS,
    SHORTEST_S,
    SUBMISSIONS_S,
    WORK_GPU_S,
    CutJob,
    TraceUnfit,
    cut,
    evenly,
    scaled,
    whole_nodes,
)
from loadtests.head_to_head.made_up import made_up_workload
from scheduler.simulation.workload import Workload

WHOLE = made_up_workload(1)
CUT = cut(WHOLE)


def work_of(jobs: Sequence[CutJob]) -> int:
    return sum(job.work_gpu_s for job in jobs)


def test_the_same_trace_gives_the_same_cut() -> None:
    assert cut(made_up_workload(1)) == CUT


def test_another_seed_gives_another_cut() -> None:
    assert cut(made_up_workload(2)) != CUT


def test_a_cut_has_its_jobs_and_organisations() -> None:
    assert len(CUT) == JOBS
    assert len({job.organisation for job in CUT}) == ORGANISATIONS
    assert max(Counter(job.organisation for job in CUT).values()) <= JOBS // 4


def test_a_cut_is_more_than_the_cluster_can_do_while_jobs_come() -> None:
    assert work_of(CUT) == pytest.approx(WORK_GPU_S, rel=0.02)
    assert work_of(CUT) > 1.3 * CAPACITY_GPUS * SUBMISSIONS_S


def test_jobs_come_in_order_within_the_time_of_submissions() -> None:
    times = [job.at_s for job in CUT]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (0, SUBMISSIONS_S)


def test_every_job_can_run_and_is_not_cut_off_by_its_limit() -> None:
    for job in CUT:
        assert job.gpus <= CAPACITY_GPUS
        assert job.gpus % job.nodes == 0
        assert SHORTEST_S <= job.duration_s <= LONGEST_S
        assert job.limit_minutes * 60 >= job.duration_s + LIMIT_SLACK_S


def test_sizes_are_scaled_from_the_largest_job_and_gangs_are_whole_nodes() -> None:
    jobs = [replace(WHOLE.jobs[0], gpus=gpus) for gpus in (128, 34, 17, 16, 1)]
    assert [job.gpus for job in scaled(jobs)] == [64, 24, 16, 8, 1]
    assert whole_nodes(7) == 7


def test_a_trace_without_enough_organisations_is_unfit() -> None:
    lonely = tuple(replace(job, organisation="one") for job in WHOLE.jobs)
    with pytest.raises(TraceUnfit, match="12 organisations"):
        cut(Workload("lonely", 64, lonely))


def test_jobs_are_thinned_evenly() -> None:
    assert [job.at_s for job in CUT[:0]] == []
    assert len(list(evenly(WHOLE.jobs, 7))) == 7
    assert tuple(evenly(WHOLE.jobs[:5], 7)) == WHOLE.jobs[:5]
