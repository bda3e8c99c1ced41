"""The service is quick, and goes on, while Slurm's programs hang and while its agent dies."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadtests.stack import Client, Stack, running_service
from scheduler.backend.slurm_cli import PROGRAMS
from scheduler.v1 import job_service_pb2
from tests.agent.test_program import soon
from tests.stories.people import MEMBERS

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="Slurm's backends need root")
CALLS = 50
SCRIPT = "#!/bin/bash\n#SBATCH --gpus=1\nsleep 1\n"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A service whose Slurm hangs: each of its programs sleeps far longer than anybody waits."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).write_text("#!/bin/sh\nexec sleep 30\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    settings = {"TENDIK_BACKEND": "slurm-cli", "PATH": f"{programs}:{os.environ['PATH']}"}
    with running_service(tmp_path / "service", settings) as stack:
        yield stack


def agent_of(stack: Stack) -> int:
    """Return the process id of the service's own agent, 0 while there is none."""
    for found in Path("/proc").glob("[0-9]*"):
        try:
            command = (found / "cmdline").read_bytes().split(b"\0")
            parent = int((found / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"scheduler.agent" in command and is_child_of(parent, stack.process.pid):
            return int(found.name)
    return 0


def is_child_of(pid: int, ancestor: int) -> bool:
    while pid not in (0, 1, ancestor):
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return pid == ancestor


def submit(client: Client) -> float:
    """Submit a job and return how long that took, in seconds."""
    began = time.monotonic()
    client.jobs.SubmitJob(
        job_service_pb2.SubmitJobRequest(script=SCRIPT), metadata=client.metadata, timeout=10
    )
    return time.monotonic() - began


def test_jobs_are_taken_at_once_while_every_program_of_slurm_hangs(stack: Stack) -> None:
    client = stack.client(stack.register(MEMBERS)[MEMBERS[0].organisation])
    submit(client)

    took_s = [submit(client) for _ in range(CALLS)]

    # A call that waited for Slurm would take seconds; on a busy machine it may take a tenth of one.
    assert statistics.median(took_s) < 0.25
    assert max(took_s) < 5
    client.close()


def test_jobs_are_taken_while_the_agent_dies_and_it_is_begun_anew(stack: Stack) -> None:
    client = stack.client(stack.register(MEMBERS)[MEMBERS[0].organisation])
    for _ in range(2):
        assert soon(lambda: agent_of(stack))
        died = agent_of(stack)
        os.kill(died, signal.SIGKILL)
        assert submit(client) < 5
        assert soon(lambda died=died: agent_of(stack) not in (0, died))  # type: ignore[misc]
    client.close()
