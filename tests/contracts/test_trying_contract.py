"""Policies on trial, on every store: a canary that does harm is taken back, by whoever leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.clock import ManualClock
from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion, Standing
from scheduler.domain.changes.objectives import tolerated
from scheduler.domain.changes.proposals import (
    BY_ITSELF,
    Canary,
    ProposalState,
    approved,
    came_back_by_itself,
    canary_of,
    proposal_of,
    stepped,
)
from scheduler.domain.changes.regressions import WINDOW
from scheduler.domain.changes.trials import MOST_TRIALS, Trial
from scheduler.domain.cluster import ClusterState
from scheduler.domain.explaining import Explanation, Question
from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.domain.tenants import Organisation
from scheduler.errors import ExplainerUnavailable, NotLeading
from scheduler.policy_files import parse_policy
from scheduler.ports import Store
from scheduler.texts import said
from scheduler.use_cases.trying import Trials, Trying
from scheduler.view import LatestView
from tests.build import NOON, POOL, a_policy, a_pool, a_quota, nodes

OLD = PolicyVersion(0, "old", "o" * 64, "title = 'old'\n", "ada", NOON.isoformat(), a_policy())
NEW = replace(OLD, name="new", sha256="n" * 64, policy=a_policy({"alpha": a_quota(ceiling=8)}))
TRIED = replace(NEW, name="tried", sha256="t" * 64)
CLUSTER = ClusterState((a_pool(),), nodes(8), (), NOON)


class Foreseer:
    """An explainer that says of every cycle what it is told to say."""

    def __init__(self, clock: ManualClock) -> None:
        self.unused_gpus = 0
        self.is_away = False
        self.too_much: Policy | None = None
        self.asked: list[PolicyQuestion] = []
        self._clock = clock

    async def explain(self, question: Question, asker: str) -> Explanation | None:
        raise NotImplementedError

    async def account(self, question: AccountQuestion, asker: str) -> Accounts:
        raise NotImplementedError

    async def foresee(self, question: PolicyQuestion, asker: str) -> PolicyForecast:
        if self.is_away or question.proposed.policy == self.too_much:
            raise ExplainerUnavailable(said("away"))
        self.asked.append(question)
        standing = Standing("alpha", "universities", POOL, 8, 8 + self.unused_gpus, 8, 8, 8, 8, 0)
        unused = replace(standing, given_before=self.unused_gpus)
        at: datetime = self._clock.now()
        return PolicyForecast(at, (unused,), cycle=len(self.asked), capacity={POOL: 64})


class Seat:
    """A store with a proposal that is approved, and who tries it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = ManualClock(NOON)
        self.foreseer = Foreseer(self.clock)
        base = store.apply_policy(OLD, expected=0)
        self.view = LatestView("simulated", base)
        self.view.backend_answered(CLUSTER)
        self.view.leads(0)
        proposal = store.add_proposal(proposal_of(NEW, 1, "less for alpha"))
        store.change_proposal(approved(proposal, "bek", NOON, frozenset()), revision=1)

    def to_shadow(self) -> None:
        one = self.store.proposal(1)
        self.store.change_proposal(stepped(one, ProposalState.SHADOWED, "bek", NOON), one.revision)

    def to_canary(self, tried: PolicyVersion = TRIED) -> None:
        one = self.store.proposal(1)
        until = (NOON + timedelta(hours=6)).isoformat()
        terms = Canary(("universities",), until, tolerated(OLD.policy))
        taken = replace(stepped(one, ProposalState.CANARY, "bek", NOON), canary=terms)
        version = canary_of(taken, tried, "bek", NOON)
        self.store.apply_proposal(taken, one.revision, version, expected=1)

    def trying(self) -> Trying:
        """Return who tries, as it is after a start."""
        return Trying(self.store, self.view, self.clock, self.foreseer)

    async def turns(self, count: int) -> None:
        trying = self.trying()
        for _ in range(count):
            self.clock.advance(30)
            await trying.go_on()

    @property
    def state(self) -> ProposalState:
        return self.store.proposal(1).state

    @property
    def in_force(self) -> PolicyVersion:
        found = self.store.current_policy()
        assert found is not None
        return found


@pytest.fixture
def seat(store: Store) -> Seat:
    return Seat(store)


async def test_in_shadow_the_version_in_force_is_held_against_the_proposal(seat: Seat) -> None:
    seat.to_shadow()

    await seat.turns(3)

    question = seat.foreseer.asked[-1]
    assert (question.in_force.policy, question.proposed.policy) == (OLD.policy, NEW.policy)
    (summary,) = Trials(seat.store).summaries(1)
    assert (summary.stage, summary.cycles) == (ProposalState.SHADOWED, 3)
    assert summary.until - summary.since == timedelta(seconds=60)


async def test_a_canary_is_held_against_the_version_before_it(seat: Seat) -> None:
    seat.to_canary()

    await seat.turns(1)

    question = seat.foreseer.asked[-1]
    assert (question.in_force.number, question.proposed.number) == (1, 2)


async def test_a_canary_that_does_no_harm_stays_for_ever_and_goes_no_further(seat: Seat) -> None:
    seat.to_canary()
    seat.foreseer.unused_gpus = 6

    await seat.turns(2 * WINDOW)
    seat.clock.advance(24 * 3600)
    await seat.turns(WINDOW)

    assert (seat.state, seat.in_force.number) == (ProposalState.CANARY, 2)


