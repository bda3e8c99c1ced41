"""A development Slurm of the chaos's own, whose daemons can be hit singly and made whole again."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.slurm.devcluster import cluster
from deploy.slurm.devcluster.daemons import Daemon, wait_for
from deploy.slurm.devcluster.folder import remove_folder
from deploy.slurm.devcluster.jobs import kill_jobs
from deploy.slurm.devcluster.parts import Parts, parts_of
from deploy.slurm.devcluster.settings import Settings
from scheduler.backend.programs import Account, Programs, account_named
from scheduler.backend.slurm_read import STEP_FIELDS, unlaunched_in
from scheduler.errors import BackendUnavailable
from scheduler.texts import Said

PROGRAMS = ("env", "sacct", "sbatch", "scancel", "scontrol", "squeue")
QUEUE = "%A|%j|%u|%T|%r|%N|%k"
# A node is drained, too, where slurmctld gave an id away twice and it met both jobs.
TAKEN_OUT = frozenset({"down", "down*", "drained", "drained*", "draining", "draining*"})
# Nodes may take a minute and a half to come back to a slurmctld that was started anew.
WHOLE_PATIENCE_S = 120.0
SUBMIT_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Queued:
    """A live job as squeue shows it; names and comments here are all our own."""

    slurm_id: int
    name: str
    unix_account: str
    state: str
    reason: str
    node: str
    comment: str


@dataclass(frozen=True, slots=True)
class FragileSlurm:
    """The running cluster; only processes that its own pid files name are ever touched."""

    settings: Settings
    parts: Parts
    programs: Programs

    @property
    def keeper_of_records(self) -> Daemon:
        return self._named("slurmdbd")

    @property
    def database(self) -> Daemon:
        return self._named("mariadbd")

    def slurmd(self, node: str) -> Daemon:
        return self._named(f"slurmd.{node}")

    def home(self, account: str) -> Path:
        return self.settings.folder / "home" / account

    def kill_node(self, node: str) -> None:
        """End a node as a power cut would: its slurmd, and every job on it."""
        self.slurmd(node).kill()
        kill_jobs(self.settings.folder, node)

    def busiest_node(self, of: Sequence[str]) -> str:
        """Return the node among these that runs the most jobs, as far as Slurm says."""
        running = Counter(job.node for job in self.queue() if job.node in of)
        return max(of, key=lambda node: running[node])

    def queue(self) -> tuple[Queued, ...]:
        """Return the live jobs. Raises BackendUnavailable."""
        text = self.programs.answer("squeue", "--noheader", f"--format={QUEUE}")
        return tuple(_queued(line) for line in text.splitlines())

    def sbatch(self, account: str, script: str, *options: str) -> int:
        """Submit as a patient person would, who tries again on a clear no only.

        Raises BackendUnavailable, and then nobody knows what became of it.
        """
        deadline = time.monotonic() + SUBMIT_PATIENCE_S
        while True:
            home = str(self.home(account))
            answer = self.programs.sbatch_as(
                account_of(account), home, ("--parsable", f"--chdir={home}", *options), script
            )
            if answer.status == 0:
                return int(answer.output.partition(";")[0])
            if "connect" not in answer.complaint or time.monotonic() > deadline:
                raise BackendUnavailable(Said(f"sbatch: {answer.complaint}"))
            time.sleep(0.5)

    def make_whole(self) -> None:
        """Start every daemon that does not run, and return once all nodes take jobs.

        Raises DaemonFailed, and TimeoutError when nodes do not come back.
        """
        for daemon in self.parts.all:
            daemon.start()
        self.parts.controller.wait_until_ready()
        self.keeper_of_records.wait_until_ready()
        self.register_nodes()
        if not wait_for(self._is_up, WHOLE_PATIENCE_S):
            raise TimeoutError(f"nodes: {cluster.nodes_by_state(self.settings.folder)}")

    def register_nodes(self) -> None:
        """Let every node tell slurmctld at once, and not within minutes, which jobs it runs.

        A node that slurmctld took out is brought back, as an operator would.
        """
        for daemon in self.parts.nodes:
            # A slurmd registers when it is told to read its configuration anew.
            daemon.send(signal.SIGHUP)
        if cluster.nodes_by_state(self.settings.folder).keys() & TAKEN_OUT:
            names = ",".join(self.settings.node_names)
            self.programs.ask("scontrol", "update", f"nodename={names}", "state=resume")

    def never_launched(self, slurm_id: int) -> bool:
        """Say whether slurmdbd knows that Slurm itself ended the job before its code began.

        What root or a user cancels bears their number; what a node could not launch, as it knew
        the id of another, is cancelled by nobody.
        """
        records = self._records(slurm_id)
        by_nobody = f"{slurm_id}|CANCELLED|"
        return slurm_id in unlaunched_in(records) or records.startswith(by_nobody)

    def started_in_vain(self, slurm_id: int) -> bool:
        """Say whether slurmdbd knows of a start that failed after one that slurmctld forgot."""
        found = dict(line.split("|", 1) for line in self._records(slurm_id).splitlines())
        job, script = found.get(f"{slurm_id}", ""), found.get(f"{slurm_id}.batch", "")
        _, exit_code, began = script.split("|") if script else ("", "none", "")
        return bool(job) and not exit_code and began < job.split("|")[2]

    def _records(self, slurm_id: int) -> str:
        """Return what slurmdbd has of the job and its steps, nothing where it does not answer."""
        fields = ("--noheader", "--parsable2", f"--format={STEP_FIELDS}")
        answer = self.programs.ask("sacct", *fields, "--jobs", f"{slurm_id}")
        return answer.output if answer.status == 0 else ""

    def _is_up(self) -> bool:
        states = cluster.nodes_by_state(self.settings.folder)
        if states.keys() & TAKEN_OUT:
            self.register_nodes()
        return sum(states.get(state, 0) for state in cluster.UP_STATES) == self.settings.nodes

    def _named(self, name: str) -> Daemon:
        return next(daemon for daemon in self.parts.all if daemon.name == name)


@contextmanager
def fragile_slurm(settings: Settings) -> Iterator[FragileSlurm]:
    """Run an empty cluster in the folder; logs stay there after its end, for whoever asks why."""
    cluster.down(settings.folder, _silent)
    remove_folder(settings.folder)
    cluster.up(settings, _silent)
    try:
        programs = Programs(PROGRAMS, str(settings.slurm_conf))
        yield FragileSlurm(settings, parts_of(settings), programs)
    finally:
        cluster.down(settings.folder, _silent)


def account_of(name: str) -> Account:
    account = account_named(name)
    if account is None:
        raise LookupError(f"{name}: no such Unix account")
    return account


def _queued(line: str) -> Queued:
    slurm_id, name, account, state, reason, node, comment = line.split("|")
    return Queued(int(slurm_id), name, account, state, reason, node, comment)


def _silent(_: str) -> None:
    """Say nothing: the progress bar speaks."""
