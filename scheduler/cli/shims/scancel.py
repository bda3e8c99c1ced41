"""`scancel`: takes jobs back; signals are not sent."""

from __future__ import annotations

from collections.abc import Sequence

import click

from scheduler.cli.client import Client
from scheduler.cli.errors import ServiceError
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.job_words import LIVE, job_label
from scheduler.cli.shims.finding import Wanted, jobs_named, jobs_wanted, my_account, split_words
from scheduler.cli.shims.refusals import Refused, unanswered
from scheduler.cli.shims.states import states_named
from scheduler.cli.shims.words import Grammar, Words
from scheduler.v1.job_service_pb2 import CancelJobRequest, Job
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

GRAMMAR = Grammar(
    (
        *("-n --name=", "-u --user=", "--me", "-t --state=", "-p --partition="),
        *("-A --account=", "-Q --quiet", "-v --verbose", "-s --signal="),
    )
)
FILTERS = ("name", "user", "me", "state", "partition", "account")


def run(client: Client, words: Sequence[str]) -> int:
    """Ask for the jobs' end; filters narrow down what is named, or choose among all live jobs."""
    said = GRAMMAR.read(words)
    if said.says("signal"):
        raise unanswered("--signal")
    live = [job for job in _jobs(client, said) if job.state in LIVE]
    refused = [job for job in live if not _cancels(client, job)]
    return 1 if refused else 0


def _cancels(client: Client, job: Job) -> bool:
    """Ask for the job's end; a refusal is told, and keeps nothing from the other jobs' ends."""
    request = CancelJobRequest(name=f"jobs/{job.job_id}")
    try:
        client.call_until_answered(JobServiceStub(client.channel).CancelJob, request)
    except ServiceError as error:
        if error.exit_code == ExitCode.UNAVAILABLE:
            raise
        complaint = f"Kill job error on job id {job_label(job)}: {error.message}"
        click.echo(f"scancel: error: {complaint}", err=True)
        return False
    return True


def _jobs(client: Client, said: Words) -> list[Job]:
    if not said.rest and not any(map(said.says, FILTERS)):
        raise Refused("No job identification provided")
    for name in FILTERS:
        if name != "me" and said.says(name) and not said.listed(name):
            # Most likely a variable that is not set: it would choose everything.
            raise Refused(f"--{name} names nothing")
    wanted = _wanted(client, said)
    if not said.rest:
        return jobs_wanted(client, wanted)
    named: list[Job] = []
    for word in split_words(said.rest):
        found = jobs_named(client, word)
        if not found and not said.says("quiet"):
            complaint = f"Kill job error on job id {word}: Invalid job id specified"
            click.echo(f"scancel: error: {complaint}", err=True)
        named += filter(wanted.suits, found)
    return named


def _wanted(client: Client, said: Words) -> Wanted:
    me = (my_account(client),) if said.says("me") else ()
    return Wanted(
        names=said.listed("name"),
        users=(*said.listed("user"), *me),
        accounts=said.listed("account"),
        partitions=said.listed("partition"),
        states=states_named(said.listed("state")) if said.says("state") else frozenset(LIVE),
    )
