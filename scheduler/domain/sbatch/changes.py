"""From a changed request back to the flags of sbatch that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.jobs import JobSpec
from scheduler.domain.requests import GpuRequest
from scheduler.domain.sbatch.directives import read_flags, read_script
from scheduler.domain.sbatch.reading import read_job
from scheduler.errors import InvalidRequest


def flags_asking_for(spec: JobSpec, wanted: GpuRequest) -> tuple[str, ...]:
    """Return the flags that, after the job's own, make it ask for exactly this.

    Empty where no flag can: what a script says can be overridden, and not always taken back.
    """
    flags = tuple(_flags(spec, wanted))
    try:
        read = read_job(spec.script, (*spec.flags, *flags))
    except InvalidRequest:
        return ()
    return flags if read.spec.request == wanted else ()


def _flags(spec: JobSpec, wanted: GpuRequest) -> Iterator[str]:
    asked = spec.request
    if (wanted.gpus, wanted.gpu_type) != (asked.gpus, asked.gpu_type):
        yield from _gpus(spec, wanted)
    if wanted.nodes != asked.nodes:
        yield f"--nodes={wanted.nodes}"
    if wanted.cpus_per_task != asked.cpus_per_task:
        yield f"--cpus-per-task={wanted.cpus_per_task}"
    if wanted.walltime_s != asked.walltime_s:
        hours, minutes = divmod(wanted.walltime_s // 60, 60)
        yield f"--time={hours}:{minutes:02}:00"
    if wanted.partitions != asked.partitions:
        yield f"--partition={','.join(wanted.partitions)}"


def _gpus(spec: JobSpec, wanted: GpuRequest) -> Iterator[str]:
    """Say the number wherever the job said it: sbatch takes none of the options back."""
    readings = read_script(spec.script), read_flags(spec.flags)
    typed = f"{wanted.gpu_type}:" if wanted.gpu_type else ""
    for option, text in (
        ("gres", f"gpu:{typed}{wanted.gpus}"),
        ("gpus-per-node", f"{typed}{wanted.gpus}"),
        ("gpus", f"{typed}{wanted.total_gpus}"),
    ):
        if any(reading.gives(option) for reading in readings):
            yield f"--{option}={text}"
