"""A record that a killed slurmctld recovers and never changes again does not keep its job.

slurmctld 22.05 saves that it asks slurmdbd for a job's index. Killed before the answer, it waits
for ever, and refuses every change of the job, its release among them.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from deploy.slurm.devcluster.daemons import running
from tests.slurm.conftest import SlurmCluster
from tests.slurm.researcher import a_researcher
from tests.slurm.test_crash_of_slurmctld import killed_and_started_anew
from tests.stories.people import ENDED, Person

pytestmark = pytest.mark.slurm
SCRIPT = """#!/bin/bash
#SBATCH --gpus=8
echo "$SLURM_JOB_ID" >> stuck
sleep 1
"""
PATIENCE_S = 150
TRIES = 3
# slurmctld asks slurmdbd every five seconds for the indexes of new jobs.
SETTLED_S = 6


@pytest.fixture
def researcher(
    slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("stuck")
    with a_researcher(slurm_cluster, folder, TENDIK_LOST_AFTER_S="8") as person:
        yield person


def test_a_job_whose_record_is_stuck_runs_once_as_another_attempt(
    researcher: Person, slurm_cluster: SlurmCluster
) -> None:
    job_id, stuck = a_stuck_job(researcher, slurm_cluster)

    ended = researcher.wait_for(job_id, {"completed", "failed", "lost"}, PATIENCE_S)

    assert ended["state"] == "completed", ended
    ran = (slurm_cluster.home(researcher.name) / "stuck").read_text("utf-8").split()
    assert ran.count(str(ended["slurm_job_id"])) == 1
    assert str(stuck) not in ran
    assert state_of(slurm_cluster, stuck) == "CANCELLED"


def a_stuck_job(researcher: Person, cluster: SlurmCluster) -> tuple[int, int]:
    """Return our number and Slurm's of a job whose record slurmctld recovered half written.

    Whether slurmctld dies at the right moment is a matter of milliseconds, and of luck.
    """
    for _ in range(TRIES):
        job_id, slurm_id = a_job_recorded_half(researcher, cluster)
        if "the DB index is being set" in told_of_a_release(cluster, slurm_id):
            return job_id, slurm_id
        researcher.wait_for(job_id, ENDED, PATIENCE_S)
    raise AssertionError("slurmctld recovered every record whole")


def a_job_recorded_half(researcher: Person, cluster: SlurmCluster) -> tuple[int, int]:
    """Kill slurmctld while slurmdbd stalls over a new job, which slurmctld has saved already."""
    # While slurmdbd stalls nothing is submitted, unless it has told lately what was.
    researcher.wait_for(researcher.submit(SCRIPT), {"held"})
    slurmdbd = running(cluster.dir / "run" / "slurmdbd.pid")
    assert slurmdbd is not None
    slurmdbd.send(signal.SIGSTOP)
    try:
        job_id = researcher.submit(SCRIPT)
        slurm_id = researcher.wait_for(job_id, {"held"})["slurm_job_id"]
        wait_until_saved(cluster)
    finally:
        killed_and_started_anew(cluster, meanwhile=lambda: slurmdbd.send(signal.SIGCONT))
    return job_id, slurm_id


def told_of_a_release(cluster: SlurmCluster, slurm_id: int) -> str:
    """Ask slurmctld to let the job go, as the service does; return its complaint."""
    return asked(cluster, "scontrol", "release", f"{slurm_id}").stderr


def state_of(cluster: SlurmCluster, slurm_id: int) -> str:
    shown = ("--noheader", "--states=all", "--format=%T", f"--jobs={slurm_id}")
    return asked(cluster, "squeue", *shown).stdout.strip()


def asked(cluster: SlurmCluster, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=cluster.env, capture_output=True, text=True, timeout=60, check=False
    )


def wait_until_saved(cluster: SlurmCluster) -> None:
    """Return when slurmctld has written its state down once more, as it does every few seconds."""
    state = cluster.dir / "state" / "job_state"
    since = time.time() + SETTLED_S
    deadline = since + PATIENCE_S
    while not state.exists() or state.stat().st_mtime < since:
        assert time.time() < deadline, "slurmctld does not save its state"
        time.sleep(0.2)
