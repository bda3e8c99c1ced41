"""Slurm's own records as evidence: what ran when, and whether the promises held meanwhile."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from scheduler.store.sql import open_store

FIELDS = ("JobIDRaw", "User", "State", "Start", "End", "AllocTRES", "Comment")
MARKER = re.compile(r"^tendik:([0-9a-f]{8}):(\d+):\d+")
GPUS = re.compile(r"(?:^|,)gres/gpu=(\d+)")


@dataclass(frozen=True, slots=True)
class Run:
    """One job that Slurm started: seconds since the epoch, and the GPUs it was given."""

    job_id: int
    slurm_id: int
    unix_account: str
    state: str
    start_s: int
    end_s: int
    gpus: int


def installation_of(environment: Mapping[str, str]) -> str:
    """Return what marks the jobs of the service that runs, or ran, with this environment."""
    with closing(open_store(environment["TENDIK_DATABASE_URL"], wait_s=30)) as store:
        return store.installation()


def read_runs(environment: Mapping[str, str], since: str, installation: str) -> tuple[Run, ...]:
    """Return every job of the installation that sacct knows to have started.

    `since` is a time like `now-1hour`. A Slurm may have run the jobs of other databases, whose
    numbers are the same. A job that Slurm requeued has a record, and so a run, for each start.
    """
    command = ["sacct", "-a", "-X", "-D", "-P", "-n", "-S", since, f"--format={','.join(FIELDS)}"]
    timed = {**environment, "SLURM_TIME_FORMAT": "%s", "TZ": "UTC"}
    done = subprocess.run(command, env=timed, capture_output=True, text=True, check=True)
    return runs_in(done.stdout, installation)


def runs_in(records: str, installation: str) -> tuple[Run, ...]:
    """Return the runs of the installation that sacct's lines tell of."""
    return tuple(run for line in records.splitlines() for run in _run_of(line, installation))


def _run_of(line: str, installation: str) -> Iterator[Run]:
    values = line.split("|", len(FIELDS) - 1)
    record = dict(zip(FIELDS, values, strict=False))
    marker = MARKER.match(record.get("Comment", ""))
    if marker is None or marker[1] != installation or not record["Start"].isdigit():
        return
    gpus = GPUS.search(record["AllocTRES"])
    yield Run(
        job_id=int(marker[2]),
        slurm_id=int(record["JobIDRaw"]),
        unix_account=record["User"],
        state=record["State"],
        start_s=int(record["Start"]),
        end_s=int(record["End"]) if record["End"].isdigit() else int(record["Start"]),
        gpus=int(gpus[1]) if gpus else 0,
    )


def lost(accepted: Iterable[int], runs: Sequence[Run]) -> tuple[int, ...]:
    """Return the accepted jobs that never ran to their end: one cut short has not been done."""
    done = {run.job_id for run in runs if run.state == "COMPLETED"}
    return tuple(job_id for job_id in accepted if job_id not in done)


def doubled(runs: Sequence[Run]) -> tuple[int, ...]:
    """Return the jobs that ran as two Slurm jobs, or that Slurm started twice."""
    times = Counter(run.job_id for run in runs)
    return tuple(sorted(job_id for job_id, runs_of_it in times.items() if runs_of_it > 1))


def held_by_second(runs: Sequence[Run]) -> Mapping[int, Mapping[str, int]]:
    """Return the GPUs of each Unix account at each second from the first start to the last end.

    Slurm's times are whole seconds: a job holds its GPUs from its start up to, not including,
    the second of its end.
    """
    seconds: dict[int, Counter[str]] = {}
    for run in runs:
        for second in range(run.start_s, run.end_s):
            seconds.setdefault(second, Counter())[run.unix_account] += run.gpus
    return seconds


def breaches(runs: Sequence[Run], ceiling_gpus: int) -> tuple[str, ...]:
    """Return a line for each second at which an account held more than its ceiling."""
    return tuple(
        f"{account} held {gpus} GPUs at {second}"
        for second, held in held_by_second(runs).items()
        for account, gpus in held.items()
        if gpus > ceiling_gpus
    )


def busy_ratio(runs: Sequence[Run], capacity_gpus: int) -> float:
    """Return the share of GPU-seconds used in the loaded window.

    The window lasts while jobs wait: from the first start to the last start. Where nothing ran,
    nothing was used.
    """
    if not runs:
        return 0.0
    begin_s, end_s = min(run.start_s for run in runs), max(run.start_s for run in runs)
    used = sum(max(0, min(run.end_s, end_s) - max(run.start_s, begin_s)) * run.gpus for run in runs)
    return used / ((end_s - begin_s) * capacity_gpus) if end_s > begin_s else 0.0
