"""Who follows shows what there is and changes nothing; who comes to lead goes on."""

from __future__ import annotations

import pytest

from scheduler.domain.cluster import BackendState
from scheduler.policy_files import policy_version
from tests.engine.pair import TTL_S, Pair
from tests.engine.rig import POLICY


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_a_follower_shows_cluster_policy_and_shares_and_changes_nothing(pair: Pair) -> None:
    running = pair.submit(gpus=8)
    pair.ticks(3, pair.first)
    waiting = pair.submit(gpus=64)
    events = pair.store.last_event_id()
    pair.ticks(1, pair.second)

    view = pair.second.view.latest()
    assert (view.leads, view.backend_up, view.policy.number) == (False, True, 1)
    assert view.cluster is not None
    assert view.report is not None
    assert [(share.held, share.wanted) for share in view.report.shares] == [(8, 72)]
    assert (view.report.cycle, view.report.waiting_jobs) == (3, 1)
    assert pair.store.last_event_id() == events
    assert (pair.state(running), pair.state(waiting)) == ("held", "pending")
    assert pair.second.told.reports == []


def test_a_follower_knows_a_new_policy_within_seconds(pair: Pair) -> None:
    pair.ticks(2, pair.first, pair.second)
    pair.store.apply_policy(policy_version(POLICY, "admin", pair.clock.now()), expected=1)
    pair.ticks(6, pair.second)

    assert pair.second.view.latest().policy.number == 2


def test_an_outage_is_shown_by_a_follower(pair: Pair) -> None:
    pair.ticks(1, pair.first, pair.second)
    pair.backend.stop_answering()
    pair.ticks(6, pair.second)

    assert not pair.second.view.latest().backend_up
    assert pair.second.told.backend_up == [True, False]


def test_who_comes_to_lead_releases_what_another_one_submitted(pair: Pair) -> None:
    job_id = pair.submit()
    pair.ticks(3, pair.first, pair.second)
    assert pair.state(job_id) == "held"
    waited = pair.ticks(60, pair.second, until=lambda: pair.state(job_id) == "running")

    assert waited <= TTL_S + 4
    assert [job.state for job in pair.backend.read(()).jobs] == [BackendState.RUNNING]
    assert (pair.second.view.latest().leads, pair.second.view.latest().epoch) == (True, 2)


def test_a_leader_that_slept_finds_itself_followed_and_follows(pair: Pair) -> None:
    pair.ticks(2, pair.first)
    pair.clock.advance(TTL_S)
    pair.ticks(2, pair.second, pair.first)

    assert [one.view.latest().leads for one in (pair.first, pair.second)] == [False, True]


def test_who_leads_again_reads_everything_anew(pair: Pair) -> None:
    pair.ticks(2, pair.first, pair.second)
    pair.first.leadership.give_up()
    job_id = pair.submit(gpus=8)
    pair.ticks(2, pair.second)
    pair.second.leadership.give_up()
    pair.ticks(1, pair.first)

    assert [job.job_id for job in pair.first.engine.live.holding()] == [job_id]
    assert pair.first.view.latest().epoch == 3


def test_who_stopped_in_good_order_is_followed_at_the_next_tick(pair: Pair) -> None:
    pair.ticks(2, pair.first, pair.second)
    pair.first.leadership.give_up()
    pair.ticks(1, pair.second)

    assert pair.second.view.latest().leads
