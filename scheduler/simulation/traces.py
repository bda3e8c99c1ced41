"""Reads traces, CSV files of one schema, plain or gzip, strictly, and makes workloads of them."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from pathlib import Path

from scheduler.errors import InvalidRequest, Violation
from scheduler.simulation.workload import Workload, WorkloadJob, guessed_walltime_s, seeded
from scheduler.texts import Said, said

COLUMNS = (
    *("job_id", "submit_s", "duration_s", "gpus", "gpu_type", "org", "user"),
    *("requested_walltime_s", "status", "queue"),
)
# A broken file is broken in every row; the first few say enough.
MOST_VIOLATIONS = 10
NOBODY = "everyone"


@dataclass(frozen=True, slots=True)
class TraceJob:
    """A row of a trace; empty names and a walltime of None are not in the source."""

    job_id: str
    submit_s: float
    duration_s: float
    gpus: int
    organisation: str
    user: str
    asked_walltime_s: int | None
    gpu_type: str = ""


@dataclass(frozen=True, slots=True)
class Gaps:
    """How what a trace does not tell is made up.

    Jobs without an organisation are drawn into `organisations` made-up ones. Fractions of a GPU
    are refused unless `round_up_gpus`.
    """

    seed: int = 0
    organisations: int = 1
    round_up_gpus: bool = False


def read_trace(path: Path, gaps: Gaps | None = None) -> tuple[TraceJob, ...]:
    """Return the rows of the trace. Raises InvalidRequest naming file, line, column and mend."""
    reader = _Reader(path.name, (gaps or Gaps()).round_up_gpus)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        try:
            jobs = tuple(reader.jobs(csv.DictReader(lines)))
        except (OSError, EOFError, UnicodeDecodeError) as error:
            message = said(
                "cannot be read ({error}); pack it anew with gzip, in UTF-8", error=error
            )
            raise InvalidRequest(Violation(path.name, message)) from None
    if reader.violations:
        raise InvalidRequest(*reader.violations)
    return jobs


class _Reader:
    """Reads row by row and collects what is wrong."""

    def __init__(self, file: str, round_up_gpus: bool) -> None:
        self._file = file
        self._round_up_gpus = round_up_gpus
        self._last_submit_s = 0.0
        self._line = 1
        self.violations: list[Violation] = []

    def jobs(self, rows: csv.DictReader[str]) -> Iterator[TraceJob]:
        self._check_columns(rows.fieldnames or ())
        for row in rows:
            if len(self.violations) >= MOST_VIOLATIONS:
                return
            self._line = rows.line_num
            before = len(self.violations)
            job = self._job(row)
            if len(self.violations) == before:
                yield job

    def _check_columns(self, found: Sequence[str]) -> None:
        for name in found:
            if name not in COLUMNS:
                known = ", ".join(COLUMNS)
                message = said("unknown column; drop it, or name it one of {known}", known=known)
                self._refuse(name, message)
        for name in COLUMNS:
            if name not in found:
                message = said("missing column; add it, empty where the source has nothing")
                self._refuse(name, message)
        if self.violations:
            raise InvalidRequest(*self.violations)

    def _job(self, row: Mapping[str, str]) -> TraceJob:
        if None in row or None in row.values():
            message = said(
                "it has not {count} values; quote commas, fill up the end", count=len(COLUMNS)
            )
            self._refuse("row", message)
            row = {name: row.get(name) or "" for name in COLUMNS}
        if not row["job_id"]:
            self._refuse("job_id", said("it is empty; number the jobs"))
        walltime_s = self._amount(row, "requested_walltime_s", empty=0.0)
        return TraceJob(
            row["job_id"],
            self._submit_s(row),
            self._amount(row, "duration_s"),
            self._gpus(row),
            row["org"],
            row["user"],
            ceil(walltime_s) or None,
            row["gpu_type"],
        )

    def _submit_s(self, row: Mapping[str, str]) -> float:
        submit_s = self._amount(row, "submit_s")
        if submit_s < self._last_submit_s:
            message = said(
                "{submit_s:g} comes after {last_s:g}; sort the rows by submit_s",
                submit_s=submit_s,
                last_s=self._last_submit_s,
            )
            self._refuse("submit_s", message)
        self._last_submit_s = max(submit_s, self._last_submit_s)
        return submit_s

    def _gpus(self, row: Mapping[str, str]) -> int:
        gpus = self._amount(row, "gpus")
        if gpus != int(gpus) and not self._round_up_gpus:
            message = said("{gpus:g} is not a whole number; round fractions up", gpus=gpus)
            self._refuse("gpus", message)
        elif gpus == 0:
            self._refuse("gpus", said("0 GPUs; drop the row, this is a queue for GPUs"))
        return ceil(gpus)

    def _amount(self, row: Mapping[str, str], column: str, empty: float | None = None) -> float:
        """Return the column's number; 0, with a violation, where it is none or negative."""
        text = row[column]
        if not text and empty is not None:
            return empty
        try:
            amount = float(text)
        except ValueError:
            message = said("{text!r} is not a number; give seconds or GPUs as digits", text=text)
            self._refuse(column, message)
            return 0.0
        if amount < 0 or not isfinite(amount):
            message = said(
                "{text} is not an amount from 0 on; correct it or drop the row", text=text
            )
            self._refuse(column, message)
            return 0.0
        return amount

    def _refuse(self, column: str, message: Said) -> None:
        self.violations.append(Violation(f"{self._file}: {column}", message, self._line))


def workload_of(
    name: str, trace: Sequence[TraceJob], capacity_gpus: int, gaps: Gaps | None = None
) -> Workload:
    """Return the trace as a workload: jobs end at the walltime asked for, as Slurm would end them.

    Where none was asked for, one is made up by `guessed_walltime_s`. Without an organisation a
    job belongs to a made-up one; without a user, to the one user of its organisation.
    """
    gaps = gaps or Gaps()
    chance = seeded(f"gaps {gaps.seed}")
    return Workload(name, capacity_gpus, tuple(_filled(job, gaps, chance) for job in trace))


def _filled(job: TraceJob, gaps: Gaps, chance: random.Random) -> WorkloadJob:
    guess_s = guessed_walltime_s(job.duration_s, chance)
    organisation = job.organisation or _made_up(gaps, chance)
    walltime_s = job.asked_walltime_s or guess_s
    return WorkloadJob(
        job_id=job.job_id,
        organisation=organisation,
        user=job.user or f"{organisation}-user",
        gpus=job.gpus,
        submit_s=job.submit_s,
        run_s=min(job.duration_s, walltime_s),
        walltime_s=walltime_s,
    )


def _made_up(gaps: Gaps, chance: random.Random) -> str:
    return NOBODY if gaps.organisations <= 1 else f"org{chance.randrange(gaps.organisations):03}"
