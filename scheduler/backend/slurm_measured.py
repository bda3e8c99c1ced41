"""What slurmdbd has of the use that ended jobs made of what they held."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import structlog

from scheduler.backend.programs import SlurmPrograms
from scheduler.backend.slurm_accounting import Record, accounted, marker_of
from scheduler.backend.slurm_words import LIVE, backend_state, cpu_s, mib, numbers_by_name
from scheduler.domain.measured import Measured, MeasuredRun, MeasuredStep, measured_in

log = structlog.get_logger()
# Of jobs and of their steps, which come after their job.
FIELDS = (
    *("JobIDRaw", "Comment", "AdminComment", "State", "TotalCPU", "Start", "End"),
    *("NNodes", "NTasks", "MaxRSS", "TRESUsageInMax", "TRESUsageInAve"),
)
# The step in which a job's nodes are prepared: Slurm's own processes.
_NOT_THE_JOBS_OWN = "extern"


def measured_runs(
    programs: SlurmPrograms, slurm_ids: Collection[int], installation: str
) -> tuple[MeasuredRun, ...]:
    """Return what is recorded of our ended jobs among these. Raises BackendUnavailable."""
    return tuple(_runs_in(accounted(programs, slurm_ids, FIELDS), installation))


def _runs_in(found: Iterable[Record], installation: str) -> Iterator[MeasuredRun]:
    jobs: dict[str, Record] = {}
    steps: dict[str, list[Record]] = {}
    for record in found:
        job, _, step = record["JobIDRaw"].partition(".")
        if not step and job.isdecimal():
            jobs[job] = record
        elif step != _NOT_THE_JOBS_OWN:
            steps.setdefault(job, []).append(record)
    for slurm_id, job_record in jobs.items():
        marker = marker_of(job_record, installation)
        if marker is not None and backend_state(job_record["State"]) not in LIVE:
            measured = _measured(job_record, steps.get(slurm_id, ()))
            yield MeasuredRun(int(slurm_id), *marker, measured)


def _measured(job: Record, steps: Iterable[Record]) -> Measured:
    """Return what was measured: nothing of a job of which Slurm's words are unclear."""
    try:
        ended = [step for step in steps if step["Start"].isdecimal() and step["End"].isdecimal()]
        return measured_in(cpu_s(job["TotalCPU"]), list(map(_step, ended)))
    except (ValueError, OverflowError) as error:
        log.warning("use_unclear", slurm_id=job["JobIDRaw"], error=str(error))
        return Measured()


def _step(record: Record) -> MeasuredStep:
    most, mean = map(numbers_by_name, (record["TRESUsageInMax"], record["TRESUsageInAve"]))
    percent = mean.get("gres/gpuutil")
    return MeasuredStep(
        is_script=record["JobIDRaw"].endswith(".batch"),
        begin_s=int(record["Start"]),
        end_s=int(record["End"]),
        nodes=int(record["NNodes"] or "1"),
        tasks=int(record["NTasks"] or "1"),
        task_cpu_s=cpu_s(most["cpu"]) if "cpu" in most else None,
        task_memory_mib=mib(record["MaxRSS"]) if record["MaxRSS"] else None,
        gpu_percent=round(float(percent)) if percent else None,
    )
