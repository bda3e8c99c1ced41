"""What it costs that jobs are held first: from a submission to the user's first line of code."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import typer
from rich.progress import track

from deploy.slurm.devcluster.settings import Settings
from loadtests.chaos.fragile_slurm import FragileSlurm, fragile_slurm
from loadtests.chaos.ours import MEMBER, our_service
from loadtests.chaos.proofs import read_proof
from loadtests.chaos.tiny_jobs import TinyJob
from loadtests.figures import Figure
from loadtests.stack import ROOT

FOLDER = ROOT / "build" / "hold-cost"
BASE_PORT = 26700
NODES = 4
JOBS = 20
APART_S = 0.5
PATIENCE_S = 120.0
# What the fast value may cost on a quiet cluster, and the safe one beyond its own ten seconds.
GOAL_FAST_S = 3.0
SAFE_S = 10


def main() -> None:
    """Measure the fast value and the safe one on the same quiet cluster; write both figures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with fragile_slurm(Settings(FOLDER / "slurm", BASE_PORT, nodes=NODES)) as slurm:
        fast = waits_s(slurm, 0)
        safe = waits_s(slurm, SAFE_S)
    detail = f"median of {JOBS} small jobs on a quiet cluster, from %.2f to %.2f s"
    goal_safe_s = SAFE_S + GOAL_FAST_S
    for name, waits, goal_s in (
        ("hold_cost_start_unheld", fast, GOAL_FAST_S),
        ("hold_cost_start_held_10s", safe, goal_safe_s),
    ):
        value = median(waits)
        told = detail % (min(waits), max(waits))
        Figure(name, value, "s", f"<= {goal_s:g}", value <= goal_s, told).write()


def waits_s(slurm: FragileSlurm, confirm_after_s: int) -> list[float]:
    """Return the seconds from each submission to its code's begin. Raises TimeoutError."""
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CONFIRM_AFTER_S": f"{confirm_after_s}",
        "SLURM_CONF": str(slurm.settings.slurm_conf),
    }
    proofs = FOLDER / f"proofs-{confirm_after_s}"
    proofs.mkdir(mode=0o1777)
    proofs.chmod(0o1777)
    jobs = [TinyJob(f"j{number}", 1, proofs / f"j{number}") for number in range(JOBS)]
    submitted: list[float] = []
    with our_service(FOLDER / f"service-{confirm_after_s}", settings) as ours:
        for job in track(jobs, f"released after {confirm_after_s} s"):
            submitted.append(time.time())
            ours.submit([job], slurm.home(MEMBER.unix_account))
            time.sleep(APART_S)
        begins = _begins_s([job.proof for job in jobs])
    return [begin - at for begin, at in zip(begins, submitted, strict=True)]


def _begins_s(proofs: Sequence[Path]) -> list[float]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        begins = [read_proof(proof).begun_at_s for proof in proofs]
        if None not in begins:
            return [begin for begin in begins if begin is not None]
        time.sleep(0.5)
    raise TimeoutError("some jobs did not begin")


if __name__ == "__main__":
    typer.run(main)
