"""Slurm's reading programs as small scripts that print a cluster of national size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.resources import Amount

# Stands for the separator that the caller makes up for each call.
SEPARATOR = "@end@"
_ECHO = f"""#!/bin/sh
# Print the canned list with the separator that was asked for.
end=$(printf '%s' "$*" | sed -n 's/.*JobID:0\\(~[0-9a-f]*~\\),.*/\\1/p')
exec sed "s/{SEPARATOR}/$end/g" {{file}}
"""
_CAT = "#!/bin/sh\nexec cat {file}\n"
_NOTHING = "#!/bin/sh\nexit 0\n"
_REFUSES = '#!/bin/sh\necho "this Slurm only shows" >&2\nexit 1\n'
_SDIAG = '#!/bin/sh\necho "DBD Agent queue size: 0"\n'


@dataclass(frozen=True, slots=True)
class CannedJob:
    """A job as squeue lists it; one without a start waits."""

    slurm_id: int
    marker: str
    unix_account: str
    nodes: tuple[str, ...]
    amount: Amount
    walltime_s: int
    started_s: int | None = None

    @property
    def line(self) -> str:
        runs = self.started_s is not None
        held = f"cpu={self.amount.cpus},mem={self.amount.memory_mib}M,gres/gpu={self.amount.gpus}"
        fields = (
            str(self.slurm_id),
            self.marker,
            self.unix_account,
            "RUNNING" if runs else "PENDING",
            "None" if runs else "Priority",
            ",".join(self.nodes) if runs else "",
            str(self.started_s) if runs else "N/A",
            "N/A",
            "0",
            held,
            self.marker,
            "0",
            ",".join(self.nodes),
            f"{self.walltime_s // 60}:00",
        )
        return "".join(f"{field}{SEPARATOR}" for field in fields) + "\n"


@dataclass(frozen=True, slots=True)
class CannedNode:
    """A node as scontrol shows it, with 8 GPUs, of which jobs hold some."""

    name: str
    partition: str
    gpu_type: str
    used_gpus: int = 0

    @property
    def line(self) -> str:
        return (
            f"NodeName={self.name} Arch=x86_64 CPUAlloc={self.used_gpus} CPUEfctv=64 CPUTot=64 "
            f"ActiveFeatures=(null) Gres=gpu:{self.gpu_type}:8 "
            f"GresUsed=gpu:{self.gpu_type}:{self.used_gpus}(IDX:0-7) RealMemory=500000 "
            f"AllocMem={8192 * self.used_gpus} State=MIXED Partitions={self.partition} \n"
        )


def write_programs(folder: Path, nodes: Iterable[CannedNode], jobs: Iterable[CannedJob]) -> None:
    """Write the programs that a service finds when `folder` leads its PATH; none changes a job."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nodes").write_text("".join(node.line for node in nodes), encoding="utf-8")
    (folder / "jobs").write_text("".join(job.line for job in jobs), encoding="utf-8")
    programs = {
        "scontrol": _CAT.format(file=folder / "nodes"),
        "squeue": _ECHO.format(file=folder / "jobs"),
        "sacct": _NOTHING,
        "sdiag": _SDIAG,
        "sbatch": _REFUSES,
        "scancel": _REFUSES,
    }
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
