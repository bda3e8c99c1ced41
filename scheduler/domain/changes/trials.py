"""A policy on trial: what one cycle would have done otherwise, kept in brief."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.changes.forecast import Affected, PolicyForecast, Standing
from scheduler.domain.changes.proposals import Proposal, ProposalState, version_of
from scheduler.domain.policies import PolicyVersion

# Of each kind of difference; a cycle that differs in more is told with these.
MOST_JOBS = 200
# At one in 30 s these are half a day; a trial that goes on longer is told by its newest part.
MOST_TRIALS = 1440
# Of older ones it is no longer told what they came to.
MOST_TRIED = 20
ON_TRIAL = frozenset({ProposalState.SHADOWED, ProposalState.CANARY})


@dataclass(frozen=True, slots=True)
class Trial:
    """One snapshot, decided under the version that a proposal changes and under what is tried.

    `stage` is SHADOWED, where the former is in force, or CANARY, where the latter is. The lists are
    job ids, as in a forecast; of the standings there are those that hold or want something.
    """

    proposal: int
    stage: ProposalState
    cycle: int
    at: datetime
    standings: tuple[Standing, ...]
    capacity: Mapping[str, int]
    starts: tuple[int, ...] = ()
    held_back: tuple[int, ...] = ()
    recalled: tuple[int, ...] = ()
    spared: tuple[int, ...] = ()
    barred: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """A canary in force, and when its newest cycle was that was judged; None: none was yet."""

    proposal: Proposal
    judged_at: datetime | None


def trial_of(proposal: Proposal, forecast: PolicyForecast) -> Trial:
    """Return what is kept of a forecast."""
    return Trial(
        proposal.number,
        proposal.state,
        forecast.cycle,
        forecast.taken_at,
        tuple(one for one in forecast.standings if one.held or one.wanted),
        forecast.capacity,
        starts=_ids(forecast.starts),
        held_back=_ids(forecast.held_back),
        recalled=_ids(forecast.recalled),
        spared=_ids(forecast.spared),
        barred=_ids(forecast.barred),
    )


def compared(
    proposal: Proposal, versions: Mapping[int, PolicyVersion], at: datetime
) -> tuple[PolicyVersion, PolicyVersion] | None:
    """Return the version that the proposal changes, and what is tried of it.

    None where it is not on trial, or another version came into force since.
    """
    base, current = versions.get(proposal.base), versions.get(max(versions, default=0))
    if base is None or current is None:
        return None
    match proposal.state:
        case ProposalState.SHADOWED if current is base:
            return base, version_of(proposal, "", at)
        case ProposalState.CANARY if current.proposal == proposal.number:
            return base, current
        case _:
            return None


def _ids(jobs: Iterable[Affected]) -> tuple[int, ...]:
    return tuple(job.job_id for job in jobs)[:MOST_JOBS]
