"""The program `tendik`: its commands, and where its environment is read.

Each command stands with the sentence that its own help begins with, so that the help of all
loads none of them.
"""

from __future__ import annotations

import os

import click

from scheduler.cli.groups import LazyGroup, Root, ShowingGroup
from scheduler.cli.language import choose
from scheduler.cli.late import load_late
from scheduler.cli.session import Session
from scheduler.languages import LANGUAGES, language_of
from scheduler.languages.programs import let_click_speak

COMMANDS = {
    "login": ("login:login", "Check a token and store it as a context."),
    "context": ("context_commands:context", "Choose between stored logins."),
    "whoami": ("login:whoami", "Show whom your token names."),
    "submit": ("submit:submit", "Submit a batch script as sbatch does."),
    "compat": ("compat:compat", "See what becomes of scripts that were written for sbatch."),
    "queue": ("queue:queue", "List your jobs that wait and run, newest first."),
    "history": ("ended:history", "List your jobs that have ended, and what they used."),
    "efficiency": ("efficiency:efficiency", "Say what ended jobs used of what they asked for."),
    "show": ("jobs:show", "Show all that is known of a job."),
    "why": ("why:why", "Say why a job does not run yet, or what it does instead."),
    "advise": ("advise:advise", "Say what would become of a script now."),
    "resubmit": ("resubmit:resubmit", "Submit a waiting job anew with other options."),
    "requeue": (
        "requeue:requeue",
        "Let running jobs wait again, and submit ended ones anew.",
    ),
    "cancel": ("jobs:cancel", "End jobs; an array's number ends all its elements."),
    "hold": ("holds:hold", "Keep waiting jobs from starting until they are released."),
    "release": ("holds:release", "Let held jobs wait for their turn again."),
    "watch": ("watch:watch", "Follow jobs until they end, or all of yours until Ctrl-C."),
    "logs": ("logs:logs", "Show what a job of yours wrote, also while it runs."),
    "share": ("shares:share", "Show every organisation's share of each pool."),
    "budget": ("main:budget", "Show what your project's grants have left, and its statement."),
    "grant": ("main:grant", "Ask for GPU-hours for a project, and follow what becomes of it."),
    "gpus": ("pools:gpus", "Show how many GPUs of each pool are free now."),
    "reservations": (
        "reservations:reservations",
        "Show which GPUs are set apart, when and for whom.",
    ),
    "start-times": (
        "start_times:start_times",
        "Show how often the start times that jobs were told came true.",
    ),
    "shims": ("shims.command:shims", "Programs named as Slurm's, for workflow tools."),
    "policy": ("main:policy", "The quota policy: what equal means, in numbers."),
    "admin": ("main:admin", "Organisations, users, backups; for administrators."),
    "verify-receipt": ("receipts:verify_receipt", "Check receipts on this machine."),
    "verify-history": ("history:verify_history", "Check a history on this machine."),
    "agent": ("agent:agent", "Serve Slurm to the service; for operators."),
    "completion": ("completion:completion", "Write the script that completes words in your shell."),
    "man": ("man:man", "Write the manual pages of all commands."),
    "schema": ("schema:schema", "Write the JSON Schema of an output, or list them."),
    "version": ("version:version", "Show this program's version."),
}
ADMIN_COMMANDS = {
    "org": ("tenants:org", "Organisations: the units whose access is equal."),
    "project": ("tenants:project", "Projects: pieces of an organisation's work."),
    "user": ("tenants:user", "Users: people and services with a token."),
    "register": ("register:register", "Who may use the service, as one file."),
    "history": (
        "register:history",
        "List who changed the register, newest first, or only what was done to NAME.",
    ),
    "fund": ("budgets.funds:fund", "Funds: where GPU-hours of grants come from."),
    "cluster": ("cluster:cluster", "Show pools, backend, and how the last decision was made."),
    "overview": ("overview:overview", "See who holds, borrows and waits, and what is wrong now."),
    "explain": ("account:explain", "Show how an organisation's GPUs follow from the shares."),
    "receipt": ("receipts:receipt", "Fetch a cycle's receipt and write it to a file."),
    "backup": ("backups:backup", "Write a whole, checked copy of the database to a new FILE."),
    "restore": ("backups:restore", "Make the database what it was when FILE was written."),
}

