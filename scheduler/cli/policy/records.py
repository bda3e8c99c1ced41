"""The records of policies and their proposals; `records` has the table of all."""

from __future__ import annotations

from operator import itemgetter

from scheduler.cli.fields import Field, Record, Type

INTEGER, NUMBER, TEXT, _FLAG, TIME = Type

PROBLEM = Record(
    "problem",
    "What is wrong with a policy.",
    (
        Field("key", TEXT, "the key to mend"),
        Field("message", TEXT, "what is wrong there"),
        Field("kind", TEXT, "of a warning: by which name it is accepted", optional=True),
    ),
    itemgetter("key"),
)
POLICY = Record(
    "policy",
    "A version of the policy.",
    (
        Field("version", INTEGER, "its number"),
        Field("title", TEXT, "its title"),
        Field("sha256", TEXT, "its text's digest"),
        Field("applied_by", TEXT, "who put it in force"),
        Field("approved_by", TEXT, "who signed it besides; null: one was enough", null=True),
        Field("proposal", INTEGER, "the proposal that brought it; null: none", null=True),
        Field("why", TEXT, "why it is in force; null: not said", null=True),
        Field("apply_time", TIME, "when", null=True),
        Field("text", TEXT, "with `policy show`", optional=True),
        Field("warnings", PROBLEM, "with `policy apply`", many=True, optional=True),
    ),
    itemgetter("version"),
    ("policy show", "policy apply", "policy history", "policy rollback"),
)
VALIDATION = Record(
    "validation",
    "What is wrong with a policy file, and what it would change.",
    (
        Field("problems", PROBLEM, "what is wrong with it", many=True),
        Field("changes", TEXT, "sentences", many=True),
        Field("warnings", PROBLEM, "what is odd about it, or does not fit", many=True),
    ),
    written_by=("policy lint",),
    rows="problems",
)
STEP = Record(
    "step",
    "What happened to a proposal.",
    (
        Field("state", TEXT, "where it came to"),
        Field("by", TEXT, "who brought it there"),
        Field("time", TIME, "when", null=True),
        Field("why", TEXT, "empty where nothing was said"),
    ),
)
_STATES = "PROPOSED, APPROVED, SHADOWED, CANARY, IN_FORCE, WITHDRAWN or ROLLED_BACK"
TOLERANCE = Record(
    "tolerance",
    "What is borne of a canary.",
    (
        Field("objective", TEXT, "floors (minutes), entitlements (points) or idle (percent)"),
        Field("most", NUMBER, "what is worse takes the canary back"),
    ),
)
CANARY = Record(
    "canary",
    "How a proposal is tried on some classes.",
    (
        Field("classes", TEXT, "for whom it is in force", many=True),
        Field("until_time", TIME, "when somebody was to decide", null=True),
        Field("tolerated", TOLERANCE, "what is borne of it", many=True),
    ),
)
PROPOSAL = Record(
    "proposal",
    "A policy that is to be in force, and who stands for it.",
    (
        Field("proposal", INTEGER, "its number"),
        Field("state", TEXT, _STATES),
        Field("revision", INTEGER, "changes with every step"),
        Field("base_version", INTEGER, "the version that it changes; 0: there was none"),
        Field("title", TEXT, "its title"),
        Field("sha256", TEXT, "its text's digest"),
        Field("accepted", TEXT, "the kinds of warnings that others accepted", many=True),
        Field("canary", CANARY, "null: it never was one", null=True),
        Field("steps", STEP, "all that happened to it, the oldest first", many=True),
        Field("text", TEXT, "with `policy proposals NUMBER`", optional=True),
    ),
    itemgetter("proposal"),
    (
        "policy propose",
        "policy proposals",
        "policy approve",
        "policy withdraw",
        "policy activate",
    ),
)
FARED = Record(
    "fared",
    "How an organisation fared in a pool; GPUs on the average of the cycles.",
    (
        Field("organisation", TEXT, "its name"),
        Field("tenant_class", TEXT, "its class"),
        Field("pool", TEXT, "the pool"),
        Field("held_gpus_before", NUMBER, "held without the proposal"),
        Field("held_gpus_after", NUMBER, "held with it"),
        Field("entitled_gpus_before", NUMBER, "entitled without it"),
        Field("entitled_gpus_after", NUMBER, "entitled with it"),
    ),
)
MEASURE = Record(
    "measure",
    "How an objective of a canary stands at worst.",
    (
        Field("objective", TEXT, "floors (minutes), entitlements (points) or idle (percent)"),
        Field("value", NUMBER, "greater is worse"),
    ),
)
STAGE = Record(
    "stage",
    "What a stage of a proposal came to; each job is counted once.",
    (
        Field("stage", TEXT, "SHADOWED or CANARY"),
        Field("cycles", INTEGER, "snapshots that were decided both ways"),
        Field("since_time", TIME, "the first of them", null=True),
        Field("until_time", TIME, "the newest", null=True),
        Field("starts", INTEGER, "jobs that start sooner, or only with the proposal"),
        Field("held_back", INTEGER, "jobs that start later with it, or not"),
        Field("recalled", INTEGER, "running jobs recalled only with it"),
        Field("spared", INTEGER, "running jobs that are not recalled with it"),
        Field("barred", INTEGER, "waiting jobs that pass a limit of it"),
        Field("fared", FARED, "organisations in pools", many=True),
        Field("measures", MEASURE, "of a canary", many=True),
    ),
)
TRIAL = Record(
    "trial",
    "What a proposal came to in shadow and as a canary.",
    (
        Field("proposal", INTEGER, "its number"),
        Field("state", TEXT, _STATES),
        Field("canary", CANARY, "null: it never was one", null=True),
        Field("stages", STAGE, "in their order; none before the first cycle", many=True),
    ),
    itemgetter("proposal"),
    ("policy trial",),
)
AFFECTED = Record(
    "affected",
    "A job that fares otherwise under another policy.",
    (
        Field("job_id", INTEGER, "its number"),
        Field("organisation", TEXT, "whose it is"),
        Field("user", TEXT, "whose it is"),
        Field("gpus", INTEGER, "all GPUs of the job"),
    ),
)
STANDING = Record(
    "standing",
    "What an organisation has in a pool, and may have before and after; all are GPUs.",
    (
        Field("organisation", TEXT, "its name"),
        Field("tenant_class", TEXT, "its class"),
        Field("pool", TEXT, "the pool"),
        Field("held_gpus", INTEGER, "held now"),
        Field("wanted_gpus", INTEGER, "held or wanted now"),
        Field("entitled_gpus_before", NUMBER, "entitled now"),
        Field("entitled_gpus_after", NUMBER, "entitled now under the file"),
        Field("even_gpus_before", NUMBER, "entitled while everybody wants everything"),
        Field("even_gpus_after", NUMBER, "the same under the file"),
        Field("over_gpus", INTEGER, "held beyond the limits of the file"),
    ),
)
FORECAST = Record(
    "forecast",
    "What a policy would change now: the next cycle under it, against that under the one in force.",
    (
        Field("time", TIME, "of the jobs that were looked at", null=True),
        Field("base_version", INTEGER, "the version in force"),
        Field("changes", TEXT, "sentences", many=True),
        Field("starts", AFFECTED, "waiting jobs that start only under the file", many=True),
        Field("held_back", AFFECTED, "waiting jobs that do not start under the file", many=True),
        Field("recalled", AFFECTED, "running jobs recalled only under the file", many=True),
        Field("spared", AFFECTED, "running jobs that are not recalled under the file", many=True),
        Field("barred", AFFECTED, "waiting jobs that pass a limit of the file", many=True),
        Field("standings", STANDING, "organisations in pools", many=True),
    ),
    written_by=("policy diff",),
    rows="standings",
)
FARED = Record(
    "fared",
    "How an organisation fared under a policy, in a simulation.",
    (
        Field("jobs", INTEGER, "submitted in the window"),
        Field("gpu_hours", NUMBER, "held in the window"),
        Field("wait_median_seconds", NUMBER, "of its jobs, refused ones left out"),
        Field("wait_p95_seconds", NUMBER, "95 % of them waited no longer"),
        Field("recalls", INTEGER, "runs that were ended to give GPUs back"),
        Field("refusals", INTEGER, "jobs that the policy takes no more"),
        Field("still_waiting", INTEGER, "jobs that had not started by the window's end"),
    ),
)
FARE = Record(
    "fare",
    "An organisation under the old and the new policy, in a simulation.",
    (
        Field("organisation", TEXT, "its name"),
        Field("tenant_class", TEXT, "its class"),
        Field("change", TEXT, "GAINS, LOSES, MIXED or SAME"),
        Field("before", FARED, "under the old policy"),
        Field("after", FARED, "under the new policy"),
    ),
    itemgetter("organisation"),
)
SIMULATED = Record(
    "simulated",
    "The cluster under a policy, in a simulation.",
    (
        Field("title", TEXT, "the policy's title"),
        Field("cycles", INTEGER, "how often was decided"),
        Field("utilisation", NUMBER, "GPU-time held, of all there was; 0 to 1"),
        Field("jain", NUMBER, "Jain's index of what organisations got of what they wanted"),
        Field("recalls", INTEGER, "runs that were ended to give GPUs back"),
        Field("refusals", INTEGER, "jobs that the policy takes no more"),
        Field("still_waiting", INTEGER, "jobs that had not started by the window's end"),
    ),
)
SIMULATION = Record(
    "simulation",
    "What a policy would have done over some weeks, against another one.",
    (
        Field("days", NUMBER, "how long the window is"),
        Field("jobs", INTEGER, "submitted in it"),
        Field("gpus", INTEGER, "all GPUs of the cluster"),
        Field("allocator", TEXT, "who decided"),
        Field("cycle_seconds", NUMBER, "the least time from one cycle to the next"),
        Field("before", SIMULATED, "under the old policy"),
        Field("after", SIMULATED, "under the new policy"),
        Field("organisations", FARE, "all that submitted jobs, by class and name", many=True),
    ),
    written_by=("policy simulate",),
    rows="organisations",
)
