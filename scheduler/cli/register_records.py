"""The records of the register as a whole; `records` has the table of all."""

from __future__ import annotations

from operator import itemgetter

from scheduler.cli.fields import Field, Record, Type

INTEGER, _NUMBER, TEXT, _FLAG, TIME = Type

REGISTER = Record(
    "register",
    "The register as a file.",
    (
        Field("revision", INTEGER, "the number of its newest change"),
        Field("text", TEXT, "TOML, all who are on board"),
    ),
    itemgetter("revision"),
    ("admin register show",),
)
ENTRY_FIELDS = (
    Field("what", TEXT, "CREATED, CHANGED, OFF_BOARDED, RE_BOARDED or TOKEN_REPLACED"),
    Field("kind", TEXT, "ORGANISATION, PROJECT or USER"),
    Field("organisation", TEXT, "whose it is"),
    Field("name", TEXT, "its own name"),
    Field("differences", TEXT, 'each value that differs, "key: before -> after"', many=True),
)
REGISTER_STEP = Record(
    "register-step",
    "What becomes of an entry of the register.",
    (
        *ENTRY_FIELDS,
        Field("words", TEXT, "the step in words"),
        Field("pending_jobs", INTEGER, "waiting jobs of who loses access by it"),
        Field("running_jobs", INTEGER, "their jobs that run, and run on"),
    ),
    itemgetter("name"),
)
NEW_TOKEN = Record(
    "new-token",
    "The token of a user who is new or comes back.",
    (Field("user", TEXT, "whose"), Field("token", TEXT, "keep it secret")),
)
REGISTER_PLAN = Record(
    "register-plan",
    "What is done to the register, or would be.",
    (
        Field("revision", INTEGER, "of the register: before a dry run, after all else"),
        Field(
            "steps", REGISTER_STEP, "entry by entry; none where nothing is to be done", many=True
        ),
        Field("tokens", NEW_TOKEN, "with `register apply` without --tokens", True, True, True),
    ),
    written_by=(
        "admin register diff",
        "admin register apply",
        "admin org off-board",
        "admin project off-board",
        "admin user off-board",
    ),
    rows="steps",
)
REGISTER_CHANGE = Record(
    "register-change",
    "A line of the register's history.",
    (
        Field("number", INTEGER, "its number, the register's revision from then on"),
        Field("time", TIME, "when", null=True),
        Field("by", TEXT, "who did it"),
        *ENTRY_FIELDS,
    ),
    itemgetter("number"),
    ("admin history",),
)
