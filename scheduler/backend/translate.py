"""From an admitted launch to sbatch's arguments, so that what runs is what was admitted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import ceil

from scheduler.backend.job_environment import export_option
from scheduler.domain.cluster import Launch
from scheduler.domain.file_names import file_options
from scheduler.domain.sbatch.directives import Setting
from scheduler.domain.sbatch.options_given import options_given

# The type of GPUs that Slurm's configuration gives no type; never said to Slurm.
UNTYPED = "gpu"

_MARKER = re.compile(r"tendik:([0-9a-f]{8}):([1-9]\d{0,17}):([1-9]\d{0,8})", re.ASCII)
_MEMORY_OPTIONS = frozenset({"mem", "mem-per-cpu", "mem-per-gpu"})
_CPU_OPTIONS = frozenset({"cpus-per-task", "cpus-per-gpu"})


def sbatch_arguments(launch: Launch, directory: str) -> list[str]:
    """Return the options for sbatch; the script itself goes to its standard input.

    The user's flags come first: of two settings sbatch obeys the later one.
    """
    own = (
        *(*_identity(launch), *_place(launch), *_size(launch), *_surroundings(launch)),
        *_taken_back(launch),
    )
    held = ("--hold",) if launch.is_held else ()
    return [*launch.flags, "--parsable", f"--chdir={directory}", *own, *held]


def marker_in(comment: str, installation: str) -> tuple[int, int] | None:
    """Return the job id and the attempt that a comment names; None when it is no marker of ours.

    Anybody can write such a comment: who owns the job must be looked at as well.
    """
    found = _MARKER.fullmatch(comment)
    ours = found is not None and found[1] == installation
    return (int(found[2]), int(found[3])) if found and ours else None


def _identity(launch: Launch) -> Iterator[str]:
    yield f"--comment={launch.marker}"
    yield f"--job-name={launch.name}"
    if launch.array_index is not None:
        yield f"--array={launch.array_index}"


def _place(launch: Launch) -> Iterator[str]:
    yield f"--partition={launch.partition}"
    yield f"--nodelist={','.join(launch.placement.nodes)}"
    yield f"--nodes={len(launch.placement.nodes)}"
    yield f"--time={ceil(launch.walltime_s / 60)}"


def _size(launch: Launch) -> Iterator[str]:
    """Say every amount that Slurm would otherwise choose itself.

    GPUs are said in one form, whichever form the script used; what it said in another is taken
    back. Beside GPUs of each node and a list of nodes Slurm 22.05 refuses GPUs of the job (12 on
    two nodes of 8, though 6 + 6 fit), and the same GPUs with a type here and without one there.
    """
    gang, given = launch.placement.gang, options_given(launch)
    yield "--gres=none"
    yield "--gpus="
    yield f"--gpus-per-node={gpus_text(launch, gang.per_node.gpus)}"
    if not given.keys() & _CPU_OPTIONS:
        yield "--cpus-per-task=1"
    if (tasks := tasks_on_node(launch, given)) is not None:
        yield f"--ntasks-per-node={tasks}"
    if not given.keys() & _MEMORY_OPTIONS:
        yield f"--mem={gang.per_node.memory_mib}M"


def _surroundings(launch: Launch) -> Iterator[str]:
    files = file_options(launch, options_given(launch))
    yield from (f"--{name}={file}" for name, file in files.items())
    yield from export_option(launch)


def _taken_back(launch: Launch) -> Iterator[str]:
    """Unsay what the script says in the service's terms: jobs by its ids, and its projects."""
    given = options_given(launch)
    if "dependency" in given:
        yield "--dependency="
    if launch.slurm_account or "account" in given:
        yield f"--account={launch.slurm_account}"


def gpus_text(launch: Launch, count: int) -> str:
    """Return a number of GPUs of the launch's type as Slurm writes it."""
    return f"{count}" if launch.gpu_type in ("", UNTYPED) else f"{launch.gpu_type}:{count}"


def tasks_on_node(launch: Launch, given: Mapping[str, Setting]) -> int | None:
    """Return the tasks on each node where Slurm would otherwise choose; None where it would not.

    Slurm puts as many of a job's tasks on the first node as fit there.
    """
    tasks = given["ntasks"].meaning if "ntasks" in given else None
    if not isinstance(tasks, int) or "ntasks-per-node" in given:
        return None
    return ceil(tasks / len(launch.placement.nodes))
