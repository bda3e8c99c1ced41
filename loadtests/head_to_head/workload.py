"""The jobs of a cut as both contestants see them: scripts, users, and moments on one clock."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence

from loadtests.head_to_head.cut import GPUS_PER_NODE, CutJob
from loadtests.stack import ROOT, Member

# All organisations are alike: one class, so that Slurm's tree and ours are the same.
TENANT_CLASS = "organisations"
CHECKPOINTS = ROOT / "build" / "head-to-head" / "checkpoints"


def script_of(job: CutJob) -> str:
    """Return the batch script that both contestants are given, to the last letter.

    It may be recalled: told to by a signal, it writes down how many seconds are left, goes on until
    it is ended, and in its next run does those that were left then.
    """
    per_node = job.gpus if job.nodes == 1 else GPUS_PER_NODE
    return (
        "#!/bin/bash\n"
        f"#SBATCH --job-name={job.name}\n"
        f"#SBATCH --nodes={job.nodes}\n"
        f"#SBATCH --gpus-per-node={per_node}\n"
        "#SBATCH --cpus-per-task=1\n"
        "#SBATCH --mem=4G\n"
        f"#SBATCH --time={job.limit_minutes}\n"
        "#SBATCH --requeue\n"
        "#SBATCH --output=/dev/null\n"
        f"left={job.duration_s} saved={CHECKPOINTS / job.name}\n"
        "[ -s $saved ] && left=$(<$saved)\n"
        "trap 'echo $((left - SECONDS)) >$saved' TERM USR1\n"
        "while ((SECONDS < left)); do sleep $((left - SECONDS)) & wait $!; done\n"
        "exit 0  # not the status of a wait that a signal ended in the last second\n"
    )


def without_checkpoints() -> None:
    """Forget what jobs of an earlier run had left to do; any user may write anew."""
    shutil.rmtree(CHECKPOINTS, ignore_errors=True)
    CHECKPOINTS.mkdir(parents=True)
    CHECKPOINTS.chmod(0o1777)


def members_of(cut: Sequence[CutJob]) -> tuple[Member, ...]:
    """Return the cut's organisations, each with one user and a Unix account of that name."""
    names = sorted({job.organisation for job in cut})
    return tuple(Member(n, n.title(), TENANT_CLASS, user_of(n), user_of(n)) for n in names)


def user_of(organisation: str) -> str:
    return f"{organisation}-user"


def next_second() -> int:
    """Wait for the next whole second and return it: Slurm's records know no smaller time."""
    start_s = int(time.time()) + 1
    time.sleep(max(0.0, start_s - time.time()))
    return start_s


def as_they_come(cut: Sequence[CutJob], start_s: int) -> Iterator[CutJob]:
    """Yield each job when its moment has come."""
    for job in cut:
        time.sleep(max(0.0, start_s + job.at_s - time.time()))
        yield job
