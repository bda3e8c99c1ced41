"""A builder of launches: say what matters, the rest has a sensible default."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.domain.cluster import Launch
from scheduler.domain.jobs import Placement
from scheduler.domain.resources import Amount, Gang

POOL = "alem/h200"
INSTALLATION = "0badcafe"


def a_launch(
    job_id: int = 1,
    *nodes: str,
    gpus: int = 1,
    script: str = "sleep 60",
    flags: tuple[str, ...] = (),
    attempt: int = 1,
    account: str = "aigerim",
    partition: str = "alem",
    walltime_s: int = 3600,
    array_index: int | None = None,
    directory: str = "",
    amount: Amount | None = None,
    is_held: bool = False,
    array_id: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Launch:
    """Return a launch of `gpus` GPUs on each of `nodes` (n1 unless told), with a CPU."""
    names = nodes or ("n1",)
    gang = Gang(len(names), amount or Amount(gpus, 1, 1000))
    return Launch(
        installation=INSTALLATION,
        job_id=job_id,
        attempt=attempt,
        unix_account=account,
        name=f"job-{job_id}",
        script=f"#!/bin/bash\n{script}\n",
        flags=flags,
        placement=Placement(POOL, names, gang),
        partition=partition,
        gpu_type="h200",
        walltime_s=walltime_s,
        working_directory=directory,
        array_index=array_index,
        is_held=is_held,
        array_id=array_id,
        environment=environment or {},
    )
