"""`tendik efficiency`: what jobs used of what they asked for, and the options to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.each_job import answers_for_each
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import job_label, state_word
from scheduler.cli.options import connected, format_option
from scheduler.cli.records import EFFICIENCY
from scheduler.cli.render import Format, print_data, print_fields
from scheduler.cli.terminal import note
from scheduler.texts import Said, listed, said
from scheduler.v1.job_service_pb2 import (
    GetJobEfficiencyRequest,
    GetJobEfficiencyResponse,
    Job,
    Use,
)
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

MIB_PER_GIB = 1024
OF_JOBS = said(
    "not known: Slurm has not told it yet, or the site does not gather it ({setting})",
    setting="JobAcctGatherType",
)
OF_GPUS = said(
    "not known: Slurm has not told it yet, or the site does not gather it ({setting})",
    setting="AccountingStorageTRES=gres/gpuutil",
)


@click.command()
@click.argument("jobs", metavar="JOB...", nargs=-1, required=True, shell_complete=jobs_in("ended"))
@format_option()
@connected
def efficiency(client: Client, jobs: tuple[str, ...], form: Format) -> None:
    """Say what ended jobs used of what they asked for.

    And which options ask for less the next time: never for less than was used.
    """
    with answers_for_each(client, jobs, _asked) as answers:
        if form.for_programs:
            print_data(form, EFFICIENCY, list(map(efficiency_fields, answers)))
            return
        for number, answer in enumerate(answers):
            if number:
                click.echo()
            print_fields(_lines(answer))
            if answer.no_advice:
                note(said("job {job}: {why}", job=job_label(answer.job), why=answer.no_advice))


def _asked(client: Client, job: Job) -> GetJobEfficiencyResponse:
    stub = JobServiceStub(client.channel)
    return client.call(stub.GetJobEfficiency, GetJobEfficiencyRequest(name=job.name))


def efficiency_fields(answer: GetJobEfficiencyResponse) -> dict[str, Any]:
    """Return what the job used as JSON takes it."""
    job, found = job_fields(answer.job), answer.efficiency
    return {
        **{name: job[name] for name in ("job_id", "name", "array", "state")},
        "no_advice": answer.no_advice or None,
        "cpus": _use_fields(answer, found.cpu),
        "node_memory_mib": _use_fields(answer, found.memory),
        "walltime_seconds": _use_fields(answer, found.walltime),
        "gpu_percent": _use_fields(answer, found.gpu),
    }


def _use_fields(answer: GetJobEfficiencyResponse, use: Use) -> dict[str, Any] | None:
    if not answer.HasField("efficiency"):
        return None
    used = round(use.used, 2) if use.HasField("used") else None
    return {"used": used, "held": use.held, "flags": list(use.flags)}


def _lines(answer: GetJobEfficiencyResponse) -> Iterator[tuple[str, str]]:
    job, found = answer.job, answer.efficiency
    state = state_word(job.state).replace("_", " ")
    yield said("job"), f"{job_label(job)}  {job.display_name}, {state}"
    if not answer.HasField("efficiency"):
        return
    yield said("CPU"), _sentence(found.cpu, _cpus(found.cpu), OF_JOBS)
    yield said("memory"), _sentence(found.memory, _memory(found.memory), OF_JOBS)
    sooner = said("(short jobs start sooner, in gaps)") if found.walltime.flags else ""
    time = _sentence(found.walltime, _time(found.walltime), said("not known"))
    yield said("time"), listed(filter(None, (time, sooner)), " ")
    busy = said("{percent} % busy on average", percent=f"{found.gpu.used:.0f}")
    yield said("GPU"), _sentence(found.gpu, busy, OF_GPUS)


def _sentence(use: Use, words: Said, unknown: Said) -> Said:
    if not use.HasField("used"):
        return unknown
    return listed((words, " ".join(use.flags)), ": ") if use.flags else words


def _cpus(use: Use) -> Said:
    return said(
        "{used} of {held} CPUs on average{part}",
        used=f"{use.used:.1f}",
        held=f"{use.held:.0f}",
        part=_part(use),
    )


def _memory(use: Use) -> Said:
    return said(
        "{used} of {held} GiB at most on a node{part}",
        used=f"{use.used / MIB_PER_GIB:.1f}",
        held=f"{use.held / MIB_PER_GIB:.0f}",
        part=_part(use),
    )


def _time(use: Use) -> Said:
    return said("{used} of {held} hours", used=_clock(use.used), held=_clock(use.held))


def _clock(seconds: float) -> str:
    minutes = int(seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02}"


def _part(use: Use) -> str:
    return f" ({use.used / use.held:.0%})".replace("%", " %") if use.held else ""
