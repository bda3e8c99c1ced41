"""Reservations: their windows, whom they are for, and which nodes they have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.idling import idled_for_reservations
from scheduler.domain.jobs import HoldingJob
from scheduler.domain.placement import options, suited
from scheduler.domain.reservations.nodes import Hold, ReservedNodes
from scheduler.domain.reservations.reservation import (
    HORIZON,
    NEVER,
    WEEK,
    Audience,
    Reservation,
    Window,
)
from scheduler.domain.resources import Amount, Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.waiting import start_bounds
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

HOUR_S = 3600
STUDENTS = Audience("students")
MEMBER = a_tenant("college", tenant_class="students")


def a_reservation(
    starts_s: float = 2 * HOUR_S,
    ends_s: float = 4 * HOUR_S,
    audience: Audience = STUDENTS,
    *,
    gpus: int = 0,
    nodes: int = 0,
    node_names: tuple[str, ...] = (),
) -> Reservation:
    return Reservation(POOL, at(starts_s), at(ends_s), audience, gpus, nodes, node_names)


def weekly(until: datetime | None = None) -> Reservation:
    return replace(a_reservation(nodes=1), weekly=True, until=until)


def chosen(
    *found: Reservation, on: tuple[Node, ...], holding: tuple[HoldingJob, ...] = ()
) -> list[str]:
    """Return the nodes of each hold in turn, joined: the world is of an hour after noon."""
    return [",".join(hold.nodes) for hold in holds(*found, on=on, holding=holding)]


def holds(
    *found: Reservation, on: tuple[Node, ...], holding: tuple[HoldingJob, ...] = ()
) -> tuple[Hold, ...]:
    named = {f"r{n}": one for n, one in enumerate(found)}
    policy = replace(a_policy(), reservations=named)
    return ReservedNodes(a_snapshot(on=on, policy=policy, holding=holding)).holds


def test_one_that_does_not_repeat_has_one_window_until_it_has_ended() -> None:
    one = a_reservation()

    assert list(one.windows(at(0))) == [Window(at(2 * HOUR_S), at(4 * HOUR_S))]
    assert list(one.windows(at(4 * HOUR_S - 1))) == [Window(at(2 * HOUR_S), at(4 * HOUR_S))]
    assert one.next_window(at(4 * HOUR_S)) is None


def test_a_weekly_one_goes_on_until_its_last_beginning() -> None:
    for_ever, twice = weekly(), weekly(until=at(2 * HOUR_S) + WEEK)

    assert [window.starts for window in twice.windows(at(0))] == [
        at(2 * HOUR_S),
        at(2 * HOUR_S) + WEEK,
    ]
    assert twice.next_window(at(4 * HOUR_S) + WEEK) is None
    years = timedelta(days=3653)
    found = for_ever.next_window(at(0) + years)
    assert found is not None
    assert (found.starts - at(2 * HOUR_S)) % WEEK == timedelta()


@given(st.integers(-3000, 3000), st.booleans())
def test_windows_are_those_that_have_not_ended_in_order(hours: int, repeats: bool) -> None:
    now, one = at(hours * HOUR_S), replace(a_reservation(), weekly=repeats)

    windows = list(one.windows(now))

    assert all(window.ends > now for window in windows)
    assert all(later.starts - sooner.starts == WEEK for sooner, later in pairwise(windows))
    assert all(window.starts < now + HORIZON for window in windows[1:])
    if windows and repeats:
        before = windows[0].starts - WEEK
        assert before < one.starts or before + (one.ends - one.starts) <= now


@pytest.mark.parametrize(
    ("audience", "members"),
    [
        (Audience(), []),
        (Audience("students"), ["vision", "speech"]),
        (Audience(organisation="college"), ["vision", "speech"]),
        (Audience(organisation="college", project="vision"), ["vision"]),
        (Audience(organisation="other", project="vision"), []),
        (Audience("universities"), []),
    ],
    ids=["nobody", "class", "organisation", "project", "another's project", "another class"],
)
def test_an_audience_is_a_class_an_organisation_or_a_project(
    audience: Audience, members: list[str]
) -> None:
    projects = ("vision", "speech")
    tenants = [a_tenant("college", project=one, tenant_class="students") for one in projects]

    assert [one.project for one in tenants if audience.includes(one)] == members


@pytest.mark.parametrize(
    "wrong", [{"ends": at(2 * HOUR_S)}, {"weekly": True, "ends": at(2 * HOUR_S) + 2 * WEEK}]
)
def test_what_has_no_length_or_meets_itself_cannot_be_built(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"a (weekly )?reservation must end"):
        replace(a_reservation(), **wrong)  # type: ignore[arg-type]  # fields of either type


AMOUNTS = {
    "nodes": (a_reservation(nodes=2), "n4,n3"),
    "GPUs, in whole nodes": (a_reservation(gpus=9), "n4,n3"),
    "names": (a_reservation(node_names=("n2", "x9")), "n2"),
    "the whole pool": (a_reservation(), "n1,n2,n3,n4"),
    "more than there is": (a_reservation(gpus=99), "n4,n3,n2,n1"),
}


@pytest.mark.parametrize(("one", "names"), AMOUNTS.values(), ids=AMOUNTS.keys())
def test_whole_nodes_are_taken_from_the_end(one: Reservation, names: str) -> None:
    assert chosen(one, on=nodes(4)) == [names]


def runs(node: str, hours: float, who: str = "alpha", job_id: int = 1001) -> HoldingJob:
    tenant = MEMBER if who == "college" else a_tenant(who)
    return a_holding(job_id, tenant, 1, node, walltime_s=int(hours * HOUR_S))


def test_nodes_are_chosen_that_nobody_else_is_on_by_then() -> None:
    one = a_reservation(nodes=1)

    assert chosen(one, on=nodes(2), holding=(runs("n2", 3),)) == ["n1"]
    assert chosen(one, on=nodes(2), holding=(runs("n2", 2),)) == ["n2"]
    assert chosen(one, on=nodes(2), holding=(runs("n2", 3, "college"),)) == ["n2"]


def test_where_none_is_free_in_time_the_first_to_be_is_chosen() -> None:
    both = runs("n1", 3, job_id=1), runs("n2", 5, job_id=2)

    assert chosen(a_reservation(nodes=1), on=nodes(2), holding=both) == ["n1"]


def test_a_job_that_ends_seconds_late_does_not_move_a_reservation() -> None:
    late = runs("n2", 2 + 20 / HOUR_S), runs("n1", 1.5, job_id=2)

    assert chosen(a_reservation(nodes=1), on=nodes(2), holding=late) == ["n1"]
    assert chosen(a_reservation(nodes=2), on=nodes(3), holding=late) == ["n3,n1"]
    member = runs("n2", 2, "college", job_id=3)
    assert chosen(a_reservation(0, 4 * HOUR_S, nodes=1), on=nodes(2), holding=(member,)) == ["n2"]


def test_a_live_window_keeps_the_nodes_that_its_own_are_on() -> None:
    live = a_reservation(0, 4 * HOUR_S, nodes=1)

    assert chosen(live, on=nodes(3), holding=(runs("n1", 3, "college"),)) == ["n1"]


def test_nodes_that_are_down_or_used_by_others_come_last_but_for_maintenance() -> None:
    down, foreign = a_node("n3", available=False), a_node("n2", used=Amount(1, 1, 1))
    cluster = (a_node("n1"), foreign, down)

    assert chosen(a_reservation(nodes=2), on=cluster) == ["n1,n2"]
    assert chosen(a_reservation(nodes=2, audience=Audience()), on=cluster) == ["n3,n1"]


def test_reservations_at_the_same_time_have_different_nodes() -> None:
    first, second = a_reservation(nodes=1), a_reservation(3 * HOUR_S, 5 * HOUR_S, nodes=1)
    after = a_reservation(4 * HOUR_S, 5 * HOUR_S, nodes=1)

    assert chosen(first, second, on=nodes(3)) == ["n3", "n2"]
    assert chosen(first, after, on=nodes(3)) == ["n3", "n3"]


def test_a_live_weekly_window_and_those_to_come_are_apart() -> None:
    live = replace(a_reservation(0, 4 * HOUR_S, nodes=1), weekly=True)

    now, later = holds(live, on=nodes(2), holding=(runs("n1", 3, "college"),))

    assert (now.windows, now.nodes) == ((Window(at(0), at(4 * HOUR_S)),), ("n1",))
    assert (later.starts, later.nodes) == (at(0) + WEEK, ("n2",))


def test_a_node_opens_between_the_weeks_and_never_beyond_the_horizon() -> None:
    live = replace(a_reservation(0, 4 * HOUR_S, nodes=1), weekly=True)
    policy = replace(a_policy(), reservations={"r": live})
    reserved = ReservedNodes(a_snapshot(on=nodes(1), policy=policy))

    (windows,) = reserved.windows(a_tenant()).values()

    assert [window.starts for window in windows] == [at(0) + n * WEEK for n in range(7)]
    assert {window.ends - window.starts for window in windows[:-1]} == {timedelta(hours=4)}
    assert windows[-1].ends == NEVER
    assert reserved.windows(MEMBER) == {}


def test_a_planned_run_counts_as_there() -> None:
    policy = replace(a_policy(), reservations={"r": a_reservation(nodes=1)})
    job = a_pending(1, gpus=8, walltime_s=2 * HOUR_S)
    snapshot = a_snapshot(job, on=nodes(2), policy=policy)
    plan = PlannedStart(1, at(1.5 * HOUR_S), a_placement(8, "n2"))

    (hold,) = ReservedNodes(replace(snapshot, plans=(plan,))).holds

    assert hold.nodes == ("n1",)


def with_course(*jobs: object, nodes_reserved: int = 1, starts_s: float = 2 * HOUR_S) -> Snapshot:
    course = a_reservation(starts_s, 4 * HOUR_S, nodes=nodes_reserved)
    policy = replace(a_policy(), reservations={"course": course})
    return a_snapshot(*jobs, on=nodes(2), policy=policy)  # type: ignore[arg-type]  # jobs


def test_an_option_leaves_out_the_nodes_that_the_job_would_run_into() -> None:
    long, short = a_pending(1, walltime_s=2 * HOUR_S), a_pending(2, walltime_s=HOUR_S)
    snapshot = with_course(long, short, a_pending(3, MEMBER, walltime_s=2 * HOUR_S))

    found = {group.jobs[0].job_id: group.options[0] for group in suited(snapshot)}

    assert (found[1].nodes, found[1].reserved, found[1].up) == (("n1",), ("n2",), 2)
    assert [hold.name for hold in found[1].holds] == ["course"]
    assert (found[2].nodes, found[3].nodes) == (("n1", "n2"), ("n1", "n2"))
    assert options(long, snapshot)[0].reserved == ("n2",)


def test_who_has_reserved_is_told_of_its_own_nodes_while_the_window_is_live() -> None:
    live = with_course(a_pending(1, MEMBER), starts_s=0)

    assert suited(live)[0].options[0].own == {"n2"}
    assert suited(with_course(a_pending(1, MEMBER)))[0].options[0].own == set()


def test_a_wait_is_bounded_by_the_nodes_that_are_never_reserved_for_others() -> None:
    one, gang, member = a_pending(1, gpus=8), a_pending(2, gpus=16), a_pending(3, MEMBER, gpus=16)
    snapshot = with_course(one, gang, member)

    assert set(start_bounds(snapshot, suited(snapshot))) == {1, 3}
    assert set(start_bounds(a_snapshot(one, gang, member, on=nodes(2)), suited(snapshot))) == {
        1,
        2,
        3,
    }


def test_gpus_idle_for_a_reservation_are_counted_as_far_as_somebody_wants_them() -> None:
    wanted = with_course(
        a_pending(1, gpus=8), a_pending(2, gpus=4, walltime_s=4 * HOUR_S), starts_s=0
    )
    idle = with_course(starts_s=0)

    assert idled_for_reservations(wanted, allocate_greedily(wanted)) == {POOL: 4}
    assert idled_for_reservations(idle, allocate_greedily(idle)) == {}
    assert idled_for_reservations(a_snapshot(), allocate_greedily(a_snapshot())) == {}
