"""Finds the jobs that a command line of Slurm's names or describes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.cli.client import Client
from scheduler.cli.errors import ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_words import ENDED, LIVE
from scheduler.cli.lookup import list_jobs, who_am_i
from scheduler.cli.shims import facts
from scheduler.cli.shims.refusals import Refused
from scheduler.cli.times import moment
from scheduler.v1.job_service_pb2 import GetJobRequest, Job, JobState, ListJobsRequest
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

_WORD = re.compile(
    r"(?P<number>[1-9]\d{0,17})(?:_(?:(?P<index>\d{1,9})|\[(?P<several>[\d,-]+)(?:%\d+)?\]))?"
    r"(?P<step>\.\w+)?"
)
_SPLIT = re.compile(r",(?![^\[]*\])")
# Live jobs are all looked at, of those that have ended the newest.
MAX_LIVE = 1_000_000
MAX_ENDED = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What jobs must have in common to be listed; what is empty, or None, does not matter."""

    names: Collection[str] = ()
    users: Collection[str] = ()
    accounts: Collection[str] = ()
    partitions: Collection[str] = ()
    states: frozenset[JobState] | None = None
    ended_after: datetime | None = None
    submitted_before: datetime | None = None

    def suits(self, job: Job) -> bool:
        asked = (
            (self.names, job.display_name in self.names),
            (self.users, job.unix_account in self.users),
            (self.accounts, job.project in self.accounts),
            (self.partitions, facts.partition(job) in self.partitions),
            (self.states is not None, job.state in (self.states or ())),
            (self.ended_after, self._was_there(job)),
            (self.submitted_before, _is_before(job, self.submitted_before)),
        )
        return all(holds for is_asked, holds in asked if is_asked)

    def _was_there(self, job: Job) -> bool:
        end = moment(job.end_time)
        return end is None or self.ended_after is None or end >= self.ended_after


def split_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return the jobs that are named with commas between; those in brackets belong to one."""
    return tuple(part for word in words for part in _SPLIT.split(word) if part)


def jobs_named(client: Client, word: str) -> list[Job]:
    """Return the jobs of a word like 1042, 1050_3 or 1050_[1-3]; none where there are none.

    An array's number names its elements, and a step of a job nothing: steps are Slurm's.
    Raises Refused for what names no job in any way.
    """
    found = _WORD.fullmatch(word)
    if found is None:
        raise Refused(f"Invalid job id specified: {word}")
    if found["step"]:
        return []
    number, several = int(found["number"]), found["index"] or found["several"]
    elements = list_jobs(client, ListJobsRequest(array_job_id=number), MAX_LIVE)[::-1]
    if several:
        indices = set(_indices(several))
        return [job for job in elements if job.HasField("array") and job.array.index in indices]
    return elements or _one(client, number)


def jobs_wanted(client: Client, wanted: Wanted) -> list[Job]:
    """Return the jobs in sight that suit, oldest first."""
    asked = frozenset((*LIVE, *ENDED)) if wanted.states is None else wanted.states
    mine = who_am_i(client).user if wanted.users else None
    own = mine.user_id if mine and set(wanted.users) == {mine.unix_account} else ""
    found: list[Job] = []
    for states, limit in ((asked & set(LIVE), MAX_LIVE), (asked & set(ENDED), MAX_ENDED)):
        if states:
            query = ListJobsRequest(user=own, states=sorted(states))
            found += filter(wanted.suits, list_jobs(client, query, limit))
    return sorted(found, key=lambda job: job.job_id)


def my_account(client: Client) -> str:
    """Return the Unix account that the caller's jobs run as."""
    return who_am_i(client).user.unix_account


def _one(client: Client, number: int) -> list[Job]:
    request = GetJobRequest(name=f"jobs/{number}")
    try:
        return [client.call(JobServiceStub(client.channel).GetJob, request).job]
    except ServiceError as error:
        if error.exit_code != ExitCode.NOT_FOUND:
            raise
        return []


def _indices(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise Refused(f"Invalid job id specified: [{text}]")
        yield from range(int(first), int(last or first) + 1)


def _is_before(job: Job, until: datetime | None) -> bool:
    submitted = moment(job.submit_time)
    return until is None or submitted is None or submitted <= until
