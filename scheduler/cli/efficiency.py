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
from scheduler.v1.job_service_pb2 import (
    GetJobEfficiencyRequest,
    GetJobEfficiencyResponse,
    Job,
    Use,
)
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

MIB_PER_GIB = 1024
UNKNOWN = "not known: Slurm has not told it yet, or the site does not gather it"
OF_JOBS = f"{UNKNOWN} (JobAcctGatherType)"
OF_GPUS = f"{UNKNOWN} (AccountingStorageTRES=gres/gpuutil)"


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
                note(f"job {job_label(answer.job)}: {answer.no_advice}")


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
    yield "job", f"{job_label(job)}  {job.display_name}, {state_word(job.state).replace('_', ' ')}"
    if not answer.HasField("efficiency"):
        return
    yield "CPU", _sentence(found.cpu, _cpus(found.cpu), OF_JOBS)
    yield "memory", _sentence(found.memory, _memory(found.memory), OF_JOBS)
    sooner = " (short jobs start sooner, in gaps)" if found.walltime.flags else ""
    yield "time", _sentence(found.walltime, _time(found.walltime), "not known") + sooner
    yield "GPU", _sentence(found.gpu, f"{found.gpu.used:.0f} % busy on average", OF_GPUS)


def _sentence(use: Use, words: str, unknown: str) -> str:
    if not use.HasField("used"):
        return unknown
    return words + (f": {' '.join(use.flags)}" if use.flags else "")


def _cpus(use: Use) -> str:
    return f"{use.used:.1f} of {use.held:.0f} CPUs on average{_part(use)}"


def _memory(use: Use) -> str:
    used, held = use.used / MIB_PER_GIB, use.held / MIB_PER_GIB
    return f"{used:.1f} of {held:.0f} GiB at most on a node{_part(use)}"


def _time(use: Use) -> str:
    return f"{_clock(use.used)} of {_clock(use.held)} hours"


def _clock(seconds: float) -> str:
    minutes = int(seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02}"


def _part(use: Use) -> str:
    return f" ({use.used / use.held:.0%})".replace("%", " %") if use.held else ""
