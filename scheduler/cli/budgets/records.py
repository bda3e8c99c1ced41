"""The records of funds, grants, budgets and statements; `records` has the table of all."""

from __future__ import annotations

from operator import itemgetter

from scheduler.cli.fields import Field, Record, Type

INTEGER, _NUMBER, TEXT, _FLAG, TIME = Type

FUND = Record(
    "fund",
    "A source of GPU-hours; all amounts are whole GPU-seconds at the published rates.",
    (
        Field("fund", TEXT, "its name"),
        Field("title", TEXT, "its name for people"),
        Field("gpu_seconds", INTEGER, "all that its grants may come to"),
        Field("carry_over_percent", INTEGER, "how much of an award may go on as it expires"),
        Field("awarded_gpu_seconds", INTEGER, "what its grants come to"),
        Field("left_gpu_seconds", INTEGER, "what is left"),
    ),
    itemgetter("fund"),
    ("admin fund create", "admin fund list"),
)
GRANT_STEP = Record(
    "grant-step",
    "What happened to a grant.",
    (
        Field("state", TEXT, "where it came to"),
        Field("by", TEXT, "who brought it there; null: it expired", null=True),
        Field("time", TIME, "when"),
        Field("why", TEXT, "empty where nothing was said"),
        Field("gpu_seconds", INTEGER, "asked for, recommended or awarded; else null", null=True),
    ),
)
BALANCE = Record(
    "balance",
    "The sums of a grant's entries.",
    (
        Field("awarded_gpu_seconds", INTEGER, "what was awarded"),
        Field("carried_in_gpu_seconds", INTEGER, "from a grant of the same fund that expired"),
        Field("carried_out_gpu_seconds", INTEGER, "to the project's next grant of the fund"),
        Field("lapsed_gpu_seconds", INTEGER, "what nobody used by its end"),
        Field("held_gpu_seconds", INTEGER, "held by jobs that wait and run"),
        Field("charged_gpu_seconds", INTEGER, "what ended runs cost; refunds are taken off"),
        Field("left_gpu_seconds", INTEGER, "what is left"),
    ),
)
GRANT = Record(
    "grant",
    "GPU-hours of a fund for a project.",
    (
        Field("grant", INTEGER, "its number"),
        Field("state", TEXT, "how far it has come"),
        Field("revision", INTEGER, "changes with every step"),
        Field("fund", TEXT, "what it is of"),
        Field("organisation", TEXT, "whose project"),
        Field("project", TEXT, "what it pays for"),
        Field("start_time", TIME, "from then on jobs may hold of it"),
        Field("expire_time", TIME, "from then on no new job may"),
        Field("order", INTEGER, "the lowest pays first"),
        Field("asked_gpu_seconds", INTEGER, "what was asked for"),
        Field("balance", BALANCE, "its sums"),
        Field("warning_percent", INTEGER, "75, 90 or 100 are charged or held; 0: less"),
        Field("steps", GRANT_STEP, "all that happened to it, the oldest first", many=True),
        Field("pays", INTEGER, "its turn; null: for no new job", null=True, optional=True),
    ),
    itemgetter("grant"),
    (
        "grant request",
        "grant list",
        "grant show",
        "grant review",
        "grant award",
        "grant decline",
        "grant withdraw",
        "grant close",
    ),
)
BUDGET = Record(
    "budget",
    "What a project's grants have left, and what to do about it.",
    (
        Field("organisation", TEXT, "whose project"),
        Field("project", TEXT, "the project"),
        Field("left_gpu_seconds", INTEGER, "what is left in grants that pay now"),
        Field("next", TEXT, "what to do, in words"),
        Field("grants", GRANT, "its grants, who pays first in front", many=True),
    ),
    written_by=("budget show",),
    rows="grants",
)
LINE = Record(
    "line",
    "A line of the ledger.",
    (
        Field("entry", INTEGER, "its number in the ledger"),
        Field("time", TIME, "of when it tells; lines may tell of earlier times"),
        Field("grant", INTEGER, "the grant's number"),
        Field("fund", TEXT, "the grant's fund"),
        Field("kind", TEXT, "what it tells"),
        Field("job_id", INTEGER, "the job that made it; null: none", null=True),
        Field("attempt", INTEGER, "which of its runs; null: none yet", null=True),
        Field("amount_gpu_seconds", INTEGER, "never negative"),
        Field("effect_gpu_seconds", INTEGER, "the same, negative where it is taken"),
        Field(
            "used_gpu_seconds",
            INTEGER,
            "of a charge: by the clock; of a refund: below 0, not used after all; else null",
            null=True,
        ),
        Field("grant_left_gpu_seconds", INTEGER, "what the grant has left after it"),
        Field("project_left_gpu_seconds", INTEGER, "what all the grants have left after it"),
    ),
    itemgetter("entry"),
)
REACHED = Record(
    "reached",
    "When so much of a grant was first held or charged.",
    (
        Field("percent", INTEGER, "75, 90 or 100"),
        Field("time", TIME, "when"),
    ),
)
GRANT_SUMS = Record(
    "grant-sums",
    "A grant before and after the period.",
    (
        Field("grant", INTEGER, "its number"),
        Field("fund", TEXT, "what it is of"),
        Field("state", TEXT, "how far it has come by now"),
        Field("start_time", TIME, "from then on jobs may hold of it"),
        Field("expire_time", TIME, "from then on no new job may"),
        Field("opening", BALANCE, "its sums before the period"),
        Field("closing", BALANCE, "its sums after the period"),
        Field("warnings", REACHED, "in all its time up to the period's end", many=True),
    ),
)
KIND_SUMS = Record(
    "kind-sums",
    "All lines of a kind.",
    (
        Field("kind", TEXT, "the kind"),
        Field("lines", INTEGER, "how many"),
        Field("amount_gpu_seconds", INTEGER, "what they come to"),
        Field("effect_gpu_seconds", INTEGER, "the same, negative where it was taken"),
    ),
)
STATEMENT = Record(
    "statement",
    "A project's ledger in a period, and what it comes to; all are whole GPU-seconds.",
    (
        Field("organisation", TEXT, "whose project"),
        Field("project", TEXT, "the project"),
        Field("since_time", TIME, "its begin; null: from the first line on", null=True),
        Field("until_time", TIME, "its end; null: to the last line", null=True),
        Field("made_time", TIME, "when it was made"),
        Field("opening_left_gpu_seconds", INTEGER, "what all grants had left before it"),
        Field("closing_left_gpu_seconds", INTEGER, "what all grants have left after it"),
        Field("lines", LINE, "every line, in the order of the ledger", many=True),
        Field("kinds", KIND_SUMS, "what the lines come to, kind by kind", many=True),
        Field("grants", GRANT_SUMS, "the same, grant by grant", many=True),
    ),
    written_by=("budget statement",),
    rows="lines",
)
