"""The records of pools, shares and cycles; `records` has the table of all."""

from __future__ import annotations

from operator import itemgetter

from scheduler.cli.fields import Field, Record, Type

INTEGER, NUMBER, TEXT, FLAG, TIME = Type

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
