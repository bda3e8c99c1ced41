"""What is told of generated jobs, held against what was planted, audited, and tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from loadtests.national_worlds import Size, a_nation
from loadtests.why_check.passing import as_it_will_be
from loadtests.why_check.planting import JOB_ID, planted
from scheduler.allocator.explanation import explained
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import violations
from scheduler.domain.audit.blockers import blockers_are_true_and_all_told
from scheduler.domain.queue import grouped
from scheduler.domain.requests import GpuRequest
from scheduler.domain.snapshot import Snapshot

ALLOCATE = CpSatAllocator()
# A cluster of a university: small enough to search, as busy as on a usual day, with several pools.
CAMPUS = Size(pending=500, pools=4, organisations=12, nodes_per_pool=6, busy=0.95)


@dataclass(slots=True)
class Told:
    """How many blockers held and were told, were not told, and were told and did not hold."""

    told: int = 0
    unsaid: int = 0
    false: int = 0
    jobs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.told / max(1, self.told + self.unsaid)


def against_planted(seeds: Iterable[int]) -> Told:
    """Ask about one job of each planted world."""
    result = Told()
    for seed in seeds:
        world = planted(seed)
        answer = explained(world.snapshot, JOB_ID, ALLOCATE.end_of)
        told = Counter(blocker.reason for blocker in answer.blockers)
        unsaid, false = world.reasons - told, told - world.reasons
        result.told += (told & world.reasons).total()
        result.unsaid += unsaid.total()
        result.false += false.total()
        result.jobs += 1
        result.kinds.update(map(str, world.reasons.elements()))
        if unsaid or false:
            result.examples.append(f"world {seed}: not told {unsaid}, told and untrue {false}")
    return result


def against_the_audit(seeds: Iterable[int]) -> tuple[int, tuple[str, ...]]:
    """Explain every waiting job of whole queues; return how many, and what an audit objects to."""
    jobs, objections = 0, list[str]()
    for seed in seeds:
        snapshot = a_nation(CAMPUS, seed)
        allocation = ALLOCATE(snapshot)
        jobs += allocation.waiting_jobs
        objections += violations(snapshot, allocation, [blockers_are_true_and_all_told])
    return jobs, tuple(objections)


@dataclass(frozen=True, slots=True)
class Try:
    """A change that was told, whether for later, and whether the job started once it was made."""

    words: str
    later: bool
    started: bool


def tried_in_planted(seed: int) -> Iterator[Try]:
    """Make the changes that the job of a planted world is told of."""
    return _tried(planted(seed).snapshot, JOB_ID)


def tried_in_queue(seed: int, jobs: int) -> Iterator[Try]:
    """Make the changes that some waiting jobs of a whole queue are told of."""
    snapshot = a_nation(CAMPUS, seed)
    waiting = [job_id for wait in ALLOCATE(snapshot).waits for job_id in wait.job_ids]
    for job_id in Random(seed).sample(waiting, min(jobs, len(waiting))):
        yield from _tried(snapshot, job_id)


def _tried(snapshot: Snapshot, job_id: int) -> Iterator[Try]:
    for change in explained(snapshot, job_id, ALLOCATE.end_of).counterfactuals:
        at = change.starts_at
        then = snapshot if at is None else as_it_will_be(snapshot, ALLOCATE(snapshot), at, job_id)
        decided = ALLOCATE(_changed(then, job_id, change.request))
        started = any(start.job_id == job_id for start in decided.starts)
        yield Try(change.words, at is not None, started)


def _changed(snapshot: Snapshot, job_id: int, request: GpuRequest) -> Snapshot:
    jobs = (
        replace(job, request=request) if job.job_id == job_id else job for job in snapshot.pending
    )
    return replace(snapshot, queue=grouped(jobs))
