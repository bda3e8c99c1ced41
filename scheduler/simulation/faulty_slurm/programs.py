"""Slurm's programs on the pretended cluster: the same words in, the same texts and codes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from scheduler.backend.programs import ANSWER_LIMIT_S, Account, Answer
from scheduler.clock import ManualClock
from scheduler.errors import BackendUnavailable
from scheduler.simulation.faulty_slurm.cluster import FaultySlurm
from scheduler.simulation.faulty_slurm.records import JobRecord
from scheduler.simulation.faulty_slurm.requests import wanted_by
from scheduler.simulation.faulty_slurm.words import node_line, rows, steps
from scheduler.texts import Said

# What a program costs where all is well, and where nobody answers.
CALL_S, CONNECT_LIMIT_S = 0.02, 9.0
GONE = "Unable to contact slurm controller (connect failure)"
TIMED_OUT = "Socket timed out on send/recv operation"
STUCK = (
    "Job update not available right now, the DB index is being set, try again in a bit for job {}"
)
# So long slurmctld itself waits for the index before it says so.
STUCK_S = 5.0
NO_DATABASE = "sacct: error: slurm_persist_conn_open: failed to send persistent connection init"


class FaultyPrograms:
    """Fulfils `SlurmPrograms` by a cluster in memory; every call takes its time on the clock."""

    def __init__(self, slurm: FaultySlurm, clock: ManualClock) -> None:
        self._slurm = slurm
        self._clock = clock
        self._does: Mapping[str, Callable[[Sequence[str]], str]] = {
            "squeue": self._squeue,
            "sacct": self._sacct,
            "scontrol": self._scontrol,
            "scancel": self._scancel,
            "sdiag": self._sdiag,
        }

    def account_named(self, name: str) -> Account | None:
        if name in self._slurm.unknown_accounts:
            return None
        return Account(name, 1000, 1000, (1000,), f"/home/{name}", "/bin/bash")

    def answer(self, name: str, *arguments: str) -> str:
        answer = self.ask(name, *arguments)
        if answer.status != 0:
            raise BackendUnavailable(Said(f"{name}: {answer.complaint}"))
        return answer.output

    def ask(self, name: str, *arguments: str) -> Answer:
        if name == "sacct":
            return self._asked_of_slurmdbd(arguments)
        if refusal := self._not_reached(name):
            return refusal
        changes = name == "scancel" or arguments[:1] in (("update",), ("release",))
        fault = self._slurm.fault_of_a_change() if changes else None
        if fault is not None and not fault.is_done:
            return self._late(name, TIMED_OUT)
        output = self._does[name](arguments)
        if fault is not None:
            return self._late(name, TIMED_OUT)
        refused = self._refused(arguments) if changes and name == "scontrol" else ""
        return Answer(int(bool(refused)), output, refused)

    def login(self, account: Account) -> Mapping[str, str]:
        return account.environment

    def sbatch_as(
        self,
        account: Account,
        directory: str,
        arguments: Sequence[str],
        script: str,
        environment: Mapping[str, str] | None = None,
    ) -> Answer:
        del directory, environment  # no script is run
        wanted = wanted_by(account.name, arguments, script)
        if self._slurm.is_stalled:
            # The request lies in slurmctld's socket, and is taken when it wakes up.
            self._slurm.land_when_awake(wanted)
            return self._late("sbatch", f"Batch job submission failed: {TIMED_OUT}")
        if refusal := self._not_reached("sbatch"):
            return refusal
        if fault := self._slurm.refusal_of(wanted):
            return Answer(1, "", f"sbatch: error: Batch job submission failed: {fault}\n")
        late = self._slurm.fault_of_a_submission()
        if late is not None:
            late.land(wanted)
            return self._late("sbatch", f"Batch job submission failed: {TIMED_OUT}")
        return Answer(0, f"{self._slurm.controller.take(wanted).slurm_id}\n", "")

    def _not_reached(self, name: str) -> Answer | None:
        """Let a moment pass; return the program's word where slurmctld does not answer."""
        self._pass(CALL_S)
        if self._slurm.is_stalled:
            return self._late(name, TIMED_OUT)
        if not self._slurm.controller.is_up:
            self._pass(CONNECT_LIMIT_S)
            return Answer(1, "", f"{name}: error: {GONE}\n")
        return None

    def _late(self, name: str, words: str) -> Answer:
        self._pass(ANSWER_LIMIT_S - CALL_S)
        if self._slurm.random.random() < 0.3:
            return Answer(None, "", "")
        return Answer(1, "", f"{name}: error: {words}\n")

    def _pass(self, seconds: float) -> None:
        self._slurm.move_to(self._clock.advance(seconds))

    def _asked_of_slurmdbd(self, arguments: Sequence[str]) -> Answer:
        self._pass(CALL_S)
        if self._slurm.controller.accounting.is_up:
            return Answer(0, self._sacct(arguments), "")
        return Answer(1, "", f"{NO_DATABASE}\n")

    def _squeue(self, arguments: Sequence[str]) -> str:
        form = _value(arguments, "--Format")
        end = form.partition(",")[0].partition(":0")[2]
        fields = [field.partition(":0")[0] for field in form.split(",")]
        records = self._slurm.controller.records
        ids = _value(arguments, "--jobs")
        wanted = set(map(int, ids.split(","))) if ids else records.keys()
        return rows((records[one] for one in sorted(wanted & records.keys())), fields, end)

    def _sacct(self, arguments: Sequence[str]) -> str:
        accounting = self._slurm.controller.accounting
        if "--jobs" in arguments:
            ids = arguments[arguments.index("--jobs") + 1]
            found = accounting.rows(map(int, ids.split(",")))
        else:
            since = datetime.fromisoformat(arguments[arguments.index("--starttime") + 1])
            found = (row for row in accounting.rows() if _was_there(row, since.astimezone()))
        if "--parsable2" in arguments:
            return "".join(map(steps, found))
        fields = _value(arguments, "--format").split(",")
        return rows(found, fields, _value(arguments, "--delimiter"))

    def _scontrol(self, arguments: Sequence[str]) -> str:
        match list(arguments):
            case ["update", job, comment, "Priority=0"]:
                for record in self._named([job.partition("=")[2]]):
                    self._slurm.controller.seal(record, comment.partition("=")[2])
            case ["release", ids]:
                for record in self._named(ids.split(",")):
                    self._slurm.controller.release(record, "service")
            case [*_, "show", "node"]:
                controller = self._slurm.controller
                machines = controller.machines.by_name.values()
                return "".join(node_line(one, controller.used(one.name)) for one in machines)
            case _:
                raise ValueError(f"the pretended scontrol does not know {arguments}")
        return ""

    def _refused(self, arguments: Sequence[str]) -> str:
        """Return what scontrol says of those that are stuck, once it has waited for each."""
        named = self._named(arguments[1].removeprefix("JobId=").split(","))
        stuck = [record for record in named if record.is_stuck]
        self._pass(STUCK_S * len(stuck))
        return "".join(f"{STUCK.format(record.slurm_id)}\n" for record in stuck)

    def _sdiag(self, arguments: Sequence[str]) -> str:
        del arguments
        return f"DBD Agent queue size: {self._slurm.controller.accounting.messages_kept}\n"

    def _scancel(self, arguments: Sequence[str]) -> str:
        ids = [argument for argument in arguments if argument.isdecimal()]
        signal = _value(arguments, "--signal")
        for record in self._named(ids):
            if signal:
                self._slurm.signal(record, signal)
            else:
                self._slurm.controller.cancel(record, "service")
        return ""

    def _named(self, ids: Sequence[str]) -> list[JobRecord]:
        records = self._slurm.controller.records
        return [records[int(one)] for one in ids if int(one) in records]


def _value(arguments: Sequence[str], option: str) -> str:
    found = (argument for argument in arguments if argument.startswith(f"{option}="))
    return next(found, "").partition("=")[2]


def _was_there(row: JobRecord, since: datetime) -> bool:
    return row.is_live or (row.ended_at is not None and row.ended_at >= since)