async def test_a_canary_that_does_harm_is_taken_back_and_says_why(seat: Seat) -> None:
    seat.to_canary()
    seat.foreseer.unused_gpus = 16

    await seat.turns(WINDOW - 1)
    before = seat.state
    await seat.turns(1)

    assert (before, seat.state) == (ProposalState.CANARY, ProposalState.ROLLED_BACK)
    assert (seat.in_force.number, seat.in_force.policy) == (3, OLD.policy)
    why = f"rolled back by itself: 25 % of {POOL} stood idle that the version before would use"
    assert (seat.in_force.applied_by, seat.in_force.why) == (BY_ITSELF, why)
    assert came_back_by_itself(seat.in_force)
    assert seat.store.proposal(1).steps[-1].why == why
    await seat.turns(1)
    assert len(seat.store.policy_versions()) == 3


async def test_what_was_measured_before_a_crash_counts_after_it(seat: Seat) -> None:
    seat.to_canary()
    seat.foreseer.unused_gpus = 16
    for _ in range(WINDOW):
        await seat.turns(1)  # each by a new one

    assert seat.state is ProposalState.ROLLED_BACK


async def test_only_who_leads_tries(seat: Seat) -> None:
    seat.to_canary()
    seat.view.follows()

    await seat.turns(2)

    assert seat.foreseer.asked == []


async def test_who_leads_no_more_takes_nothing_back(seat: Seat) -> None:
    seat.to_canary()
    seat.foreseer.unused_gpus = 64
    await seat.turns(WINDOW - 1)
    seat.store.take_lease("another", ttl_s=60)

    with pytest.raises(NotLeading):
        await seat.turns(1)

    assert (seat.state, seat.in_force.number) == (ProposalState.CANARY, 2)


async def test_a_person_who_was_quicker_is_not_overruled(seat: Seat) -> None:
    """It is activated for all between the look at the proposals and the judgement."""
    seat.to_canary()
    seat.foreseer.unused_gpus = 64
    await seat.turns(WINDOW - 1)
    canary = seat.store.proposal(1)
    whole = stepped(canary, ProposalState.IN_FORCE, "bek", NOON)
    foresee = seat.foreseer.foresee

    async def and_activate(question: PolicyQuestion, asker: str) -> PolicyForecast:
        seat.store.apply_proposal(whole, canary.revision, replace(NEW, proposal=1), expected=2)
        return await foresee(question, asker)

    seat.foreseer.foresee = and_activate  # type: ignore[method-assign]  # somebody acts meanwhile
    await seat.turns(1)

    assert (seat.state, seat.in_force.number) == (ProposalState.IN_FORCE, 3)


async def test_what_stands_on_another_version_is_not_tried(seat: Seat) -> None:
    seat.to_shadow()
    seat.store.apply_policy(replace(OLD, name="other"), expected=1)

    await seat.turns(1)

    assert seat.foreseer.asked == []


async def test_without_a_forecast_nothing_is_kept_and_the_next_turn_asks_again(seat: Seat) -> None:
    seat.to_shadow()
    seat.foreseer.is_away = True
    with pytest.raises(ExplainerUnavailable):
        await seat.turns(1)
    seat.foreseer.is_away = False

    await seat.turns(1)

    assert len(seat.store.trials(1, newest=9)) == 1


async def test_one_that_cannot_be_foreseen_keeps_no_other_from_its_turn(seat: Seat) -> None:
    seat.to_shadow()
    worse = replace(NEW, name="worse", policy=a_policy({"alpha": a_quota(ceiling=1)}))
    signed = approved(seat.store.add_proposal(proposal_of(worse, 1, "?")), "bek", NOON, frozenset())
    seat.store.change_proposal(stepped(signed, ProposalState.SHADOWED, "bek", NOON), revision=1)
    seat.foreseer.too_much = worse.policy

    with pytest.raises(ExplainerUnavailable):
        await seat.turns(1)

    assert len(seat.store.trials(1, newest=9)) == 1


async def test_a_cluster_that_does_not_answer_is_judged_by_no_picture_of_it(seat: Seat) -> None:
    """Ten looks at the last that was seen of it are one cycle, which may be anything."""
    seat.to_canary()
    seat.foreseer.unused_gpus = 64
    await seat.turns(1)
    seat.view.backend_failed()

    await seat.turns(WINDOW)

    assert (seat.state, len(seat.store.trials(1, newest=99))) == (ProposalState.CANARY, 1)


async def test_what_cannot_be_tried_any_more_keeps_no_explainer(seat: Seat) -> None:
    seat.to_shadow()
    seat.store.apply_policy(replace(OLD, name="other"), expected=1)

    assert not await seat.trying().go_on()


async def test_what_a_trial_came_to_is_worked_out_once_for_all_who_ask(seat: Seat) -> None:
    """Anybody may ask, and half a day of trials is a second of work."""
    seat.to_shadow()
    await seat.turns(2)
    trials, read = Trials(seat.store), seat.store.trials
    reads = list[int]()

    def counted(proposal: int, newest: int) -> tuple[Trial, ...]:
        reads.append(newest)
        return read(proposal, newest)

    seat.store.trials = counted  # type: ignore[method-assign]  # to see what is read
    first, second = trials.summaries(1), trials.summaries(1)
    await seat.turns(1)
    (third,) = trials.summaries(1)

    assert first == second
    assert third.cycles == 3
    assert reads.count(MOST_TRIALS) == 2


async def test_who_joined_a_class_of_the_canary_keeps_it_when_the_rest_is_taken_back(
    seat: Seat,
) -> None:
    base = seat.in_force.policy
    schools = replace(TRIED, policy=replace(base, classes={**base.classes, "schools": a_quota()}))
    seat.to_canary(schools)
    seat.store.add_organisation(Organisation("college", "College", "schools"))
    seat.foreseer.unused_gpus = 64

    await seat.turns(WINDOW)

    assert (seat.state, seat.in_force.number) == (ProposalState.ROLLED_BACK, 3)
    assert seat.in_force.policy == schools.policy
    assert parse_policy(seat.in_force.text) == (OLD.name, schools.policy)
