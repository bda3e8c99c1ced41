"""Changes of the policy that two people stand for: proposed, approved, put in force, taken back."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain.policies import PolicyVersion
from scheduler.domain.proposals import (
    Proposal,
    ProposalState,
    again_in_force,
    approved,
    demand_revision,
    proposal_of,
    stepped,
    version_of,
)
from scheduler.errors import NotAccepted, NotFound, StaleVersion
from scheduler.identity import Caller
from scheduler.policy_files import policy_version
from scheduler.ports import Clock, Store
from scheduler.texts import said
from scheduler.use_cases.given_reasons import given_reason
from scheduler.use_cases.permissions import Act, demand
from scheduler.use_cases.policy_checks import PolicyChecks


class Proposals:
    """Keeps the proposals. Every method blocks and may raise StoreUnavailable.

    Who changes one names the revision that he read, so that nobody signs what he has not seen.
    """

    def __init__(self, store: Store, checks: PolicyChecks, clock: Clock) -> None:
        self._store = store
        self._checks = checks
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
        return self._store.add_proposal(proposal_of(version, base, _reason(why)))

    def approve(
        self, caller: Caller, number: int, revision: int, accepted: frozenset[str]
    ) -> Proposal:
        """Sign a proposal of somebody else, and accept what is odd about it by name.

        Raises NotPermitted, NotFound, StaleVersion, OwnProposal, NotAStep, and NotAccepted with
        what is odd and not accepted.
        """
        demand(caller, Act.APPROVE_POLICIES)
        proposal = self._read(number, revision)
        signed = approved(proposal, caller.user.name, self._clock.now(), accepted)
        self._demand_accepted(signed)
        self._store.change_proposal(signed, revision)
        return signed

    def withdraw(self, caller: Caller, number: int, revision: int, why: str) -> Proposal:
        """Give a proposal up before it is in force. Raises as `approve` does."""
        demand(caller, Act.PROPOSE_POLICIES)
        proposal = self._read(number, revision)
        taken = stepped(
            proposal, ProposalState.WITHDRAWN, caller.user.name, self._clock.now(), _reason(why)
        )
        self._store.change_proposal(taken, revision)
        return taken

    def activate(
        self, caller: Caller, number: int, revision: int
    ) -> tuple[Proposal, PolicyVersion]:
        """Put an approved proposal in force from the next cycle on.

        What is odd is looked for again: the cluster may have changed since it was approved. Raises
        as `approve` does, and StaleVersion when another version came into force since its base.
        """
        demand(caller, Act.APPLY_POLICIES)
        proposal = self._read(number, revision)
        now = self._clock.now()
        taken = stepped(proposal, ProposalState.IN_FORCE, caller.user.name, now)
        self._checks.parsed(proposal.text)
        self._demand_accepted(proposal)
        version = version_of(proposal, caller.user.name, now)
        applied = self._store.apply_proposal(taken, revision, version, proposal.base)
        return taken, applied

    def roll_back(self, caller: Caller, to: int, expected: int, why: str) -> PolicyVersion:
        """Put a version in force again that was so before the present one, which is `expected`.

        With `to` 0 it is the newest that says something else and was not rolled back itself. One
        signature is enough: the version had been in force. Raises NotPermitted, InvalidRequest
        without a reason, NotFound, InvalidPolicy where the file fits no more, and StaleVersion.
        """
        demand(caller, Act.APPLY_POLICIES)
        reason = _reason(why)
        versions = {version.number: version for version in self._store.policy_versions()}
        present = versions.get(expected)
        if present is None:
            raise StaleVersion("policy", str(expected), str(max(versions, default=0)))
        target = versions.get(to) if to else self._before(present, versions)
        if target is None or target.number == expected:
            raise NotFound("policy version", str(to or expected - 1))
        self._checks.parsed(target.text)
        by, now = caller.user.name, self._clock.now()
        again = again_in_force(target, by, now, reason)
        if not present.proposal:
            return self._store.apply_policy(again, expected)
        proposal = self._store.proposal(present.proposal)
        taken = stepped(proposal, ProposalState.ROLLED_BACK, by, now, reason)
        return self._store.apply_proposal(taken, proposal.revision, again, expected)

    def _before(
        self, present: PolicyVersion, versions: Mapping[int, PolicyVersion]
    ) -> PolicyVersion | None:
        for number in range(present.number - 1, 0, -1):
            version = versions[number]
            if version.sha256 != present.sha256 and not self._was_rolled_back(version):
                return version
        return None

    def _was_rolled_back(self, version: PolicyVersion) -> bool:
        if not version.proposal:
            return False
        return self._store.proposal(version.proposal).state is ProposalState.ROLLED_BACK

    def _read(self, number: int, revision: int) -> Proposal:
        proposal = self._store.proposal(number)
        demand_revision(proposal, revision)
        return proposal

    def _demand_accepted(self, proposal: Proposal) -> None:
        """Raise NotAccepted for what is odd, unless it is so of the version in force already."""
        current = self._store.current_policy()
        known = self._checks.oddities(current.text, current.policy) if current else ()
        before = {(one.kind, one.violation.field) for one in known}
        left = [
            one.violation
            for one in self._checks.oddities(proposal.text, proposal.policy)
            if one.kind not in proposal.accepted and (one.kind, one.violation.field) not in before
        ]
        if left:
            raise NotAccepted(*left)


def _reason(why: str) -> str:
    return given_reason(why, said("is empty; say why the policy changes"))
