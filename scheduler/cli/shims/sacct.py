"""`sacct`: jobs of any state, in a table or with bars between; the steps of jobs are Slurm's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import click

from scheduler.cli.client import Client
from scheduler.cli.job_words import job_label
from scheduler.cli.shims import facts
from scheduler.cli.shims.finding import Wanted, jobs_named, jobs_wanted, my_account, split_words
from scheduler.cli.shims.moments import midnight, moment_said
from scheduler.cli.shims.refusals import Refused, unanswered
from scheduler.cli.shims.states import states_named
from scheduler.cli.shims.words import Grammar, Words
from scheduler.v1.job_service_pb2 import Job

GRAMMAR = Grammar(
    (
        *("-X --allocations", "-P --parsable2", "-p --parsable", "-n --noheader", "-o --format="),
        *("-j --jobs=", "--name=", "-u --user=", "--uid=", "-a --allusers", "-S --starttime="),
        *("-E --endtime=", "-s --state=", "-A --accounts=", "-r --partition=", "-D --duplicates"),
        *("-L --allclusters", "-M --clusters=", "--delimiter=", "--array"),
    )
)
DEFAULT = "JobID,JobName,Partition,Account,AllocCPUS,State,ExitCode"
_FIELD = re.compile(r"(\w+)(?:%(-?)(\d+))?")


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its head, its text, and the width that it has in a table."""

    head: str
    text: Callable[[Job], str]
    width: int
    left: bool = False

    def cell(self, text: str) -> str:
        cut = text if len(text) <= self.width else f"{text[: self.width - 1]}+"
        return cut.ljust(self.width) if self.left else cut.rjust(self.width)


FIELDS: Sequence[Field] = (
    Field("Account", facts.account, 10),
    Field("AllocCPUS", facts.cpus, 10),
    Field("AllocNodes", facts.node_count, 10),
    Field("AllocTRES", facts.allocated, 10),
    Field("Cluster", lambda _: "tendik", 10),
    Field("Elapsed", facts.long_elapsed, 10),
    Field("ElapsedRaw", lambda job: str(facts.elapsed_s(job)), 10),
    Field("End", facts.end_on_record, 19),
    Field("ExitCode", facts.exit_code, 8),
    Field("JobID", job_label, 12, left=True),
    Field("JobIDRaw", facts.number, 12, left=True),
    Field("JobName", facts.name, 10),
    Field("NCPUS", facts.cpus, 10),
    Field("NNodes", facts.node_count, 8),
    Field("NodeList", facts.nodes_on_record, 15),
    Field("Partition", facts.partition, 10),
    Field("Reason", facts.reason, 22),
    Field("ReqTRES", facts.tres, 10),
    Field("Start", facts.start_on_record, 19),
    Field("State", facts.state, 10),
    Field("Submit", facts.submitted, 19),
    Field("Timelimit", facts.long_time_limit, 10),
    Field("TimelimitRaw", lambda job: str(job.resources.walltime.seconds // 60), 12),
    Field("User", facts.user, 9),
)
_BY_NAME: Mapping[str, Field] = {field.head.lower(): field for field in FIELDS}


def run(client: Client, words: Sequence[str]) -> int:
    """Print the jobs that were there between the start and the end time."""
    said = GRAMMAR.read(words)
    if said.rest:
        raise Refused(f"unexpected argument: {said.rest[0]}")
    if set(said.listed("clusters")) - {"all", "tendik"}:
        raise unanswered("another cluster")
    fields = _fields(",".join(said.values.get("format", (DEFAULT,))))
    print_jobs(fields, _jobs(client, said), said)
    return 0


def print_jobs(fields: Sequence[Field], jobs: Sequence[Job], said: Words) -> None:
    """Print heads and lines as the options ask: in a table, or with a delimiter between."""
    rows = [[field.text(job) for field in fields] for job in jobs]
    heads = [] if said.says("noheader") else [[field.head for field in fields]]
    if said.says("parsable") or said.says("parsable2"):
        bar = said.last("delimiter", "|")
        end = "" if said.says("parsable2") else bar
        lines = [bar.join(row) + end for row in (*heads, *rows)]
    else:
        rules = [["-" * field.width for field in fields]] if heads else []
        lines = [_in_table(fields, row) for row in (*heads, *rules, *rows)]
    for line in lines:
        click.echo(line)


def _in_table(fields: Sequence[Field], row: Sequence[str]) -> str:
    return "".join(f"{field.cell(text)} " for field, text in zip(fields, row, strict=True))


def _fields(form: str) -> list[Field]:
    return [_field(part) for part in form.split(",") if part]


def _field(part: str) -> Field:
    found = _FIELD.fullmatch(part)
    if found is None or found[1].lower() not in _BY_NAME:
        raise Refused(f'Invalid field requested: "{part}"')
    field = _BY_NAME[found[1].lower()]
    return replace(field, width=int(found[3]), left=bool(found[2])) if found[3] else field


def _jobs(client: Client, said: Words) -> list[Job]:
    now = datetime.now(UTC)
    by_id = split_words(said.values.get("jobs", ()))
    start = moment_said(said.last("starttime"), now) if said.says("starttime") else None
    wanted = Wanted(
        names=said.listed("name"),
        users=() if by_id and not said.says("user") else _users(client, said),
        accounts=said.listed("accounts"),
        partitions=said.listed("partition"),
        states=states_named(said.listed("state")) if said.says("state") else None,
        ended_after=start or (None if by_id else midnight(now)),
        submitted_before=moment_said(said.last("endtime"), now) if said.says("endtime") else None,
    )
    if not by_id:
        return jobs_wanted(client, wanted)
    return [job for word in by_id for job in jobs_named(client, word) if wanted.suits(job)]


def _users(client: Client, said: Words) -> tuple[str, ...]:
    named = (*said.listed("user"), *said.listed("uid"))
    return () if said.says("allusers") else named or (my_account(client),)
