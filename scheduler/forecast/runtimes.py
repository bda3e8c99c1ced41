"""How much of their walltimes jobs use: by user, organisation and everybody, as they have ended."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterator, Sequence

from scheduler.domain.jobs import Job
from scheduler.domain.tenants import Tenant

# What a subject did long ago says little of what it does now.
REMEMBERED_RUNS = 200
# So many runs of its own weigh as much as what is known of the subject's parent.
RUNS_OF_WEIGHT = 5.0

_Subject = tuple[str, ...]


class Runtimes:
    """The parts of their walltimes, 0 to 1, that ended runs have used.

    Who has few runs is taken for what its organisation is, and that for what everybody is; who has
    none at all, for one that uses any part of its walltime alike.
    """

    def __init__(self) -> None:
        self._parts: dict[_Subject, _Parts] = {}

    def ended(self, tenant: Tenant, used_s: float, walltime_s: int) -> None:
        """Learn from a run that has come to its end."""
        part = min(1.0, max(0.0, used_s / walltime_s))
        for subject in _subjects(tenant):
            self._parts.setdefault(subject, _Parts()).add(part)

    def runtime_s(
        self, tenant: Tenant, walltime_s: int, elapsed_s: float = 0.0, level: float = 0.5
    ) -> float:
        """Return what a run that has lasted so long stays below with probability `level`.

        It lies between what has elapsed and the walltime, and grows with both.
        """
        elapsed = elapsed_s / walltime_s
        part = elapsed + (1.0 - elapsed) * level
        for subject in _subjects(tenant):
            known = self._parts.get(subject)
            if known is not None:
                part += (known.quantile(elapsed, level) - part) * known.weight
        return max(elapsed_s, part * walltime_s)


def runtimes_of(newest_first: Sequence[Job]) -> Runtimes:
    """Return what the newest ended jobs tell of runtimes; those that never ran tell nothing."""
    runtimes = Runtimes()
    for job in reversed(newest_first):
        if job.started_at and job.ended_at:
            used_s = (job.ended_at - job.started_at).total_seconds()
            runtimes.ended(job.tenant, used_s, job.spec.request.walltime_s)
    return runtimes


class _Parts:
    """The newest parts of one subject, in the order they came and in order of size."""

    def __init__(self) -> None:
        self._newest: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, part: float) -> None:
        self._newest.append(part)
        insort(self._sorted, part)
        if len(self._newest) > REMEMBERED_RUNS:
            del self._sorted[bisect_right(self._sorted, self._newest.popleft()) - 1]

    @property
    def weight(self) -> float:
        return len(self._sorted) / (len(self._sorted) + RUNS_OF_WEIGHT)

    def quantile(self, elapsed: float, level: float) -> float:
        """Return the quantile of the parts above `elapsed`, with a run of the whole walltime added.

        The added one stands for what has not been seen yet, and keeps the answer growing with
        `elapsed` to the end.
        """
        first = bisect_right(self._sorted, elapsed)
        at = first + int((len(self._sorted) - first + 1) * level)
        return self._sorted[at] if at < len(self._sorted) else 1.0


def _subjects(tenant: Tenant) -> Iterator[_Subject]:
    """Yield whose runs tell of the tenant's, everybody first, the user last."""
    yield ()
    yield (tenant.organisation,)
    yield (tenant.organisation, tenant.user)
