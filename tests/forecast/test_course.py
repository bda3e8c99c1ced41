"""The queue's course on small clusters, worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import ArrayPlace, PendingJob
from scheduler.domain.policies import OwnJobs, Policy, WaitRules
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.forecast.scene import Scene
from tests.build import a_holding, a_pending, a_placement, a_policy, a_quota, a_snapshot, at, nodes

HOUR_S = 3600
NOW = at(HOUR_S)


def half(_: Tenant, walltime_s: int, elapsed_s: float, __: int) -> float:
    """Let every run use half of its walltime, or a minute more than it has."""
    return max(walltime_s / 2, elapsed_s + 60)


def starts_s(
    snapshot: Snapshot, starts: Sequence[Start] = (), at_most: int = 1000
) -> dict[int, float]:
    scene = Scene(snapshot, starts)
    return scene.course(half).starts_s(sorted(scene.waiting), at_most)


def under(policy: Policy, *pending: PendingJob, used: dict[tuple[str, ...], float]) -> Snapshot:
    """Return the pending jobs behind one that holds the node for another hour by its half."""
    holding = a_holding(1001, "other", 8, started_at=NOW, walltime_s=2 * HOUR_S)
    return a_snapshot(*pending, holding=[holding], policy=policy, mean_gpus=used)


def test_a_job_starts_when_what_runs_is_expected_to_end() -> None:
    holding = a_holding(1001, "beta", 8, started_at=NOW, walltime_s=HOUR_S)

    assert starts_s(a_snapshot(a_pending(gpus=8), holding=[holding])) == {1: HOUR_S / 2}


def test_a_job_that_would_run_into_a_reservation_starts_when_it_ends() -> None:
    ends = at(4 * HOUR_S)
    one = Reservation("gpu/h200", at(2 * HOUR_S), ends, Audience("students"), nodes=1)
    policy = replace(a_policy(), reservations={"course": one})
    long, short = a_pending(1, gpus=8, walltime_s=2 * HOUR_S), a_pending(2, "beta", gpus=8)
    holding = a_holding(1001, "gamma", 8, started_at=NOW, walltime_s=24 * HOUR_S)

    told = starts_s(a_snapshot(long, short, on=nodes(2), holding=[holding], policy=policy))

    assert told == {1: 3 * HOUR_S, 2: 0}
    assert starts_s(a_snapshot(long, policy=policy)) == {1: 3 * HOUR_S}


def test_a_start_of_this_very_cycle_holds_its_gpus_too() -> None:
    first, second = a_pending(1, gpus=8, walltime_s=HOUR_S), a_pending(2, "beta", gpus=8)
    start = Start(1, a_placement(8))

    assert starts_s(a_snapshot(first, second), [start]) == {2: HOUR_S / 2}


def test_who_has_used_less_comes_first() -> None:
    policy = a_policy()
    jobs = [a_pending(1, "alpha", 8, walltime_s=HOUR_S), a_pending(2, "beta", 8, walltime_s=HOUR_S)]
    used = {("universities",): 5.0, ("universities", "alpha"): 5.0}

    assert starts_s(under(policy, *jobs, used=used)) == {2: HOUR_S, 1: 1.5 * HOUR_S}


def test_ones_own_jobs_go_in_the_policys_order() -> None:
    jobs = [a_pending(1, gpus=8, walltime_s=2 * HOUR_S), a_pending(2, gpus=8, walltime_s=HOUR_S)]
    shortest = replace(a_policy(), own_jobs=OwnJobs.SHORTEST)

    assert starts_s(under(a_policy(), *jobs, used={})) == {1: HOUR_S, 2: 2 * HOUR_S}
    assert starts_s(under(shortest, *jobs, used={})) == {2: HOUR_S, 1: 1.5 * HOUR_S}


def test_a_due_gang_keeps_others_from_starting_in_its_way() -> None:
    """By its walltime the small job would run beyond the promised start; in half of it, not."""
    holding = a_holding(1001, "other", 4, started_at=NOW, walltime_s=HOUR_S)
    gang = a_pending(1, "alpha", 8, submitted_at=at(0), walltime_s=HOUR_S)
    small = a_pending(2, "beta", 4, submitted_at=NOW, walltime_s=2 * HOUR_S)
    patient = replace(a_policy(), wait=WaitRules(guard_s=10 * HOUR_S))
    due = replace(a_policy(), wait=WaitRules(guard_s=600))

    snapshot = a_snapshot(gang, small, holding=[holding])
    assert starts_s(replace(snapshot, policy=patient))[2] == 0.0
    assert starts_s(replace(snapshot, policy=due)) == {1: HOUR_S / 2, 2: HOUR_S}


def test_elements_of_an_array_run_as_its_limit_allows() -> None:
    elements = [
        replace(a_pending(number, gpus=1, walltime_s=HOUR_S), array=ArrayPlace(1, number, limit=1))
        for number in (2, 3)
    ]
    holding = replace(
        a_holding(1, "alpha", 1, started_at=NOW, walltime_s=HOUR_S), array=ArrayPlace(1, 1, limit=1)
    )
    other = a_pending(9, gpus=1, walltime_s=HOUR_S)

    assert starts_s(a_snapshot(*elements, other, holding=[holding])) == {
        2: HOUR_S / 2,
        3: HOUR_S,
        9: 0,
    }


def test_a_ceiling_holds_its_organisation_back() -> None:
    policy = a_policy({"alpha": a_quota(ceiling=4)})
    jobs = [a_pending(n, gpus=4, walltime_s=HOUR_S) for n in (1, 2)]

    assert starts_s(a_snapshot(*jobs, policy=policy)) == {1: 0.0, 2: HOUR_S / 2}


def test_a_gang_of_whole_nodes_waits_until_enough_nodes_are_whole() -> None:
    holding = [
        a_holding(1001, "beta", 1, "n1", started_at=NOW, walltime_s=HOUR_S),
        a_holding(1002, "beta", 1, "n2", started_at=NOW, walltime_s=2 * HOUR_S),
    ]
    gang = a_pending(1, gpus=16, nodes=2)

    assert starts_s(a_snapshot(gang, on=nodes(2), holding=holding)) == {1: HOUR_S}


def test_a_very_long_queue_is_taken_to_go_on_at_its_pace() -> None:
    jobs = [a_pending(n, gpus=8, walltime_s=HOUR_S) for n in range(1, 11)]
    whole, cut = starts_s(a_snapshot(*jobs)), starts_s(a_snapshot(*jobs), at_most=5)

    assert cut[3] == whole[3]
    assert cut[10] >= whole[6]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 16)), min_size=1, max_size=12))
def test_every_job_that_could_run_starts_some_day(jobs: list[tuple[str, int]]) -> None:
    pending = [a_pending(n, name, gpus) for n, (name, gpus) in enumerate(jobs, start=1)]
    snapshot = a_snapshot(*pending, on=nodes(2))
    suited = Scene(snapshot, ()).waiting

    assert starts_s(snapshot).keys() == suited.keys()
    assert all(start_s >= 0 for start_s in starts_s(snapshot).values())
