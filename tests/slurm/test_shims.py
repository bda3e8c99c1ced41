"""The programs named as Slurm's tell of a job what Slurm's own tell of it, to the letter."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler.cli.shims.programs import run
from tests.slurm.conftest import SlurmCluster
from tests.slurm.researcher import a_researcher
from tests.stories.people import ENDED, Person

pytestmark = pytest.mark.slurm
SCRIPT = "#!/bin/bash\n#SBATCH --gpus=2 --job-name=a-long-name --time=7\nsleep {}\nexit {}\n"
LIVE = "%j|%u|%t|%T|%P|%D|%R|%N|%l|%S|%C|%.5u|%4j|"
RECORDED = "JobName,State,ExitCode,NodeList,Partition,User,Timelimit,NNodes,AllocCPUS,Start,End"


PATIENCE_S = 30


@pytest.fixture
def researcher(slurm_cluster: SlurmCluster, tmp_path: Path) -> Iterator[Person]:
    with a_researcher(slurm_cluster, tmp_path, TENDIK_CONFIRM_AFTER_S="0") as person:
        yield person


def test_both_tell_the_same_of_a_job_that_runs_and_has_ended(
    researcher: Person, slurm_cluster: SlurmCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    def ours(program: str, *words: str) -> str:
        capsys.readouterr()
        assert run(program, words, researcher.environment) == 0
        return capsys.readouterr().out

    def slurms(*words: str) -> str:
        return subprocess.run(
            words, env=slurm_cluster.env, capture_output=True, text=True, check=True
        ).stdout

    job_id = str(researcher.submit(SCRIPT.format(6, 3)))
    slurm_id = str(researcher.wait_for(int(job_id), {"running"})["slurm_job_id"])
    told = [ours("squeue", "-h", "-o", LIVE, "-j", job_id)]
    known = [slurms("squeue", "-h", "-o", LIVE, "-j", slurm_id)]
    researcher.wait_for(int(job_id), ENDED)
    told.append(ours("sacct", "-XPn", "-o", RECORDED, "-j", job_id))
    known.append(_once_ended(lambda: slurms("sacct", "-XPn", "-o", RECORDED, "-j", slurm_id)))
    told.append(ours("sacct", "-X", "-o", "State,ExitCode,NodeList", "-j", job_id))
    known.append(slurms("sacct", "-X", "-o", "State,ExitCode,NodeList", "-j", slurm_id))
    told += [ours("squeue", "-j", job_id, "-t", "CD"), ours("sinfo", "-p", "none")]
    known += [slurms("squeue", "-t", "S"), slurms("sinfo", "-p", "none")]

    assert told == known


def _once_ended(ask: Callable[[], str]) -> str:
    """Return slurmdbd's word once it has heard of the end, which takes it seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while "RUNNING" in (told := ask()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return told
