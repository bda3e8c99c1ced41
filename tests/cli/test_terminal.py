"""What stands on a terminal: colour where it is wanted, and lines that fit."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.cli.table import Cell, Column, Table, width
from scheduler.cli.times import span
from tests.cli.service import Service
from tests.cli.world import a_job, a_running_job, an_ended_job

ESCAPE = "\x1b["


def on_a_terminal(*words: str, environ: dict[str, str]) -> str:
    """Return what the program writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    command = Path(sys.executable).with_name("tendik")
    with subprocess.Popen(
        [command, *words], env=environ | {"COLUMNS": "80"}, stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        written = b""
        while chunk := _read(ours):
            written += chunk
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_colour_is_for_terminals_without_no_color(
    service: Service, environ: dict[str, str]
) -> None:
    service.jobs = [a_job(), a_running_job()]

    assert ESCAPE in on_a_terminal("queue", environ=environ)
    assert ESCAPE not in on_a_terminal("queue", environ=environ | {"NO_COLOR": "1"})


def test_lines_fit_the_terminal(service: Service, environ: dict[str, str]) -> None:
    service.jobs = [
        a_job(display_name="a-name-that-somebody-made-much-too-long" * 2),
        a_running_job(1, user="dana", organisation="steppe-robotics"),
    ]

    shown = on_a_terminal("queue", "--all", environ=environ | {"NO_COLOR": "1"})

    assert max(len(line) for line in shown.splitlines()) <= 80


@pytest.mark.parametrize("command", ["queue", "history", "share", "gpus", "why 1042", "show 1042"])
def test_every_view_fits_the_terminal(
    service: Service, environ: dict[str, str], command: str
) -> None:
    service.jobs = [a_job(display_name="n" * 200), an_ended_job(display_name="n" * 200)]

    shown = on_a_terminal(*command.split(), environ=environ | {"NO_COLOR": "1"})

    assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_wide_view_cuts_nothing(service: Service, environ: dict[str, str]) -> None:
    service.jobs = [a_job(display_name="n" * 200)]

    assert "n" * 200 in on_a_terminal("queue", "-o", "wide", environ=environ)


def test_watch_draws_a_table_in_its_place(service: Service, environ: dict[str, str]) -> None:
    service.changes = [a_job(), a_running_job(1042)]

    shown = on_a_terminal("watch", environ=environ | {"TERM": "xterm"})

    assert "WHERE OR WHY" in shown
    assert "alem/h200 on n01, n02" in shown


def test_columns_give_way_by_cutting_or_wrapping() -> None:
    heads = (Column("A", least=5, cut=True), Column("B", least=5), Column("C", right=True))
    table = Table(heads, [("cut-this", "wrap this too", Cell("1"))])

    assert list(table.lines(20)) == [
        "\x1b[1mA\x1b[0m         \x1b[1mB\x1b[0m        \x1b[1mC\x1b[0m",
        "cut-this  wrap     1",
        "          this",
        "          too",
    ]


def test_wide_letters_count_twice() -> None:
    assert (width("теңдік"), width("平等"), width("e\u0301")) == (6, 4, 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (60, "1m"), (3780, "1h03m"), (187_200, "2d04h"), (-5, "0s")],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert span(seconds) == text
