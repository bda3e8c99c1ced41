"""Access that ends: what waits is cancelled or held back, what runs goes on, shares are others'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from scheduler.domain.reasons import Reason
from scheduler.domain.register import Entry, RegisterChange, Step, off_boarded
from scheduler.domain.tenants import Access
from tests.engine.rig import Rig, a_rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        yield made


def change(rig: Rig, before: Entry, after: Entry) -> None:
    rig.store.change_register(RegisterChange((Step(before, after),), "root", rig.clock.now()))


def off_board(rig: Rig, entry: Entry) -> None:
    change(rig, entry, off_boarded(entry, rig.clock.now()))


def yesterday(rig: Rig) -> date:
    return (rig.clock.now().astimezone(UTC) - timedelta(days=1)).date()


def expire(rig: Rig, entry: Entry) -> Entry:
    after = replace(entry, access=Access(yesterday(rig)))
    change(rig, entry, after)
    return after


def full_and_waiting(rig: Rig) -> tuple[list[int], int, int]:
    """Return alpha's jobs that fill the cluster, one of alpha's and one of beta's that wait."""
    running = [rig.submit("alpha", gpus=8, sleep_s=100) for _ in range(8)]
    rig.ticks(2)
    alphas, betas = rig.submit("alpha", gpus=8), rig.submit("beta", gpus=8)
    rig.ticks(2)
    return running, alphas, betas


def test_an_off_boarded_organisation_loses_what_waits_and_keeps_what_runs(rig: Rig) -> None:
    running, waiting, betas = full_and_waiting(rig)
    off_board(rig, rig.store.organisation("alpha"))
    rig.ticks(2)

    assert set(rig.states(*running)) == {"running"}
    assert rig.states(waiting, betas) == ["cancelled", "pending"]
    day = rig.clock.now().date()
    assert rig.store.job(waiting).detail == (
        f"cancelled before it started: organisation alpha was off-boarded on {day}"
    )
    rig.ticks(240)
    assert set(rig.states(*running)) == {"completed"}
    assert rig.states(betas) == ["completed"]
    assert all(not report.violations for report in rig.told.reports)


def test_an_off_boarded_organisation_has_no_share(rig: Rig) -> None:
    full_and_waiting(rig)
    off_board(rig, rig.store.organisation("alpha"))
    rig.ticks(2)

    newest = rig.told.reports[-1]
    shares = {share.organisation: share for share in newest.shares}
    assert "alpha" not in shares or shares["alpha"].entitled == 0
    assert shares["beta"].entitled == 8
    assert not newest.violations


def test_held_and_dependent_jobs_of_who_left_are_cancelled_too(rig: Rig) -> None:
    running = rig.submit("alpha", gpus=8, sleep_s=100)
    rig.ticks(2)
    held = rig.submit("alpha")
    rig.store.hold(held, rig.clock.now())
    off_board(rig, rig.store.user("alpha-user"))
    rig.ticks(2)

    assert rig.states(running, held) == ["running", "cancelled"]
    late = rig.submit("alpha")
    rig.ticks(2)
    assert rig.states(late) == ["cancelled"]


def test_what_waits_of_an_expired_project_is_told_so_and_starts_once_it_is_prolonged(
    rig: Rig,
) -> None:
    (project,) = rig.store.projects("alpha")
    expired = expire(rig, project)
    job_id = rig.submit("alpha")
    rig.ticks(3)

    job = rig.store.job(job_id)
    assert (job.state, job.reason) == ("pending", Reason.ACCESS_ENDED)
    assert job.detail == f"the access of project research ended with {yesterday(rig)}"
    change(rig, expired, project)
    rig.ticks(2)
    assert rig.states(job_id) == ["running"]


def test_a_last_day_that_passes_needs_nobody_to_do_anything(rig: Rig) -> None:
    user = rig.store.user("alpha-user")
    change(rig, user, replace(user, access=Access(rig.clock.now().date())))
    first = rig.submit("alpha", sleep_s=48 * 3600, flags=["--time=3-0"])
    rig.ticks(2)
    rig.clock.advance(24 * 3600)
    second = rig.submit("alpha")
    rig.ticks(2)

    assert rig.states(first, second) == ["running", "pending"]
    assert rig.store.job(second).reason == Reason.ACCESS_ENDED


def test_who_comes_back_and_leaves_again_is_dealt_with_again(rig: Rig) -> None:
    user = rig.store.user("alpha-user")
    for _ in range(2):
        off_board(rig, user)
        rig.ticks(1)
        change(rig, rig.store.user("alpha-user"), user)
        job_id = rig.submit("alpha")
        rig.store.hold(job_id, rig.clock.now())
        off_board(rig, user)
        rig.ticks(1)
        assert rig.states(job_id) == ["cancelled"]
        change(rig, rig.store.user("alpha-user"), user)
        rig.ticks(1)
