"""Jobs that wait for other jobs of the service, whose numbers mean nothing, or others, to Slurm."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.slurm.conftest import SlurmCluster
from tests.slurm.researcher import a_researcher
from tests.stories.people import Person

pytestmark = pytest.mark.slurm
FIRST = "#!/bin/bash\n#SBATCH --gpus=1 --time=5\nsleep {}\nexit {}\n"
# The account is a project of the researcher's, and no account of Slurm's.
THEN = (
    "#!/bin/bash\n#SBATCH --gpus=1 --time=5\n#SBATCH -d afterok:{}\n"
    "#SBATCH --account=research --qos=normal --hold --kill-on-invalid-dep=yes\nsleep 3\n"
)


@pytest.fixture(params=["0", "2"], ids=["started at once", "held by Slurm first"])
def researcher(
    request: pytest.FixtureRequest,
    slurm_cluster: SlurmCluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("dependencies")
    with a_researcher(slurm_cluster, folder, TENDIK_CONFIRM_AFTER_S=request.param) as person:
        yield person


def test_a_script_that_names_jobs_of_the_service_runs_when_these_have_ended(
    researcher: Person, slurm_cluster: SlurmCluster
) -> None:
    first = researcher.submit(FIRST.format(4, 0))
    fails = researcher.submit(FIRST.format(1, 1))
    then = researcher.submit(THEN.format(first))
    never = researcher.submit(THEN.format(fails))
    held = researcher.job(then)["waiting"]
    researcher.tendik("release", str(then))
    waiting = researcher.job(then)["waiting"]
    running = researcher.wait_for(then, {"running"})

    assert [one["reason"] for one in held["blockers"]] == ["held_by_user", "dependency"]
    assert waiting["reason"] == "dependency"
    assert researcher.job(first)["state"] == "completed"
    known = _record(slurm_cluster, running["slurm_job_id"])
    assert "Dependency=(null)" in known
    assert "Account=research" not in known
    assert researcher.wait_for(then, {"completed"})["exit_code"] == 0
    cancelled = researcher.wait_for(never, {"cancelled"})
    assert cancelled["outcome"].endswith(f"afterok:{fails} (failed)")


def _record(cluster: SlurmCluster, slurm_id: int) -> str:
    asked = ("scontrol", "-o", "show", "job", str(slurm_id))
    return subprocess.run(
        asked, env=dict(cluster.env), capture_output=True, text=True, check=True
    ).stdout
