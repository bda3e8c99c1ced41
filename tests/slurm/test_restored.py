"""The service restored from an older backup, while a real Slurm went on: nothing runs twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from loadtests.stack import Stack, start_again, start_service, stop_service
from tests.slurm.conftest import SlurmCluster
from tests.slurm.test_three_researchers import moved_home
from tests.stories.people import Person, people_of

pytestmark = pytest.mark.slurm
SCRIPT = """#!/bin/bash
#SBATCH --gpus={gpus} --time=00:10:00
echo "$SLURM_JOB_ID" >> "{mark}"
sleep {seconds}
"""


@dataclass
class Restarted:
    """A service that a test stops, restores and starts again."""

    stack: Stack
    person: Person
    home: Path

    def submit(self, mark: str, seconds: int, gpus: int = 8) -> int:
        return self.person.submit(SCRIPT.format(mark=mark, seconds=seconds, gpus=gpus))

    def tendik(self, *words: str) -> None:
        """Run a command as the operator on the service's machine."""
        program = Path(sys.executable).with_name("tendik")
        environment = {**self.stack.environment, "TENDIK_TOKEN": self.stack.admin_token}
        subprocess.run([program, *words], env=environment, check=True, timeout=60)

    def restored(self, backup: Path) -> None:
        stop_service(self.stack.process)
        self.tendik("admin", "restore", "--replace", str(backup))
        self.stack = start_again(self.stack)

    def runs(self, mark: str) -> int:
        file = self.home / mark
        return len(file.read_text(encoding="utf-8").splitlines()) if file.exists() else 0


@pytest.fixture
def service(
    slurm_cluster: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Restarted]:
    folder = tmp_path_factory.mktemp("restored")
    settings: Mapping[str, str] = {
        "TENDIK_BACKEND": "slurm-cli",
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_CONFIRM_AFTER_S": "2",
        "SLURM_CONF": slurm_cluster.env["SLURM_CONF"],
    }
    stack = start_service(folder / "service", settings)
    person = moved_home(people_of(stack, folder)[0], slurm_cluster)
    made = Restarted(stack, person, slurm_cluster.home(person.name))
    try:
        yield made
    finally:
        stop_service(made.stack.process)
        subprocess.run(["scancel", f"--user={person.name}"], env=slurm_cluster.env, check=True)


def test_an_older_backup_adopts_what_runs_and_submits_nothing_twice(
    service: Restarted, tmp_path: Path
) -> None:
    # Two that the backup knows as waiting behind the first, one that it does not know at all.
    first = service.submit("first", 3, gpus=64)
    ended, live = service.submit("ended", 1, gpus=64), service.submit("live", 45, gpus=32)
    service.tendik("admin", "backup", str(tmp_path / "b.tar"))
    service.person.wait_for(ended, {"completed"})
    service.person.wait_for(live, {"running"})
    unknown = service.submit("unknown", 45, gpus=16)
    service.person.wait_for(unknown, {"running"})

    service.restored(tmp_path / "b.tar")
    service.person.wait_for(first, {"completed"})
    service.person.wait_for(ended, {"completed"})
    fresh = service.submit("fresh", 1)
    assert fresh > unknown
    service.person.wait_for(fresh, {"completed"})
    service.person.wait_for(live, {"completed"})

    marks = ("first", "ended", "live", "unknown", "fresh")
    assert {mark: service.runs(mark) for mark in marks} == dict.fromkeys(marks, 1)
    log = (service.stack.folder / "service.log").read_text(encoding="utf-8")
    assert log.count("job_without_row") == 1
