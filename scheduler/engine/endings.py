"""What becomes of waiting jobs whose user, project or organisation has no access any more.

Those of who was off-boarded are cancelled; those of who expired wait on, and no cycle sees them.
What runs, or is on its way, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scheduler.domain import stored_words as words
from scheduler.domain.decisions import Wait
from scheduler.domain.ending_words import ending_in_words
from scheduler.domain.jobs import JobState
from scheduler.domain.queue import JobGroup
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.records import JobQuery, Transition
from scheduler.domain.tenants import Access, Endings, Tenant
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.world import World

PAGE_JOBS = 1000
PENDING = frozenset({JobState.PENDING})

Departure = tuple[JobQuery, Access]


class Departures:
    """Cancels what waits of those who were off-boarded: once all of it, then what still comes."""

    def __init__(self, world: World, live: LiveJobs) -> None:
        self._world = world
        self._live = live
        self._dealt_with: frozenset[Departure] = frozenset()

    def go_on(self) -> None:
        """Cancel what is to be cancelled by now. Raises StoreUnavailable, NotLeading."""
        now = self._world.clock.now()
        endings = self._world.store.endings(now)
        departures = frozenset(_departures(endings))
        waiting = dict(self._waiting_of(departures - self._dealt_with))
        if departures:
            waiting |= {
                job_id: group.tenant for group in self._live.queue() for job_id in group.job_ids
            }
        moves = [
            Transition(job_id, JobState.CANCELLED, now, ended_at=now, detail=detail)
            for job_id, tenant in waiting.items()
            if (detail := _departed(endings, tenant))
        ]
        if moves:
            moved = self._world.store.apply(moves, self._world.leadership.demand())
            self._world.tell_moved(moved, now)
        self._dealt_with = departures

    def _waiting_of(self, departures: Iterable[Departure]) -> Iterator[tuple[int, Tenant]]:
        """Yield the pending jobs of these, also those that are held or wait for others."""
        for query, _ in departures:
            jobs = self._world.store.jobs(query)
            while jobs:
                yield from ((job.job_id, job.tenant) for job in jobs)
                jobs = self._world.store.jobs(replace(query, before_job_id=jobs[-1].job_id))


def open_groups(queue: tuple[JobGroup, ...], endings: Endings) -> tuple[JobGroup, ...]:
    """Return the groups of those who have access; only they are decided about."""
    if not endings:
        return queue
    return tuple(group for group in queue if endings.of(group.tenant) is None)


def kept_out(queue: Iterable[JobGroup], endings: Endings) -> Iterator[Wait]:
    """Yield what the jobs of the others are told."""
    for group in queue:
        if ending := endings.of(group.tenant):
            detail = str(ending_in_words(ending))
            yield Wait(group.job_ids, (Blocker(Reason.ACCESS_ENDED, detail),))


def _departures(endings: Endings) -> Iterator[Departure]:
    """Yield who was off-boarded, each as the question for what waits of theirs."""
    everybody = [
        *((JobQuery(name), access) for name, access in endings.organisations.items()),
        *((JobQuery(*place), access) for place, access in endings.projects.items()),
        *((JobQuery(user=name), access) for name, access in endings.users.items()),
    ]
    for query, access in everybody:
        if access.off_boarded_at is not None:
            yield replace(query, states=PENDING, limit=PAGE_JOBS), access


def _departed(endings: Endings, tenant: Tenant) -> str:
    """Return the words for a job whose tenant was off-boarded, none for any other."""
    ending = endings.of(tenant)
    if ending is None or ending.access.off_boarded_at is None:
        return ""
    return words.LEFT_BEFORE_START.format(ending=ending_in_words(ending))
