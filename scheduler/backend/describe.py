"""From an admitted launch to the fields of a job in pyslurm; what runs is what was admitted."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from scheduler.backend.job_environment import job_environment
from scheduler.backend.programs import PATH, Account
from scheduler.backend.translate import gpus_text, tasks_on_node
from scheduler.domain.cluster import Launch
from scheduler.domain.file_names import file_options
from scheduler.domain.sbatch.directives import Setting
from scheduler.domain.sbatch.options import Handling
from scheduler.domain.sbatch.options_given import options_given

# Options that are left to Slurm, and the fields that say the same.
_FIELDS: Mapping[str, str] = {
    "open-mode": "log_files_open_mode",
    "wckey": "wckey",
    "constraint": "constraints",
}
_FILES: Mapping[str, str] = {
    "output": "standard_output",
    "error": "standard_error",
    "input": "standard_in",
}
_FLAGS: Mapping[str, tuple[str, bool]] = {
    "requeue": ("is_requeueable", True),
    "no-requeue": ("is_requeueable", False),
}
# These need no field: the launch says what they say, or they are directions for sbatch itself.
_COVERED = frozenset({"ignore-pbs"})


def describe(launch: Launch, account: Account) -> dict[str, object] | None:
    """Return the fields, without the script; None when an option has no field that is sure.

    pyslurm does not look into the script: every option that counts must be said here.
    """
    given = options_given(launch)
    if not all(_can_be_said(setting) for setting in given.values()):
        return None
    size = _size(launch, given)
    environment = _environment(launch, account) | {
        "SLURM_CPUS_PER_TASK": str(size["cpus_per_task"])
    }
    own = {**_identity(launch, account), **size, "environment": environment}
    files = {_FILES[name]: file for name, file in file_options(launch, given).items()}
    return _passed_on(given) | files | own


def _can_be_said(setting: Setting) -> bool:
    name = setting.option.name
    passed = setting.option.handling is Handling.PASSED
    return not passed or any(name in known for known in (_FIELDS, _FILES, _FLAGS, _COVERED))


def _passed_on(given: Mapping[str, Setting]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, setting in given.items():
        if name in _FIELDS:
            fields[_FIELDS[name]] = setting.value
        elif name in _FLAGS:
            field, value = _FLAGS[name]
            fields[field] = value
    return fields


def _identity(launch: Launch, account: Account) -> dict[str, object]:
    fields: dict[str, object] = {
        "name": launch.name,
        "comment": launch.marker,
        "admin_comment": launch.marker,
        "user_id": account.user_id,
        # Left out, the job would run in root's group.
        "group_id": account.group_id,
        "working_directory": launch.working_directory or account.home,
    }
    held = {"priority": 0} if launch.is_held else {}
    array = {} if launch.array_index is None else {"array": str(launch.array_index)}
    charged = {"account": launch.slurm_account} if launch.slurm_account else {}
    return fields | held | array | charged


def _size(launch: Launch, given: Mapping[str, Setting]) -> dict[str, object]:
    nodes, per_node = launch.placement.nodes, launch.placement.gang.per_node
    tasks_each = _meaning(given, "ntasks-per-node") or tasks_on_node(launch, given) or 1
    cpus = _meaning(given, "cpus-per-task") or 1
    fields: dict[str, object] = {
        "partitions": launch.partition,
        "nodes": len(nodes),
        "required_nodes": list(nodes),
        "time_limit": ceil(launch.walltime_s / 60),
        "ntasks": _meaning(given, "ntasks") or tasks_each * len(nodes),
        # CPUs per GPU are said as CPUs per task: it comes to the same on each node.
        "cpus_per_task": per_node.cpus // tasks_each if "cpus-per-gpu" in given else cpus,
        "gres_per_node": f"gpu:{gpus_text(launch, per_node.gpus)}",
        "memory_per_node": f"{per_node.memory_mib}M",
    }
    return fields | ({"ntasks_per_node": tasks_each} if len(nodes) > 1 else {})


def _meaning(given: Mapping[str, Setting], name: str) -> int:
    meaning = given[name].meaning if name in given else None
    return meaning if isinstance(meaning, int) else 0


def _environment(launch: Launch, account: Account) -> dict[str, str]:
    """Return what sbatch would put into the job besides what is the user's own."""
    return job_environment(launch, account.environment | {"PATH": PATH}) | {
        "SLURM_JOB_NAME": launch.name,
        "SLURM_SUBMIT_DIR": launch.working_directory or account.home,
        "SLURM_UMASK": "0022",
        "SLURM_GPUS": gpus_text(launch, launch.placement.gang.gpus),
        "SLURM_GPUS_PER_NODE": gpus_text(launch, launch.placement.gang.per_node.gpus),
    }
