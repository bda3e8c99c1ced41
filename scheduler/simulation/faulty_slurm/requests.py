"""What a pretended sbatch makes of its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.backend.slurm_words import gpus
from scheduler.domain.resources import Amount
from scheduler.simulation.faulty_slurm.records import Wanted


def wanted_by(user: str, arguments: Sequence[str], script: str) -> Wanted:
    """Return what the arguments ask for, as the service writes them; the last word counts."""
    said = dict(
        argument.removeprefix("--").partition("=")[::2]
        for argument in arguments
        if argument.startswith("--")
    )
    tasks = int(said.get("ntasks-per-node") or 1)
    cpus = tasks * int(said.get("cpus-per-task") or 1)
    memory_mib = int(said.get("mem", "100M").removesuffix("M"))
    return Wanted(
        user=user,
        name=said.get("job-name", ""),
        comment=said.get("comment", ""),
        script=script,
        partition=said.get("partition", ""),
        nodes=tuple(said.get("nodelist", "").split(",")),
        per_node=Amount(gpus(f"gpu:{said.get('gpus-per-node', '')}")[1], cpus, memory_mib),
        minutes=int(said.get("time", "60")),
        is_held="hold" in said,
        is_ours=True,
    )
