"""`tendik compat check` judges a script without the service."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scheduler.v1.job_service_pb2 import SubmitJobRequest
from tests.cli.conftest import Tendik
from tests.cli.service import Service


@pytest.fixture
def refused_script(tmp_path: Path) -> str:
    path = tmp_path / "train.sh"
    path.write_text("#!/bin/bash\n#SBATCH --gpus=4 -t 1:00:00\n#SBATCH --qos=high\nsrun a\n")
    return str(path)


def test_a_script_that_is_taken_ends_well(tendik: Tendik, service: Service, script: str) -> None:
    result = tendik("compat", "check", script)

    assert result.exit_code == 0
    assert re.search(r"^ +2 +--gpus=16 +read +GPUs of the whole job: 16", result.stdout, re.M)
    assert result.stdout.endswith(f"{script} is read as sbatch reads it\n")
    assert service.of(SubmitJobRequest) == []


def test_a_script_that_is_refused_says_what_to_mend(tendik: Tendik, refused_script: str) -> None:
    result = tendik("compat", "check", refused_script)

    assert result.exit_code == 3
    assert "   3  --qos" in result.stdout
    assert result.stdout.endswith("is refused: 1 to mend\n")


def test_json_has_each_finding(tendik: Tendik, refused_script: str) -> None:
    result = tendik("compat", "check", refused_script, "--gpus=2", "-o", "json")

    found = json.loads(result.stdout)
    assert result.exit_code == 3
    assert found[0] == {
        "line": 2,
        "written": "--gpus=4",
        "fate": "overridden",
        "text": "a flag says --gpus again",
        "schema": "tendik.option.v1",
    }


def test_a_variable_counts_as_it_would_when_submitted(
    tendik: Tendik, script: str, environ: dict[str, str]
) -> None:
    environ["SBATCH_TIMELIMIT"] = "10"

    assert "--time=10" in tendik("compat", "check", script).stdout
