"""The pretended slurmdbd: its rows come late, and after an outage it says "nothing" at first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from scheduler.simulation.faulty_slurm.agenda import Agenda
from scheduler.simulation.faulty_slurm.records import JobRecord

# Seen on 22.05: rows appear about 5 s late.
LATE_S = 5.0
# slurmctld tries a slurmdbd that was gone again only now and then, and then sends what it kept.
CATCHES_UP_S = 15.0


class Accounting:
    """Rows by Slurm id: of a reused id only the newest job is shown, as sacct does."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._rows: dict[int, JobRecord] = {}
        self._kept: list[JobRecord] = []
        self._is_catching_up = False
        self.is_up = True

    def hear(self, record: JobRecord) -> None:
        """Take news of a job from slurmctld, which keeps them while nobody listens."""
        self._kept.append(copy(record))
        if len(self._kept) == 1:
            self._agenda.after(LATE_S, self._deliver)

    def go_down(self) -> None:
        self.is_up = False

    def come_up(self) -> None:
        """Answer from now on; what was missed comes later."""
        self.is_up = True
        self._is_catching_up = True
        self._agenda.after(CATCHES_UP_S, self._caught_up)

    def rows(self, slurm_ids: Iterable[int] | None = None) -> Iterator[JobRecord]:
        """Yield the rows of these jobs, of all where none are named."""
        wanted = self._rows if slurm_ids is None else slurm_ids
        return (self._rows[one] for one in sorted(wanted) if one in self._rows)

    @property
    def messages_kept(self) -> int:
        """Return how many messages slurmctld has not been able to hand over, as sdiag tells."""
        return len(self._kept)

    def _deliver(self) -> None:
        if not self.is_up or self._is_catching_up:
            return
        for record in self._kept:
            known = self._rows.get(record.slurm_id)
            if known is None or record.number >= known.number:
                self._rows[record.slurm_id] = record
        self._kept = []

    def _caught_up(self) -> None:
        self._is_catching_up = False
        self._deliver()
