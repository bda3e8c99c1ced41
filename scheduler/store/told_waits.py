"""Remembers what waiting jobs were told, so that a cycle looks only at those told otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scheduler.domain.decisions import Wait
from scheduler.domain.records import CycleRecord

# In a full queue nearly every detail holds numbers that move each second. Spread over so many
# cycles, a cycle rewrites a tenth of the queue, and no detail is older than ten cycles.
CYCLES_PER_DETAIL = 10
# Neighbours have their turn together: they share pages of the database, which are written whole.
NEIGHBOURS = 64


@dataclass(frozen=True, slots=True)
class _Told:
    """What alike jobs were told, the same since this cycle."""

    wait: Wait
    since: int


class ToldWaits:
    """Knows the waits of the newest recorded cycle; costs groups of alike jobs, not jobs.

    A job that waited in one cycle and waits in the next was waiting in between: only a cycle
    starts jobs, and what is cancelled never waits again. So while the next cycle is the one after
    the one remembered, what that one stored is still there.
    """

    def __init__(self) -> None:
        self._cycle = 0
        self._by_first_job: dict[int, _Told] = {}

    def in_question(self, record: CycleRecord) -> Iterator[tuple[int, Wait]]:
        """Yield each waiting job whose stored blockers may not be the cycle's.

        All of them when another cycle came in between, or none was seen yet.
        """
        for told in self._after(record):
            for job_id in _jobs_in_question(told, self._told_before(record, told.wait), record):
                yield job_id, told.wait

    def remember(self, record: CycleRecord) -> None:
        """Keep what a cycle that is committed told."""
        self._by_first_job = {told.wait.job_ids[0]: told for told in self._after(record)}
        self._cycle = record.cycle

    def _after(self, record: CycleRecord) -> Iterator[_Told]:
        for wait in record.allocation.waits:
            before = self._told_before(record, wait)
            yield before if before and before.wait == wait else _Told(wait, record.cycle)

    def _told_before(self, record: CycleRecord, wait: Wait) -> _Told | None:
        if record.cycle != self._cycle + 1:
            return None
        return self._by_first_job.get(wait.job_ids[0])


def is_turn_of(job_id: int, cycle: int) -> bool:
    """Say whether the job's detail is rewritten in this cycle."""
    return (job_id // NEIGHBOURS + cycle) % CYCLES_PER_DETAIL == 0


def _jobs_in_question(told: _Told, before: _Told | None, record: CycleRecord) -> Collection[int]:
    wait = told.wait
    if before is None or (before.wait.job_ids, before.wait.reason) != (wait.job_ids, wait.reason):
        return wait.job_ids
    if record.cycle - told.since >= CYCLES_PER_DETAIL:
        return ()  # each of them has had its turn
    return [job_id for job_id in wait.job_ids if is_turn_of(job_id, record.cycle)]
