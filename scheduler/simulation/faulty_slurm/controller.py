"""The pretended slurmctld: it answers first, saves later, and forgets what it has not saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from scheduler.backend.pretend import runtime_of, script_exit_code
from scheduler.domain.history.facts import FactKind
from scheduler.domain.resources import Amount
from scheduler.simulation.faulty_slurm.accounting import Accounting
from scheduler.simulation.faulty_slurm.agenda import Agenda
from scheduler.simulation.faulty_slurm.machines import Machine, Machines
from scheduler.simulation.faulty_slurm.records import (
    HELD_BY_ADMIN,
    HELD_BY_USER,
    ON_NODES,
    PENDING,
    RUNNING,
    SUSPENDED,
    JobRecord,
    Run,
    Wanted,
    Witness,
)

FIRST_ID = 101


@dataclass(frozen=True, slots=True)
class Habits:
    """How this Slurm is set up, and how slow it is.

    `saves_every_s` is as measured. Nodes are unknown for up to `unknown_nodes_s` after a restart;
    `requeues` says whether a job whose node failed waits again or has failed. One in `indexes_late`
    jobs is first saved while slurmdbd is being asked for its index; 0 is none.
    """

    saves_every_s: float = 5.0
    min_job_age_s: float = 120.0
    unknown_nodes_s: float = 20.0
    requeue_delay_s: float = 10.0
    requeues: bool = True
    indexes_late: int = 0


class Controller:
    """Keeps records in memory, on "disk" as of the last save, and starts what has room."""

    def __init__(
        self,
        machines: Sequence[Machine],
        agenda: Agenda,
        witness: Witness,
        habits: Habits,
        random: Random,
    ) -> None:
        self._agenda = agenda
        self._witness = witness
        self.habits = habits
        self._random = random
        self.accounting = Accounting(agenda)
        self.machines = Machines(machines, agenda, witness, self._hear_of_an_end)
        self.records: dict[int, JobRecord] = {}
        self.is_up = True
        self.restarts = 0
        self._next_id = FIRST_ID
        self._numbers = 0
        self._saved: tuple[int, dict[int, JobRecord]] = (FIRST_ID, {})
        self._unheard: list[Run] = []
        self._is_dirty = False

    def take(self, wanted: Wanted) -> JobRecord:
        """Accept a submission: it is on disk only after the next save."""
        self._numbers += 1
        record = JobRecord(
            *(self._numbers, self._next_id, wanted, self._agenda.now, wanted.comment, wanted.name),
            *(wanted.nodes, wanted.per_node, wanted.minutes),
            hold=HELD_BY_USER if wanted.is_held else "",
        )
        self.records[record.slurm_id] = record
        self._next_id += 1
        self._witness(FactKind.TOOK, record, "service" if wanted.is_ours else wanted.user, "")
        self._changed(record)
        return record

    def live(self) -> Iterator[JobRecord]:
        return (record for record in self.records.values() if record.is_live)

    def seal(self, record: JobRecord, comment: str) -> None:
        """Comment a job where its user cannot, and hold it if it waits."""
        if record.is_stuck:
            return
        record.admin_comment = comment
        record.hold = HELD_BY_ADMIN if record.state == PENDING else ""
        self._witness(FactKind.SEALED, record, "service", "")
        self._changed(record)

    def release(self, record: JobRecord, by: str) -> None:
        """Let a held job start; one that is not held is left alone."""
        if record.state == PENDING and record.hold and not record.is_stuck:
            record.hold = ""
            self._witness(FactKind.RELEASED, record, by, "")
            self._changed(record)

    def cancel(self, record: JobRecord, by: str) -> None:
        """End a live job; one that has ended is left alone."""
        if record.is_live:
            self._witness(FactKind.CANCELLED, record, by, "")
            self.machines.kill(record.number, "CANCELLED")
            self._end(record, "CANCELLED", 0, 15 if record.started_at else 0)

    def fail(self, record: JobRecord, by: str) -> None:
        """Signal a job that runs and does not catch it: it fails."""
        if record.state in ON_NODES:
            self._witness(FactKind.SIGNALLED, record, by, "")
            self.machines.kill(record.number, "FAILED")
            self._end(record, "FAILED", 0, 15)

    def rewrite(self, record: JobRecord, change: Callable[[JobRecord], None]) -> None:
        """Let its owner change a job that waits."""
        if record.state == PENDING and not record.is_stuck:
            change(record)
            self._witness(FactKind.CHANGED, record, record.wanted.user, "")
            self._changed(record)

    def requeue(self, record: JobRecord) -> None:
        """Put a running job back into the queue, as a preemption or an operator does."""
        if record.state in ON_NODES:
            self.machines.kill(record.number, "REQUEUED")
            self._back_into_the_queue(record)

    def suspend(self, record: JobRecord, seconds: float) -> None:
        """Stop a running job for so long; it keeps its nodes."""
        if record.state != RUNNING:
            return
        record.state = SUSPENDED
        self.machines.extend(record.number, seconds)
        self._changed(record)
        self._agenda.after(seconds, lambda: self._resume(record))

    def crash(self) -> None:
        """Die at once, as by kill -9: what was not saved is forgotten."""
        self.is_up = False
        next_id, saved = self._saved
        for record in self.live():
            kept = saved.get(record.slurm_id)
            if kept is None or kept.number != record.number:
                self._witness(FactKind.FORGOT, record, "slurm", "")
        self._next_id = next_id
        self.records = {one: copy(record) for one, record in saved.items()}

    def restart(self) -> None:
        """Come back with what was saved; the nodes are heard of some time later."""
        self.is_up = True
        self.restarts += 1
        for machine in self.machines.by_name.values():
            machine.is_known = False
        late_s = self._random.uniform(0, self.habits.unknown_nodes_s)
        self._agenda.after(late_s, self._nodes_registered)

    def node_fails(self, name: str) -> None:
        """Lose a node and what ran on it."""
        self.machines.by_name[name].is_up = False
        for run in list(self.machines.on(name)):
            self.machines.kill(run.record.number, "NODE_FAIL")
            self._lost_its_node(run)

    def node_returns(self, name: str) -> None:
        self.machines.by_name[name].is_up = True
        self.schedule()

    def schedule(self) -> None:
        """Start what may start, oldest first; a job that waits for a node keeps it from others."""
        if not self.is_up:
            return
        waited_for: set[str] = set()
        for record in sorted(self.records.values(), key=lambda one: one.slurm_id):
            if record.state != PENDING or record.hold or self._must_wait(record):
                continue
            fits = self.machines.have_room(record.nodes, record.per_node)
            if fits and waited_for.isdisjoint(record.nodes):
                self._start(record)
            waited_for.update(record.nodes)

    def _must_wait(self, record: JobRecord) -> bool:
        return record.not_before is not None and self._agenda.now < record.not_before

    def _start(self, record: JobRecord) -> None:
        now = self._agenda.now
        record.state, record.started_at = RUNNING, now
        planned_s = runtime_of(record.wanted.script).total_seconds()
        limit_s = record.minutes * 60.0
        code = script_exit_code(record.wanted.script)
        state, seconds = ("FAILED" if code else "COMPLETED"), planned_s
        if planned_s > limit_s:
            state, seconds, code = "TIMEOUT", limit_s, 0
        ends_at = now + timedelta(seconds=seconds)
        self._note(record)
        self.machines.begin(Run(copy(record), now, ends_at, state, code, record.nodes))

    def _hear_of_an_end(self, run: Run) -> None:
        """Take a node's report; while slurmctld is away, the node tries again."""
        if not self.is_up:
            self._unheard.append(run)
            return
        record = self.records.get(run.record.slurm_id)
        # What slurmctld forgot, or believes to wait, is no news of a job that it knows to run.
        if record is None or record.number != run.record.number or record.state not in ON_NODES:
            return
        self._end(record, run.state, run.exit_code, 0)

    def _nodes_registered(self) -> None:
        """Hear of the nodes: kill what is not known to run, and miss what is."""
        if not self.is_up:
            return
        for machine in self.machines.by_name.values():
            machine.is_known = True
        unheard, self._unheard = self._unheard, []
        for run in unheard:
            self._hear_of_an_end(run)
        for number, run in list(self.machines.runs.items()):
            known = self.records.get(run.record.slurm_id)
            if known is None or known.number != number or known.state not in ON_NODES:
                self.machines.kill(number, "KILLED: not known to slurmctld")
        for record in list(self.records.values()):
            if record.state in ON_NODES and record.number not in self.machines.runs:
                self._miss(record)
        self.schedule()

    def _lost_its_node(self, run: Run) -> None:
        record = self.records.get(run.record.slurm_id)
        if self.is_up and record is not None and record.number == run.record.number:
            self._miss(record)

    def _miss(self, record: JobRecord) -> None:
        """Notice that a job is not where it ran: requeue it, or let it fail."""
        if self.habits.requeues:
            self._back_into_the_queue(record)
        else:
            self._end(record, "NODE_FAIL", 0, 0)

    def _back_into_the_queue(self, record: JobRecord) -> None:
        delay_s = self.habits.requeue_delay_s
        record.state, record.started_at = PENDING, None
        record.restarts += 1
        record.not_before = self._agenda.now + timedelta(seconds=delay_s)
        self._agenda.after(delay_s, self.schedule)
        self._changed(record)

    def _resume(self, record: JobRecord) -> None:
        known = self.records.get(record.slurm_id)
        if known is record and record.state == SUSPENDED:
            record.state = RUNNING
            self._changed(record)

    def _end(self, record: JobRecord, state: str, exit_code: int, signal: int) -> None:
        record.state, record.ended_at = state, self._agenda.now
        record.exit_code, record.signal = exit_code, signal
        self._changed(record)
        self._agenda.after(self.habits.min_job_age_s, lambda: self._purge(record))

    def _purge(self, record: JobRecord) -> None:
        known = self.records.get(record.slurm_id)
        if known is not None and known.number == record.number and not known.is_live:
            del self.records[record.slurm_id]
            self._save_soon()

    def _changed(self, record: JobRecord) -> None:
        self._note(record)
        self.schedule()

    def _note(self, record: JobRecord) -> None:
        self.accounting.hear(record)
        self._save_soon()

    def _save_soon(self) -> None:
        if not self._is_dirty:
            self._is_dirty = True
            self._agenda.after(self.habits.saves_every_s, self._save)

    def _save(self) -> None:
        self._is_dirty = False
        if self.is_up:
            self._saved = self._next_id, {one: self._copy(job) for one, job in self.records.items()}

    def _copy(self, record: JobRecord) -> JobRecord:
        """Return what a save keeps: of some of the newest, that they wait for their index."""
        late, age = self.habits.indexes_late, self._agenda.now - record.submitted_at
        is_new = age <= timedelta(seconds=self.habits.saves_every_s)
        waits = bool(late) and record.number % late == 0 and is_new and record.state == PENDING
        return replace(record, is_stuck=record.is_stuck or waits)

    def used(self, name: str) -> Amount:
        """Return what slurmctld believes to be in use on a node."""
        known = (job for job in self.records.values() if job.state in ON_NODES)
        return sum((job.per_node for job in known if name in job.nodes), Amount())
