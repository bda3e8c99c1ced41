"""Slurm by its own programs: sbatch, squeue, scontrol, sacct and scancel, of any version."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.backend.accounts import account_of
from scheduler.backend.job_environment import job_environment
from scheduler.backend.known_markers import KnownMarkers
from scheduler.backend.programs import Programs, SlurmPrograms
from scheduler.backend.slurm_ended import ended_runs
from scheduler.backend.slurm_history import marked_since
from scheduler.backend.slurm_measured import measured_runs
from scheduler.backend.slurm_read import READING_PROGRAMS, SlurmReader
from scheduler.backend.slurm_state import cluster_state
from scheduler.backend.submitting import (
    accepted,
    refused,
    sbatch_refused,
    submit_each,
    unknown,
)
from scheduler.backend.translate import sbatch_arguments
from scheduler.domain.cluster import BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.measured import MeasuredRun
from scheduler.domain.recalls.notices import Notice, NoticeSignal, Receiver
from scheduler.errors import BackendUnavailable
from scheduler.ports import Clock
from scheduler.texts import said

PROGRAMS = (*READING_PROGRAMS, "sbatch", "scancel", "env")
_IDS_AT_ONCE = 500
# Without an option scancel signals the tasks that srun started, and not the script.
_RECEIVERS: Mapping[Receiver, tuple[str, ...]] = {
    Receiver.TASKS: (),
    Receiver.SCRIPT: ("--batch",),
    Receiver.ALL: ("--full",),
}
_SUBMITTED = re.compile(r"^(\d+)(?:;.*)?$", re.MULTILINE)
# slurmctld's word, after 5 s, of a job whose index in the database it believes to be on its way.
# One that was killed at such a moment believes so for good, of a job that it recovered.
_REFUSED = re.compile(r"the DB index is being set, try again in a bit for job (\d+)$", re.MULTILINE)


class SlurmCliBackend:
    """A Slurm cluster; needs root, because every job is submitted as its own Unix account."""

    def __init__(
        self,
        clock: Clock,
        installation: str,
        slurm_conf: str = "",
        programs: SlurmPrograms | None = None,
    ) -> None:
        """Find the programs, unless they are given. Raises BackendUnavailable when one is gone."""
        self._clock = clock
        self._installation = installation
        self._programs = programs or Programs(PROGRAMS, slurm_conf)
        self._reader = SlurmReader(self._programs)
        self._markers = KnownMarkers(clock, self._reader.recorded_since, installation)

    @property
    def name(self) -> str:
        return "slurm-cli"

    def read(self, watched: Collection[int]) -> ClusterState:
        read_at = self._clock.now()
        nodes = self._reader.nodes()
        jobs, are_complete = self._reader.with_ends(self._reader.queue(), watched)
        state = cluster_state(nodes, jobs, watched, read_at, self._installation)
        return replace(state, records_are_complete=are_complete)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        return marked_since(self._reader, since, self._installation)

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        return measured_runs(self._programs, slurm_ids, self._installation)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        return ended_runs(self._programs, slurm_ids, self._installation)

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        known = self._markers.known(self._reader.queue())
        return submit_each(launches, known, lambda launch: sbatch(self._programs, launch))

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        return release_held(self._programs, slurm_ids)

    def signal(self, notices: Sequence[Notice]) -> None:
        send_signals(self._programs, notices)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        for first in range(0, len(slurm_ids), _IDS_AT_ONCE):
            # Slurm's answer for a job that has ended already is success.
            self._programs.answer("scancel", *map(str, slurm_ids[first : first + _IDS_AT_ONCE]))

    def close(self) -> None:
        """Do nothing: nothing is kept open."""


def release_held(programs: SlurmPrograms, slurm_ids: Sequence[int]) -> frozenset[int]:
    """Release the jobs with scontrol, which goes on after one that it cannot release.

    Returns those that slurmctld will not change; each takes it seconds to say, so none is asked for
    after a call that had some. Raises BackendUnavailable when anything else went wrong.
    """
    for first in range(0, len(slurm_ids), _IDS_AT_ONCE):
        ids = ",".join(map(str, slurm_ids[first : first + _IDS_AT_ONCE]))
        answer = programs.ask("scontrol", "release", ids)
        if refused := _REFUSED.findall(answer.errors):
            return frozenset(map(int, refused))
        if answer.status != 0:
            raise BackendUnavailable(said("scontrol: {complaint}", complaint=answer.complaint))
    return frozenset()


def send_signals(programs: SlurmPrograms, notices: Sequence[Notice]) -> None:
    """Send the signals with scancel, those that are alike at once. Raises BackendUnavailable."""
    alike: dict[NoticeSignal, list[str]] = {}
    for notice in notices:
        alike.setdefault(notice.signal, []).append(str(notice.slurm_id))
    for signal, ids in alike.items():
        options = ("--quiet", f"--signal={signal.name}", *_RECEIVERS[signal.to])
        for first in range(0, len(ids), _IDS_AT_ONCE):
            answer = programs.ask("scancel", *options, *ids[first : first + _IDS_AT_ONCE])
            # It fails, and when quiet without a word, where a job has ended already.
            if answer.status is None or (answer.status and answer.errors):
                raise BackendUnavailable(said("scancel: {complaint}", complaint=answer.complaint))


def sbatch(programs: SlurmPrograms, launch: Launch) -> Submission:
    """Submit one launch with sbatch, as its Unix account."""
    account = account_of(launch, programs.account_named)
    if isinstance(account, Submission):
        return account
    directory = launch.working_directory or account.home
    arguments = sbatch_arguments(launch, directory)
    environment = job_environment(launch, programs.login(account))
    answer = programs.sbatch_as(account, directory, arguments, launch.script, environment)
    if answer.status == 0 and (printed := _SUBMITTED.findall(answer.output)):
        return submitted(programs, launch, int(printed[-1]))
    if answer.status and sbatch_refused(answer.errors):
        return refused(launch, answer.complaint)
    return unknown(launch, f"sbatch: {answer.complaint}")


def submitted(programs: SlurmPrograms, launch: Launch, slurm_id: int) -> Submission:
    """Accept what Slurm took, once a held job's hold and marker are beyond its user's reach."""
    if not launch.is_held:
        return accepted(launch, slurm_id)
    seal = (f"AdminComment={launch.marker}", "Priority=0")
    answer = programs.ask("scontrol", "update", f"JobId={slurm_id}", *seal)
    if answer.status == 0:
        return accepted(launch, slurm_id)
    return unknown(launch, f"scontrol update: {answer.complaint}")
