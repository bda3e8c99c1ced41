"""The records of policies and their proposals; `records` has the table of all."""

from __future__ import annotations

from operator import itemgetter

from scheduler.cli.fields import Field, Record, Type

INTEGER, _NUMBER, TEXT, _FLAG, TIME = Type

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
PROPOSAL = Record(
    "proposal",
    "A policy that is to be in force, and who stands for it.",
    (
        Field("proposal", INTEGER, "its number"),
        Field("state", TEXT, "PROPOSED, APPROVED, IN_FORCE, WITHDRAWN or ROLLED_BACK"),
        Field("revision", INTEGER, "changes with every step"),
        Field("base_version", INTEGER, "the version that it changes; 0: there was none"),
        Field("title", TEXT, "its title"),
        Field("sha256", TEXT, "its text's digest"),
        Field("accepted", TEXT, "the kinds of warnings that its second signer accepted", many=True),
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
