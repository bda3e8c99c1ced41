"""`tendik compat`: what becomes of a script of sbatch's, told without the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from scheduler.cli.completers import files
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.handed_in import handed_in, source_of
from scheduler.cli.options import format_option
from scheduler.cli.records import OPTION
from scheduler.cli.render import Format, print_data, print_table
from scheduler.cli.sbatch_command import SbatchCommand
from scheduler.cli.session import session
from scheduler.cli.table import Cell, Column, Table
from scheduler.cli.terminal import say
from scheduler.domain.sbatch.compat import Fate, Finding, findings
from scheduler.texts import listed, said

_STYLES: Mapping[Fate, str] = {
    Fate.REFUSED: "red",
    Fate.IGNORED: "yellow",
    Fate.OVERRIDDEN: "yellow",
}
_HEADS = (
    Column(said("LINE"), right=True),
    Column(said("OPTION"), least=20),
    Column(said("IS")),
    Column("", least=40),
)


@click.group
def compat() -> None:
    """See what becomes of scripts that were written for sbatch."""


@compat.command(cls=SbatchCommand)
@click.argument("script", metavar="[SCRIPT|-]", shell_complete=files)
@click.argument(
    "flags", metavar="[SBATCH OPTIONS]...", nargs=-1, type=click.UNPROCESSED, required=False
)
@format_option("--format")
def check(script: str, flags: tuple[str, ...], form: Format) -> None:
    """Say of every option of a script whether it is read, passed on or refused.

    Nothing is sent: whether the cluster has such nodes, and the policy allows it, is said by
    `tendik submit --dry-run`. The exit code is 3 when anything is refused.
    """
    given = handed_in(source_of(script, None), flags, session().environ)
    found = findings(given.script, given.flags, str(Path.cwd()))
    if form.for_programs:
        print_data(form, OPTION, [_fields(finding) for finding in found])
    else:
        _tell(given.source, found)
    if any(finding.fate is Fate.REFUSED for finding in found):
        raise click.exceptions.Exit(ExitCode.INVALID)


def _fields(finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"fate": finding.fate.value, "text": str(finding.text)}


def _tell(source: str, found: Sequence[Finding]) -> None:
    print_table(Table(_HEADS, [_row(finding) for finding in found]))
    refused = sum(finding.fate is Fate.REFUSED for finding in found)
    verdict = (
        said("is refused: {refused} to mend", refused=refused)
        if refused
        else said("is read as sbatch reads it")
    )
    say(listed((source, verdict), " "))


def _row(finding: Finding) -> tuple[Cell | str, ...]:
    line = str(finding.line) if finding.line else "-"
    return line, finding.written, Cell(finding.fate, _STYLES.get(finding.fate, "")), finding.text
