"""How an approved policy comes into force, by stages or at once, and how it is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scheduler.domain.changes.canaries import canary_policy
from scheduler.domain.changes.differences import changes
from scheduler.domain.changes.findings import shadow_findings
from scheduler.domain.changes.objectives import Objective, tolerated
from scheduler.domain.changes.proposals import (
    Canary,
    Proposal,
    ProposalState,
    again_in_force,
    canary_of,
    stepped,
    version_of,
)
from scheduler.domain.changes.trial_summaries import trial_summaries
from scheduler.domain.changes.trials import MOST_TRIALS
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import (
    InvalidRequest,
    NotAccepted,
    NotFound,
    OwnProposal,
    StaleVersion,
    Violation,
)
from scheduler.identity import Caller
from scheduler.policy_files import policy_text, policy_version
from scheduler.ports import Clock, Store
from scheduler.texts import Said, said
from scheduler.use_cases.foreseeing import Foreseeing, harm
from scheduler.use_cases.permissions import Act, demand
from scheduler.use_cases.policy_checks import Oddity, PolicyChecks
from scheduler.use_cases.proposals import demand_base, demand_no_canary, read_proposal, reason_of

SHORTEST_CANARY, LONGEST_CANARY = timedelta(minutes=1), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Wish:
    """How far a proposal is to come: SHADOWED, CANARY on `classes`, or IN_FORCE.

    `try_for` is how long a canary is looked at before somebody decides; `tolerated` is what is
    borne of it where that is not the usual. `accepted` are findings, by kind, beside those that
    were accepted before.
    """

    stage: ProposalState = ProposalState.IN_FORCE
    classes: tuple[str, ...] = ()
    try_for: timedelta = timedelta(hours=6)
    tolerated: Mapping[Objective, float] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Staged:
    """Where a proposal came to: the version that it brought, and what a canary does not try."""

    proposal: Proposal
    version: PolicyVersion | None = None
    not_tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that may be taken: the version that it brings on top of which; None: none."""

    taken: Proposal
    version: PolicyVersion | None
    base: PolicyVersion | None


