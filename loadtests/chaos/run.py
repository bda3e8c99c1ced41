"""Rounds on one running cluster, each fault in turn."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.slurm.devcluster.settings import Settings
from loadtests.chaos.fragile_slurm import fragile_slurm
from loadtests.chaos.ours import our_service
from loadtests.chaos.records import Record
from loadtests.chaos.rounds import House, Round
from loadtests.chaos.strangers import Strangers
from loadtests.stack import ROOT

FOLDER = ROOT / "build" / "chaos"
# Not a port of the other measurements: they may be running beside this one.
BASE_PORT = 26500
NODES = 4
# Until the first jobs are held, confirmed and let go.
FIRST_PAUSE_S = 12.0
SERVICE = {
    "TENDIK_BACKEND": "slurm-cli",
    "TENDIK_CYCLE_INTERVAL_S": "0.5",
    "TENDIK_RESUBMIT_AFTER_S": "2",
    # No more than a round should wait for a job of which nothing is heard.
    "TENDIK_LOST_AFTER_S": "45",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which faults are played, in turns, and from which seed on; `lane` tells runs apart.

    The rounds before `first` have been played: the turns go on where they stood.
    """

    faults: Sequence[str]
    rounds: int
    seed: int
    lane: int = 0
    first: int = 0

    @property
    def numbers(self) -> range:
        return range(self.first, self.rounds)

    def round(self, number: int) -> tuple[str, int, str]:
        """Return the fault, the seed and the name of a round, counted from 0."""
        return self.faults[number % len(self.faults)], self.seed + number, f"r{number}"


def played(plan: Plan, folder: Path, tell: Callable[[str], None]) -> Iterator[Record]:
    """Yield the record of each round as it ends."""
    with house(folder, plan.lane) as one:
        tell("jobs under way for the first round")
        under_way = one.submit_under_way(f"r{plan.first}")
        time.sleep(FIRST_PAUSE_S)
        for number in plan.numbers:
            fault, seed, name = plan.round(number)
            tell(f"{name}: {fault}, seed {seed}")
            next_name = f"r{number + 1}" if number + 1 in plan.numbers else ""
            record, under_way = Round(one, fault, seed, name).play(under_way, next_name)
            yield record


@contextmanager
def house(folder: Path, lane: int) -> Iterator[House]:
    """Run an empty cluster and a service in front of it; strangers have settled there."""
    for part in ("service", "naive", "proofs"):
        shutil.rmtree(folder / part, ignore_errors=True)
    settings = Settings(folder / "slurm", BASE_PORT + lane * (NODES + 2), nodes=NODES)
    with fragile_slurm(settings) as slurm:
        proofs = folder / "proofs"
        proofs.mkdir(parents=True)
        # Jobs of three users write here; each has files of his own.
        proofs.chmod(0o1777)
        service = {**SERVICE, "SLURM_CONF": str(settings.slurm_conf)}
        with our_service(folder / "service", service) as ours:
            strangers = Strangers(slurm, proofs)
            strangers.settle(f"tendik:{ours.installation}:1:1")
            yield House(slurm, ours, strangers, folder)
