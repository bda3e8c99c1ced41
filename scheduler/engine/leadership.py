"""Who acts: of all replicas' engines one, and only while it is sure that it still leads."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Protocol

from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice
from scheduler.errors import NotLeading
from scheduler.ports import Backend, JobStore

RENEWALS_PER_LEASE = 3
# Two clocks do not run alike, and a call takes a moment to leave: a leader trusts its lease for
# this part of it only, counted from before it asked.
TRUSTED_PART = 0.8
# A tick that hangs so long is no leader's any more; another replica may do better.
STUCK_AFTER_S = 600.0


def boottime_s() -> float:
    """Return seconds that nobody sets, and that go on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Leadership(Protocol):
    """An engine's part in the question who leads."""

    @property
    def renew_every_s(self) -> float: ...

    def lead(self) -> bool:
        """Say whether this engine leads, and try to where it does not; once before each tick.

        A new term begins only here, so that all of a tick is of one term. Raises StoreUnavailable.
        """
        ...

    def demand(self) -> int:
        """Return the epoch of the term. Raises NotLeading where another may lead by now."""
        ...

    def renew(self) -> None:
        """Prolong the term, unless the tick hangs; from any thread. Raises StoreUnavailable."""
        ...

    def give_up(self) -> None:
        """Let another lead at once, as nothing here acts any more. Raises StoreUnavailable."""
        ...


class Alone:
    """Leads for ever without a lease: an engine on a store that nobody shares, as in a replay.

    Its writes are refused as soon as anybody has taken the store's lease.
    """

    @property
    def renew_every_s(self) -> float:
        return STUCK_AFTER_S

    def lead(self) -> bool:
        return True

    def demand(self) -> int:
        return 0

    def renew(self) -> None:
        """Do nothing."""

    def give_up(self) -> None:
        """Do nothing."""


ALONE = Alone()


@dataclass(frozen=True, slots=True)
class _Term:
    """A term, and the moment in which the last good renewal of its lease began."""

    epoch: int
    began_s: float


class Leased:
    """Leads while it holds the store's lease.

    It acts only while less than the trusted part of the lease has passed, on its own clock, since
    it *began* the renewal that succeeded: the store counts from later, so the lease is good then.
    """

    def __init__(
        self,
        store: JobStore,
        holder: str,
        ttl_s: float,
        clock_s: Callable[[], float] = boottime_s,
    ) -> None:
        self._store = store
        self._holder = holder
        self._ttl_s = ttl_s
        self._clock_s = clock_s
        self._asking = Lock()
        self._term: _Term | None = None
        self._ticked_s = clock_s()

    @property
    def renew_every_s(self) -> float:
        return self._ttl_s / RENEWALS_PER_LEASE

    def lead(self) -> bool:
        self._ticked_s = self._clock_s()
        term = self._term
        if term is None:
            self._take()
        elif self._clock_s() - term.began_s >= self.renew_every_s:
            self.renew()
        return self._term is not None

    def demand(self) -> int:
        term = self._term
        if term is None:
            raise NotLeading(None)
        if self._clock_s() - term.began_s >= TRUSTED_PART * self._ttl_s:
            raise NotLeading(term.epoch)
        return term.epoch

    def renew(self) -> None:
        with self._asking:
            began_s = self._clock_s()
            if self._term is None or began_s - self._ticked_s >= STUCK_AFTER_S:
                return
            epoch = self._term.epoch
            is_newest = self._store.renew_lease(epoch, self._ttl_s)
            self._term = _Term(epoch, began_s) if is_newest else None

    def give_up(self) -> None:
        with self._asking:
            term, self._term = self._term, None
            if term is not None:
                self._store.give_up_lease(term.epoch)

    def _take(self) -> None:
        with self._asking:
            began_s = self._clock_s()
            epoch = self._store.take_lease(self._holder, self._ttl_s)
            self._term = None if epoch is None else _Term(epoch, began_s)


class LedBackend:
    """Fulfils `ports.Backend`: anybody may read, and only who leads changes anything.

    The question is asked immediately before each call, because whatever came before it may have
    taken any time. Every change raises NotLeading besides what the port says.
    """

    def __init__(self, backend: Backend, leadership: Leadership) -> None:
        self._backend = backend
        self._leadership = leadership

    @property
    def name(self) -> str:
        return self._backend.name

    def read(self, watched: Collection[int]) -> ClusterState:
        return self._backend.read(watched)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        return self._backend.marked_since(since)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        return self._backend.measured(slurm_ids)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        return self._backend.ended_runs(slurm_ids)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        self._leadership.demand()
        return self._backend.submit(launches)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        self._leadership.demand()
        return self._backend.release(slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        self._leadership.demand()
        self._backend.signal(notices)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        self._leadership.demand()
        self._backend.cancel(slurm_ids)

    def close(self) -> None:
        self._backend.close()
