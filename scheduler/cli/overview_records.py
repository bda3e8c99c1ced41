"""The records of administrators' views; `records` has the table of all."""

from __future__ import annotations

from operator import itemgetter

from scheduler.cli.cluster_records import CYCLE, POOL, SHARE
from scheduler.cli.fields import Field, Nesting, Record, Type

INTEGER, NUMBER, TEXT, FLAG, TIME = Type

POOL_STATE = Record(
    "pool-state",
    "What a pool of GPUs has, and lacks.",
    (
        *POOL.fields,
        Field("reserved_gpus", INTEGER, "free and wanted, and kept for planned starts"),
        Field("down_gpus", INTEGER, "on nodes that are down or drained"),
        Field("nodes", INTEGER, "all of its nodes"),
        Field("nodes_down", INTEGER, "those that are down or drained"),
    ),
)
STANDING = Record(
    "organisation-standing",
    "An organisation's share of a pool, and its floor there.",
    (*SHARE.fields, Field("floor_gpus", INTEGER, "guaranteed to it")),
    itemgetter("organisation"),
)
LONG_WAIT = Record(
    "long-wait",
    "A job that waits longer than others.",
    (
        Field("job_id", INTEGER, "its number"),
        Field("organisation", TEXT, "whose it is"),
        Field("user", TEXT, "who submitted it"),
        Field("gpus", INTEGER, "all GPUs of the job"),
        Field("submit_time", TIME, "when it was submitted", null=True),
        Field("reasons", TEXT, "why it waits, each one of docs/reasons.md", many=True),
        Field("p50_time", TIME, "as likely as not it starts before; null: not known", null=True),
        Field("p90_time", TIME, "nine times in ten it starts before; null: not known", null=True),
    ),
)
PAST_CYCLE = Record(
    "past-cycle",
    "How a decision was made.",
    (
        *CYCLE.fields,
        Field("recalled_jobs", INTEGER, "so many were told to give their GPUs back"),
        Field(
            "gap",
            NUMBER,
            "how far from the best it may be, as a part of the proved bound; null: not searched",
            null=True,
        ),
    ),
)
ALERT = Record(
    "alert",
    "What a person must look at.",
    (
        Field("kind", TEXT, "one of docs/administrators.md"),
        Field("critical", FLAG, "whether nothing is scheduled, or something wrong may have been"),
        Field("message", TEXT, "a sentence"),
        Field("since_time", TIME, "since when; null: not known", null=True),
        Field("runbook", TEXT, "its page in the documentation; null: none", null=True),
    ),
)
OPEN_PROPOSAL = Record(
    "open-proposal",
    "A change of the policy that waits for somebody's step.",
    (
        Field("proposal", INTEGER, "its number"),
        Field("state", TEXT, "PROPOSED: to be signed; APPROVED: to be put in force"),
        Field("title", TEXT, "its title"),
        Field("by", TEXT, "who proposed it"),
    ),
)
OVERVIEW = Record(
    "overview",
    "One look at everything that an administrator minds.",
    (
        Field("time", TIME, "when that was", null=True),
        Field("backend", TEXT, "what stands for the cluster"),
        Field("backend_up", FLAG, "whether it answers"),
        Field("leads", FLAG, "whether the replica that answers decides"),
        Field("policy_version", INTEGER, "the policy in force"),
        Field("policy_title", TEXT, "its title"),
        Field("alerts", ALERT, "what is critical first", many=True),
        Field("open_proposals", OPEN_PROPOSAL, "of the policy", many=True),
        Field("pools", POOL_STATE, "the pools", many=True),
        Field("organisations", STANDING, "every organisation in every pool", many=True),
        Field("longest_waits", LONG_WAIT, "at most five, the longest first", many=True),
        Field("cycles", PAST_CYCLE, "at most five, the newest first", many=True),
    ),
    written_by=("admin overview",),
    rows="organisations",
)
FIGURE = Record(
    "figure",
    "A number in words, and what it is made of.",
    (
        Field("words", TEXT, "what it is"),
        Field("value", NUMBER, "null: no number, as of a limit that is not set", null=True),
        Field("unit", TEXT, "gpus, gpus_per_share, gpu_hours, hours or empty"),
        Field("operation", TEXT, "what it is of its parts' values; given: nothing"),
        Field("parts", Nesting.ITSELF, "figures", many=True),
    ),
)
ORGANISATION_ACCOUNT = Record(
    "organisation-account",
    "How an organisation's GPUs in a pool follow from the shares.",
    (
        Field("pool", TEXT, "the pool"),
        Field("tenant_class", TEXT, "its class"),
        Field("entitled_gpus", NUMBER, "what it may have now when all press"),
        Field("held_gpus", INTEGER, "what its jobs hold"),
        Field("wanted_gpus", INTEGER, "held and pending"),
        Field("follows", TEXT, "sentences", many=True),
        Field("figures", FIGURE, "one follows from the other", many=True),
    ),
    itemgetter("pool"),
)
ACCOUNT = Record(
    "account",
    "The whole arithmetic from shares to an organisation's GPUs.",
    (
        Field("time", TIME, "of the snapshot that it was worked out from", null=True),
        Field("policy_version", INTEGER, "the policy in force"),
        Field("organisation", TEXT, "whose account it is"),
        Field("accounts", ORGANISATION_ACCOUNT, "pool by pool", many=True),
    ),
    written_by=("admin explain",),
    rows="accounts",
)
