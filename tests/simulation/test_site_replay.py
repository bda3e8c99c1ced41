"""A site's replay decides as the engine's does, and keeps to the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.cli.simulation.running import allocator_of
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import Policy
from scheduler.domain.recalls.recall import recalling
from scheduler.domain.requests import GpuRequest
from scheduler.domain.tenants import Tenant
from scheduler.policy_files import parse_policy
from scheduler.simulation.replay import POLICY, POOL, WITH_RECALL, Setup, nodes_of, replay
from scheduler.simulation.site import Site, SiteJob
from scheduler.simulation.site_replay import SiteSchedule, replay_site
from scheduler.simulation.synthetic import idle_then_burst, twelve_overloaded
from scheduler.simulation.workload import Workload

HOUR_S = 3600.0


def decided(
    site: Site, policy: Policy, cycle_s: float, tell: Callable[[float], None] = lambda _: None
) -> SiteSchedule:
    return replay_site(site, policy, allocator_of(site), cycle_s, tell)


def as_site(workload: Workload, window_s: float) -> Site:
    """Return the workload as `replay` hands it in, on nodes of 8 GPUs."""
    jobs = tuple(
        SiteJob(
            number,
            Tenant("all", job.organisation, "main", job.user),
            GpuRequest(job.gpus, walltime_s=job.walltime_s),
            job.submit_s,
            job.run_s,
            job.recallable,
        )
        for number, job in enumerate(workload.jobs, start=1)
    )
    places = {job.tenant.organisation: "all" for job in jobs}
    nodes = tuple(nodes_of(workload.capacity_gpus, 8))
    return Site((POOL,), nodes, places, jobs, window_s)


@pytest.mark.parametrize(
    ("workload", "policy"),
    [
        (twelve_overloaded(1).first(400), POLICY),
        (idle_then_burst(2).first(300).with_recallable(0.6, 3), WITH_RECALL),
    ],
    ids=["twelve overloaded organisations", "a burst that recalls"],
)
def test_the_schedule_is_the_one_that_the_engine_makes(workload: Workload, policy: str) -> None:
    setup = Setup(recalling(allocate_greedily), policy=policy, node_gpus=8, at_least_every_s=900)
    engines = replay(workload, setup).jobs
    window_s = max(job.end_s for job in engines) + 1

    made = decided(as_site(workload, window_s), parse_policy(policy)[1], 0.0)

    ours = [tuple(fate.spells) for fate in made.fates]
    assert [[(round(s, 3), round(e, 3)) for s, e in spells] for spells in ours] == [
        [(round(s, 3), round(e, 3)) for s, e in job.held] for job in engines
    ]
    assert [fate.recalls for fate in made.fates] == [job.recalls for job in engines]


def a_site(*jobs: SiteJob, gpus: int = 16, window_s: float = 24 * HOUR_S) -> Site:
    places = {job.tenant.organisation: job.tenant.tenant_class for job in jobs}
    return Site((POOL,), tuple(nodes_of(gpus, 8)), places, jobs, window_s)


def wants(number: int, gpus: int = 8, at_s: float = 0, run_s: float = HOUR_S) -> SiteJob:
    request = GpuRequest(gpus, walltime_s=2 * 3600)
    return SiteJob(number, Tenant("all", "alpha", "main", "ada"), request, at_s, run_s)


def run(site: Site, more: str = "", cycle_s: float = 0) -> SiteSchedule:
    text = f'title = "t"\n[classes.all]\n{more}'
    return decided(site, parse_policy(text)[1], cycle_s)


def test_what_runs_at_the_windows_end_is_cut_there() -> None:
    site = a_site(wants(1, run_s=7200), wants(2, 16), window_s=HOUR_S)

    first, second = run(site).fates

    assert (first.spells, first.left_s) == ([(0, HOUR_S)], None)
    assert (second.spells, second.left_s) == ([], None)


def test_cycles_lie_apart_and_nothing_runs_where_nobody_waits() -> None:
    site = a_site(wants(1), wants(2, at_s=10), wants(3, at_s=20))

    made = run(site, cycle_s=300)

    assert [fate.spells[0][0] for fate in made.fates] == [0, 300, HOUR_S]
    assert made.cycles == 3


def test_who_takes_a_job_back_frees_its_place_or_its_gpus() -> None:
    waiting = replace(wants(2, 16, at_s=60), leaves_s=600)
    running = replace(wants(1, 16), leaves_s=1200)

    first, second, third = run(a_site(running, waiting, wants(3, 16, at_s=90))).fates

    assert (first.spells, first.left_s) == ([(0, 1200)], 1200)
    assert (second.spells, second.left_s) == ([], 600)
    assert third.spells[0][0] == 1200


@pytest.mark.parametrize(
    ("limit", "refused"),
    [
        ("[user_limits]\nmax_pending_jobs = 1", [2]),
        ('[user_limits]\nmax_walltime = "1h"', [0, 1, 2]),
        ("[user_limits]\nmax_job_gpus = 8", [0, 1]),
        ("[organisations.alpha]\nceiling_gpus = 8", [0, 1]),
    ],
    ids=["too many wait", "too long", "too many GPUs", "above a ceiling"],
)
def test_what_the_policy_would_refuse_is_refused(limit: str, refused: list[int]) -> None:
    site = a_site(wants(1, 16), wants(2, 16, at_s=60), wants(3, at_s=120))

    fates = run(site, limit).fates

    assert [place for place, fate in enumerate(fates) if fate.refused] == refused


def test_a_class_without_a_share_is_refused() -> None:
    site = a_site(replace(wants(1), tenant=Tenant("gone", "beta", "main", "bob")), wants(2))

    assert [fate.refused for fate in run(site).fates] == [True, False]


def test_an_array_is_refused_as_a_whole() -> None:
    elements = [replace(wants(n, 1), array=ArrayPlace(1, n)) for n in (1, 2, 3)]

    fates = run(a_site(*elements, wants(4)), "[user_limits]\nmax_array_elements = 2").fates

    assert [fate.refused for fate in fates] == [True, True, True, False]


def test_the_same_site_gives_the_same_schedule() -> None:
    site = as_site(twelve_overloaded(3).first(200), 12 * HOUR_S)
    heard: list[float] = []
    policy = parse_policy(POLICY)[1]

    first = decided(site, policy, 60, heard.append)

    assert decided(site, policy, 60) == first
    assert heard == sorted(heard)
    assert heard[-1] == site.window_s
