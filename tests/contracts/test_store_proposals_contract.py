"""What every store promises about proposals of a policy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from scheduler.domain.changes.forecast import Standing
from scheduler.domain.changes.objectives import Objective
from scheduler.domain.changes.proposals import (
    Canary,
    Proposal,
    ProposalState,
    approved,
    proposal_of,
    stepped,
)
from scheduler.domain.changes.trials import MOST_TRIED, Trial
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import NotFound, NotLeading, StaleVersion
from scheduler.ports import Store
from tests.build import NOON, a_policy, a_quota


def a_version(name: str = "default") -> PolicyVersion:
    policy = replace(a_policy({"alpha": a_quota(2, floor=8)}), members={"startups": a_quota(3)})
    return PolicyVersion(0, name, "0" * 64, "title = 'x'\n", "ada", NOON.isoformat(), policy)


def a_proposal(store: Store, name: str = "default", base: int = 0) -> Proposal:
    return store.add_proposal(proposal_of(a_version(name), base, "more for alpha"))


def signed(proposal: Proposal) -> Proposal:
    return approved(proposal, "bek", NOON, frozenset({"empty_class"}))


def test_proposals_are_numbered_and_come_back_as_they_were_made(store: Store) -> None:
    first, second = a_proposal(store, "first"), a_proposal(store, "second")

    assert (first.number, second.number) == (1, 2)
    assert store.proposals() == (second, first)
    assert store.proposal(1) == first
    with pytest.raises(NotFound):
        store.proposal(3)


def test_proposals_on_top_of_one_version_are_found_alone(store: Store) -> None:
    first, _, last = (a_proposal(store, base=base) for base in (1, 0, 1))

    assert store.proposals(base=1) == (last, first)
    assert store.proposals(base=2) == ()


def test_a_step_is_kept_with_who_took_it(store: Store) -> None:
    taken = signed(a_proposal(store))

    store.change_proposal(taken, revision=1)

    assert store.proposal(1) == taken
    assert store.policy_versions() == ()


def test_what_was_read_before_another_step_is_refused(store: Store) -> None:
    proposal = a_proposal(store)
    store.change_proposal(signed(proposal), revision=1)
    gone = stepped(proposal, ProposalState.WITHDRAWN, "ada", NOON, "no more")

    with pytest.raises(StaleVersion) as refused:
        store.change_proposal(gone, revision=1)

    assert (refused.value.expected, refused.value.found) == ("1", "2")
    assert store.proposal(1).state is ProposalState.APPROVED


def test_a_proposal_and_the_version_it_brings_are_stored_together(store: Store) -> None:
    store.apply_policy(a_version("first"), expected=0)
    proposal = signed(a_proposal(store, base=1))
    store.change_proposal(proposal, revision=1)
    taken = stepped(proposal, ProposalState.IN_FORCE, "bek", NOON)
    version = replace(a_version("second"), why="more for alpha", approved_by="bek", proposal=1)

    applied = store.apply_proposal(taken, 2, version, expected=1)

    assert applied == replace(version, number=2)
    assert store.current_policy() == applied
    assert store.proposal(1).state is ProposalState.IN_FORCE


def test_on_top_of_another_version_neither_is_stored(store: Store) -> None:
    store.apply_policy(a_version("first"), expected=0)
    proposal = a_proposal(store)
    taken = signed(proposal)

    with pytest.raises(StaleVersion):
        store.apply_proposal(taken, 1, a_version("second"), expected=0)

    assert store.proposal(1) == proposal
    assert len(store.policy_versions()) == 1


def test_of_two_that_change_a_proposal_at_once_one_is_refused(store: Store) -> None:
    proposal = a_proposal(store)
    gone = stepped(proposal, ProposalState.WITHDRAWN, "ada", NOON, "no more")

    def change(wanted: Proposal) -> bool:
        try:
            store.change_proposal(wanted, revision=1)
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        taken = list(threads.map(change, (signed(proposal), gone)))

    assert sorted(taken) == [False, True]
    assert store.proposal(1).revision == 2


def test_how_a_proposal_is_tried_is_kept_with_it(store: Store) -> None:
    proposal = signed(a_proposal(store))
    store.change_proposal(proposal, revision=1)
    terms = Canary(("startups",), NOON.isoformat(), {Objective.FLOORS: 12.5})
    taken = replace(stepped(proposal, ProposalState.CANARY, "bek", NOON), canary=terms)

    store.change_proposal(taken, revision=2)

    assert store.proposal(1) == taken


def a_trial(cycle: int, proposal: int = 1) -> Trial:
    standing = Standing("alpha", "universities", "alem/h200", 4, 8, 4.5, 3.5, 4.0, 3.0, 1, 2, 3)
    of_pools = {"alem/h200": 64}
    return Trial(proposal, ProposalState.SHADOWED, cycle, NOON, (standing,), of_pools, starts=(7,))


def test_trials_come_back_as_they_were_kept_and_the_oldest_are_let_go(store: Store) -> None:
    for cycle in range(1, 6):
        store.keep_trial(a_trial(cycle), most=3)
        store.keep_trial(a_trial(cycle, proposal=2), most=9)

    assert store.trials(1, newest=9) == (a_trial(3), a_trial(4), a_trial(5))
    assert store.trials(1, newest=2) == (a_trial(4), a_trial(5))
    assert len(store.trials(2, newest=9)) == 5
    assert store.trials(3, newest=9) == ()


def test_trials_of_old_proposals_are_let_go(store: Store) -> None:
    for number in range(1, MOST_TRIED + 3):
        store.keep_trial(a_trial(1, proposal=number), most=3)

    kept = [number for number in range(1, MOST_TRIED + 3) if store.trials(number, newest=1)]
    assert kept == list(range(3, MOST_TRIED + 3))


def test_who_leads_no_more_keeps_no_trial(store: Store) -> None:
    store.take_lease("another", ttl_s=60)

    with pytest.raises(NotLeading):
        store.keep_trial(a_trial(1), most=3)

    assert store.trials(1, newest=9) == ()
