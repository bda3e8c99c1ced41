"""Every record that commands write for programs: one table for schemas, columns, docs and tests."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from scheduler.cli.admin_records import (
    INVARIANT,
    ORGANISATION,
    PROJECT,
    TOKEN,
    USER,
    VERDICT,
    WHOAMI,
)
from scheduler.cli.fields import Field, Record, Type, Values
from scheduler.cli.policy_records import FORECAST, POLICY, PROPOSAL, TRIAL, VALIDATION

INTEGER, NUMBER, TEXT, FLAG, TIME = Type


def _job_word(job: Values) -> str:
    """Return the word that names this job alone; an array's number would name all its elements."""
    place: Any = job["array"]
    return f"{place['array_job_id']}_{place['index']}" if place else str(job["job_id"])


BLOCKER_FIELDS = (
    Field("reason", TEXT, "one of docs/reasons.md"),
    Field("meaning", TEXT, "what the reason means"),
    Field("detail", TEXT, "the numbers behind it"),
    Field("advice", TEXT, "what helps"),
)
BLOCKER = Record("blocker", "What keeps a pending job waiting.", BLOCKER_FIELDS)
WAITING = Record(
    "waiting",
    "Why a pending job waits: its first blocker, and all of them.",
    (*BLOCKER_FIELDS, Field("blockers", BLOCKER, "all that is in the way", many=True)),
)
ARRAY = Record(
    "array",
    "The place of an array's element.",
    (
        Field("array_job_id", INTEGER, "the array's number, which is its first element's too"),
        Field("index", INTEGER, "the element's index"),
        Field("limit", INTEGER, "at most so many run at once; 0: any number"),
    ),
)
RESOURCES = Record(
    "resources",
    "What a job asked for.",
    (
        Field("gpus", INTEGER, "all GPUs of the job"),
        Field("nodes", INTEGER, "on so many nodes; null: any number", null=True),
        Field("gpus_per_node", INTEGER, "so many on each node; null: any number", null=True),
        Field("gpu_type", TEXT, "null: any", null=True),
        Field("partitions", TEXT, "empty: any", many=True),
        Field("walltime_seconds", INTEGER, "its time limit"),
    ),
)
RECALL = Record(
    "recall",
    "What a job was told of borrowed GPUs that go back.",
    (
        Field("owed", TEXT, "for whom its GPUs were recalled"),
        Field("request_time", TIME, "since when the run is to end", null=True),
        Field("ended_runs", INTEGER, "how many runs have ended so"),
    ),
)
START_ESTIMATE = Record(
    "start-estimate",
    "When a job is expected to start.",
    (
        Field("made_time", TIME, "when this was foreseen"),
        Field("p50_time", TIME, "as likely as not it starts before"),
        Field("p90_time", TIME, "nine times in ten it starts before"),
    ),
)
JOB = Record(
    "job",
    "A job.",
    (
        Field("job_id", INTEGER, "the number; 0 in a dry run"),
        Field("name", TEXT, "as given by --job-name"),
        Field("array", ARRAY, "its place in an array", null=True),
        Field("state", TEXT, "one of the states of docs/cli.md"),
        Field("cancel_requested", FLAG, "whether its end was asked for"),
        Field("requeue_requested", FLAG, "whether its run is to end and it to wait again"),
        Field("tenant_class", TEXT, "its organisation's class"),
        Field("organisation", TEXT, "whose it is"),
        Field("project", TEXT, "what it is charged to"),
        Field("user", TEXT, "who submitted it"),
        Field("unix_account", TEXT, "as whom it runs"),
        Field("resources", RESOURCES, "what it asked for"),
        Field("submit_time", TIME, "when it was submitted", null=True),
        Field("start_time", TIME, "when its newest run began", null=True),
        Field("end_time", TIME, "when it ended", null=True),
        Field("waiting", WAITING, "why it waits; null unless pending", null=True),
        Field("pool", TEXT, "where it runs", null=True),
        Field("nodes", TEXT, "the nodes that it runs on", many=True),
        Field("slurm_job_id", INTEGER, "Slurm's number of it", null=True),
        Field("exit_code", INTEGER, "its command's exit code", null=True),
        Field("outcome", TEXT, "how it ended, in words", null=True),
        Field("recallable", FLAG, "whether it said --requeue"),
        Field("recall", RECALL, "null: it was never told", null=True),
        Field("start_estimate", START_ESTIMATE, "null: it was told nothing", null=True),
        Field("dependency", TEXT, "other jobs that it waits for; null once it is met", null=True),
        Field("script", TEXT, "with `show --script`", optional=True),
    ),
    _job_word,
    (
        *("submit", "resubmit", "requeue", "queue", "history", "show"),
        *("cancel", "hold", "release", "watch"),
    ),
)
OPTION = Record(
    "option",
    "What becomes of an option that was written for sbatch.",
    (
        Field("line", INTEGER, "the script's line; 0: a flag or a variable"),
        Field("written", TEXT, "the option as it was written"),
        Field("fate", TEXT, "read, answered, passed on, refused, overridden or ignored"),
        Field("text", TEXT, "as what, or why"),
    ),
    itemgetter("written"),
    ("compat check",),
)
SHARE = Record(
    "share",
    "An organisation's share of a pool.",
    (
        Field("organisation", TEXT, "whose share it is"),
        Field("tenant_class", TEXT, "its class"),
        Field("pool", TEXT, 'e.g. "alem/h200"'),
        Field("entitled_gpus", NUMBER, "what it may have now when all press"),
        Field("held_gpus", INTEGER, "what its jobs hold"),
        Field("wanted_gpus", INTEGER, "held and pending"),
        Field("borrowed_gpus", INTEGER, "held above the entitlement"),
        Field("lent_gpus", INTEGER, "part of its even share that others hold"),
        Field("mean_gpus", NUMBER, "decayed usage as a mean over the policy's memory"),
        Field("owed_gpus", INTEGER, "due to it, of use to it, and borrowed by others"),
        Field("owed_since_time", TIME, "since when nothing of that has come", null=True),
        Field(
            "owed_until_time", TIME, "by when it comes at the latest, if that is known", null=True
        ),
        Field("borrowed_until_time", TIME, "until when it may keep what it borrowed", null=True),
    ),
    itemgetter("organisation"),
)
SHARES = Record(
    "shares",
    "Every organisation's share of each pool.",
    (
        Field("time", TIME, "when they were so", null=True),
        Field("policy_version", INTEGER, "the policy then in force"),
        Field("shares", SHARE, "the shares", many=True),
    ),
    written_by=("share",),
    rows="shares",
)
AHEAD = Record(
    "ahead",
    "Waiting jobs of one organisation that go first by one rule.",
    (
        Field("precedence", TEXT, "the rule, one of docs/reasons.md"),
        Field("meaning", TEXT, "the rule in words"),
        Field("organisation", TEXT, "whose jobs"),
        Field("jobs", INTEGER, "how many"),
        Field("gpus", INTEGER, "their GPUs"),
    ),
)
COUNTERFACTUAL = Record(
    "counterfactual",
    "A change with which the job would start now, or earlier than as asked.",
    (
        Field("sentence", TEXT, "the change in words"),
        Field("flags", TEXT, "sbatch's options for it; empty: none do it", many=True),
        Field("start_time", TIME, "when it would start; null: now", null=True),
    ),
)
EXPLANATION = Record(
    "explanation",
    "What deciding about the job once more shows, as of one snapshot.",
    (
        Field("snapshot_time", TIME, "when that was", null=True),
        Field("starts", FLAG, "it is about to start; nothing else is told then"),
        Field("planned_start_time", TIME, "for when nodes are held for it", null=True),
        Field("more_ahead", FLAG, "whether more are ahead than were counted"),
        Field("ahead", AHEAD, "who goes first", many=True),
        Field("counterfactuals", COUNTERFACTUAL, "what would start it", many=True),
    ),
)
WHY = Record(
    "why",
    "Why a job waits.",
    (
        Field("job", JOB, "the job"),
        Field("shares", SHARE, "its organisation's, in pools that it could use", many=True),
        Field("place", TEXT, "sentences on where it stands", many=True),
        Field("explanation", EXPLANATION, "null: it does not wait, or is not known", null=True),
    ),
    lambda why: _job_word(why["job"]),
    ("why",),
)
ADVICE = Record(
    "advice",
    "What would become of a script now.",
    (
        Field("jobs", JOB, "as they would be stored", many=True),
        Field("blockers", BLOCKER, "what is in the way of the first", many=True),
        Field("explanation", EXPLANATION, "of the first"),
    ),
    written_by=("advise",),
    rows="jobs",
)
TRACK_RECORD = Record(
    "track-record",
    "How the newest start times that jobs of a class were told came out.",
    (
        Field("tenant_class", TEXT, "the class"),
        Field("judged", INTEGER, "so many, at most 500, of which is known how they came out"),
        Field("within_p50", INTEGER, "of these: started before the P50"),
        Field("within_p90", INTEGER, "of these: started before the P90"),
    ),
    itemgetter("tenant_class"),
    ("start-times",),
)
USE = Record(
    "use",
    "How much was used of what was held.",
    (
        Field("used", NUMBER, "null: not known", null=True),
        Field("held", NUMBER, "what it had"),
        Field("flags", TEXT, "sbatch's options for less the next time", many=True),
    ),
)
EFFICIENCY = Record(
    "efficiency",
    "What a job used of what it asked for; null until it has ended, and if it never ran.",
    (
        Field("job_id", INTEGER, "the number"),
        Field("name", TEXT, "as given by --job-name"),
        Field("array", ARRAY, "its place in an array", null=True),
        Field("state", TEXT, "one of the states of docs/cli.md"),
        Field("no_advice", TEXT, "why nothing is advised; null: something may be", null=True),
        Field("cpus", USE, "CPUs of the whole job, on average", null=True),
        Field("node_memory_mib", USE, "MiB at most on one of its nodes", null=True),
        Field("walltime_seconds", USE, "its time", null=True),
        Field("gpu_percent", USE, "how busy its GPUs were on average", null=True),
    ),
    _job_word,
    ("efficiency",),
)
POOL = Record(
    "pool",
    "What a pool of GPUs has.",
    (
        Field("pool", TEXT, 'e.g. "alem/h200"'),
        Field("capacity_gpus", INTEGER, "on nodes that are up"),
        Field("held_gpus", INTEGER, "held by jobs of the service"),
        Field("foreign_gpus", INTEGER, "held by jobs that did not come through the service"),
        Field("free_gpus", INTEGER, "free now"),
        Field("wanted_gpus", INTEGER, "held and pending"),
    ),
    itemgetter("pool"),
    ("gpus",),
)
RECEIPTS = Record(
    "receipts",
    "The newest link in the chain of receipts.",
    (
        Field("cycle", INTEGER, "its cycle"),
        Field("sha256", TEXT, "its digest"),
        Field("kept", INTEGER, "so many were kept since the service began"),
        Field("failed", INTEGER, "so many could not be written"),
        Field("skipped", INTEGER, "so many cycles went without"),
    ),
)
CYCLE = Record(
    "cycle",
    "How the last decision was made.",
    (
        Field("number", INTEGER, "the cycle's number"),
        Field("time", TIME, "when it was", null=True),
        Field("policy_version", INTEGER, "by which policy"),
        Field("solver", TEXT, "what decided"),
        Field("status", TEXT, "how the search ended"),
        Field("started_jobs", INTEGER, "so many were started"),
        Field("waiting_jobs", INTEGER, "so many wait"),
        Field("duration_seconds", NUMBER, "how long it took"),
        Field("violations", TEXT, "what the audit refused", many=True),
    ),
)
CLUSTER = Record(
    "cluster",
    "The pools, the backend and the last cycle.",
    (
        Field("pools", POOL, "the pools", many=True),
        Field("backend", TEXT, "what stands for the cluster"),
        Field("backend_up", FLAG, "whether it answers"),
        Field("receipts", RECEIPTS, "null: none yet", null=True),
        Field("last_cycle", CYCLE, "null: none yet", null=True),
    ),
    written_by=("admin cluster",),
    rows="pools",
)
CONTEXT = Record(
    "context",
    "A stored login; its token is never written.",
    (
        Field("context", TEXT, "its name"),
        Field("server", TEXT, "the service's address"),
        Field("tls_ca", TEXT, "the certificates it trusts; null: clear text", null=True),
        Field("insecure", FLAG, "whether clear text to another machine was allowed"),
        Field("in_use", FLAG, "whether it is the one in use"),
    ),
    itemgetter("context"),
    ("context list", "context show"),
)
PROGRAM = Record(
    "program",
    "This program.",
    (Field("version", TEXT, "its version"),),
    itemgetter("version"),
    ("version",),
)
KIND = Record(
    "schema",
    "A schema of the output.",
    (
        Field("name", TEXT, "what `tendik schema` takes"),
        Field("id", TEXT, "what `schema` says in the output"),
        Field("meaning", TEXT, "what it describes"),
        Field("commands", TEXT, "which commands write it", many=True),
    ),
    itemgetter("name"),
    ("schema",),
)

# What stands at the top of some command's output, in the order of `tendik schema`.
RECORDS = {
    record.name: record
    for record in (
        JOB,
        WHY,
        ADVICE,
        OPTION,
        SHARES,
        POOL,
        TRACK_RECORD,
        EFFICIENCY,
        CLUSTER,
        WHOAMI,
        ORGANISATION,
        PROJECT,
        USER,
        TOKEN,
        POLICY,
        VALIDATION,
        PROPOSAL,
        TRIAL,
        FORECAST,
        VERDICT,
        INVARIANT,
        CONTEXT,
        PROGRAM,
        KIND,
    )
}
