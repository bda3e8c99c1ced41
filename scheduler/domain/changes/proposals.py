"""A proposal: a change of the policy on its way into force, signed by two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler.domain import stored_words as words
from scheduler.domain.changes.objectives import Objective
from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.errors import NotAStep, OwnProposal, StaleVersion
from scheduler.texts import Said, said

# Who acts where nobody asked, as it stands in histories.
BY_ITSELF = "tendik-scheduler"


class ProposalState(StrEnum):
    """How far a proposal has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SHADOWED = "shadowed"  # decided beside the version in force, and compared
    CANARY = "canary"  # in force for some classes
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"
    ROLLED_BACK = "rolled_back"


STEPS: Mapping[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PROPOSED: frozenset({ProposalState.APPROVED, ProposalState.WITHDRAWN}),
    ProposalState.APPROVED: frozenset(
        {
            ProposalState.SHADOWED,
            ProposalState.CANARY,
            ProposalState.IN_FORCE,
            ProposalState.WITHDRAWN,
        }
    ),
    ProposalState.SHADOWED: frozenset(
        {ProposalState.CANARY, ProposalState.IN_FORCE, ProposalState.WITHDRAWN}
    ),
    ProposalState.CANARY: frozenset({ProposalState.IN_FORCE, ProposalState.ROLLED_BACK}),
    ProposalState.IN_FORCE: frozenset({ProposalState.ROLLED_BACK}),
    ProposalState.WITHDRAWN: frozenset(),
    ProposalState.ROLLED_BACK: frozenset(),
}
STATE_WORDS: Mapping[ProposalState, Said] = {
    ProposalState.PROPOSED: said("proposed"),
    ProposalState.APPROVED: said("approved"),
    ProposalState.SHADOWED: said("in shadow"),
    ProposalState.CANARY: said("a canary"),
    ProposalState.IN_FORCE: said("in force"),
    ProposalState.WITHDRAWN: said("withdrawn"),
    ProposalState.ROLLED_BACK: said("rolled back"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Who brought a proposal to a state, when (ISO 8601, UTC) and why."""

    state: ProposalState
    by: str
    at: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Canary:
    """For which classes a policy is tried, until when (ISO 8601, UTC), and what is borne of it.

    After `until` it goes on, watched as before: only a person puts it in force for all.
    """

    classes: tuple[str, ...]
    until: str
    tolerated: Mapping[Objective, float]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A policy file that is to be in force, and the signatures that it has.

    `base` is the number of the version that its author had before him, 0 for none. `accepted` are
    the findings that others than its author accept, by name; those left keep it out of force.
    `steps` are all that happened to it, the first its proposal; their number is its `revision`.
    `canary` is how it is or was tried on some classes.
    """

    number: int
    base: int
    title: str
    sha256: str
    text: str
    policy: Policy
    steps: tuple[Step, ...]
    accepted: frozenset[str] = frozenset()
    canary: Canary | None = None

    @property
    def state(self) -> ProposalState:
        return self.steps[-1].state

    @property
    def revision(self) -> int:
        return len(self.steps)

    @property
    def proposed(self) -> Step:
        return self.steps[0]

    @property
    def approved(self) -> Step | None:
        """Return the second signature, None when there is none."""
        steps = (step for step in self.steps if step.state is ProposalState.APPROVED)
        return next(steps, None)


def proposal_of(version: PolicyVersion, base: int, why: str) -> Proposal:
    """Return a version that has no number yet as a proposal that has none either (0)."""
    step = Step(ProposalState.PROPOSED, version.applied_by, version.applied_at, why)
    return Proposal(0, base, version.name, version.sha256, version.text, version.policy, (step,))


def approved(proposal: Proposal, by: str, at: datetime, accepted: frozenset[str]) -> Proposal:
    """Return the proposal with its second signature. Raises OwnProposal, NotAStep."""
    if by == proposal.proposed.by:
        raise OwnProposal(by, proposal.number)
    taken = stepped(proposal, ProposalState.APPROVED, by, at)
    return replace(taken, accepted=accepted)


def stepped(
    proposal: Proposal, state: ProposalState, by: str, at: datetime, why: str = ""
) -> Proposal:
    """Return the proposal one step on. Raises NotAStep where that step does not lead."""
    if state not in STEPS[proposal.state]:
        here, there = STATE_WORDS[proposal.state], STATE_WORDS[state]
        raise NotAStep(proposal.number, here, there)
    step = Step(state, by, at.isoformat(), why)
    return replace(proposal, steps=(*proposal.steps, step))


def demand_revision(proposal: Proposal, revision: int) -> None:
    """Raise StaleVersion unless this is the revision that its reader had before him."""
    if proposal.revision != revision:
        raise StaleVersion("proposal", str(revision), str(proposal.revision))


def version_of(proposal: Proposal, by: str, at: datetime) -> PolicyVersion:
    """Return what the proposal puts in force; it has no number yet (0)."""
    second = proposal.approved
    return PolicyVersion(
        0,
        proposal.title,
        proposal.sha256,
        proposal.text,
        by,
        at.isoformat(),
        proposal.policy,
        why=proposal.proposed.why,
        approved_by=second.by if second else "",
        proposal=proposal.number,
    )


def canary_of(proposal: Proposal, tried: PolicyVersion, by: str, at: datetime) -> PolicyVersion:
    """Return the version that tries the proposal on its canary's classes; it has no number yet."""
    classes = ", ".join(proposal.canary.classes) if proposal.canary else ""
    values = {"number": proposal.number, "classes": classes, "why": proposal.proposed.why}
    # Kept and sent as plain text, and known again where it is read.
    return replace(
        version_of(proposal, by, at),
        name=tried.name,
        sha256=tried.sha256,
        text=tried.text,
        policy=tried.policy,
        why=words.CANARY_OF.format(**values),
    )


def again_in_force(version: PolicyVersion, by: str, at: datetime, why: str) -> PolicyVersion:
    """Return a version that was in force before, to be so again; it has no number yet (0)."""
    return replace(
        version,
        number=0,
        applied_by=by,
        applied_at=at.isoformat(),
        why=why,
        approved_by="",
        proposal=0,
        again=version.number,
    )


def came_back_by_itself(version: PolicyVersion) -> bool:
    """Say whether a canary's harm brought the version; the first one is nobody's choice either."""
    return version.applied_by == BY_ITSELF and version.number > 1
