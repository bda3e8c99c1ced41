"""Slurm by pyslurm, which lives in a process of its own; slurmdbd is still read with sacct."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing.connection import Connection, Pipe
from typing import Any

from scheduler.backend.accounts import account_of
from scheduler.backend.describe import describe
from scheduler.backend.known_markers import KnownMarkers
from scheduler.backend.programs import ANSWER_LIMIT_S, LANG, PATH, Programs
from scheduler.backend.slurm_cli import PROGRAMS, release_held, sbatch, send_signals, submitted
from scheduler.backend.slurm_ended import ended_runs
from scheduler.backend.slurm_history import marked_since
from scheduler.backend.slurm_measured import measured_runs
from scheduler.backend.slurm_pyslurm_worker import DONE, FAILED, REJECTED
from scheduler.backend.slurm_read import SlurmReader
from scheduler.backend.slurm_state import SlurmJob, cluster_state
from scheduler.backend.submitting import (
    is_refusal,
    refused,
    submit_each,
    unknown,
)
from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice
from scheduler.errors import BackendUnavailable
from scheduler.ports import Clock
from scheduler.texts import said

WORKER = "scheduler.backend.slurm_pyslurm_worker"
_LAST_BREATH_S = 0.5


class Worker:
    """The process with pyslurm in it; begun anew whenever it was lost."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    @property
    def process_id(self) -> int:
        """Return the running process's id, 0 when there is none."""
        return self._process.pid if self._process else 0

    def ask(self, name: str, *arguments: object) -> tuple[str, Any]:
        """Return the worker's answer.

        Raises BackendUnavailable when it gives none in time: it is ended then, and what came of
        the question is not known.
        """
        pipe = self._pipe or self._begin()
        try:
            pipe.send((name, arguments))
            if pipe.poll(ANSWER_LIMIT_S):
                kind, value = pipe.recv()
                return str(kind), value
        except (EOFError, OSError):
            status = self.end()
            raise BackendUnavailable(
                said(
                    "pyslurm's process ended with {status}: is there a slurm.conf "
                    "that it can read?",
                    status=status,
                )
            ) from None
        self.end()
        raise BackendUnavailable(
            said("pyslurm gave no answer within {limit_s:.0f} s", limit_s=ANSWER_LIMIT_S)
        )

    def value(self, name: str, *arguments: object) -> Any:
        """Return the value of a good answer. Raises BackendUnavailable on any other."""
        kind, value = self.ask(name, *arguments)
        if kind != DONE:
            message = value[1] if kind == FAILED else value
            raise BackendUnavailable(said("pyslurm: {message}", message=message))
        return value

    def end(self) -> int | None:
        """End the process at once and return its exit status; it may be begun again."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            # A worker that waits for a question ends by itself when the pipe is closed.
            return self._process.wait(timeout=_LAST_BREATH_S)
        self._process.kill()
        return self._process.wait()

    def _begin(self) -> Connection:
        ours, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", WORKER, str(theirs.fileno())],
            env=self._environment,
            pass_fds=[theirs.fileno()],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # It says the same as the error that we get.
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._pipe = ours
        return ours


class SlurmPyslurmBackend:
    """A Slurm cluster; needs root, because every job is submitted for its own Unix account."""

    def __init__(self, clock: Clock, installation: str, slurm_conf: str = "") -> None:
        """Start pyslurm. Raises BackendUnavailable when it or a program of Slurm's is missing."""
        self._clock = clock
        self._installation = installation
        self._programs = Programs(PROGRAMS, slurm_conf)
        self._reader = SlurmReader(self._programs)
        self._markers = KnownMarkers(clock, self._reader.recorded_since, installation)
        self._worker = Worker(worker_environment(slurm_conf))
        self._worker.value("version")

    @property
    def name(self) -> str:
        return "slurm-pyslurm"

    def read(self, watched: Collection[int]) -> ClusterState:
        read_at = self._clock.now()
        nodes, found = self._worker.value("cluster")
        jobs, are_complete = self._reader.with_ends(self._with_requests(found), watched)
        state = cluster_state(nodes, jobs, watched, read_at, self._installation)
        return replace(state, records_are_complete=are_complete)

    def _with_requests(self, jobs: Sequence[SlurmJob]) -> tuple[SlurmJob, ...]:
        """Return the jobs, with what ours ask for that never ran: pyslurm tells some of it."""
        idle = [job.slurm_id for job in jobs if not job.nodes and job.marker(self._installation)]
        asks = {job.slurm_id: job.asks for job in self._reader.queue(idle)} if idle else {}
        return tuple(replace(job, asks=asks.get(job.slurm_id, job.asks)) for job in jobs)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        return marked_since(self._reader, since, self._installation)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        return measured_runs(self._programs, slurm_ids, self._installation)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        return ended_runs(self._programs, slurm_ids, self._installation)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        known = self._markers.known(self._worker.value("queue"))
        return submit_each(launches, known, self._submit)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        return release_held(self._programs, slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        # pyslurm 22.5 cannot reach a whole job, script and tasks, with one signal.
        send_signals(self._programs, notices)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        self._worker.value("cancel", list(slurm_ids))

    def close(self) -> None:
        self._worker.end()

    def _submit(self, launch: Launch) -> Submission:
        account = account_of(launch)
        if isinstance(account, Submission):
            return account
        description = describe(launch, account)
        if description is None:
            return sbatch(self._programs, launch)
        try:
            kind, value = self._worker.ask("submit", description, launch.script.encode())
        except BackendUnavailable as error:
            return unknown(launch, str(error))
        if kind == DONE:
            return submitted(self._programs, launch, value)
        if kind == REJECTED:
            return refused(launch, f"pyslurm: {value}")
        slurm_errno, message = value
        answer = refused if is_refusal(slurm_errno) else unknown
        return answer(launch, f"pyslurm: {message}")


def pyslurm_usable(slurm_conf: str = "") -> bool:
    """Say whether pyslurm can be imported and finds its cluster; asked in a process of its own."""
    worker = Worker(worker_environment(slurm_conf))
    try:
        worker.value("version")
    except BackendUnavailable:
        return False
    finally:
        worker.end()
    return True


def worker_environment(slurm_conf: str) -> dict[str, str]:
    """Return all that pyslurm may see: it copies SLURM_CONF, and nothing of ours, into jobs."""
    return {"PATH": PATH, "LANG": LANG} | ({"SLURM_CONF": slurm_conf} if slurm_conf else {})
