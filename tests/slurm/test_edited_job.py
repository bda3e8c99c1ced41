"""A researcher edits an admitted job in Slurm to get more: it never starts, and says why."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.slurm.conftest import SlurmCluster
from tests.slurm.researcher import a_researcher
from tests.stories.people import Person

pytestmark = pytest.mark.slurm
SCRIPT = '#!/bin/bash\n#SBATCH --gpus=1 --time=5\necho "$SLURM_JOB_ID" > started-after-all\n'


@pytest.fixture
def researcher(
    slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("edited")
    with a_researcher(slurm_cluster, folder, TENDIK_CONFIRM_AFTER_S="3") as person:
        yield person


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
