"""Changes of the policy that two people stand for: proposed, approved, and given up."""

from __future__ import annotations

import asyncio

from scheduler.domain.changes.proposals import (
    Proposal,
    ProposalState,
    approved,
    demand_revision,
    proposal_of,
    stepped,
)
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import CanaryInForce, NotAccepted, StaleVersion
from scheduler.identity import Caller
from scheduler.policy_files import policy_version
from scheduler.ports import Clock, Store
from scheduler.texts import said
from scheduler.use_cases.foreseeing import Foreseeing
from scheduler.use_cases.given_reasons import given_reason
from scheduler.use_cases.permissions import Act, demand
from scheduler.use_cases.policy_checks import Oddity, PolicyChecks


class Proposals:
    """Keeps the proposals. Every method may raise StoreUnavailable; plain ones block.

    Who changes one names the revision that he read, so that nobody signs what he has not seen.
    """

    def __init__(
        self, store: Store, checks: PolicyChecks, foreseeing: Foreseeing, clock: Clock
    ) -> None:
        self._store = store
        self._checks = checks
        self._foreseeing = foreseeing
        self._clock = clock

    def get(self, number: int) -> Proposal:
        """Raises NotFound."""
        return self._store.proposal(number)

    def all(self) -> tuple[Proposal, ...]:
        """Return every proposal, newest first."""
        return self._store.proposals()

    def propose(self, caller: Caller, text: str, base: int, why: str) -> Proposal:
        """Keep a file as a proposal on top of the version that its author read.

        Raises NotPermitted, InvalidPolicy, InvalidRequest without a reason, and StaleVersion when
        another version is in force.
        """
        demand(caller, Act.PROPOSE_POLICIES)
        self._checks.parsed(text)
        current = self._store.current_policy()
        number = current.number if current else 0
        if number != base:
            raise StaleVersion("policy", str(base), str(number))
        version = policy_version(text, caller.user.name, self._clock.now())
        return self._store.add_proposal(proposal_of(version, base, reason_of(why)))

    async def approve(
        self, caller: Caller, number: int, revision: int, accepted: frozenset[str]
    ) -> Proposal:
        """Sign a proposal of somebody else, and accept what is odd about it by name.

        What it would do to the jobs of this moment is looked at too. Raises NotPermitted, NotFound,
        StaleVersion, OwnProposal, NotAStep, and NotAccepted with what is odd and not accepted.
        """
        demand(caller, Act.APPROVE_POLICIES)
        proposal = await asyncio.to_thread(read_proposal, self._store, number, revision)
        demand_base(proposal, await asyncio.to_thread(self._store.current_policy))
        signed = approved(proposal, caller.user.name, self._clock.now(), accepted)
        foreseen = await self._foreseeing.oddities(caller, proposal.text)
        await asyncio.to_thread(self._sign, signed, revision, foreseen)
        return signed

    def _sign(self, signed: Proposal, revision: int, foreseen: tuple[Oddity, ...]) -> None:
        left = self._checks.left(signed.text, signed.policy, signed.accepted, foreseen)
        if left:
            raise NotAccepted(*(one.named for one in left))
        self._store.change_proposal(signed, revision)

    def withdraw(self, caller: Caller, number: int, revision: int, why: str) -> Proposal:
        """Give a proposal up before anything of it is in force.

        Raises NotPermitted, NotFound, StaleVersion, NotAStep, InvalidRequest without a reason.
        """
        demand(caller, Act.PROPOSE_POLICIES)
        proposal = read_proposal(self._store, number, revision)
        by, reason = caller.user.name, reason_of(why)
        taken = stepped(proposal, ProposalState.WITHDRAWN, by, self._clock.now(), reason)
        self._store.change_proposal(taken, revision)
        return taken


def read_proposal(store: Store, number: int, revision: int) -> Proposal:
    """Return the proposal of this revision. Raises NotFound, StaleVersion."""
    proposal = store.proposal(number)
    demand_revision(proposal, revision)
    return proposal


def demand_base(proposal: Proposal, current: PolicyVersion | None) -> None:
    """Raise StaleVersion unless in force is what the proposal changes, or its own canary."""
    if proposal.state is ProposalState.CANARY and current and current.proposal == proposal.number:
        return
    number = current.number if current else 0
    if number != proposal.base:
        raise StaleVersion("policy", str(proposal.base), str(number))


def demand_no_canary(store: Store, in_force: PolicyVersion | None, number: int = 0) -> None:
    """Return unless the version in force is a canary of another proposal. Raises CanaryInForce."""
    if in_force is None or in_force.proposal in {0, number}:
        return
    if store.proposal(in_force.proposal).state is ProposalState.CANARY:
        raise CanaryInForce(in_force.proposal)


def reason_of(why: str) -> str:
    """Return the reason; who comes later will want to know. Raises InvalidRequest without one."""
    return given_reason(why, said("is empty; say why the policy changes"))
