"""Writes the history: the store's events, the users' acknowledgements, and the cluster's truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from scheduler.backend.translate import marker_in
from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.jobs import Job, JobState
from scheduler.ports import Clock, Store
from scheduler.simulation.faulty_slurm.records import JobRecord

EVENTS_AT_ONCE = 1000


class Recorder:
    """Facts in the order in which they happened."""

    def __init__(self, clock: Clock, installation: str) -> None:
        self.facts: list[Fact] = []
        self._clock = clock
        self._installation = installation
        self._last_event = 0
        self._states: dict[int, JobState] = {}
        self.faults = Counter[str]()
        self.by = "user"  # who writes to the store now
        self.epoch = 0

    def tell(
        self,
        kind: FactKind,
        by: str = "",
        *,
        job_id: int = 0,
        detail: str = "",
        limits: Mapping[str, int] | None = None,
    ) -> None:
        """Write down what is neither the store's nor the cluster's."""
        self._add(kind, by, job_id=job_id, detail=detail, limits=limits or {})

    def led(self, epoch: int) -> None:
        """Write down that whoever writes now has taken the lease."""
        self._add(FactKind.LED, self.by, epoch=epoch)

    def fault(self, name: str, detail: str = "") -> None:
        self.faults[name] += 1
        self._add(FactKind.FAULT, name, detail=detail)

    def saw(self, kind: FactKind, record: JobRecord, by: str, detail: str) -> None:
        """Witness the cluster's truth."""
        wanted = record.wanted
        job_id, attempt = marker_in(wanted.comment, self._installation) or (0, 0)
        self._add(
            kind,
            by,
            job_id=job_id if wanted.is_ours else 0,
            attempt=attempt if wanted.is_ours else 0,
            record=record.number,
            slurm_id=record.slurm_id,
            state=detail if kind is FactKind.ENDED else record.state,
            account=wanted.user,
            gpus=record.gpus,
            nodes=record.nodes,
            minutes=record.minutes,
            restarts=record.restarts,
            is_ours=wanted.is_ours,
            detail=record.hold,
        )

    def read_events(self, store: Store) -> None:
        """Write down the moves that became durable since the last call."""
        while events := store.events(self._last_event, EVENTS_AT_ONCE):
            for event in events:
                if self._states.get(event.job_id) is not event.state:
                    self._moved(store.job(event.job_id), event.state)
                    self._states[event.job_id] = event.state
            self._last_event = events[-1].event_id

    def close(self, store: Store, records: Mapping[int, JobRecord]) -> None:
        """Write down where everything stands at the end."""
        for job_id in sorted(self._states):
            job = store.job(job_id)
            self._moved(job, job.state, FactKind.STOOD)
        for record in records.values():
            if record.is_live and record.wanted.is_ours:
                self.saw(FactKind.LIVED, record, "slurm", "")
        self.tell(FactKind.CLOSED)

    def _moved(self, job: Job, state: JobState, kind: FactKind = FactKind.MOVED) -> None:
        placement = job.placement
        self._add(
            kind,
            self.by,
            job_id=job.job_id,
            attempt=job.attempt,
            slurm_id=job.slurm_id,
            state=state.value,
            organisation=job.tenant.organisation,
            account=job.unix_account,
            gpus=job.gpus,
            nodes=placement.nodes if placement else (),
            minutes=-(-job.spec.request.walltime_s // 60),
            epoch=self.epoch,
            detail=job.detail,
        )

    def _add(self, kind: FactKind, by: str, **fields: object) -> None:
        number, at = len(self.facts) + 1, self._clock.now()
        self.facts.append(Fact(number, at, kind, by, **fields))  # type: ignore[arg-type]  # by name
