"""`tendik efficiency`: what jobs used, in words."""

from __future__ import annotations

import json

import pytest

from scheduler.v1.job_service_pb2 import JOB_STATE_COMPLETED, Efficiency, Use
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import a_job, an_element, an_ended_job


@pytest.fixture(autouse=True)
def ended(service: Service) -> None:
    service.jobs = [an_ended_job(state=JOB_STATE_COMPLETED), a_job()]


def test_each_use_is_told_with_the_option_to_change(tendik: Tendik) -> None:
    lines = [line.rstrip() for line in tendik("efficiency", "1040").stdout.splitlines()]

    assert lines == [
        "job     1040  eval, completed",
        "CPU     3.1 of 32 CPUs on average (10 %): --cpus-per-task=4",
        "memory  12.0 of 200 GiB at most on a node (6 %): --mem=16G",
        "time    0:40 of 24:00 hours: --time=1:00:00 (short jobs start sooner, in gaps)",
        "GPU     not known: Slurm has not told it yet, or the site does not gather it "
        "(AccountingStorageTRES=gres/gpuutil)",
    ]


def test_what_is_well_asked_for_is_left_as_it_is(tendik: Tendik, service: Service) -> None:
    service.efficiency = Efficiency(
        cpu=Use(used=31, held=32),
        memory=Use(held=2048),
        walltime=Use(used=90, held=120),
        gpu=Use(used=57, held=100),
    )
    lines = [line.rstrip() for line in tendik("efficiency", "1040").stdout.splitlines()]

    assert lines[1] == "CPU     31.0 of 32 CPUs on average (97 %)"
    assert lines[2].endswith("does not gather it (JobAcctGatherType)")
    assert lines[3:] == ["time    0:01 of 0:02 hours", "GPU     57 % busy on average"]


def test_a_job_that_has_not_ended_is_told_so(tendik: Tendik) -> None:
    result = tendik("efficiency", "1042")

    assert result.stdout.split() == ["job", "1042", "train-llm,", "pending"]
    assert result.stderr == "job 1042: it has not ended\n"


def test_every_element_of_an_array_is_told_and_one_refusal_stops_no_other(
    tendik: Tendik, service: Service
) -> None:
    end = service.jobs[0].end_time
    service.jobs += [an_element(n, state=JOB_STATE_COMPLETED, end_time=end) for n in (1, 0)]
    result = tendik("efficiency", "99", "1050")

    assert result.exit_code == 4
    assert [line for line in result.stdout.splitlines() if line.startswith("job")] == [
        "job     1050_1  sweep, completed",
        "job     1050_0  sweep, completed",
    ]


def test_programs_get_numbers_and_the_unit_in_the_name(tendik: Tendik) -> None:
    (one,) = json.loads(tendik("efficiency", "1040", "-o", "json").stdout)

    assert one["node_memory_mib"] == {"used": 12288.0, "held": 204800.0, "flags": ["--mem=16G"]}
    assert one["gpu_percent"] == {"used": None, "held": 100.0, "flags": []}
