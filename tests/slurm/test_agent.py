"""A service with none of root's powers runs jobs through an agent that is killed time and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.stack import running_service
from tests.agent.test_program import agent_at
from tests.slurm.conftest import SlurmCluster
from tests.slurm.test_three_researchers import moved_home
from tests.stories.people import Person, people_of

pytestmark = pytest.mark.slurm
# As root could not become another user any more, let alone submit as one.
POWERLESS = (
    *("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"),
    "--no-new-privs",
)
ON_SLURM = ("--backend", "slurm-cli")
JOBS = 6
DEATHS = 3
SCRIPT = f"""#!/bin/bash
#SBATCH --gpus=4 --array=1-{JOBS}
echo "$SLURM_JOB_ID" >> "agent-$SLURM_ARRAY_TASK_ID"
sleep 1
"""
ENDED = {"completed", "failed", "lost", "cancelled"}


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "own" / "agent.sock"


@pytest.fixture
def researcher(socket: Path, slurm_cluster: SlurmCluster, tmp_path: Path) -> Iterator[Person]:
    settings = {
        "TENDIK_BACKEND": "slurm",
        "TENDIK_AGENT": f"unix:{socket}",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_RESUBMIT_AFTER_S": "3",
        "TENDIK_CONFIRM_AFTER_S": "3",
    }
    with running_service(tmp_path / "service", settings, become=POWERLESS) as stack:
        yield moved_home(people_of(stack, tmp_path)[0], slurm_cluster)


def test_jobs_run_once_each_though_the_agent_is_killed_again_and_again(
    researcher: Person,
    socket: Path,
    slurm_cluster: SlurmCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLURM_CONF", slurm_cluster.env["SLURM_CONF"])
    first = researcher.submit(SCRIPT)
    for _ in range(DEATHS):
        with agent_at(socket, *ON_SLURM) as agent:
            time.sleep(2)
            agent.kill()
    with agent_at(socket, *ON_SLURM):
        ended = [researcher.wait_for(first + n, ENDED)["state"] for n in range(JOBS)]

    assert ended == ["completed"] * JOBS
    logs = [slurm_cluster.home(researcher.name) / f"agent-{n}" for n in range(1, JOBS + 1)]
    assert [len(log.read_text().splitlines()) for log in logs] == [1] * JOBS
