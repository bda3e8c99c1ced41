"""The records of who exists, and of checks; `records` has the table of all."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

from scheduler.cli.fields import Field, Record, Type

INTEGER, _NUMBER, TEXT, FLAG, TIME = Type

ACCESS_FIELDS = (
    Field("expires", TEXT, "the last day of access, UTC; null: no end", null=True),
    Field("off_boarded_time", TIME, "since when access is ended; null: it is not", null=True),
)
USER_FIELDS = (
    Field("user", TEXT, "the user's name"),
    Field("organisation", TEXT, "whose user"),
    Field("project", TEXT, "what jobs are charged to unless they say"),
    Field("unix_account", TEXT, "as whom jobs run"),
    Field("role", TEXT, "what the user may do"),
    *ACCESS_FIELDS,
)
WHOAMI = Record(
    "whoami",
    "Whom the token names.",
    (
        *USER_FIELDS,
        Field("tenant_class", TEXT, "the organisation's class"),
        Field("server", TEXT, "the service that says so"),
    ),
    itemgetter("user"),
    ("whoami",),
)
ORGANISATION = Record(
    "organisation",
    "An organisation.",
    (
        Field("organisation", TEXT, "its name"),
        Field("tenant_class", TEXT, "its class"),
        Field("title", TEXT, "its name for people"),
        *ACCESS_FIELDS,
    ),
    itemgetter("organisation"),
    ("admin org create", "admin org list"),
)
PROJECT = Record(
    "project",
    "A project of an organisation.",
    (
        Field("project", TEXT, "its name"),
        Field("organisation", TEXT, "whose it is"),
        Field("title", TEXT, "its name for people"),
        *ACCESS_FIELDS,
    ),
    itemgetter("project"),
    ("admin project create", "admin project list"),
)
USER = Record(
    "user",
    "A user.",
    USER_FIELDS,
    itemgetter("user"),
    ("admin user list",),
)
TOKEN = Record(
    "token",
    "A user with the new token, which is never shown again.",
    (
        USER_FIELDS[0],
        *(replace(one, optional=True) for one in USER_FIELDS[1:]),
        Field("token", TEXT, "keep it secret"),
    ),
    itemgetter("token"),
    ("admin user create", "admin user rotate-token"),
)
FINDING = Record(
    "finding",
    "What a check of a receipt found.",
    (
        Field("check", TEXT, "which check"),
        Field("holds", FLAG, "whether it holds"),
        Field("words", TEXT, "what was found", many=True),
    ),
)
VERDICT = Record(
    "verdict",
    "What was found of a receipt.",
    (
        Field("file", TEXT, "the receipt's file"),
        Field("cycle", INTEGER, "null when it cannot be opened", null=True),
        Field("policy_version", INTEGER, "null when it cannot be opened", null=True),
        Field("sha256", TEXT, "its link's digest; null when it cannot be opened", null=True),
        Field("holds", FLAG, "whether all of it holds"),
        Field("findings", FINDING, "check by check", many=True),
    ),
    itemgetter("file"),
    ("verify-receipt",),
)
BREACH = Record(
    "breach",
    "A breach of an invariant.",
    (
        Field("words", TEXT, "what happened"),
        Field("facts", INTEGER, "numbers of the history's facts", many=True),
    ),
)
INVARIANT = Record(
    "invariant",
    "What a history says of an invariant.",
    (
        Field("invariant", TEXT, "its name"),
        Field("words", TEXT, "what it promises"),
        Field("looked_at", INTEGER, "so many cases"),
        Field("breaches", BREACH, "where it was broken", many=True),
    ),
    itemgetter("invariant"),
    ("verify-history",),
)
