"""The jobs that wait for others, and which of their dependencies may stand otherwise by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice

from scheduler.domain.dependencies.rulings import DependentJob, Ruling, ruling_on
from scheduler.domain.records import LiveChanges
from scheduler.engine.world import World

# A burst of new ones, or an event that thousands wait for, is worked off over some cycles.
MOST_IN_A_CYCLE = 2000
MOST_TERMS_IN_A_CYCLE = 20_000


class Dependents:
    """Knows of each waiting dependency what would change it; costs what changed, not the queue."""

    def __init__(self, jobs: Iterable[DependentJob] = ()) -> None:
        self._jobs = {job.job_id: job for job in jobs}
        self._in_question = dict.fromkeys(self._jobs)  # in the order in which they came
        self._watchers: dict[int, set[int]] = defaultdict(set)
        self._watched: dict[int, frozenset[int]] = {}
        self._due: list[tuple[datetime, int]] = []

    def take_in(self, changes: LiveChanges) -> None:
        """Take in who came, who went, and whom changes may set free."""
        mine = {job.job_id: job for job in changes.dependents}
        for job_id in changes.job_ids:
            self._in_question |= dict.fromkeys(self._watchers.get(job_id, ()))
            if job_id not in mine and self._jobs.pop(job_id, None) is not None:
                self._watch(job_id, frozenset())
        self._jobs |= mine
        self._in_question |= dict.fromkeys(mine)

    def in_question(self, now: datetime) -> tuple[DependentJob, ...]:
        """Return those to be judged now, at most so many with at most so many terms at once."""
        while self._due and self._due[0][0] <= now:
            self._in_question[heappop(self._due)[1]] = None
        some: list[DependentJob] = []
        terms = 0
        for job_id in list(islice(self._in_question, MOST_IN_A_CYCLE)):
            job = self._jobs.get(job_id)
            if job is None:
                del self._in_question[job_id]
                continue
            terms += len(job.dependency.terms)
            if terms > MOST_TERMS_IN_A_CYCLE:
                break
            some.append(job)
        return tuple(some)

    def ruled(self, rulings: Mapping[int, Ruling]) -> None:
        """Keep what would change the rulings, once they are written."""
        for job_id, ruling in rulings.items():
            self._in_question.pop(job_id, None)
            self._watch(job_id, ruling.watched)
            if ruling.due_at is not None:
                heappush(self._due, (ruling.due_at, job_id))

    def _watch(self, job_id: int, watched: frozenset[int]) -> None:
        for other in self._watched.pop(job_id, frozenset()):
            self._watchers[other].discard(job_id)
            if not self._watchers[other]:
                del self._watchers[other]
        for other in watched:
            self._watchers[other].add(job_id)
        if watched:
            self._watched[job_id] = watched


def settle_dependencies(world: World, dependents: Dependents) -> None:
    """Let those wait for their turn whose dependency is met, and tell the others where it stands.

    Raises StoreUnavailable, NotLeading; then they are judged again.
    """
    now = world.clock.now()
    jobs = dependents.in_question(now)
    if not jobs:
        return
    evidence = world.store.evidence(jobs)
    rulings = {job.job_id: ruling_on(job, evidence, now) for job in jobs}
    cancelled = world.store.rule(rulings, now, world.leadership.demand())
    dependents.ruled(rulings)
    world.tell_moved(cancelled, now)
