"""Saves counting users' pending jobs at each intake: in a long queue a fifth of its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scheduler.domain.records import NewJobs
from scheduler.store.intake import Intake, job_count


class PendingBounds:
    """Remembers, for each user, a number that the user's pending jobs do not exceed.

    Only an intake makes them more, and every intake, of any process, moves the last job id on. So
    while the last job id is the one that our own last intake left, the numbers hold: jobs may only
    have left the queue since. (One that came back from SUBMITTING may be missed until the next
    count; a limit on waiting jobs is not hurt by one.)
    """

    def __init__(self) -> None:
        self._last_job_id = -1
        self._at_most: dict[str, int] = {}

    def to_count(self, batch: Sequence[NewJobs], last_job_id: int) -> set[str]:
        """Return the limited users whose number is not known, or might pass their limit."""
        if last_job_id != self._last_job_id:
            self._at_most.clear()
        asked: Counter[str] = Counter()
        unsure: set[str] = set()
        for new in batch:
            user, limit = new.tenant.user, new.max_pending_jobs
            asked[user] += job_count(new)
            if limit is not None and self._at_most.get(user, limit) + asked[user] > limit:
                unsure.add(user)
        return unsure

    def joined_with(self, counted: Mapping[str, int], batch: Sequence[NewJobs]) -> Counter[str]:
        """Return the batch's users' numbers: as counted, else as remembered."""
        users = {new.tenant.user for new in batch}
        remembered = {user: self._at_most[user] for user in users & self._at_most.keys()}
        return Counter({**remembered, **counted})

    def remember(self, intake: Intake, counted: set[str]) -> None:
        """Keep what an intake that is committed left of each user whose number is known."""
        known = {
            user: jobs
            for user, jobs in intake.pending_jobs.items()
            if user in counted or user in self._at_most
        }
        self._at_most.update(known)
        self._last_job_id = intake.last_job_id
