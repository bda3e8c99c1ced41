"""A researcher edits an admitted job in Slurm to get more: it never starts, and says why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from loadtests.stack import running_service
from tests.slurm.conftest import SlurmCluster
from tests.slurm.test_three_researchers import moved_home
from tests.stories.people import Person, people_of

pytestmark = pytest.mark.slurm
SCRIPT = '#!/bin/bash\n#SBATCH --gpus=1 --time=5\necho "$SLURM_JOB_ID" > started-after-all\n'


@pytest.fixture
def researcher(
    slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("edited")
    settings = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": "3",
        "SLURM_CONF": slurm_cluster.env["SLURM_CONF"],
    }
    with running_service(folder / "service", settings) as stack:
        yield moved_home(people_of(stack, folder)[0], slurm_cluster)


def test_a_job_that_its_user_edits_after_it_was_admitted_never_starts(
    researcher: Person, slurm_cluster: SlurmCluster
) -> None:
    job_id = researcher.submit(SCRIPT)
    held = researcher.wait_for(job_id, {"held"})
    edit = ("scontrol", "update", f"JobId={held['slurm_job_id']}", "TimeLimit=7-0", "Comment=mine")
    as_user = ("runuser", "-u", researcher.name, "--")
    subprocess.run([*as_user, *edit], check=True, timeout=30, env=dict(slurm_cluster.env))

    ended = researcher.wait_for(job_id, {"cancelled", "completed", "failed", "lost"}, 30)

    assert ended["state"] == "cancelled"
    assert "10080 minutes instead of 5" in ended["outcome"]
    assert not (slurm_cluster.home(researcher.name) / "started-after-all").exists()
