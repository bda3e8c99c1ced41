"""`squeue`: jobs that wait and run, in the columns that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import click

from scheduler.cli.client import Client
from scheduler.cli.job_words import LIVE, job_label
from scheduler.cli.shims import facts
from scheduler.cli.shims.columns import Kind, Layout, named_layout, percent_layout
from scheduler.cli.shims.finding import Wanted, jobs_named, jobs_wanted, my_account, split_words
from scheduler.cli.shims.refusals import Refused
from scheduler.cli.shims.states import PENDING, states_named, word_of
from scheduler.cli.shims.words import Grammar, Words
from scheduler.v1.job_service_pb2 import Job, JobState

# How long a job that has ended is shown where its state is asked for; `scontrol show config` says
# the same, for those who choose between squeue and sacct by it.
MIN_JOB_AGE_S = 300
GRAMMAR = Grammar(
    (
        *("-h --noheader", "-o --format=", "-O --Format=", "-j --jobs=", "-u --user=", "--me"),
        *("-n --name=", "-t --states=", "-p --partition=", "-A --account=", "-a --all"),
        *("-r --array", "-l --long", "--start"),
    )
)
DEFAULT = "%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R"
LONG = "%.18i %.9P %.8j %.8u %.8T %.10M %.9l %.6D %R"
START = "%.18i %.9P %.8j %.8u %.2t %.19S %.6D %20Y %R"
KINDS: Mapping[str, Kind[Job]] = {
    "a": Kind("ACCOUNT", facts.account),
    "A": Kind("JOBID", facts.number),
    "b": Kind("TRES_PER_NODE", facts.gpus_per_node),
    "C": Kind("CPUS", facts.cpus),
    "D": Kind("NODES", facts.node_count),
    "e": Kind("END_TIME", facts.ended),
    "E": Kind("DEPENDENCY", facts.dependency),
    "F": Kind("ARRAY_JOB_ID", facts.array_number),
    "i": Kind("JOBID", job_label),
    "j": Kind("NAME", facts.name),
    "K": Kind("ARRAY_TASK_ID", facts.array_index),
    "l": Kind("TIME_LIMIT", facts.time_limit),
    "L": Kind("TIME_LEFT", facts.time_left),
    "M": Kind("TIME", facts.elapsed),
    "N": Kind("NODELIST", facts.nodes),
    "P": Kind("PARTITION", facts.partition),
    "r": Kind("REASON", facts.reason),
    "R": Kind("NODELIST(REASON)", facts.nodes_or_reason),
    "S": Kind("START_TIME", facts.started),
    "t": Kind("ST", facts.short_state),
    "T": Kind("STATE", facts.state),
    "u": Kind("USER", facts.user),
    "V": Kind("SUBMIT_TIME", facts.submitted),
    "Y": Kind("SCHEDNODES", lambda _: "(null)"),
}
# The same columns by the names of --Format.
NAMED: Mapping[str, Kind[Job]] = {
    "account": KINDS["a"],
    "arrayjobid": Kind("ARRAY_JOB_ID", facts.array_number),
    "arraytaskid": Kind("ARRAY_TASK_ID", facts.array_index),
    "dependency": KINDS["E"],
    "endtime": KINDS["e"],
    "jobarrayid": KINDS["i"],
    "jobid": KINDS["A"],
    "name": KINDS["j"],
    "nodelist": KINDS["N"],
    "numcpus": KINDS["C"],
    "numnodes": KINDS["D"],
    "partition": KINDS["P"],
    "reason": KINDS["r"],
    "reasonlist": KINDS["R"],
    "starttime": KINDS["S"],
    "state": KINDS["T"],
    "statecompact": KINDS["t"],
    "submittime": KINDS["V"],
    "timeleft": KINDS["L"],
    "timelimit": KINDS["l"],
    "timeused": KINDS["M"],
    "username": KINDS["u"],
}


def run(client: Client, words: Sequence[str]) -> int:
    """List the jobs; of several filters all must hold."""
    said = GRAMMAR.read(words)
    layout = _layout(said)
    jobs = sorted(_jobs(client, said), key=_as_slurm_sorts)
    if said.says("start"):
        jobs.sort(key=_by_start)
    for line in layout.lines(jobs, with_head=not said.says("noheader")):
        click.echo(line.rstrip())
    return 0


def _layout(said: Words) -> Layout[Job]:
    if said.says("Format"):
        return named_layout(said.last("Format"), NAMED)
    usual = START if said.says("start") else LONG if said.says("long") else DEFAULT
    return percent_layout(said.last("format", usual), KINDS)


def _jobs(client: Client, said: Words) -> list[Job]:
    users = (*said.listed("user"), *((my_account(client),) if said.says("me") else ()))
    states = _states(said)
    wanted = Wanted(
        names=said.listed("name"),
        users=users,
        accounts=said.listed("account"),
        partitions=said.listed("partition"),
        states=states,
        ended_after=datetime.now(UTC) - timedelta(seconds=MIN_JOB_AGE_S),
    )
    if not said.says("jobs"):
        return jobs_wanted(client, wanted)
    ids = split_words(said.values["jobs"])
    named = [job for word in ids for job in jobs_named(client, word)]
    if not named and len(ids) == 1:
        raise Refused("slurm_load_jobs error: Invalid job id specified", bare=True)
    return list(filter(wanted.suits, named))


def _states(said: Words) -> frozenset[JobState]:
    if said.says("states"):
        return states_named(said.listed("states"))
    return states_named(("PENDING",)) if said.says("start") else frozenset(LIVE)


def _by_start(job: Job) -> datetime:
    """Return what `--start` sorts by; whose start nobody knows comes last."""
    return facts.expected_start(job) or datetime.max.replace(tzinfo=UTC)


def _as_slurm_sorts(job: Job) -> tuple[str, bool, int]:
    return facts.partition(job), word_of(job) is not PENDING, job.job_id
