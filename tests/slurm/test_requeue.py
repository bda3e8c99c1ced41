"""A running job is requeued on a real Slurm: it ends, and runs again under its own number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from loadtests.slurm_records import Run
from loadtests.stack import Stack, running_service
from scheduler.store.sql import open_store
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


@pytest.fixture(params=["0", "2"], ids=["not held first", "held first"])
def house(
    slurm_cluster: SlurmCluster,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("requeue")
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": request.param,
        "SLURM_CONF": slurm_cluster.env["SLURM_CONF"],
    }
    with running_service(folder / "service", settings) as stack:
        researcher = moved_home(people_of(stack, folder)[0], slurm_cluster)
        for name in ("checkpoint", "log"):
            (researcher.home / name).unlink(missing_ok=True)
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
    ran = sorted(_of(job_id, runs), key=lambda run: run.start_s)
    assert [run.state.split()[0] for run in ran] == ["CANCELLED", "COMPLETED"]
    assert ran[0].end_s <= ran[1].start_s
    used = sum(2 * (run.end_s - run.start_s) for run in ran)
    assert abs(_charged_gpu_seconds(house.stack) - used) <= 2 * len(ran)


def _charged_gpu_seconds(stack: Stack) -> float:
    with closing(open_store(stack.environment["TENDIK_DATABASE_URL"], wait_s=30)) as store:
        return sum(bucket.gpu_seconds for bucket in store.usage(datetime(2020, 1, 1, tzinfo=UTC)))


def _of(job_id: int, runs: tuple[Run, ...]) -> list[Run]:
    return [run for run in runs if run.job_id == job_id]