class Stages:
    """Puts proposals in force. Every method may raise StoreUnavailable; plain ones block."""

    def __init__(
        self, store: Store, checks: PolicyChecks, foreseeing: Foreseeing, clock: Clock
    ) -> None:
        self._store = store
        self._checks = checks
        self._foreseeing = foreseeing
        self._clock = clock

    async def activate(self, caller: Caller, number: int, revision: int, wish: Wish) -> Staged:
        """Bring an approved proposal to a stage, from the next cycle on.

        What is odd is looked for again, and so is what it would do to the jobs of this moment:
        both may have changed since it was approved. Raises NotPermitted, NotFound, NotAStep,
        NotAccepted, OwnProposal where its author accepts findings, InvalidRequest for a canary that
        tries nothing, InvalidPolicy, CanaryInForce where that is another proposal's, and
        StaleVersion when another version came into force.
        """
        demand(caller, Act.APPLY_POLICIES)
        step = await asyncio.to_thread(self._step, caller, number, revision, wish)
        foreseen: tuple[Oddity, ...] = ()
        if step.version is not None:
            foreseen = await self._foreseeing.oddities(caller, step.version.text)
            foreseen += await asyncio.to_thread(self._seen_in_shadow, number)
        return await asyncio.to_thread(self._take, step, revision, foreseen)

    def _step(self, caller: Caller, number: int, revision: int, wish: Wish) -> _Step:
        proposal = read_proposal(self._store, number, revision)
        by, now = caller.user.name, self._clock.now()
        if wish.accepted and by == proposal.proposed.by:
            raise OwnProposal(by, number)
        self._checks.parsed(proposal.text)
        taken = stepped(proposal, wish.stage, by, now)
        taken = replace(taken, accepted=proposal.accepted | wish.accepted)
        base = self._store.current_policy()
        demand_base(proposal, base)
        if wish.stage is ProposalState.SHADOWED:
            return _Step(taken, None, base)
        demand_no_canary(self._store, base, number)
        if wish.stage is ProposalState.IN_FORCE:
            return _Step(taken, version_of(proposal, by, now), base)
        return self._canary(taken, wish, base)

    def _canary(self, taken: Proposal, wish: Wish, base: PolicyVersion | None) -> _Step:
        """Return the step to a version of its own, which says of the classes what is new.

        Raises InvalidRequest.
        """
        if base is None:
            raise _wrong(said("there is no policy in force yet that it could be tried against"))
        if not wish.classes or (unknown := sorted(set(wish.classes) - set(taken.policy.classes))):
            known = ", ".join(sorted(taken.policy.classes))
            message = said("names no class of the policy; its classes are {known}", known=known)
            if wish.classes:
                message = said("no class {name!r}; it has {known}", name=unknown[0], known=known)
            raise _wrong(message)
        step = taken.steps[-1]
        now = datetime.fromisoformat(step.at)
        classes = tuple(sorted(set(wish.classes)))
        organisations = self._checks.organisations()
        if set(classes).isdisjoint(organisations.values()):
            names = ", ".join(classes)
            raise _wrong(said("no organisation is of {names}; name a class in use", names=names))
        tried = canary_policy(base.policy, taken.policy, classes, organisations)
        if not changes(base.policy, tried):
            raise _wrong(
                said(
                    "what changes holds for the whole cluster or for other classes, and cannot be "
                    "tried on these alone; compare it with --shadow"
                )
            )
        title = f"{base.name}; canary of proposal {taken.number}"
        version = policy_version(policy_text(title, tried), step.by, now)
        taken = replace(taken, canary=_terms(wish, classes, base, now))
        return _Step(taken, canary_of(taken, version, step.by, now), base)

    def _seen_in_shadow(self, number: int) -> tuple[Oddity, ...]:
        return tuple(
            harm(found.kind, found.message)
            for summary in trial_summaries(self._store.trials(number, MOST_TRIALS))
            if summary.stage is ProposalState.SHADOWED
            for found in shadow_findings(summary)
        )

    def _take(self, step: _Step, revision: int, foreseen: tuple[Oddity, ...]) -> Staged:
        taken, version, base = step.taken, step.version, step.base
        tried = version or version_of(taken, "", self._clock.now())
        left = self._checks.left(tried.text, tried.policy, taken.accepted, foreseen)
        if left:
            raise NotAccepted(*(one.named for one in left))
        if version is None:
            self._store.change_proposal(taken, revision)
            return Staged(taken)
        expected = base.number if base else 0
        applied = self._store.apply_proposal(taken, revision, version, expected)
        return Staged(taken, applied, changes(version.policy, taken.policy))

    def roll_back(self, caller: Caller, to: int, expected: int, why: str) -> PolicyVersion:
        """Put a version in force again that was so before the present one, which is `expected`.

        With `to` 0 it is the newest that says something else, was not rolled back itself, and was
        no canary, which nobody wrote. One signature is enough: the version had been in force.
        Raises NotPermitted, InvalidRequest without a reason or for a canary, NotFound,
        InvalidPolicy where the file fits no more, and StaleVersion.
        """
        demand(caller, Act.APPLY_POLICIES)
        reason = reason_of(why)
        versions = {version.number: version for version in self._store.policy_versions()}
        newest = max(versions, default=0)
        if not newest or expected != newest:
            raise StaleVersion("policy", str(expected), str(newest))
        present = versions[newest]
        target = versions.get(to) if to else self._before(present, versions)
        if to == expected:
            message = said("is in force already; name another one of `tendik policy history`")
            raise InvalidRequest(Violation("to_number", message))
        if target is None:
            raise NotFound("policy version", str(to or expected - 1))
        if self._was_canary(target):
            message = said(
                "version {number} was a canary, which nobody would judge; name a whole one of "
                "`tendik policy history`",
                number=to,
            )
            raise InvalidRequest(Violation("to_number", message))
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
        """Return what came before the present one came first: going back twice goes back twice."""
        first = present
        while first.again:
            first = versions[first.again]
        for number in range(first.number - 1, 0, -1):
            version = versions[number]
            if version.sha256 != present.sha256 and self._may_return(version):
                return version
        return None

    def _may_return(self, version: PolicyVersion) -> bool:
        if not version.proposal:
            return True
        proposal = self._store.proposal(version.proposal)
        was_rolled_back = proposal.state is ProposalState.ROLLED_BACK
        return not was_rolled_back and not self._was_canary(version)

    def _was_canary(self, version: PolicyVersion) -> bool:
        """A canary's file is not its proposal's."""
        if not version.proposal:
            return False
        return version.sha256 != self._store.proposal(version.proposal).sha256


def _terms(wish: Wish, classes: tuple[str, ...], base: PolicyVersion, now: datetime) -> Canary:
    if not SHORTEST_CANARY <= wish.try_for <= LONGEST_CANARY:
        raise InvalidRequest(Violation("try_for", said("must be from a minute to 90 days")))
    for objective, most in wish.tolerated.items():
        if not 0 <= most < float("inf"):
            message = said("must be a number from 0 on, not {most}", most=most)
            raise InvalidRequest(Violation(f"tolerated.{objective}", message))
    borne = {**tolerated(base.policy), **wish.tolerated}
    return Canary(classes, (now + wish.try_for).isoformat(), borne)


def _wrong(message: Said) -> InvalidRequest:
    return InvalidRequest(Violation("classes", message))
