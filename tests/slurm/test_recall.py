"""Borrowed GPUs come back on a real Slurm: the script learns of it, and its next run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from loadtests.slurm_records import Run
from loadtests.stack import Stack, running_service
from tests.slurm.conftest import NODES, SlurmCluster
from tests.slurm.records import runs_once
from tests.slurm.test_three_researchers import moved_home
from tests.stories import three_researchers as story
from tests.stories.people import Person, people_of

pytestmark = pytest.mark.slurm

NOTICE_S = 6
POLICY = f"""
title = "Recall, quickly"
[usage]
weight = 0
[classes.universities]
[classes.startups]
[classes.agencies]
[recall]
enabled = true
notice = "{NOTICE_S}s"
min_runtime = "2s"
"""
# The log is the job's checkpoint: it outlives the run.
LENT = """#!/bin/bash
#SBATCH --gpus-per-node=8 --time=30 --requeue --signal=B:USR1@60
trap 'echo "saved $(date +%s)" >> "$SLURM_JOB_NAME.log"' USR1
trap 'echo "ended $(date +%s)" >> "$SLURM_JOB_NAME.log"; exit 1' TERM
echo "began $SLURM_JOB_ID" >> "$SLURM_JOB_NAME.log"
while true; do sleep 0.2; done
"""
OWNED = "#!/bin/bash\n#SBATCH --gpus-per-node=8 --time=10\nsleep 300\n"


@dataclass(frozen=True, slots=True)
class House:
    """A service with a short notice in front of a real Slurm, and two of its users."""

    stack: Stack
    borrower: Person
    owner: Person
    cluster: SlurmCluster

    def log(self, name: str) -> list[str]:
        """Return what the runs of the borrower's job wrote, line by line."""
        return (self.borrower.home / f"{name}.log").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def house(slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("recall")
    policy = folder / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": "0",
        "TENDIK_POLICY_FILE": str(policy),
        "SLURM_CONF": slurm_cluster.env["SLURM_CONF"],
    }
    with running_service(folder / "service", settings) as stack:
        borrower, owner, *_ = (
            moved_home(person, slurm_cluster) for person in people_of(stack, folder)[:2]
        )
        yield House(stack, borrower, owner, slurm_cluster)


def test_a_recalled_job_saves_its_work_waits_and_runs_again(house: House) -> None:
    lent = {house.borrower.submit(LENT, "-J", f"lent-{n}"): f"lent-{n}" for n in range(NODES)}
    for job_id in lent:
        house.borrower.wait_for(job_id, {"running"})
    owned = house.owner.submit(OWNED)
    house.owner.wait_for(owned, {"running"})
    jobs = [house.borrower.job(job_id) for job_id in lent]
    (recalled,) = [job for job in jobs if job["recall"]]
    job_id, name = recalled["job_id"], lent[recalled["job_id"]]
    assert (recalled["state"], recalled["recall"]["owed"]) == ("pending", "caspian-robotics")
    assert "recalled for caspian-robotics, waits again" in house.borrower.tendik("queue")
    house.owner.tendik("cancel", str(owned))

    again = house.borrower.wait_for(job_id, {"running"})
    first, saved, ended, second = house.log(name)
    assert NOTICE_S - 1 <= int(ended.split()[1]) - int(saved.split()[1]) <= NOTICE_S + 5
    assert (first[:5], second) == ("began", f"began {again['slurm_job_id']}")
    assert story.summed(house.stack, "tendik_recalls_total") == 1
    house.borrower.tendik("cancel", *map(str, lent))
    house.borrower.wait_for(job_id, {"cancelled"})
    runs = runs_once(lambda seen: len(runs_of(job_id, seen)) > 1, house.stack, house.cluster)
    assert len(runs_of(job_id, runs)) == 2


def runs_of(job_id: int, runs: tuple[Run, ...]) -> list[Run]:
    return [run for run in runs if run.job_id == job_id]
