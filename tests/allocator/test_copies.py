"""A copied beginning is the beginning: whatever is done to one copy, another does not see it."""

from __future__ import annotations

from hypothesis import given, settings

from scheduler.allocator.filling import fill
from scheduler.allocator.plans import serve_due
from scheduler.allocator.shapes import Progress, problem_of
from scheduler.domain.decisions import Start
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import worlds


def served(snapshot: Snapshot) -> Progress:
    progress = Progress(problem_of(snapshot))
    serve_due(progress)
    return progress


def filled(progress: Progress) -> list[Start]:
    fill(progress)
    return progress.starts


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_copies_come_out_as_their_original_and_leave_it_as_it_was(snapshot: Snapshot) -> None:
    built, original = served(snapshot), served(snapshot)
    one, other = original.copy(), original.copy()

    expected = filled(built)

    assert [filled(one), filled(other), filled(original)] == [expected] * 3


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_plans_given_up_in_a_copy_are_kept_in_the_original(snapshot: Snapshot) -> None:
    original = served(snapshot)
    plans = tuple(original.timeline.plans)
    moments = original.nodes.moments()

    copied = original.copy()
    for plan in plans:
        copied.timeline.give_up(plan.job_id)

    assert (tuple(original.timeline.plans), original.nodes.moments()) == (plans, moments)
    assert not copied.nodes.moments()
