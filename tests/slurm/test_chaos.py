"""A short cut of the faults on a real Slurm: a round of each that loses or doubles jobs surely."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from loadtests.chaos.__main__ import BROKEN_OFF
from loadtests.chaos.faults import SHORT_CUT
from loadtests.chaos.judging import FAULTY
from loadtests.stack import ROOT
from tests.slurm.conftest import skip_without_slurm

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Play the rounds in a process of its own, on a cluster of its own."""
    skip_without_slurm()
    file = tmp_path_factory.mktemp("chaos") / "rounds.jsonl"
    faults = ",".join(SHORT_CUT)
    command = [
        *(sys.executable, "-m", "loadtests.chaos", "--only", faults, "--lane", "40"),
        *("--rounds", f"{len(SHORT_CUT)}", "--record", f"{file}"),
    ]
    done = _run(command)
    told = done.stdout + done.stderr
    if done.returncode == BROKEN_OFF:
        done = _run(command)
        told += done.stdout + done.stderr
    assert file.exists(), told
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(records) == len(SHORT_CUT), told
    return records


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Play the rounds that are missing: all, or those from one in which the cluster broke."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_fault_of_the_short_cut_was_played(rounds: list[dict[str, Any]]) -> None:
    assert [record["fault"] for record in rounds] == list(SHORT_CUT)


def test_no_fault_makes_the_service_lose_or_double_a_job(rounds: list[dict[str, Any]]) -> None:
    for record in rounds:
        assert not set(FAULTY) & record["ours"].keys(), record


def test_no_fault_makes_the_service_touch_a_strangers_job(rounds: list[dict[str, Any]]) -> None:
    assert [record["touched"] for record in rounds] == [[]] * len(rounds)


def test_a_naive_submitter_loses_or_doubles_jobs_on_the_same_faults(
    rounds: list[dict[str, Any]],
) -> None:
    assert any({"lost", "run twice"} & record["naive"].keys() for record in rounds)
