"""A researcher's programs against the real service and its simulated cluster."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from loadtests.stack import ROOT, Stack, running_service, start_again, stop_service
from scheduler.client import Job, JobState, Tendik, WaitReason, connect
from tests.stories.people import MEMBERS

SETTINGS = {
    "TENDIK_BACKEND": "simulated",
    "TENDIK_CYCLE_INTERVAL_S": "0.2",
    "TENDIK_CONFIRM_AFTER_S": "0",
}
SNIPPETS = re.findall(
    r"^```python\n(.*?)^```$",
    (ROOT / "docs" / "python.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Serve, and seat a researcher in a folder with a script."""
    with running_service(tmp_path / "service", SETTINGS) as served:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("TENDIK_SERVER", served.address)
        monkeypatch.setenv("TENDIK_TOKEN", served.register(MEMBERS)[MEMBERS[0].organisation])
        Path("train.sh").write_text("#!/bin/bash\n#SBATCH --gpus=1\nsleep 1\n", encoding="utf-8")
        yield served


def test_a_job_is_submitted_explained_and_waited_for(stack: Stack) -> None:
    with connect() as tendik:
        large = tendik.submit("#!/bin/bash\nsleep 600\n", gpus_per_node=8, nodes=8)
        started = next(job for job in tendik.watch(large) if job.state is JobState.RUNNING)
        small = tendik.submit("train.sh", gpus=2)
        why = tendik.why(small)
        tendik.cancel(large)

        assert len(started.nodes) == 8
        assert [blocker.reason for blocker in why.blockers] == [WaitReason.NOT_ENOUGH_FREE_GPUS]
        assert "needs 2" in " ".join(why.sentences)
        assert [job.state for job in tendik.wait_all([small, large], timeout_s=60)] == [
            JobState.COMPLETED,
            JobState.CANCELLED,
        ]


def test_a_wait_outlives_the_service(stack: Stack) -> None:
    with connect() as tendik, ThreadPoolExecutor(1) as beside, ExitStack() as at_the_end:
        job = _held(tendik)
        ended = beside.submit(tendik.wait, job, 100)
        stop_service(stack.process)
        again = start_again(stack)
        at_the_end.callback(stop_service, again.process)
        tendik.release(job)

        assert ended.result(timeout=100).state is JobState.COMPLETED


def _held(tendik: Tendik) -> Job:
    """Return a job that waits for its release; cycles may be quicker than the first tries."""
    for _ in range(20):
        job = tendik.hold(tendik.submit("train.sh"))
        if job.state is JobState.PENDING:
            return job
    raise AssertionError("every job was admitted before it was held")


def test_the_pages_programs_run_as_written(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    for snippet in SNIPPETS:
        exec(compile(snippet, "docs/python.md", "exec"), names)
    names["tendik"].close()

    told = capsys.readouterr().out
    assert "completed" in told
    assert "it goes on" in told
    assert "None --gpus must be n or type:n" in told


def test_the_pages_programs_are_typed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("\n".join(SNIPPETS), encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
        cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout
