"""A job's state, reason and place in words, and how a user names a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from scheduler.cli.table import Cell
from scheduler.cli.times import moment, span
from scheduler.texts import Said, listed, said, said_of
from scheduler.v1.job_service_pb2 import Blocker, Job, JobState, Resources, Waiting, WaitReason

ON_THEIR_WAY = (
    JobState.JOB_STATE_SUBMITTING,
    JobState.JOB_STATE_HELD,
    JobState.JOB_STATE_RELEASING,
)
LIVE = (
    JobState.JOB_STATE_PENDING,
    *ON_THEIR_WAY,
    JobState.JOB_STATE_SUBMITTED,
    JobState.JOB_STATE_RUNNING,
    JobState.JOB_STATE_SETTLING,
)
ENDED = (
    JobState.JOB_STATE_COMPLETED,
    JobState.JOB_STATE_FAILED,
    JobState.JOB_STATE_CANCELLED,
    JobState.JOB_STATE_TIMED_OUT,
    JobState.JOB_STATE_OUT_OF_MEMORY,
    JobState.JOB_STATE_NODE_FAILED,
    JobState.JOB_STATE_LOST,
)

_STYLES: Mapping[int, str] = {
    JobState.JOB_STATE_PENDING: "yellow",
    JobState.JOB_STATE_SUBMITTING: "cyan",
    JobState.JOB_STATE_HELD: "cyan",
    JobState.JOB_STATE_RELEASING: "cyan",
    JobState.JOB_STATE_SUBMITTED: "cyan",
    JobState.JOB_STATE_RUNNING: "green",
    JobState.JOB_STATE_SETTLING: "magenta",
    JobState.JOB_STATE_COMPLETED: "dim",
    JobState.JOB_STATE_CANCELLED: "dim",
}
MANY_NODES = 2
MANY_REASONS = 2


def state_word(state: JobState) -> str:
    """Return the state as users write it; a newer service's state by its number."""
    return _word(JobState.items(), state, "JOB_STATE_")


def reason_word(reason: WaitReason) -> str:
    return _word(WaitReason.items(), reason, "WAIT_REASON_")


def state_cell(job: Job) -> Cell:
    return Cell(state_word(job.state).replace("_", " "), _STYLES.get(job.state, "red"))


def job_label(job: Job) -> str:
    """Return what a user types to name the job: "1042", or "1042_3" for an array's element."""
    if job.HasField("array"):
        return f"{job.array.array_job_id}_{job.array.index}"
    return str(job.job_id)


def asked(resources: Resources) -> str:
    """Return what was asked for: "16 GPUs (h200, on 2 nodes)"."""
    parts = [resources.gpu_type] if resources.gpu_type else []
    if resources.nodes:
        parts.append(said("on {nodes}", nodes=counted(resources.nodes, "node")))
    if resources.gpus_per_node:
        parts.append(said("{gpus} on each", gpus=resources.gpus_per_node))
    gpus = counted(resources.gpus, "GPU")
    return listed((gpus, listed(("(", listed(parts), ")"), "")), " ") if parts else gpus


def time_taken(job: Job, now: datetime) -> str:
    """Return how long the job has waited, has run, or ran."""
    if job.state == JobState.JOB_STATE_PENDING:
        begin, end = moment(job.submit_time), now
    else:
        begin, end = moment(job.start_time), moment(job.end_time) or now
    return span((end - begin).total_seconds()) if begin else ""


def where_or_why(job: Job) -> str:
    """Return where a job runs, why it waits, or how it ended: one short phrase."""
    if job.state in LIVE and (job.cancel_requested or job.requeue_requested):
        again = said("ends, and waits again")
        return said("is being cancelled") if job.cancel_requested else again
    match job.state:
        case JobState.JOB_STATE_PENDING:
            return listed(filter(None, (recall_phrase(job), reasons_phrase(job))), ": ")
        case state if state in ON_THEIR_WAY:
            return said("on its way to Slurm")
        case JobState.JOB_STATE_SUBMITTED:
            return said("{pool}: Slurm starts it next", pool=job.pool)
        case JobState.JOB_STATE_RUNNING:
            nodes = _few(job.nodes)
            return recall_phrase(job) or said("{pool} on {nodes}", pool=job.pool, nodes=nodes)
        case _:
            return job.outcome


def recall_phrase(job: Job) -> str:
    """Return what a live job was told of a recall; empty where it was told nothing of this run."""
    if job.recall.HasField("request_time"):
        return said("recalled for {owed}, ends soon and waits again", owed=job.recall.owed)
    if job.state == JobState.JOB_STATE_PENDING and job.recall.ended_runs:
        return said("recalled for {owed}, waits again", owed=job.recall.owed)
    return ""


def recalls_phrase(job: Job) -> str:
    """Return all that is known of a job's recalls, empty where it had none."""
    ended = job.recall.ended_runs
    counts = said(
        "{runs} ended by recalls, the last for {owed}",
        runs=counted(ended, "run"),
        owed=job.recall.owed,
    )
    return recall_phrase(job) or (counts if ended else "")


def reasons_phrase(job: Job) -> str:
    """Return all that a pending job waits for, in short: "class ceiling, fragmented"."""
    phrases = list(dict.fromkeys(map(reason_phrase, blockers_of(job))))
    more = len(phrases) - MANY_REASONS
    return _and_more(listed(phrases[:MANY_REASONS]), more)


def reason_phrase(blocker: Blocker | Waiting) -> str:
    """Return a reason in short; one that is no cycle's in its own words."""
    if not blocker.reason and blocker.meaning:
        return blocker.meaning
    return reason_word(blocker.reason).replace("_", " ").replace("gpus", "GPUs")


def kept_back(job: Job) -> str:
    """Say what a job waits for before it waits for its turn: "held", "waits for afterok:1042"."""
    held = said("held") if job.waiting.reason == WaitReason.WAIT_REASON_HELD_BY_USER else ""
    waits = said("waits for {jobs}", jobs=job.dependency) if job.dependency else ""
    return listed(filter(None, (held, waits)))


def blockers_of(job: Job) -> Sequence[Blocker | Waiting]:
    """Return what keeps a pending job waiting; an older service tells the first only."""
    return job.waiting.blockers or [job.waiting]


def counted(number: int, noun: str) -> Said:
    """Return the number with its noun: "1 job", "2 jobs"."""
    return _NOUNS[noun](number)


def only_newest(number: int) -> Said:
    """Return that a list ends there."""
    return said_of(
        number,
        "only the newest {number} job is shown; --limit shows more",
        "only the newest {number:,} jobs are shown; --limit shows more",
    )


_NOUNS: Mapping[str, Callable[[int], Said]] = {
    "GPU": lambda number: said_of(number, "{number} GPU", "{number:,} GPUs"),
    "element": lambda number: said_of(number, "{number} element", "{number:,} elements"),
    "job": lambda number: said_of(number, "{number} job", "{number:,} jobs"),
    "node": lambda number: said_of(number, "{number} node", "{number:,} nodes"),
    "other": lambda number: said_of(number, "{number} other", "{number:,} others"),
    "other organisation": lambda number: said_of(
        number, "{number} other organisation", "{number:,} other organisations"
    ),
    "run": lambda number: said_of(number, "{number} run", "{number:,} runs"),
}


def _few(names: Sequence[str]) -> Said:
    more = len(names) - MANY_NODES
    return _and_more(listed(names[:MANY_NODES]), more)


def _and_more(first: Said, more: int) -> Said:
    return said("{names} and {more} more", names=first, more=more) if more > 0 else first


def _word(items: Sequence[tuple[str, int]], number: int, prefix: str) -> str:
    names = {value: name for name, value in items}
    return names[number].removeprefix(prefix).lower() if number in names else f"number_{number}"


# What `--state` takes, and the states that it means; no states are all of them.
STATES: Mapping[str, Sequence[JobState]] = {
    "live": LIVE,
    "ended": ENDED,
    "any": (),
    **{state_word(state): (state,) for state in (*LIVE, *ENDED)},
}
