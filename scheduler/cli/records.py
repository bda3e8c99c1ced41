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
from scheduler.cli.budgets.records import BUDGET, FUND, GRANT, STATEMENT
from scheduler.cli.cluster_records import CLUSTER, POOL, SHARE, SHARES, TRACK_RECORD
from scheduler.cli.fields import Field, Record, Type, Values
from scheduler.cli.overview_records import ACCOUNT, OVERVIEW
from scheduler.cli.policy.records import FORECAST, POLICY, PROPOSAL, SIMULATION, TRIAL, VALIDATION
from scheduler.cli.register_records import REGISTER, REGISTER_CHANGE, REGISTER_PLAN

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
GRANT_HOLD = Record(
    "grant-hold",
    "What a grant pays of a job's whole walltime.",
    (
        Field("grant", INTEGER, "the grant's number"),
        Field("gpu_seconds", INTEGER, "at the published rate"),
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
        Field("grant_holds", GRANT_HOLD, "what grants hold until it has ended", many=True),
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
RESERVATION = Record(
    "reservation",
    "A window in which nodes of a pool are for some alone.",
    (
        Field("reservation", TEXT, "its name in the policy"),
        Field("state", TEXT, "live, or upcoming"),
        Field("pool", TEXT, "partition and GPU type"),
        Field("tenant_class", TEXT, "the class that it is for; null: none", null=True),
        Field("organisation", TEXT, "the organisation that it is for; null: none", null=True),
        Field("project", TEXT, "the one project that it is for; null: all", null=True),
        Field("maintenance", FLAG, "whether it is for nobody"),
        Field("start_time", TIME, "when it starts"),
        Field("end_time", TIME, "when it ends"),
        Field("weekly", FLAG, "whether it begins anew each week"),
        Field("gpus", INTEGER, "GPUs of the nodes chosen so far"),
        Field("nodes", TEXT, "these nodes; others may be chosen until it starts", many=True),
    ),
    itemgetter("reservation"),
    ("reservations",),
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
        RESERVATION,
        TRACK_RECORD,
        EFFICIENCY,
        CLUSTER,
        OVERVIEW,
        ACCOUNT,
        WHOAMI,
        ORGANISATION,
        PROJECT,
        USER,
        TOKEN,
        REGISTER,
        REGISTER_PLAN,
        REGISTER_CHANGE,
        POLICY,
        VALIDATION,
        PROPOSAL,
        TRIAL,
        FORECAST,
        SIMULATION,
        FUND,
        GRANT,
        BUDGET,
        STATEMENT,
        VERDICT,
        INVARIANT,
        CONTEXT,
        PROGRAM,
        KIND,
    )
}
