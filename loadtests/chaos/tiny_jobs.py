"""Tiny jobs whose code writes down that it began, that it lives and that it came to its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TinyJob:
    """A job of one GPU that runs for `run_s`; its code appends to `proof`, a file of its own."""

    name: str
    run_s: int
    proof: Path

    @property
    def script(self) -> str:
        return (
            "#!/bin/bash\n"
            f"#SBATCH --job-name={self.name}\n"
            "#SBATCH --gpus=1\n"
            "#SBATCH --cpus-per-task=1\n"
            "#SBATCH --mem=100M\n"
            "#SBATCH --time=00:05:00\n"
            "#SBATCH --output=/dev/null\n"
            f'say() {{ echo "$1 $SLURM_JOB_ID $$ $EPOCHREALTIME" >> {self.proof}; }}\n'
            "say begin\n"
            f"for _ in $(seq {self.run_s}); do sleep 1; say alive; done\n"
            "say end\n"
        )
