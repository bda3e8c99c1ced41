"""The other schedulers, against small examples worked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scheduler.simulation.baselines.backfill import easy, planned
from scheduler.simulation.baselines.fair_tree import DecayedUsage, FairTree
from scheduler.simulation.baselines.machine import Machine, Running, Scheduler, simulate
from scheduler.simulation.baselines.simple import FirstCome, LowestShareFirst
from scheduler.simulation.baselines.slurm import EQUAL, SLURM_SETTINGS, Slurm, SlurmSettings
from scheduler.simulation.synthetic import SYNTHETIC
from scheduler.simulation.workload import Workload, WorkloadJob


def a_job(
    job_id: str, gpus: int, walltime_s: int, *, at: float = 0, run_s: float = -1, who: str = "a"
) -> WorkloadJob:
    """Return a job that runs for its whole walltime unless told."""
    work_s = walltime_s if run_s < 0 else run_s
    return WorkloadJob(job_id, who, f"{who}-user", gpus, at, work_s, walltime_s)


def a_machine(*running: WorkloadJob, gpus: int = 4) -> Machine:
    machine = Machine(gpus, gpus)
    for job in running:
        machine.start(job, 0)
    return machine


def starts_of(scheduler: Scheduler, *jobs: WorkloadJob, gpus: int = 4) -> dict[str, float]:
    in_order = tuple(sorted(jobs, key=lambda job: job.submit_s))
    schedule = simulate(Workload("w", gpus, in_order), scheduler)
    return {job.job_id: job.start_s for job in schedule}


def names(jobs: Sequence[WorkloadJob]) -> list[str]:
    return [job.job_id for job in jobs]


# 3 of 4 GPUs are held until 100 s; the head needs 3, so it can start then, and 1 is left over.
HELD = a_job("held", 3, 100)
HEAD = a_job("head", 3, 50)


def test_easy_starts_what_ends_before_the_head_can_start() -> None:
    short, long = a_job("short", 1, 100), a_job("long", 1, 101)

    assert names(easy([HEAD, short], a_machine(HELD), 0)) == ["short"]
    assert names(easy([HEAD, long], a_machine(HELD), 0)) == ["long"]
    whole = a_job("whole", 4, 50)
    assert names(easy([whole, long], a_machine(HELD), 0)) == []
    assert names(easy([whole, short], a_machine(HELD), 0)) == ["short"]


def test_easy_gives_away_what_the_head_leaves_over_once_only() -> None:
    machine = a_machine(a_job("held", 6, 100), gpus=8)
    queue = [a_job("head", 7, 50), a_job("long1", 1, 500), a_job("long2", 1, 500)]

    assert names(easy(queue, machine, 0)) == ["long1"]


def test_planning_delays_nobody_who_has_a_place_and_easy_only_the_head() -> None:
    """A second gang needs all GPUs at 150 s: a job of 200 s on the spare GPU would delay it."""
    queue = [HEAD, a_job("second", 4, 50), a_job("long", 1, 200)]

    assert names(planned(queue, a_machine(HELD), 0)) == []
    assert names(planned(queue, a_machine(HELD), 0, most_places=1)) == ["long"]
    assert names(easy(queue, a_machine(HELD), 0)) == ["long"]


def test_a_planned_place_is_the_earliest_that_lasts_long_enough() -> None:
    """The gap before the head is 100 s long: who needs more goes after it."""
    queue = [a_job("head", 4, 50), a_job("fits", 1, 100), a_job("later", 1, 101)]

    assert names(planned(queue, a_machine(HELD), 0)) == ["fits"]


def test_first_come_runs_a_small_example_to_the_end() -> None:
    jobs = [HELD, a_job("whole", 4, 50, at=1), a_job("short", 1, 60, at=2)]

    assert starts_of(FirstCome(), *jobs) == {"held": 0, "whole": 100, "short": 2}


def test_a_job_that_ends_early_lets_the_next_start_early() -> None:
    early = a_job("early", 4, 100, run_s=30)

    assert starts_of(FirstCome(), early, a_job("next", 4, 10)) == {"early": 0, "next": 30}


def test_usage_halves_in_a_half_life_and_counts_running_jobs() -> None:
    usage, run = DecayedUsage(half_life_s=100), Running(a_job("j", 2, 1000), 0)
    usage.update([run], 100)
    assert usage.gpu_seconds["a", "a-user"] == 200
    usage.update([run], 200)
    assert usage.gpu_seconds["a", "a-user"] == 100 + 200
    usage.charge_end(run, 210)
    assert usage.gpu_seconds["a", "a-user"] == 320
    with pytest.raises(ValueError, match="a half-life must be positive"):
        DecayedUsage(0)


def test_fair_tree_ranks_organisations_before_their_users() -> None:
    """A light user of the organisation that used most still comes after all of the other's."""
    members = {"a": [("a", "x"), ("a", "y")], "b": [("b", "x"), ("b", "y")]}
    usage = {("a", "x"): 50.0, ("b", "x"): 99.0, ("b", "y"): 1.0}
    tree = FairTree(members, usage, {})

    factors = {user: tree.factor(user) for users in members.values() for user in users}
    assert factors == {("a", "y"): 1, ("a", "x"): 0.75, ("b", "y"): 0.5, ("b", "x"): 0.25}
    favoured = FairTree(members, usage, {"b": 3.0})
    assert favoured.factor(("b", "y")) == 1


