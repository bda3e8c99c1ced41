"""`scontrol`: shows jobs, partitions, nodes and a little configuration; holds and releases jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import click

from scheduler.cli.client import Client
from scheduler.cli.each_job import Wish
from scheduler.cli.holds import held, released
from scheduler.cli.job_words import LIVE, job_label
from scheduler.cli.requeue import requeued
from scheduler.cli.shims import facts
from scheduler.cli.shims.finding import jobs_named, split_words
from scheduler.cli.shims.hosts import host_list
from scheduler.cli.shims.refusals import Refused, unanswered
from scheduler.cli.shims.sinfo import cluster_of, groups
from scheduler.cli.shims.squeue import MIN_JOB_AGE_S
from scheduler.cli.shims.words import Grammar
from scheduler.cli.terminal import note
from scheduler.v1.cluster_service_pb2 import GetClusterResponse, Node
from scheduler.v1.job_service_pb2 import Job, JobState

GRAMMAR = Grammar(("-o --oneliner", "-Q --quiet", "-a --all"))
# One more than the largest array that a script may ask for.
MAX_ARRAY_SIZE = 100_001
CONFIG: Mapping[str, str] = {
    "ClusterName": "tendik",
    "MaxArraySize": str(MAX_ARRAY_SIZE),
    "MinJobAge": f"{MIN_JOB_AGE_S} sec",
}
Block = Sequence[Mapping[str, str]]
HOLDS: Mapping[str, Wish] = {"hold": held, "uhold": held, "release": released}


def run(client: Client, words: Sequence[str]) -> int:
    """Obey the verb; a job is named by its number."""
    said = GRAMMAR.read(words)
    verb, *rest = said.rest or ("",)
    if verb in HOLDS:
        return _change(client, HOLDS[verb], rest)
    if verb == "requeue":
        return _requeue(client, rest)
    if verb != "show":
        raise unanswered(f"{verb or 'a call without a verb'}")
    for block in _blocks(client, rest):
        lines = (" ".join(f"{key}={value}" for key, value in line.items()) for line in block)
        click.echo((" " if said.says("oneliner") else "\n   ").join(lines))
        if not said.says("oneliner"):
            click.echo()
    return 0


def _change(client: Client, wish: Wish, rest: Sequence[str]) -> int:
    """Hold or release the jobs; one that was admitted already is not changed any more."""
    jobs = _named(client, rest)
    late = [job for job in jobs if wish(client, job).state != JobState.JOB_STATE_PENDING]
    if late:
        ids = ",".join(map(job_label, late))
        raise Refused(f"Job is no longer pending execution for job {ids}", bare=True)
    return 0


def _requeue(client: Client, rest: Sequence[str]) -> int:
    """Requeue running jobs, and submit ended ones anew: those do not keep their numbers."""
    jobs = _named(client, rest)
    if any(job.state in LIVE and job.state != JobState.JOB_STATE_RUNNING for job in jobs):
        raise Refused("Job is pending execution", bare=True)
    for job in jobs:
        new = requeued(client, job)
        if new.job_id != job.job_id:
            note(f"job {job_label(job)} was submitted anew as job {job_label(new)}")
    return 0


def _named(client: Client, rest: Sequence[str]) -> list[Job]:
    """Return the jobs that the words name. Raises Refused where there are none."""
    words = split_words(word.removeprefix("jobid=") for word in rest)
    jobs = [job for word in words for job in jobs_named(client, word)]
    if not jobs:
        raise Refused("Invalid job id specified", bare=True)
    return jobs


def _blocks(client: Client, rest: Sequence[str]) -> Iterator[Block]:
    entity, *names = rest or ("",)
    entity, _, joined = entity.partition("=")
    wanted = split_words([joined] if joined else names)
    if entity.lower() in ("job", "jobs", "jobid"):
        return _jobs(client, wanted)
    shows: Mapping[str, Callable[[GetClusterResponse, Sequence[str]], Iterator[Block]]] = {
        "node": _nodes,
        "nodes": _nodes,
        "partition": _partitions,
        "partitions": _partitions,
    }
    if entity.lower() in shows:
        return shows[entity.lower()](cluster_of(client), wanted)
    if entity.lower() != "config":
        raise unanswered(f"show {entity}".strip())
    return _config()


def _jobs(client: Client, words: Sequence[str]) -> Iterator[Block]:
    if not words:
        raise Refused("name the jobs to show, or list them with squeue")
    for word in words:
        found = jobs_named(client, word)
        if not found:
            raise Refused("slurm_load_jobs error: Invalid job id specified", bare=True)
        yield from map(_job, found)


def _job(job: Job) -> Block:
    array = (
        {"ArrayJobId": facts.array_number(job), "ArrayTaskId": facts.array_index(job)}
        if job.HasField("array")
        else {}
    )
    return (
        {"JobId": facts.number(job), **array, "JobName": facts.name(job)},
        {"UserId": facts.user(job), "Account": facts.account(job)},
        {
            "JobState": facts.state(job),
            "Reason": facts.reason(job),
            "Dependency": facts.dependency(job),
        },
        {"ExitCode": facts.exit_code(job)},
        {"RunTime": facts.long_elapsed(job), "TimeLimit": facts.long_time_limit(job)},
        {"SubmitTime": facts.submitted(job)},
        {"StartTime": facts.start_shown(job), "EndTime": facts.end_on_record(job)},
        {"Partition": facts.partition(job)},
        {"NodeList": facts.nodes(job) or "(null)"},
        {"NumNodes": facts.node_count(job), "NumCPUs": facts.cpus(job)},
        {"TRES": facts.tres(job)},
    )


def _nodes(cluster: GetClusterResponse, names: Sequence[str]) -> Iterator[Block]:
    known = {node.name: node for node in cluster.nodes}
    for name in names or known:
        if name not in known:
            raise Refused(f"Node {name} not found", bare=True)
        yield _node(known[name])


def _node(node: Node) -> Block:
    partition, _, gpu_type = node.pool.partition("/")
    features = ",".join(node.features) or "(null)"
    return (
        {"NodeName": node.name, "CPUTot": str(node.cpus), "RealMemory": str(node.memory_mib)},
        {"AvailableFeatures": features, "Gres": f"gpu:{gpu_type}:{node.gpus}"},
        {"State": "UNKNOWN" if node.available else "DOWN", "Partitions": partition},
    )


def _partitions(cluster: GetClusterResponse, names: Sequence[str]) -> Iterator[Block]:
    nodes: dict[str, list[Node]] = {}
    for group in groups(cluster):
        nodes.setdefault(group.pool.partition, []).extend(group.nodes)
    for name in names or nodes:
        if name not in nodes:
            raise Refused(f"Partition {name} not found", bare=True)
        yield _partition(name, nodes[name])


def _partition(name: str, nodes: Sequence[Node]) -> Block:
    cpus, gpus = sum(node.cpus for node in nodes), sum(node.gpus for node in nodes)
    return (
        {"PartitionName": name, "Default": "NO", "MaxTime": "UNLIMITED"},
        {"Nodes": host_list(node.name for node in nodes)},
        {"State": "UP", "TotalCPUs": str(cpus), "TotalNodes": str(len(nodes))},
        {"TRES": f"cpu={cpus},node={len(nodes)},gres/gpu={gpus}"},
    )


def _config() -> Iterator[Block]:
    yield [{f"{key:<24}": f" {value}"} for key, value in CONFIG.items()]
