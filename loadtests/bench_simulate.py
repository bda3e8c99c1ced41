"""How long `tendik policy simulate` takes, whole: 30 days and 100,000 jobs of a national cluster.

A service of its own is given a history; the program is then called as an administrator calls it,
and timed from its start to its end: reading the jobs, both policies side by side, the table.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import pi, sin
from pathlib import Path
from typing import Any

from rich.console import Console

from loadtests import national
from loadtests.figures import Figure
from loadtests.stack import ROOT, Stack, start_again, start_service, stop_service

FOLDER = ROOT / "build" / "bench-simulate"
SETTINGS = {"TENDIK_SIMULATED_CLUSTER": f"{national.POOLS}x{national.NODES}x{national.NODE_GPUS}"}
JOBS, DAYS = 100_000, 30
LIMIT_S = 300.0
DAY_S = 24 * 3600
SEED = 1
# Of the walltime asked for, as it is about even in the logs of supercomputers.
USED = 0.05, 1.0
# The window ends when the program is called, a little later than the history that was written.
MARGIN_S = 600
# Submissions of the night, against those of the day.
NIGHT = 0.2
OLD = "".join(
    (
        'title = "all classes alike"\n',
        *(f"[classes.{name}]\n" for name in national.CLASSES),
    )
)
NEW = OLD.replace("all classes alike", "startups first").replace(
    "[classes.startups]\n", "[classes.startups]\nshare = 3\n"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the program took: seconds by the clock, and of all its processes."""

    whole_s: float
    worked_s: float


def main() -> None:
    """Make the history, time the program once, and write the figure."""
    console = Console()
    shutil.rmtree(FOLDER, ignore_errors=True)
    stack = start_service(FOLDER, SETTINGS)
    stop_service(stack.process)
    with console.status(f"writing a history of {JOBS:,} jobs …"):
        national.fill(f"sqlite:///{FOLDER / 'tendik.db'}", JOBS, SEED)
        _let_them_have_run(FOLDER / "tendik.db")
    policies = {name: FOLDER / f"{name}.toml" for name in ("old", "new")}
    policies["old"].write_text(OLD, encoding="utf-8")
    policies["new"].write_text(NEW, encoding="utf-8")
    stack = start_again(stack)
    try:
        taken, found = _timed(stack, policies)
    finally:
        stop_service(stack.process)
    figure = _figure(taken, found)
    figure.write()
    sys.exit(not figure.holds)


def _let_them_have_run(database: Path) -> None:
    """Spread the jobs that were handed in over the days, and end each after a part of its time."""
    chance = random.Random(SEED)
    now = datetime.now(UTC)
    first, moments = now - timedelta(days=DAYS), sorted(_moments(chance))
    with closing(sqlite3.connect(database)) as connection, connection:
        asked = connection.execute("SELECT job_id, request FROM jobs ORDER BY job_id").fetchall()
        rows = []
        for (job_id, request), second in zip(asked, moments, strict=True):
            submitted = first + timedelta(seconds=second)
            ran_s = json.loads(request)["walltime_s"] * chance.uniform(*USED)
            ended = min(now, submitted + timedelta(seconds=ran_s))
            rows.append((*map(_text, (submitted, submitted, ended)), job_id))
        connection.executemany(
            "UPDATE jobs SET state = 'completed', submitted_at = ?, started_at = ?, ended_at = ? "
            "WHERE job_id = ?",
            rows,
        )


def _text(at: datetime) -> str:
    """Return a moment as the store keeps it in SQLite."""
    return at.isoformat(timespec="microseconds")


def _moments(chance: random.Random) -> Iterator[float]:
    """Yield a second of the window for each job, more of them by day than by night."""
    jobs = 0
    while jobs < JOBS:
        second = chance.uniform(MARGIN_S, DAYS * DAY_S)
        daylight = (1 + sin(2 * pi * second / DAY_S)) / 2
        if chance.random() < NIGHT + (1 - NIGHT) * daylight:
            jobs += 1
            yield second


def _timed(stack: Stack, policies: dict[str, Path]) -> tuple[Taken, dict[str, Any]]:
    program = str(Path(sys.executable).with_name("tendik"))
    words = ["policy", "simulate", str(policies["new"]), "--against", str(policies["old"])]
    environment = {
        **os.environ,
        "TENDIK_SERVER": stack.address,
        "TENDIK_TOKEN": stack.admin_token,
    }
    began_s, worked_s = time.monotonic(), _worked_s()
    done = subprocess.run(
        [program, *words, "--days", str(DAYS), "-o", "json"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    taken = Taken(time.monotonic() - began_s, _worked_s() - worked_s)
    return taken, json.loads(done.stdout)


def _worked_s() -> float:
    """Return the processor time of the programs that were called and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _figure(taken: Taken, found: dict[str, Any]) -> Figure:
    before, after = found["before"], found["after"]
    changes = [one["change"] for one in found["organisations"]]
    detail = (
        f"{found['days']:.1f} days, {found['jobs']:,} jobs, {found['gpus']:,} GPUs, "
        f"{len(changes)} organisations, {before['cycles']:,} and {after['cycles']:,} cycles "
        f"at least {found['cycle_seconds']:g} s apart, utilisation {before['utilisation']:.0%}; "
        f"{changes.count('GAINS')} gain, {changes.count('LOSES')} lose; {taken.worked_s:.0f} s of "
        f"processor time, {os.cpu_count()} cores"
    )
    holds = taken.whole_s < LIMIT_S and found["jobs"] == JOBS
    return Figure("policy_simulate_s", taken.whole_s, "s", f"< {LIMIT_S:g}", holds, detail)


if __name__ == "__main__":
    main()