def test_fair_tree_gives_ties_the_same_rank_and_walks_tied_organisations_as_one() -> None:
    members = {name: [(name, "x"), (name, "y")] for name in "abc"}
    usage = {("a", "x"): 6.0, ("a", "y"): 4.0, ("b", "x"): 8.0, ("b", "y"): 2.0}
    tree = FairTree(members, usage, {})

    assert tree.factor(("c", "x")) == tree.factor(("c", "y")) == 1
    ranks = [tree.factor(user) * 6 for user in (("b", "y"), ("a", "y"), ("a", "x"), ("b", "x"))]
    assert ranks == pytest.approx([4, 3, 2, 1])


def test_slurm_prefers_who_used_least_and_age_when_only_age_counts() -> None:
    """Alpha used the cluster; then alpha's job comes before beta's."""
    jobs = [
        a_job("first", 4, 1000, who="alpha"),
        a_job("second", 4, 100, at=10, who="alpha"),
        a_job("other", 4, 100, at=500, who="beta"),
    ]

    def order(settings: SlurmSettings) -> list[str]:
        starts = starts_of(Slurm(Workload("w", 4, tuple(jobs)), settings), *jobs)
        return sorted(starts, key=lambda job_id: starts[job_id])

    assert order(SlurmSettings(weight_fairshare=1)) == ["first", "other", "second"]
    assert order(SlurmSettings(weight_age=1)) == ["first", "second", "other"]


def test_slurm_favours_the_size_it_is_told_to() -> None:
    jobs = [HELD, a_job("big", 4, 10, at=1), a_job("small", 2, 10, at=1)]
    large = SlurmSettings(weight_job_size=1)
    small = SlurmSettings(weight_job_size=1, favor_small=True)

    assert starts_of(Slurm(Workload("w", 4, tuple(jobs)), large), *jobs)["big"] == 100
    assert starts_of(Slurm(Workload("w", 4, tuple(jobs)), small), *jobs)["small"] == 100


def test_slurm_backfills_once_in_an_interval_and_wakes_for_the_next() -> None:
    """At 5 s the main loop stops at the gang that does not fit; backfill comes at 30 s."""
    jobs = [HELD, a_job("whole", 4, 50, at=4), a_job("short", 1, 10, at=5)]
    starts = starts_of(Slurm(Workload("w", 4, tuple(jobs)), EQUAL), *jobs)

    assert starts == {"held": 0, "whole": 100, "short": 30}


def test_the_lowest_share_goes_first_and_nothing_is_kept_for_a_gang() -> None:
    stream = [a_job(f"s{n}", 1, 100, at=10 * n, who="stream") for n in range(1, 12)]
    gang = a_job("gang", 4, 100, at=15, who="gang")
    starts = starts_of(LowestShareFirst(), HELD, gang, *stream)

    # A GPU is free from 0 s on, and all four only when the stream has run dry.
    assert starts["s1"] == 10
    assert starts["gang"] > max(starts[job.job_id] for job in stream)
    rivals = [a_job("first", 4, 100, who="x"), a_job("x", 4, 9, who="x"), a_job("y", 4, 9, who="y")]
    starts = starts_of(LowestShareFirst(), *rivals)
    assert starts["y"] < starts["x"]


@pytest.mark.parametrize("name", [*SLURM_SETTINGS, "first come", "lowest share"])
def test_every_baseline_runs_every_job_once_and_never_too_many(name: str) -> None:
    workload = SYNTHETIC["twelve-overloaded"](1).first(400)
    scheduler: Scheduler = FirstCome()
    if name == "lowest share":
        scheduler = LowestShareFirst()
    elif name in SLURM_SETTINGS:
        scheduler = Slurm(workload, SLURM_SETTINGS[name])
    jobs = simulate(workload, scheduler)

    assert sorted(job.job_id for job in jobs) == sorted(job.job_id for job in workload.jobs)
    changes = sorted(
        (at, change)
        for job in jobs
        for at, change in ((job.start_s, job.gpus), (job.end_s, -job.gpus))
    )
    held = 0
    for _, change in changes:
        held += change
        assert held <= workload.capacity_gpus
