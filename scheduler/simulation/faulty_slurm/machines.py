"""The pretended nodes: user code runs here, whatever slurmctld knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.history.facts import FactKind
from scheduler.domain.resources import Amount
from scheduler.simulation.faulty_slurm.agenda import Agenda
from scheduler.simulation.faulty_slurm.records import Run, Witness


@dataclass(slots=True)
class Machine:
    """A node: `is_up` is the truth, `is_known` whether slurmctld has heard of it meanwhile."""

    name: str
    capacity: Amount
    is_up: bool = True
    is_known: bool = True


class Machines:
    """Runs user code to its end, and reports it where somebody listens."""

    def __init__(
        self,
        machines: Iterable[Machine],
        agenda: Agenda,
        witness: Witness,
        report: Callable[[Run], None],
    ) -> None:
        self.by_name = {machine.name: machine for machine in machines}
        self.runs: dict[int, Run] = {}  # by the record's number
        self._agenda = agenda
        self._witness = witness
        self._report = report

    def begin(self, run: Run) -> None:
        """Let user code begin; it ends by itself."""
        number = run.record.number
        self.runs[number] = run
        self._witness(FactKind.BEGAN, run.record, "slurm", "")
        seconds = (run.ends_at - run.began_at).total_seconds()
        self._agenda.after(seconds, lambda: self._end_if_due(number, run))

    def kill(self, number: int, why: str) -> None:
        """End user code without a report: whoever kills knows."""
        run = self.runs.pop(number, None)
        if run is not None:
            self._witness(FactKind.ENDED, run.record, "slurm", why)

    def extend(self, number: int, seconds: float) -> None:
        """Let user code end later by so much, as a suspension does."""
        if (run := self.runs.pop(number, None)) is None:
            return
        later = Run(run.record, run.began_at, run.ends_at, run.state, run.exit_code, run.nodes)
        self.runs[number] = later
        left_s = (run.ends_at - self._agenda.now).total_seconds()
        later.ends_at = self._agenda.now
        self._agenda.after(left_s + seconds, lambda: self._end_if_due(number, later))

    def takes_jobs(self, name: str) -> bool:
        machine = self.by_name.get(name)
        return machine is not None and machine.is_up and machine.is_known

    def on(self, name: str) -> Iterator[Run]:
        """Yield the runs on a node."""
        return (run for run in self.runs.values() if name in run.nodes)

    def used(self, name: str) -> Amount:
        return sum((run.record.per_node for run in self.on(name)), Amount())

    def have_room(self, names: Sequence[str], per_node: Amount) -> bool:
        """Say whether user code of this size could begin on all of these nodes now."""
        return all(
            self.takes_jobs(name)
            and per_node.times_fits_in(self.by_name[name].capacity.less(self.used(name))) > 0
            for name in names
        )

    def _end_if_due(self, number: int, run: Run) -> None:
        """End this run, unless it was cut short or delayed meanwhile."""
        if self.runs.get(number) is not run:
            return
        del self.runs[number]
        self._witness(FactKind.ENDED, run.record, "slurm", run.state)
        self._report(run)
