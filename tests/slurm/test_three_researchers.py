"""The same story on a real Slurm, with Slurm's own records as the last word."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from loadtests.slurm_records import Run
from loadtests.stack import Stack, running_service
from scheduler.backend.slurm_pyslurm import pyslurm_usable
from tests.slurm.conftest import SlurmCluster
from tests.slurm.records import runs_once
from tests.stories import three_researchers as story
from tests.stories.people import Person, people_of

pytestmark = pytest.mark.slurm
BACKENDS = ["slurm-cli", pytest.param("slurm-pyslurm", marks=pytest.mark.pyslurm)]


@dataclass(frozen=True, slots=True)
class House:
    """A service in front of a real Slurm, and the people who use it."""

    stack: Stack
    researchers: tuple[Person, ...]
    cluster: SlurmCluster


@pytest.fixture(scope="module", params=BACKENDS)
def house(
    request: pytest.FixtureRequest,
    slurm_cluster: SlurmCluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    conf = slurm_cluster.env["SLURM_CONF"]
    if request.param == "slurm-pyslurm" and not pyslurm_usable(conf):
        pytest.skip("pyslurm for this Slurm is not installed; docs/slurm.md names the pairing")
    folder = tmp_path_factory.mktemp("house")
    settings = {
        "TENDIK_BACKEND": request.param,
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": "1",
        "SLURM_CONF": conf,
    }
    with running_service(folder / "service", settings) as stack:
        *researchers, _ = people_of(stack, folder)
        at_home = tuple(moved_home(person, slurm_cluster) for person in researchers)
        yield House(stack, at_home, slurm_cluster)


def moved_home(person: Person, cluster: SlurmCluster) -> Person:
    """Seat the person in the home that their Unix account may write to."""
    return Person(person.name, cluster.home(person.name), person.environment)


def test_three_researchers_each_run_a_job_as_their_own_unix_user(house: House) -> None:
    jobs = story.each_runs_a_job(house.researchers, house.stack)
    for person, job in zip(house.researchers, jobs, strict=True):
        output = person.home / f"{job['job_id']}.out"
        assert f"as {person.name}" in output.read_text(encoding="utf-8")
        assert output.read_text(encoding="utf-8").startswith("gpus ")
    ids = {int(str(job["job_id"])): person.name for person, job in
           zip(house.researchers, jobs, strict=True)}  # fmt: skip
    runs = recorded(house, set(ids))
    assert {run.job_id: run.unix_account for run in runs} == ids
    assert {(run.state, run.gpus) for run in runs} == {("COMPLETED", 4)}


def test_one_waits_and_is_told_why(house: House) -> None:
    story.one_waits_and_is_told_why(house.researchers, house.stack)


def test_wrong_scripts_are_refused_and_nothing_breaks(house: House) -> None:
    story.wrong_scripts_are_refused_and_nothing_breaks(house.researchers)


def test_a_gang_that_slurm_would_spread_unevenly_runs_as_it_was_admitted(house: House) -> None:
    """Twelve GPUs on 8-GPU nodes: Slurm by itself takes 8 + 4, we admit 6 + 6."""
    person = house.researchers[0]
    job_id = person.submit("#!/bin/bash\n#SBATCH --gpus=12\nsleep 5\n")
    job = person.wait_for(job_id, {"running"})
    assert len(job["nodes"]) == 2
    shown = scontrol_show_job(house.cluster.env, job["slurm_job_id"])
    assert shown.count("GRES=gpu:h200:6(") == 1 or shown.count("GRES=gpu:h200:6") == 2
    person.tendik("cancel", str(job_id))


def test_slurms_own_dead_controller_is_said_and_survived(house: House) -> None:
    """Nothing is lost while slurmctld does not answer: a job submitted then runs afterwards."""
    person = house.researchers[1]
    pid = int((house.cluster.dir / "run" / "slurmctld.pid").read_text(encoding="utf-8").split()[0])
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        job_id = person.submit("#!/bin/bash\n#SBATCH --gpus=1\nsleep 1\n")
        wait_for_backend(house.stack, up=False)
        assert person.job(job_id)["state"] == "pending"
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    wait_for_backend(house.stack, up=True)
    assert person.wait_for(job_id, {"completed"})["exit_code"] == 0


def completed(runs: tuple[Run, ...], job_ids: set[int]) -> Mapping[int, Run]:
    """Return the last run of each of these jobs that ran to its end."""
    return {run.job_id: run for run in runs if run.job_id in job_ids and run.state == "COMPLETED"}


def recorded(house: House, job_ids: set[int]) -> tuple[Run, ...]:
    """Return sacct's runs of these jobs once it has them all ended."""
    runs = runs_once(
        lambda seen: set(completed(seen, job_ids)) == job_ids, house.stack, house.cluster
    )
    return tuple(completed(runs, job_ids).values())


def scontrol_show_job(environment: Mapping[str, str], slurm_id: int) -> str:
    command = ["scontrol", "-d", "show", "job", str(slurm_id)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def wait_for_backend(stack: Stack, up: bool, patience_s: float = 90) -> None:
    deadline = time.monotonic() + patience_s
    while story.summed(stack, "tendik_backend_up") != float(up):
        assert time.monotonic() < deadline
        time.sleep(0.5)
