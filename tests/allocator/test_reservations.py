"""Advance reservations are kept by every allocator, in worlds told here and nobody thought of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.allocator.changed import EndOf
from scheduler.allocator.explanation import explained
from scheduler.allocator.greedy import allocate_greedily, greedy_end
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import SEARCHES, violations
from scheduler.domain.audit.blockers import blockers_are_true_and_all_told
from scheduler.domain.decisions import Allocation, PlannedStart
from scheduler.domain.jobs import HoldingJob
from scheduler.domain.policies import Policy, SparePlaces, WaitRules
from scheduler.domain.reasons import Reason
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.domain.resources import Node
from scheduler.domain.shares.demand import after_starts
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.allocator.chains import Chain
from tests.allocator.reserved_worlds import named, reserved_worlds
from tests.allocator.test_counterfactuals import changed, later, starts
from tests.allocator.test_recall_promises import chains
from tests.build import (
    POOL,
    a_holding,
    a_node,
    a_pending,
    a_placement,
    a_policy,
    a_snapshot,
    a_tenant,
    at,
    nodes,
)

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
CHECKED = settings(max_examples=150, deadline=None)
STUDENTS = a_tenant("college", tenant_class="students")
COURSE = Audience("students")
HOUR_S = 3600


@every_allocator
@CHECKED
@given(snapshot=reserved_worlds())
def test_no_rule_is_ever_broken(allocate: Allocator, snapshot: Snapshot) -> None:
    """Among the rules: who fits outside of reservations starts, and no node is overfilled."""
    allocation = allocate(snapshot)

    assert violations(snapshot, allocation) == ()
    assert allocation.fell_back_because == ""


@every_allocator
@CHECKED
@given(snapshot=reserved_worlds())
def test_nobody_starts_or_is_planned_where_others_have_reserved(
    allocate: Allocator, snapshot: Snapshot
) -> None:
    allocation, jobs = allocate(snapshot), {job.job_id: job for job in snapshot.pending}
    gangs = [(start.job_id, snapshot.taken_at, start.placement) for start in allocation.starts]
    gangs += [(plan.job_id, plan.at, plan.placement) for plan in allocation.plans]

    for hold in ReservedNodes(snapshot).holds:
        for job_id, begins, placement in gangs:
            ends = begins + timedelta(seconds=jobs[job_id].request.walltime_s)
            is_there = hold.meets(begins, ends) and {*hold.nodes} & {*placement.nodes}
            assert not is_there or hold.reservation.audience.includes(jobs[job_id].tenant)


@every_allocator
@CHECKED
@given(snapshot=reserved_worlds())
def test_every_blocker_is_true_and_every_true_one_is_told(
    allocate: Allocator, snapshot: Snapshot
) -> None:
    assert violations(snapshot, allocate(snapshot), [blockers_are_true_and_all_told]) == ()


@settings(max_examples=60, deadline=None)
@given(snapshot=reserved_worlds())
def test_the_exact_search_is_fair_around_reservations(snapshot: Snapshot) -> None:
    assert violations(snapshot, CpSatAllocator(time_limit_s=60)(snapshot), SEARCHES) == ()


def reserved(
    starts_s: float,
    ends_s: float,
    audience: Audience = COURSE,
    *,
    gpus: int = 0,
    nodes: int = 0,
    node_names: tuple[str, ...] = (),
    weekly: bool = False,
) -> Policy:
    """Return a policy with one reservation, named course."""
    one = Reservation(
        *(POOL, at(starts_s), at(ends_s), audience, gpus, nodes, node_names), weekly=weekly
    )
    return replace(a_policy(), reservations={"course": one})


def started(allocation: Allocation) -> dict[int, tuple[str, ...]]:
    return {start.job_id: start.placement.nodes for start in allocation.starts}


def reasons(allocation: Allocation) -> dict[int, list[Reason]]:
    return {
        job_id: [blocker.reason for blocker in wait.blockers]
        for wait in allocation.waits
        for job_id in wait.job_ids
    }


LIVE = reserved(0, 4 * HOUR_S, nodes=1)
SOON = reserved(2 * HOUR_S, 4 * HOUR_S, nodes=1)


@every_allocator
def test_reserved_gpus_are_idle_rather_than_for_others(allocate: Allocator) -> None:
    snapshot = a_snapshot(*(a_pending(n, gpus=8) for n in (1, 2)), on=nodes(2), policy=LIVE)

    allocation = allocate(snapshot)

    assert started(allocation) == {1: ("n1",)}
    assert reasons(allocation) == {2: [Reason.ADVANCE_RESERVATION]}
    assert allocation.waits[0].detail == (
        "gpu/h200 has 8 GPUs reserved for students from 2026-03-02 12:00 to 2026-03-02 16:00 UTC "
        "by course"
    )


@every_allocator
def test_who_has_reserved_uses_its_own_nodes_first_and_others_by_the_usual_rules(
    allocate: Allocator,
) -> None:
    half_used = a_node("n1", used=a_placement(4).gang.per_node)
    queue = [a_pending(n, STUDENTS, gpus=4) for n in (1, 2, 3)]
    snapshot = a_snapshot(*queue, on=[half_used, a_node("n2")], policy=LIVE)

    assert sorted(started(allocate(snapshot)).values()) == [("n1",), ("n2",), ("n2",)]
    assert started(allocate(a_snapshot(queue[0], on=snapshot.nodes, policy=LIVE))) == {1: ("n2",)}


@every_allocator
def test_before_the_window_only_what_ends_by_it_starts(allocate: Allocator) -> None:
    until = a_pending(1, gpus=8, walltime_s=HOUR_S)
    beyond = a_pending(2, gpus=8, walltime_s=HOUR_S + 1)
    members = a_pending(3, STUDENTS, gpus=8, walltime_s=HOUR_S + 1)

    for job, begins in ((until, True), (beyond, False), (members, True)):
        allocation = allocate(a_snapshot(job, policy=SOON))
        assert bool(allocation.starts) is begins
    assert reasons(allocate(a_snapshot(beyond, policy=SOON))) == {2: [Reason.ADVANCE_RESERVATION]}


@every_allocator
def test_nothing_starts_into_maintenance_and_nothing_that_runs_is_disturbed(
    allocate: Allocator,
) -> None:
    policy = reserved(2 * HOUR_S, 4 * HOUR_S, Audience())
    runs = a_holding(gpus=4, walltime_s=24 * HOUR_S)
    queue = [a_pending(n, who, walltime_s=2 * HOUR_S) for n, who in ((1, "alpha"), (2, STUDENTS))]

    allocation = allocate(a_snapshot(*queue, holding=[runs], policy=policy))

    assert (allocation.starts, allocation.recalls) == ((), ())
    assert set(reasons(allocation)) == {1, 2}
    assert allocation.waits[0].detail == (
        "gpu/h200 has 8 GPUs kept empty for maintenance from 2026-03-02 14:00 to "
        "2026-03-02 16:00 UTC by course"
    )


@every_allocator
def test_a_due_gang_is_planned_for_when_the_nodes_open_again(allocate: Allocator) -> None:
    gang = a_pending(1, gpus=16, walltime_s=2 * HOUR_S, submitted_at=at(-48 * HOUR_S))

    allocation = allocate(a_snapshot(gang, on=nodes(2), policy=SOON))

    assert [(plan.job_id, plan.at) for plan in allocation.plans] == [(1, at(4 * HOUR_S))]


@every_allocator
def test_a_gang_that_lasts_too_long_for_the_gaps_of_a_course_has_no_plan(
    allocate: Allocator,
) -> None:
    weekly = reserved(2 * HOUR_S, 4 * HOUR_S, nodes=1, weekly=True)
    gang = a_pending(1, gpus=16, walltime_s=7 * 24 * HOUR_S, submitted_at=at(-48 * HOUR_S))

    assert allocate(a_snapshot(gang, on=nodes(2), policy=weekly)).plans == ()


@every_allocator
def test_a_plan_is_kept_where_a_reservation_has_other_nodes_to_take(allocate: Allocator) -> None:
    gang = a_pending(1, gpus=8, walltime_s=4 * HOUR_S, submitted_at=at(-48 * HOUR_S))
    runs = [a_holding(1000 + n, "beta", 8, f"n{n}", walltime_s=2 * HOUR_S) for n in (1, 2)]
    plan = PlannedStart(1, at(2 * HOUR_S), a_placement(8, "n2", cpus=1))
    snapshot = a_snapshot(
        gang, on=nodes(2), holding=runs, policy=reserved(3 * HOUR_S, 9e4, nodes=1)
    )

    assert allocate(replace(snapshot, plans=(plan,))).plans == (plan,)


def test_a_walltime_that_ends_before_the_reservation_is_told() -> None:
    snapshot = a_snapshot(a_pending(1, walltime_s=4 * HOUR_S), policy=SOON)

    [told, *_] = explained(snapshot, 1, greedy_end).counterfactuals

    assert told.words == (
        "with a walltime of 1:00:00 it starts now, before the reservation course at "
        "2026-03-02 14:00 UTC"
    )


def test_a_start_later_than_now_is_told_around_the_reservation() -> None:
    """As asked it fits when the window is over; half as long it fits into the gap before."""
    runs = a_holding(gpus=8, walltime_s=2 * HOUR_S)
    policy = reserved(4 * HOUR_S, 24 * HOUR_S)
    snapshot = a_snapshot(
        a_pending(1, walltime_s=4 * HOUR_S),
        holding=[replace(runs, started_at=at(0))],
        policy=policy,
    )

    told = explained(snapshot, 1, greedy_end).counterfactuals

    assert [(one.words, one.starts_at) for one in told] == [
        (
            "with a walltime of 1:30:00 instead of 4:00:00 "
            "it starts 22:00:00 earlier than as asked",
            at(2 * HOUR_S),
        )
    ]


class Days:
    """A world that goes on: what is admitted runs for its walltime, and new jobs come."""

    def __init__(self, snapshot: Snapshot, allocate: Allocator) -> None:
        self.snapshot, self._allocate = snapshot, allocate

    def pass_by(self, step: timedelta) -> Allocation:
        """Decide, carry it out, and go on to the next moment."""
        allocation = self._allocate(self.snapshot)
        now = self.snapshot.taken_at + step
        after = after_starts(self.snapshot, allocation.starts)
        ended = [job for job in after.holding if last_moment(job) <= now]
        self.snapshot = replace(
            after,
            taken_at=now,
            holding=tuple(job for job in after.holding if job not in ended),
            nodes=tuple(freed(node, ended) for node in after.nodes),
            plans=allocation.plans,
        )
        return allocation


def last_moment(job: HoldingJob) -> datetime:
    began = job.started_at or job.changed_at
    assert began is not None
    return began + timedelta(seconds=job.walltime_s)


def freed(node: Node, ended: list[HoldingJob]) -> Node:
    used = node.used
    for job in ended:
        if node.name in job.placement.nodes:
            used = used.less(job.placement.gang.per_node)
    return replace(node, used=used)


queues = st.lists(
    st.tuples(
        st.sampled_from(["alpha", "beta", "college"]),
        st.sampled_from([1, 2, 4, 8, 16]),
        st.sampled_from([1, 3, 6, 20]),
    ),
    min_size=6,
    max_size=24,
)


@every_allocator
@settings(max_examples=40, deadline=None)
@given(queue=queues, starts_h=st.integers(2, 12), spares=st.booleans())
def test_the_nodes_are_there_when_the_window_begins(
    allocate: Allocator, queue: list[tuple[str, int, int]], starts_h: int, spares: bool
) -> None:
    """Whoever waits, however long: nobody else is on two whole nodes from start to end."""
    college = a_tenant("college", tenant_class="students")
    policy = reserved(starts_h * HOUR_S, (starts_h + 3) * HOUR_S, nodes=2)
    wait = WaitRules(guard_s=60, spare_places=SparePlaces.GANGS if spares else SparePlaces.NOBODY)
    jobs = [
        a_pending(n, college if who == "college" else who, gpus, walltime_s=hours * HOUR_S)
        for n, (who, gpus, hours) in enumerate(queue, 1)
    ]
    world = Days(a_snapshot(*jobs, on=nodes(4), policy=replace(policy, wait=wait)), allocate)

    for _ in range(2 * (starts_h + 3)):
        snapshot, now = world.snapshot, world.snapshot.taken_at
        if at(starts_h * HOUR_S) <= now < at((starts_h + 3) * HOUR_S):
            assert len(without_others(snapshot)) >= 2
        assert violations(snapshot, world.pass_by(timedelta(minutes=30))) == ()


def without_others(snapshot: Snapshot) -> set[str]:
    others = {
        name
        for job in snapshot.holding
        if job.tenant.tenant_class != "students"
        for name in job.placement.nodes
    }
    return {node.name for node in snapshot.nodes} - others


@pytest.mark.parametrize(
    ("allocate", "end_of", "examples"),
    [(allocate_greedily, greedy_end, 60), (CpSatAllocator(), CpSatAllocator().end_of, 25)],
    ids=["greedy", "cp-sat"],
)
def test_whatever_is_said_to_start_a_job_does(
    allocate: Allocator, end_of: EndOf, examples: int
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(snapshot=reserved_worlds())
    def holds(snapshot: Snapshot) -> None:
        allocation = allocate(snapshot)
        for wait in allocation.waits[:3]:
            job_id = wait.job_ids[0]
            for one in explained(snapshot, job_id, end_of).counterfactuals:
                then = snapshot
                if one.starts_at is not None:
                    then = later(snapshot, one.starts_at, job_id, allocation)
                asked = changed(then, job_id, one.request)
                assert starts(asked, job_id, allocate), one.words
                assert not starts(then, job_id, allocate), one.words

    holds()


@every_allocator
@settings(max_examples=60, deadline=None)
@given(chain=chains(), found=named)
def test_recalls_bring_nobody_onto_nodes_that_others_have_reserved(
    allocate: Allocator, chain: Chain, found: list[Reservation]
) -> None:
    chain.reserve({f"r{n}": one for n, one in enumerate(found)})

    for _ in range(3):
        step = chain.step(allocate)
        assert violations(step.snapshot, step.allocation) == ()
