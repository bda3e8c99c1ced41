"""A slurmctld that is killed forgets what it acknowledged, and no job is lost or runs twice.

Of six jobs acknowledged in the second before it was killed it mostly forgot five.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.slurm.devcluster.daemons import running
from tests.slurm.conftest import SlurmCluster, devcluster
from tests.slurm.researcher import a_researcher
from tests.stories.people import Person

pytestmark = pytest.mark.slurm
JOBS = 6
SCRIPT = f"""#!/bin/bash
#SBATCH --gpus=8 --array=1-{JOBS}
echo "$SLURM_JOB_ID" >> "crash-$SLURM_ARRAY_TASK_ID"
sleep 1
"""
# Nodes may take a minute and a half to come back to a slurmctld that was started anew.
PATIENCE_S = 150


@pytest.fixture
def researcher(
    slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("crash")
    with a_researcher(slurm_cluster, folder, TENDIK_RESUBMIT_AFTER_S="5") as person:
        yield person


def test_a_slurmctld_killed_soon_after_its_answers_loses_and_doubles_no_job(
    researcher: Person, slurm_cluster: SlurmCluster
) -> None:
    first = researcher.submit(SCRIPT)
    job_ids = range(first, first + JOBS)
    researcher.wait_for(first, {"held"})

    killed_and_started_anew(slurm_cluster)

    for job_id in job_ids:
        ended = researcher.wait_for(job_id, {"completed", "failed", "lost"}, PATIENCE_S)
        assert ended["state"] == "completed", ended
    logs = [slurm_cluster.home(researcher.name) / f"crash-{n}" for n in range(1, JOBS + 1)]
    assert [len(log.read_text().splitlines()) for log in logs] == [1] * JOBS


def killed_and_started_anew(
    cluster: SlurmCluster, meanwhile: Callable[[], None] = lambda: None
) -> None:
    slurmctld = running(cluster.dir / "run" / "slurmctld.pid")
    assert slurmctld is not None
    slurmctld.send(signal.SIGKILL)
    assert slurmctld.ends_within(5)
    meanwhile()
    conf = Path(cluster.env["SLURM_CONF"]).read_text(encoding="utf-8")
    port = re.search(r"(?m)^SlurmctldPort=(\d+)", conf)
    assert port is not None
    devcluster("up", "--dir", str(cluster.dir), "--base-port", port[1])
