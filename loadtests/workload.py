"""Made-up but real sbatch scripts: three characters that press on the same GPUs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Submission:
    """A script to hand in, so many seconds after the start."""

    at_s: float
    script: str
    gpus: int
    sleep_s: int


@dataclass(frozen=True, slots=True)
class Character:
    """How an organisation behaves: how many jobs, of what sizes, when and how long.

    `bursts` 0 hands everything in at once; otherwise the jobs come in that many bursts.
    """

    name: str
    jobs: int
    gpus: Sequence[int]
    sleep_s: tuple[int, int]
    bursts: int = 0
    spread_s: float = 0.0

    def submissions(self, seed: int) -> Iterator[Submission]:
        """Yield the same submissions for the same seed, in the order of their times."""
        chance = random.Random(seed)
        for number in range(self.jobs):
            gpus, sleep_s = chance.choice(self.gpus), chance.randint(*self.sleep_s)
            script = sbatch_script(f"{self.name}-{number}", gpus, sleep_s)
            yield Submission(self._at(number), script, gpus, sleep_s)

    def _at(self, number: int) -> float:
        if self.bursts:
            burst = number * self.bursts // self.jobs
            return burst * self.spread_s / self.bursts
        return number * self.spread_s / self.jobs


def sbatch_script(name: str, gpus: int, sleep_s: int) -> str:
    """Return a batch script as a researcher would write it."""
    return (
        "#!/bin/bash\n"
        f"#SBATCH --job-name={name}\n"
        f"#SBATCH --gpus={gpus}\n"
        "#SBATCH --nodes=1\n"
        "#SBATCH --cpus-per-task=2 --mem=4G\n"
        "#SBATCH --time=00:05:00\n"
        "#SBATCH --output=/dev/null\n"
        "\n"
        'echo "$SLURM_JOB_ID runs on $(hostname) with GPUs $CUDA_VISIBLE_DEVICES"\n'
        f"sleep {sleep_s}\n"
    )


GREEDY = Character("greedy", jobs=70, gpus=(4, 4, 8), sleep_s=(3, 6))
BURSTY = Character("bursty", jobs=120, gpus=(1, 2, 4), sleep_s=(2, 4), bursts=3, spread_s=30)
SMALL = Character("small", jobs=90, gpus=(1, 1, 2), sleep_s=(2, 4), spread_s=25)
