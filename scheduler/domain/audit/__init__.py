"""The rules of an allocation, restated plainly to check any allocator's decisions.

No code is shared with the allocators: what gang a request asks for, what an organisation is
entitled to, who holds what and what fits where are all worked out anew, by other ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from scheduler.domain.audit.floors import floors_come_first
from scheduler.domain.audit.kept_open import reservations_keep_their_nodes
from scheduler.domain.audit.limits import (
    arrays_stay_within_their_limit,
    borrowing_stays_limited,
    ceilings_hold,
    kept_back_gpus_stay_free,
    users_stay_within_their_limit,
)
from scheduler.domain.audit.planned import (
    plans_are_of_who_is_due,
    plans_are_possible,
    plans_move_only_earlier,
)
from scheduler.domain.audit.recalls import RECALL_CHECKS
from scheduler.domain.audit.safety import (
    every_job_is_decided_once,
    gangs_are_what_was_asked_for,
    gangs_are_whole_on_suiting_nodes,
    nodes_are_not_overfilled,
)
from scheduler.domain.audit.shares import no_exchange_is_better, nobody_envies_a_sibling
from scheduler.domain.audit.waiting import no_job_that_fits_waits
from scheduler.domain.audit.world import End, World
from scheduler.domain.decisions import Allocation, Decision, SolverStatus
from scheduler.domain.snapshot import Snapshot

Check = Callable[[End], Iterator[str]]

# What every cycle is held to.
CHECKS: tuple[Check, ...] = (
    every_job_is_decided_once,
    gangs_are_what_was_asked_for,
    gangs_are_whole_on_suiting_nodes,
    nodes_are_not_overfilled,
    ceilings_hold,
    borrowing_stays_limited,
    users_stay_within_their_limit,
    arrays_stay_within_their_limit,
    kept_back_gpus_stay_free,
    floors_come_first,
    plans_are_of_who_is_due,
    plans_are_possible,
    plans_move_only_earlier,
    reservations_keep_their_nodes,
    no_job_that_fits_waits,
)
# Searches for something better; they cost more, and what they find is unfair but not unsafe.
SEARCHES: tuple[Check, ...] = (
    nobody_envies_a_sibling,
    no_exchange_is_better,
)


def violations(
    snapshot: Snapshot,
    decided: Allocation | Sequence[Decision],
    checks: Iterable[Check] | None = None,
) -> tuple[str, ...]:
    """Return every broken rule in words; empty when the decisions keep them all.

    Bare decisions are judged as if they came without plans, recalls and claims.
    """
    if not isinstance(decided, Allocation):
        decided = Allocation(tuple(decided), "", SolverStatus.UNKNOWN)
    end = End(World(snapshot), decided)
    return broken_at(end, checks or checks_of(decided))


def checks_of(allocation: Allocation) -> tuple[Check, ...]:
    """Return what a cycle that decides this is held to; recalls are judged where there are any."""
    return (*CHECKS, *(RECALL_CHECKS if allocation.recalls else ()))


def broken_at(end: End, checks: Iterable[Check]) -> tuple[str, ...]:
    """Return what these checks say; they share what has been worked out about the end."""
    return tuple(text for check in checks for text in check(end))
