"""The program `tendik`: its commands, and where its environment is read."""

from __future__ import annotations

import os

import click

from scheduler.cli.groups import LazyGroup, Root
from scheduler.cli.session import Session

COMMANDS = {
    "login": "login:login",
    "context": "context_commands:context",
    "whoami": "login:whoami",
    "submit": "submit:submit",
    "queue": "queue:queue",
    "show": "jobs:show",
    "why": "why:why",
    "cancel": "jobs:cancel",
    "watch": "watch:watch",
    "share": "shares:share",
    "admin": "main:admin",
    "verify-receipt": "receipts:verify_receipt",
    "verify-history": "history:verify_history",
    "agent": "agent:agent",
    "version": "version:version",
}
ADMIN_COMMANDS = {
    "org": "tenants:org",
    "project": "tenants:project",
    "user": "tenants:user",
    "policy": "policy:policy",
    "cluster": "cluster:cluster",
    "receipt": "receipts:receipt",
    "backup": "backups:backup",
    "restore": "backups:restore",
}


@click.group(cls=Root, lazy=COMMANDS)
def tendik() -> None:
    """Submit GPU jobs, see why they wait, and check that access is equal."""


@click.group(cls=LazyGroup, lazy=ADMIN_COMMANDS)
def admin() -> None:
    """Organisations, users, policies and the cluster; for administrators."""


def run() -> None:
    """Run the program as the shell called it."""
    # gRPC's core writes its own warnings to standard error unless it is told before it is loaded.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    tendik(prog_name="tendik", obj=Session(os.environ))
