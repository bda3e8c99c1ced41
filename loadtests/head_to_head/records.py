"""What sacct recorded of a run, as finished jobs that can be measured."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from loadtests.head_to_head.cluster import OwnSlurm
from loadtests.head_to_head.cut import CutJob
from scheduler.simulation.finished import FinishedJob, Spell

FIELDS = ("JobName", "User", "State", "Start", "End", "AllocTRES")
GPUS = re.compile(r"(?:^|,)gres/gpu=(\d+)")
# slurmdbd writes the end of a job some seconds after the fact.
RECORDS_PATIENCE_S = 60


class RunSpoiled(Exception):
    """A run did not do the work it was given; comparing it would be false."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One start of a job in Slurm's records: seconds since the epoch."""

    name: str
    unix_account: str
    state: str
    start_s: int
    end_s: int
    gpus: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that Slurm recorded of one run of a cut, and when the run began."""

    cut_sha256: str
    start_s: int
    spent: tuple[Spent, ...]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def stored_record(path: Path) -> RunRecord | None:
    """Return the record of an earlier run, None when there is none."""
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    spent = tuple(Spent(**one) for one in data["spent"])
    return RunRecord(data["cut_sha256"], data["start_s"], spent)


def sha256_of(cut: Sequence[CutJob]) -> str:
    """Return what tells one workload from another."""
    return sha256(json.dumps([asdict(job) for job in cut]).encode()).hexdigest()


def read_records(slurm: OwnSlurm, cut: Sequence[CutJob], start_s: int) -> RunRecord:
    """Return sacct's records once they show an end for every job, or after a minute."""
    deadline = time.monotonic() + RECORDS_PATIENCE_S
    since = datetime.fromtimestamp(start_s - 1, UTC).astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    while True:
        text = slurm.programs.answer(
            "sacct", "-a", "-X", "-D", "-P", "-n", "-S", since, f"--format={','.join(FIELDS)}"
        )
        spent = spent_in(text)
        if len({one.name for one in spent}) >= len(cut) or time.monotonic() > deadline:
            return RunRecord(sha256_of(cut), start_s, spent)
        time.sleep(2)


def spent_in(records: str) -> tuple[Spent, ...]:
    """Return the starts that ended, in sacct's lines."""
    rows = [dict(zip(FIELDS, line.split("|"), strict=True)) for line in records.splitlines()]
    return tuple(_spent(row) for row in rows if row["Start"].isdigit() and row["End"].isdigit())


def _spent(row: Mapping[str, str]) -> Spent:
    gpus = GPUS.search(row["AllocTRES"])
    return Spent(
        name=row["JobName"],
        unix_account=row["User"],
        state=row["State"],
        start_s=int(row["Start"]),
        end_s=int(row["End"]),
        gpus=int(gpus[1]) if gpus else 0,
    )


def finished_jobs(cut: Sequence[CutJob], record: RunRecord) -> tuple[FinishedJob, ...]:
    """Return the cut's jobs as they ran, in seconds from the beginning of the run.

    A job counts as submitted when it was due, so whoever takes longer to accept it pays for that.
    Raises RunSpoiled when a job did not end well, did not hold the GPUs it asked for, or not for
    as long as its work takes.
    """
    spent: dict[str, list[Spent]] = defaultdict(list)
    for one in record.spent:
        spent[one.name].append(one)
    return tuple(_finished(job, spent[job.name], record.start_s) for job in cut)


def _finished(job: CutJob, spent: Sequence[Spent], zero_s: int) -> FinishedJob:
    if not spent or max(spent, key=lambda one: one.end_s).state != "COMPLETED":
        states = ", ".join(one.state for one in spent) or "no record"
        raise RunSpoiled(f"{job.name} of {job.organisation} was not completed: {states}")
    if wrong := [one.gpus for one in spent if one.gpus != job.gpus]:
        raise RunSpoiled(f"{job.name} asked for {job.gpus} GPUs and had {wrong[0]}")
    spells = tuple(sorted(_spell(one, zero_s) for one in spent))
    # Each end of a spell is cut to a whole second.
    if sum(end - start for start, end in spells) < job.duration_s - len(spells):
        raise RunSpoiled(f"{job.name} did not do its {job.duration_s} s of work: {spells}")
    return FinishedJob(
        job_id=job.name,
        organisation=job.organisation,
        user=spent[0].unix_account,
        gpus=job.gpus,
        submit_s=job.at_s,
        start_s=spells[0][0],
        end_s=spells[-1][1],
        run_s=job.duration_s,
        recalls=len(spells) - 1,
        spells=spells,
    )


def _spell(one: Spent, zero_s: int) -> Spell:
    return float(one.start_s - zero_s), float(one.end_s - zero_s)