POLICY_COMMANDS = {
    "show": ("policy.files:show", "Write the policy's file, verbatim."),
    "history": ("policy.files:history", "List the policies that were in force: who, when and why."),
    "lint": ("policy.files:lint", "Say what is wrong or odd about a policy file."),
    "diff": ("policy.diff:diff", "Say what a file or proposal would change now, for whom."),
    "simulate": (
        "policy.simulate:simulate",
        "Say what a file would have done over the last weeks, for whom.",
    ),
    "propose": ("policy.proposals:propose", "Propose a policy file, for another admin to approve."),
    "proposals": ("policy.proposals:proposals", "List proposals, or show one with its file."),
    "approve": ("policy.proposals:approve", "Sign a proposal that somebody else made."),
    "withdraw": ("policy.proposals:withdraw", "Give a proposal up before it is in force."),
    "activate": (
        "policy.stages:activate",
        "Put an approved proposal in force, by stages or at once.",
    ),
    "trial": ("policy.stages:trial", "Say what a proposal came to in shadow and as a canary."),
    "rollback": ("policy.proposals:rollback", "Put a version in force again that was so before."),
    "apply": ("policy.files:apply", "Put a file in force where one signature is enough."),
}

GRANT_COMMANDS = {
    "request": ("budgets.grants:request", "Ask for GPU-hours of a fund for a project."),
    "list": ("budgets.grants:list_grants", "List the grants that you may see, newest first."),
    "show": ("budgets.grants:show", "Show a grant and all that happened to it."),
    "review": (
        "budgets.grants:review",
        "Comment on a request, and recommend how much of it to award.",
    ),
    "award": ("budgets.grants:award", "Award a reviewed request, all of it or less."),
    "decline": ("budgets.grants:decline", "Decline a request."),
    "withdraw": ("budgets.grants:withdraw", "Take your own request back before it is awarded."),
    "close": (
        "budgets.grants:close",
        "Close a grant before it expires; what it has left is its fund's.",
    ),
}

BUDGET_COMMANDS = {
    "show": ("budgets.budget:show", "Show what a project's grants have left, yours unless named."),
    "statement": (
        "budgets.statement:statement",
        "Write every line of a project's ledger, and what they come to.",
    ),
}


@click.group(cls=Root, lazy=COMMANDS)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=choose,
    help="Speak English, Kazakh or Russian; TENDIK_LANGUAGE and the locale say so too.",
)
def tendik() -> None:
    """Submit GPU jobs, see why they wait, and check that access is equal."""


@click.group(cls=LazyGroup, lazy=ADMIN_COMMANDS)
def admin() -> None:
    """Organisations, users, backups; for administrators."""


@click.group(cls=LazyGroup, lazy=POLICY_COMMANDS)
def policy() -> None:
    """The quota policy: what equal means, in numbers."""


@click.group(cls=LazyGroup, lazy=GRANT_COMMANDS)
def grant() -> None:
    """Ask for GPU-hours for a project, and follow what becomes of it."""


@click.group(cls=ShowingGroup, lazy=BUDGET_COMMANDS)
def budget() -> None:
    """Show what your project's grants have left, and its statement."""


def run() -> None:
    """Run the program as the shell called it."""
    # gRPC's core writes its own warnings to standard error unless it is told before it is loaded.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # gRPC imports them for servers and clients of coroutines; without them it is loaded in two
    # thirds of the time.
    load_late("asyncio", "grpc.aio")
    if "_TENDIK_COMPLETE" in os.environ:
        # Imported here because the shell asks for it, and nobody else.
        from scheduler.cli.completion import complete  # noqa: PLC0415

        complete(tendik, os.environ)
    else:
        let_click_speak(language_of(os.environ))
        tendik(prog_name="tendik", obj=Session(os.environ))
