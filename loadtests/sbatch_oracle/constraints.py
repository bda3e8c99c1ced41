"""What a constraint means, node by node: whether sbatch would start there decides."""

from __future__ import annotations

from random import Random

from loadtests.sbatch_oracle.cases import Case, Way
from loadtests.sbatch_oracle.real import RealSbatch
from loadtests.sbatch_oracle.slurm import FEATURES
from loadtests.sbatch_oracle.verdicts import Judged, Verdict
from scheduler.domain.sbatch.values import constraint

NAMES = tuple(sorted(frozenset.union(*FEATURES)))
MOST_NAMES = 4


def constraint_case(seed: int) -> Case:
    """Return a job of one GPU with a constraint of up to four features."""
    chance = Random(f"constraint {seed}")
    names = [chance.choice(NAMES) for _ in range(chance.randint(1, MOST_NAMES))]
    text = "".join(chance.choice("&|&|,") + name for name in names)[1:]
    return Case(f"constraint {seed}", "true", ("--gpus=1", f"--constraint={text}"), way=Way.WRAP)


def constraint_judged(case: Case, sbatch: RealSbatch) -> Judged:
    """Ask sbatch for each node by name whether the job may start there."""
    wanted = constraint(case.flags[-1].partition("=")[2])
    ours = {number for number, has in _numbered() if any(one <= has for one in wanted)}
    real = {number for number, _ in _numbered() if sbatch.starts_on(case, f"n{number}")}
    if ours == real:
        return Judged(case, Verdict.AGREES)
    words = f"we take nodes {sorted(ours)}, sbatch {sorted(real)}"
    return Judged(case, Verdict.DIFFERENT, (words,))


def _numbered() -> list[tuple[int, frozenset[str]]]:
    return list(enumerate(FEATURES, start=1))
