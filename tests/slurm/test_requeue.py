"""A running job is requeued on a real Slurm: it ends, and runs again under its own number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from loadtests.slurm_records import Run
from loadtests.stack import Stack, running_service
from tests.slurm.conftest import SlurmCluster
from tests.slurm.records import runs_once
from tests.slurm.test_three_researchers import moved_home
from tests.stories.people import Person, people_of

pytestmark = pytest.mark.slurm

# Its first run has no checkpoint and goes on for ever; the second finds one, and ends well.
SCRIPT = """#!/bin/bash
#SBATCH --gpus=2 --time=10 --job-name=train
if [ -e checkpoint ]; then echo again $SLURM_JOB_ID >> log; exit 0; fi
touch checkpoint
echo began $SLURM_JOB_ID >> log
sleep 600
"""


@dataclass(frozen=True, slots=True)
class House:
    """A service in front of a real Slurm, and one of its users."""

    stack: Stack
    researcher: Person
    cluster: SlurmCluster


@pytest.fixture
def house(slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("requeue")
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": "0",
        "SLURM_CONF": slurm_cluster.env["SLURM_CONF"],
    }
    with running_service(folder / "service", settings) as stack:
        researcher = moved_home(people_of(stack, folder)[0], slurm_cluster)
        yield House(stack, researcher, slurm_cluster)


def test_a_requeued_job_ends_and_runs_again_to_its_end_under_its_number(house: House) -> None:
    job_id = house.researcher.submit(SCRIPT)
    first = house.researcher.wait_for(job_id, {"running"})

    told = house.researcher.tendik("requeue", str(job_id))

    assert told == f"Job {job_id} ends now, and waits again under its number\n"
    done = house.researcher.wait_for(job_id, {"completed"})
    began, again = (house.researcher.home / "log").read_text(encoding="utf-8").splitlines()
    assert began == f"began {first['slurm_job_id']}"
    assert again == f"again {done['slurm_job_id']}"
    assert done["slurm_job_id"] != first["slurm_job_id"]
    assert not done["requeue_requested"]
    runs = runs_once(lambda seen: len(_of(job_id, seen)) > 1, house.stack, house.cluster)
    assert len(_of(job_id, runs)) == 2


def _of(job_id: int, runs: tuple[Run, ...]) -> list[Run]:
    return [run for run in runs if run.job_id == job_id]
