"""sbatch's options as keyword arguments, and the flags that they become."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import TypedDict


class SbatchOptions(TypedDict, total=False):
    """What docs/sbatch.md lists as read, answered or passed on, with _ for -.

    True is an option without a value; None and False leave an option out. A `timedelta` is
    rounded up to a second, and like every walltime to a minute.
    """

    account: str | None
    array: str | int | None
    chdir: str | Path | None
    constraint: str | None
    container: str | Path | None
    cpu_freq: str | int | None
    cpus_per_gpu: int | str | None
    cpus_per_task: int | str | None
    dependency: str | None
    error: str | Path | None
    export: str | None
    gpu_bind: str | None
    gpu_freq: str | int | None
    gpus: int | str | None
    gpus_per_node: int | str | None
    gres: str | None
    hold: bool | None
    ignore_pbs: bool | None
    input: str | Path | None
    job_name: str | None
    kill_on_invalid_dep: str | None
    mail_type: str | None
    mail_user: str | None
    mem: str | int | None
    mem_bind: str | None
    mem_per_cpu: str | int | None
    mem_per_gpu: str | int | None
    no_kill: bool | str | None
    no_requeue: bool | None
    nodes: int | str | None
    ntasks: int | str | None
    ntasks_per_node: int | str | None
    open_mode: str | None
    output: str | Path | None
    partition: str | None
    power: str | None
    profile: str | None
    propagate: bool | str | None
    qos: str | None
    requeue: bool | None
    signal: str | None
    time: str | int | timedelta | None
    wait_all_nodes: int | None
    wckey: str | None


def flags_of(options: Mapping[str, object]) -> tuple[str, ...]:
    """Return sbatch's options as they stand on a command line; the service judges them."""
    return tuple(
        _flag(f"--{name.replace('_', '-')}", value)
        for name, value in options.items()
        if value is not None and value is not False
    )


def _flag(name: str, value: object) -> str:
    if value is True:
        return name
    return f"{name}={_clock(value) if isinstance(value, timedelta) else value}"


def _clock(span: timedelta) -> str:
    minutes, seconds = divmod(ceil(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
