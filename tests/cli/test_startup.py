"""The program starts quickly: what it must not load, and that no module forgets it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import scheduler.cli

SOURCES = sorted(Path(scheduler.cli.__file__).parent.rglob("*.py"))
HEAVY = (
    "alembic",
    "numpy",
    "ortools",
    "pandas",
    "prometheus_client",
    "psycopg",
    "pydantic",
    "pyslurm",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "structlog",
    "typer",
    "yaml",
)
# How the domain reads sbatch's options is light, and the same for client and service.
# Verification loads what it verifies with: its modules are loaded by nothing but their commands.
VERIFYING = ("receipt_check", "history")
# A script is read where it is handed in too, by the service's own reader.
READING = ("compat", "handed_in")
# Policies are simulated where it is asked for, with the service's own allocator.
SIMULATING = "simulation"
ALLOWED_OF_OURS = (
    "scheduler.cli",
    "scheduler.v1",
    "scheduler.languages",
    "scheduler.texts",
    # What a ledger's lines come to is added up where it is asked for, by the same pure rules.
    "scheduler.domain.budgets.ledger",
    "scheduler.domain.budgets.grants",
    "scheduler.domain.budgets.statements",
    "scheduler.domain.environment",
    "scheduler.domain.sbatch.directives",
    "scheduler.domain.sbatch.options",
)
COMMANDS = {
    "queue": ["queue"],
    "queue in JSON": ["queue", "-o", "json"],
    "submit": ["submit", "-"],
    "share": ["share"],
    "a refusal": ["show", "7"],
    "help": ["--help"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_command_loads_nothing_heavy(words: list[str], environ: dict[str, str]) -> None:
    assert loaded(words, HEAVY, environ) == "[]"


def test_an_answer_is_read_without_what_serves_coroutines(environ: dict[str, str]) -> None:
    assert loaded(["queue"], ("asyncio.base_events", "grpc.aio._channel"), environ) == "[]"


def loaded(words: list[str], names: tuple[str, ...], environ: dict[str, str]) -> str:
    """Return which of these modules a call of the program has executed."""
    program = (
        "import sys, atexit; from scheduler.cli.main import run;"
        f"atexit.register(lambda: print([m for m in {names} if m in sys.modules]));"
        f"sys.argv = ['tendik', *{words}]; run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environ,
        input="#!/bin/sh\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in SOURCES
        if path.stem not in (*VERIFYING, *READING) and path.parent.name != SIMULATING
    ],
    ids=lambda path: path.stem,
)
def test_the_command_line_knows_only_the_api(path: Path) -> None:
    ours = [name for name in _imported(path) if name.startswith("scheduler")]

    assert [name for name in ours if not name.startswith(ALLOWED_OF_OURS)] == []


def _imported(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
