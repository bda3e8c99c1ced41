"""Reads nodes and jobs with Slurm's programs, in formats that no job's text can forge."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import structlog

from scheduler.backend.programs import SlurmPrograms
from scheduler.backend.slurm_state import SlurmJob, SlurmNode
from scheduler.backend.slurm_words import (
    exit_code,
    gpus,
    host_names,
    mib,
    moment,
    takes_jobs,
    tres,
    walltime_s,
)
from scheduler.domain.cluster import Asked
from scheduler.domain.resources import Amount
from scheduler.errors import BackendUnavailable
from scheduler.texts import said

log = structlog.get_logger()
READING_PROGRAMS = ("scontrol", "squeue", "sacct", "sdiag")
QUEUE_FIELDS = (
    "JobID", "Comment", "UserName", "State", "Reason", "NodeList",
    "StartTime", "EndTime", "exit_code", "tres-alloc", "admin_comment",
    "RestartCnt", "ReqNodes", "TimeLimit",
)  # fmt: skip
RECORD_FIELDS = (
    "JobIDRaw", "Comment", "User", "State", "Reason", "NodeList",
    "Start", "End", "ExitCode", "AllocTRES", "AdminComment",
)  # fmt: skip
# Of jobs and of their steps.
STEP_FIELDS = "JobIDRaw,State,ExitCode,Start"
# What slurmctld has yet to tell slurmdbd: while there is something, records are missing.
_UNTOLD = re.compile(r"^DBD Agent queue size: *(\d+)", re.MULTILINE)
# Whoever is not root ends jobs of his own.
_CANCELLED_BY_USER = re.compile(r"CANCELLED by [1-9]")
# What slurmdbd says where neither a user nor root cancelled a job: a node did, by itself.
_CANCELLED_BY_NOBODY = "CANCELLED"
NO_ACCOUNTING = "accounting storage is disabled"
# Ids on one command line.
_IDS_AT_ONCE = 500


class SlurmReader:
    """Reads what slurmctld and slurmdbd know. Every method may raise BackendUnavailable."""

    def __init__(self, programs: SlurmPrograms) -> None:
        self._programs = programs
        self._keeps_records = True

    def nodes(self) -> tuple[SlurmNode, ...]:
        text = self._programs.answer("scontrol", "--details", "--oneliner", "show", "node")
        return tuple(_node(line) for line in text.splitlines() if line.startswith("NodeName="))

    def queue(self, slurm_ids: Collection[int] = ()) -> tuple[SlurmJob, ...]:
        """Return the jobs that slurmctld knows: the live ones, and those that ended lately.

        With ids, those of them alone.
        """
        some = (f"--jobs={','.join(map(str, slurm_ids))}",) if slurm_ids else ()
        end = unforgeable()
        # A width of 0 means that nothing is cut off or filled up.
        form = ",".join(f"{field}:0{end}" for field in QUEUE_FIELDS)
        text = self._programs.answer(
            "squeue", "--noheader", "--states=all", f"--Format={form}", *some
        )
        return tuple(_job(record) for record in records(text, end, len(QUEUE_FIELDS)))

    def with_ends(
        self, queue: Iterable[SlurmJob], watched: Collection[int]
    ) -> tuple[tuple[SlurmJob, ...], bool]:
        """Return slurmctld's jobs and the ends of watched ones that it does not tell.

        And whether all that Slurm recorded could be read. How a doubtful job ended only slurmdbd
        knows, where it keeps records.
        """
        jobs = tuple(job for job in queue if not (job.is_doubtful and self._keeps_records))
        ended, are_complete = self._ends(set(watched) - {job.slurm_id for job in jobs})
        return (*jobs, *ended), are_complete

    def _ends(self, slurm_ids: Collection[int]) -> tuple[tuple[SlurmJob, ...], bool]:
        """Return the ends of these jobs, and whether all that Slurm recorded could be read.

        A slurmdbd that is down or behind keeps ends to itself, and is no reason to stop for.
        """
        if not slurm_ids:
            return (), True
        try:
            # In this order: what was told before the question is in the answer.
            untold = self._untold()
            return self.ended(slurm_ids), untold == 0
        except BackendUnavailable as error:
            log.warning("records_unreadable", error=str(error))
            return (), False

    def ended(self, slurm_ids: Collection[int]) -> tuple[SlurmJob, ...]:
        """Return what slurmdbd knows of the ends of these jobs.

        Its word on a live job is late, and no evidence against slurmctld's: left out.
        """
        ordered = sorted(slurm_ids)
        jobs: list[SlurmJob] = []
        for first in range(0, len(ordered), _IDS_AT_ONCE):
            ids = ",".join(map(str, ordered[first : first + _IDS_AT_ONCE]))
            jobs += self._records("--jobs", ids)
        ended = [job for job in jobs if not job.is_live and job.slurm_id in slurm_ids]
        doubtful = (job for job in ended if job.is_doubtful or job.state == _CANCELLED_BY_NOBODY)
        unlaunched = self._unlaunched([job.slurm_id for job in doubtful])
        return tuple(replace(job, was_launched=job.slurm_id not in unlaunched) for job in ended)

    def recorded_since(self, since: datetime) -> tuple[SlurmJob, ...]:
        """Return the jobs that slurmdbd has seen since then, live or ended."""
        local = since.astimezone().strftime("%Y-%m-%dT%H:%M:%S")
        return self._records("--allusers", "--starttime", local)

    def require_whole_records(self) -> None:
        """Raise BackendUnavailable while slurmctld has news that slurmdbd did not take yet."""
        if (untold := self._untold()) != 0:
            left = "an unknown number of" if untold is None else untold
            raise BackendUnavailable(
                said("slurmctld has {left} records that slurmdbd did not take yet", left=left)
            )

    def _untold(self) -> int | None:
        """Return how many records slurmctld has yet to tell slurmdbd; None where it is not said."""
        found = _UNTOLD.search(self._programs.answer("sdiag"))
        return int(found[1]) if found else None

    def _unlaunched(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        """Return those of the jobs that Slurm ended before their script began."""
        if not slurm_ids:
            return frozenset()
        fields = ("--noheader", "--parsable2", "--duplicates", f"--format={STEP_FIELDS}")
        ids = ",".join(map(str, slurm_ids))
        return unlaunched_in(self._programs.answer("sacct", *fields, "--jobs", ids))

    def _records(self, *selection: str) -> tuple[SlurmJob, ...]:
        end = unforgeable()
        form = ("--parsable", f"--delimiter={end}", f"--format={','.join(RECORD_FIELDS)}")
        try:
            text = self._programs.answer("sacct", "--noheader", "--allocations", *form, *selection)
        except BackendUnavailable as error:
            if NO_ACCOUNTING in str(error):
                self._keeps_records = False
                return ()
            raise
        return tuple(_job(record) for record in records(text, end, len(RECORD_FIELDS)))


@dataclass(frozen=True, slots=True)
class _Record:
    """What slurmdbd has of a job or of a step."""

    state: str
    exit_code: str
    start: str


def unlaunched_in(text: str) -> frozenset[int]:
    """Return the ended jobs among sacct's jobs and steps whose script never began.

    A job that was requeued has one record for each start, oldest first.
    """
    found: dict[str, list[_Record]] = {}
    for step, *rest in map(_fields, text.splitlines()):
        found.setdefault(step, []).append(_Record(*rest))
    return frozenset(
        int(job)
        for job, starts in found.items()
        if "." not in job and _never_began(starts, found.get(f"{job}.batch", ()))
    )


def _never_began(starts: Sequence[_Record], scripts: Sequence[_Record]) -> bool:
    """Say whether no node has said a word of the script.

    A script that began, or could not be begun, has an exit code from its node; and one that began
    in an earlier start, which slurmctld forgot in a crash, an earlier start than the job. Who is
    not root ends own jobs only: one that was cancelled so is no job that Slurm ended by itself.
    """
    last = starts[-1]
    if not scripts or _CANCELLED_BY_USER.match(last.state):
        return False
    if last.state == _CANCELLED_BY_NOBODY:
        return not any(script.exit_code for script in scripts)
    return not scripts[-1].exit_code and scripts[-1].start == last.start


def _fields(line: str) -> Sequence[str]:
    return line.split("|")


def records(text: str, end: str, fields: int) -> Iterator[tuple[str, ...]]:
    """Split a program's output whose every field ends with `end`.

    Lines mean nothing: names and comments may hold newlines. Raises BackendUnavailable when
    the output is not whole.
    """
    parts = text.split(end)
    if len(parts) % fields != 1 or parts[-1].strip():
        raise BackendUnavailable(said("Slurm's program printed something that is not a whole list"))
    for first in range(0, len(parts) - 1, fields):
        yield parts[first].lstrip("\n"), *parts[first + 1 : first + fields]


def unforgeable() -> str:
    """Return a separator that nobody knew when they named their job."""
    return f"~{secrets.token_hex(8)}~"


# Most jobs and nodes are from look to look as they were.
@lru_cache(maxsize=16_384)
def _job(record: tuple[str, ...]) -> SlurmJob:
    slurm_id, comment, user, state, reason, nodes, start, end, status, held, admin, *rest = record
    try:
        return SlurmJob(
            slurm_id=int(slurm_id),
            comment=comment,
            unix_account=user,
            # sacct says who cancelled: "CANCELLED by 1000".
            state=state.partition(" ")[0],
            reason=reason,
            nodes=host_names(nodes),
            started_at=moment(start),
            ended_at=moment(end),
            exit_code=exit_code(status),
            held=tres(held),
            admin_comment=admin,
            restarts=int(rest[0]) if rest else 0,
            asks=Asked(tres(held), host_names(rest[1]), walltime_s(rest[2])) if rest else None,
        )
    except ValueError as error:
        raise BackendUnavailable(
            said(
                "Slurm's word on job {slurm_id} is unclear: {error}", slurm_id=slurm_id, error=error
            )
        ) from error


@lru_cache(maxsize=8192)
def _node(line: str) -> SlurmNode:
    name = _value(line, "NodeName")
    try:
        gpu_type, gpu_count = gpus(_value(line, "Gres"))
        memory_mib = int(_value(line, "RealMemory")) - int(_value(line, "MemSpecLimit") or "0")
        cpus = int(_value(line, "CPUEfctv") or _value(line, "CPUTot"))
        allocated = Amount(
            gpus(_value(line, "GresUsed"))[1],
            int(_value(line, "CPUAlloc")),
            mib(f"{_value(line, 'AllocMem')}M"),
        )
    except ValueError as error:
        raise BackendUnavailable(
            said("Slurm's word on node {name} is unclear: {error}", name=name, error=error)
        ) from error
    return SlurmNode(
        name=name,
        partitions=tuple(filter(None, _value(line, "Partitions").split(","))),
        gpu_type=gpu_type,
        capacity=Amount(gpu_count, cpus, memory_mib),
        allocated=allocated,
        features=frozenset(filter(None, _value(line, "ActiveFeatures").split(","))),
        available=takes_jobs(_value(line, "State")),
    )


def _value(line: str, key: str) -> str:
    """Return the first value of a key; texts that people write come later on the line."""
    found = re.search(rf"(?:^| ){key}=(\S*)", line)
    return "" if found is None or found[1] in ("(null)", "N/A") else found[1]
