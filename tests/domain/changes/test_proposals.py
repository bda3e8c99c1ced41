"""A proposal goes from one signature to two and into force, and nowhere else."""

from __future__ import annotations

import pytest

from scheduler.domain.changes.proposals import (
    STATE_WORDS,
    STEPS,
    Proposal,
    ProposalState,
    again_in_force,
    approved,
    demand_revision,
    proposal_of,
    stepped,
    version_of,
)
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import NotAStep, OwnProposal, StaleVersion
from tests.build import NOON, a_policy, at

VERSION = PolicyVersion(0, "more", "abc", "text", "ada", NOON.isoformat(), a_policy())
PROPOSED = proposal_of(VERSION, 3, "more for students")


def in_state(state: ProposalState) -> Proposal:
    """Return a proposal that came there as proposals do."""
    signed = approved(PROPOSED, "bek", at(1), frozenset())
    in_force = stepped(signed, ProposalState.IN_FORCE, "bek", at(2))
    return {
        ProposalState.PROPOSED: PROPOSED,
        ProposalState.APPROVED: signed,
        ProposalState.SHADOWED: stepped(signed, ProposalState.SHADOWED, "bek", at(2)),
        ProposalState.CANARY: stepped(signed, ProposalState.CANARY, "bek", at(2)),
        ProposalState.IN_FORCE: in_force,
        ProposalState.WITHDRAWN: stepped(signed, ProposalState.WITHDRAWN, "ada", at(2), "no"),
        ProposalState.ROLLED_BACK: stepped(in_force, ProposalState.ROLLED_BACK, "bek", at(3)),
    }[state]


@pytest.mark.parametrize("there", ProposalState)
@pytest.mark.parametrize("here", ProposalState)
def test_a_step_leads_where_the_table_says(here: ProposalState, there: ProposalState) -> None:
    proposal = in_state(here)

    if there in STEPS[here]:
        taken = stepped(proposal, there, "bek", at(9), "so be it")
        assert (taken.state, taken.revision) == (there, proposal.revision + 1)
        assert taken.steps[:-1] == proposal.steps
    else:
        with pytest.raises(NotAStep, match=f"proposal 0 is {STATE_WORDS[here]}"):
            stepped(proposal, there, "bek", at(9))


def test_nobody_signs_a_proposal_of_his_own() -> None:
    with pytest.raises(OwnProposal, match="ada proposed 0 and may not approve it"):
        approved(PROPOSED, "ada", at(1), frozenset())


def test_what_comes_into_force_says_who_stands_for_it() -> None:
    version = version_of(in_state(ProposalState.APPROVED), "saule", at(5))

    assert (version.number, version.applied_by, version.approved_by) == (0, "saule", "bek")
    assert (version.why, version.text, version.applied_at) == (
        "more for students",
        "text",
        at(5).isoformat(),
    )


def test_what_is_rolled_back_to_has_one_signature() -> None:
    before = version_of(in_state(ProposalState.APPROVED), "saule", at(5))

    version = again_in_force(before, "bek", at(6), "worse waits")

    assert (version.applied_by, version.approved_by, version.proposal) == ("bek", "", 0)
    assert (version.why, version.text) == ("worse waits", "text")


def test_who_read_another_revision_is_refused() -> None:
    demand_revision(PROPOSED, 1)
    with pytest.raises(StaleVersion, match="proposal changed meanwhile: you read 2, now it is 1"):
        demand_revision(PROPOSED, 2)
