"""The pretended Slurm as a whole: its daemons, its time, and the faults that can be put into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from scheduler.backend.pretend import catches
from scheduler.domain.resources import Amount
from scheduler.simulation.faulty_slurm.agenda import Agenda
from scheduler.simulation.faulty_slurm.controller import Controller, Habits
from scheduler.simulation.faulty_slurm.machines import Machine
from scheduler.simulation.faulty_slurm.records import JobRecord, Wanted, Witness
from scheduler.simulation.faulty_slurm.words import PARTITION

NO_PARTITION = "Invalid partition name specified"
NO_ROOM = "Requested node configuration is not available"


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """A submission whose answer is lost: `land` is what becomes of it nevertheless."""

    land: Callable[[Wanted], None]


@dataclass(frozen=True, slots=True)
class LostChange:
    """A hold, release or cancel whose answer is lost, done or not."""

    is_done: bool


def _nobody(*_: object) -> None:
    """Witness nothing."""


class FaultySlurm:
    """One slurmctld, one slurmdbd and some nodes; without faults it is an ordinary Slurm.

    Who moves the clock calls `move_to`; then everything happens that was due until then.
    """

    def __init__(
        self,
        machines: Sequence[Machine],
        now: datetime,
        witness: Witness = _nobody,
        habits: Habits = Habits(),  # noqa: B008 # frozen: a default that cannot be changed
        random: Random | None = None,
    ) -> None:
        self.agenda = Agenda(now)
        self.random = random or Random(0)  # noqa: S311 # a simulation must be repeatable
        self.controller = Controller(machines, self.agenda, witness, habits, self.random)
        self.unknown_accounts: set[str] = set()
        self.is_stalled = False
        self._in_the_socket: list[Wanted] = []
        self._lost_answers: list[LostAnswer] = []
        self._lost_changes: list[LostChange] = []

    @property
    def is_answering(self) -> bool:
        return self.controller.is_up and not self.is_stalled

    def move_to(self, now: datetime) -> None:
        self.agenda.run_until(now)
        self.controller.schedule()

    def refusal_of(self, wanted: Wanted) -> str:
        """Return slurmctld's clear no to a job that can never run, "" when it can."""
        if wanted.partition != PARTITION:
            return NO_PARTITION
        by_name = self.controller.machines.by_name
        fits = all(
            name in by_name and wanted.per_node.times_fits_in(by_name[name].capacity)
            for name in wanted.nodes
        )
        return "" if fits else NO_ROOM

    def signal(self, record: JobRecord, name: str) -> None:
        if not catches(record.wanted.script, name):
            self.controller.fail(record, "service")

    # Faults.

    def stall(self, seconds: float) -> None:
        """Let slurmctld answer nobody for so long, as under SIGSTOP; nodes go on."""
        if self.is_answering:
            self.is_stalled = True
            self.agenda.after(seconds, self._awake)

    def crash(self, seconds: float) -> None:
        """Kill slurmctld, and start it again so many seconds later."""
        if self.controller.is_up:
            self.is_stalled, self._in_the_socket = False, []
            self.controller.crash()
            self.agenda.after(seconds, self.controller.restart)

    def lose_database(self, seconds: float) -> None:
        """Stop slurmdbd for so long."""
        accounting = self.controller.accounting
        if accounting.is_up:
            accounting.go_down()
            self.agenda.after(seconds, accounting.come_up)

    def lose_node(self, name: str, seconds: float) -> None:
        """Lose a node and its jobs for so long."""
        if self.controller.machines.by_name[name].is_up:
            self.controller.node_fails(name)
            self.agenda.after(seconds, lambda: self.controller.node_returns(name))

    def lose_answers(self, lost: Sequence[LostAnswer]) -> None:
        """Let the next submissions be answered by time-outs."""
        self._lost_answers += lost

    def lose_changes(self, lost: Sequence[LostChange]) -> None:
        """Let the next holds, releases and cancels be answered by time-outs."""
        self._lost_changes += lost

    def land_after(self, seconds: float) -> LostAnswer:
        """Return the fault of a submission that is taken, but only so many seconds later."""

        def land(wanted: Wanted) -> None:
            self.agenda.after(seconds, lambda: self._land(wanted))

        return LostAnswer(land)

    def heal(self) -> None:
        """Take back the faults that have not happened yet."""
        self._lost_answers, self._lost_changes = [], []

    # What others do.

    def foreign_job(
        self, user: str, node: str, amount: Amount, *, seconds: int = 60, comment: str = ""
    ) -> JobRecord:
        """Submit a job that does not come through the service."""
        script = f"sleep {seconds}\n"
        return self.controller.take(
            Wanted(user, "foreign", comment, script, PARTITION, (node,), amount, 60)
        )

    # Read by the programs.

    def fault_of_a_submission(self) -> LostAnswer | None:
        return self._lost_answers.pop(0) if self._lost_answers else None

    def fault_of_a_change(self) -> LostChange | None:
        return self._lost_changes.pop(0) if self._lost_changes else None

    def land_when_awake(self, wanted: Wanted) -> None:
        self._in_the_socket.append(wanted)

    def _awake(self) -> None:
        self.is_stalled = False
        waiting, self._in_the_socket = self._in_the_socket, []
        for wanted in waiting:
            self._land(wanted)

    def _land(self, wanted: Wanted) -> None:
        """Take a late submission, unless slurmctld has died meanwhile."""
        if self.controller.is_up and not self.refusal_of(wanted):
            self.controller.take(wanted)


def machines(count: int, gpus: int) -> list[Machine]:
    """Return nodes n1, n2, … with so many GPUs each, of the development Slurm's shape."""
    capacity = Amount(gpus, 64, 500_000)
    return [Machine(f"n{number}", capacity) for number in range(1, count + 1)]
