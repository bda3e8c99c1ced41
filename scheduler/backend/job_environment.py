"""What a job finds in its environment: a login's variables, the submitting shell's, our numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scheduler.domain.cluster import Launch
from scheduler.domain.environment import exported, takes_nothing
from scheduler.domain.sbatch.options_given import options_given


def job_environment(launch: Launch, login: Mapping[str, str]) -> dict[str, str]:
    """Return the job's variables, as sbatch would take them from the submitting shell.

    Where --export names some, Slurm itself asks a login on the node for the rest.
    """
    export = _export(launch)
    named = "ALL" if export is None else export
    takes_all = any(name.upper() == "ALL" for name in named.split(","))
    below = login if takes_all else {}
    shell = exported(launch.environment, export)
    return {**below, **shell, **_said_by_sbatch(launch), **own_numbers(launch)}


def own_numbers(launch: Launch) -> dict[str, str]:
    """Return the numbers that the user knows the job by; Slurm's own are in SLURM_JOB_ID."""
    array = {} if launch.array_id is None else {"TENDIK_ARRAY_JOB_ID": str(launch.array_id)}
    return {"TENDIK_JOB_ID": str(launch.job_id)} | array


def export_option(launch: Launch) -> Iterator[str]:
    """Say --export=NONE in words that let our numbers through; of all else they do the same."""
    if takes_nothing(_export(launch)):
        numbers = (f"{name}={value}" for name, value in own_numbers(launch).items())
        yield f"--export={','.join(numbers)}"


def _said_by_sbatch(launch: Launch) -> dict[str, str]:
    """Return what sbatch tells a job, and leaves out where the environment comes from a file."""
    mode = options_given(launch).get("open-mode")
    opening = {"SLURM_OPEN_MODE": mode.value[0]} if mode and mode.value else {}
    return {"SLURM_JOB_NAME": launch.name} | opening


def _export(launch: Launch) -> str | None:
    given = options_given(launch).get("export")
    return given.value if given else None
