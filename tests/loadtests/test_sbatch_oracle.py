"""The oracle sees a difference where there is one, and reads sbatch's own words rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.sbatch_oracle.cases import Case, Way
from loadtests.sbatch_oracle.generator import case_of
from loadtests.sbatch_oracle.listing import listing_differences, receiver_difference
from loadtests.sbatch_oracle.ours import our_reading
from loadtests.sbatch_oracle.real import STARTS_ON, count_of, listed, recorded
from loadtests.sbatch_oracle.record import record_differences
from scheduler.domain.recalls.notices import NoticeSignal, Receiver

HERE = Path("/home/aru")
SCRIPT = """#!/bin/sh
#SBATCH --gpus-per-node=h200:2 -N2 --mem=4G -t 1-0 -C nvlink,ib --signal=10@60
#SBATCH -o out.txt -a 1-4%2 --ntasks-per-node=2 -J train --requeue
"""
LISTING = """sbatch: defined options
sbatch: -------------------- --------------------
sbatch: array               : 1-4%2
sbatch: constraint          : nvlink,ib
sbatch: gpus-per-node       : h200:2
sbatch: job-name            : train
sbatch: mem                 : 4G
sbatch: nodes               : 2
sbatch: ntasks-per-node     : 2
sbatch: output              : /home/aru/out.txt
sbatch: requeue             : requeue
sbatch: signal              : USR1@60
sbatch: test-only           : set
sbatch: time                : 1-00:00:00
sbatch: verbose             : 1
sbatch: -------------------- --------------------
sbatch: end of defined options
"""
RECORD = (
    "JobId=6 ArrayJobId=6 ArrayTaskId=1-4%2 JobName=train Requeue=1 TimeLimit=1-00:00:00 "
    "Partition=alem NumNodes=2-2 NumCPUs=4 NumTasks=4 CPUs/Task=1 MinMemoryNode=4G "
    "Features=nvlink&ib WorkDir=/home/aru TresPerNode=gres:gpu:h200:2 MailUser=a b \n\n"
)


def differences(listing: str = LISTING, record: str = RECORD) -> list[str]:
    ours = our_reading(Case("", SCRIPT), HERE)
    assert ours.refusal == ""
    of_record = record_differences(ours, {**recorded(record), STARTS_ON: "2"})
    return [*listing_differences(ours.settings, listed(listing), HERE), *of_record]


def test_two_readings_that_agree_differ_in_nothing() -> None:
    assert differences() == []


LISTINGS = {
    "a time": ("1-00:00:00", "2-00:00:00", "--time"),
    "memory": ("mem                 : 4G", "mem                 : 4", "--mem"),
    "nodes": ("nodes               : 2", "nodes               : 3", "--nodes"),
    "a file": ("/home/aru/out.txt", "/tmp/out.txt", "--output"),
    "a signal": ("USR1@60", "USR1@90", "--signal"),
    "a type of GPUs": ("h200:2", "a100:2", "--gpus-per-node"),
    "an option that we do not see": ("array   ", "begin   ", "--array"),
}


@pytest.mark.parametrize(("text", "other", "name"), LISTINGS.values(), ids=LISTINGS.keys())
def test_a_listing_that_says_otherwise_is_told(text: str, other: str, name: str) -> None:
    assert differences(listing=LISTING.replace(text, other))[0].startswith(f"{name}:")


RECORDS = {
    "nodes": ("NumNodes=2-2", "NumNodes=1", "nodes: we admit 2, slurmctld has 1"),
    "tasks": ("NumTasks=4", "NumTasks=2", "tasks: we admit 4, slurmctld has 2"),
    "CPUs": ("CPUs/Task=1", "CPUs/Task=2", "CPUs of a task: we admit '1', slurmctld has '2'"),
    "GPUs": ("h200:2 ", "h200:1 ", "GPUs a node: we admit 2, slurmctld has 1"),
    "GPUs of the job": ("MailUser", "TresPerJob=gres:gpu:4 MailUser", "GPUs: we admit 0"),
    "memory": ("MinMemoryNode=4G", "MinMemoryNode=4M", "memory: we admit"),
    "a walltime": ("1-00:00:00", "01:00:00", "walltime: we admit '1-00:00:00'"),
    "a name": ("JobName=train", "JobName=job.sh", "name: we admit 'train'"),
    "an array": ("1-4%2", "1-4", "array: we admit"),
    "features": ("nvlink&ib", "nvlink|ib", "constraint: we admit"),
    "a directory": ("WorkDir=/home/aru", "WorkDir=/", "directory: we admit"),
    "a second run": ("Requeue=1", "Requeue=0", "requeue: we admit True"),
}


@pytest.mark.parametrize(("text", "other", "want"), RECORDS.values(), ids=RECORDS.keys())
def test_a_record_that_says_otherwise_is_told(text: str, other: str, want: str) -> None:
    (told,) = differences(record=RECORD.replace(text, other))

    assert told.startswith(want)


def test_a_job_that_sbatch_then_refuses_is_told() -> None:
    ours = our_reading(Case("", SCRIPT), HERE)

    assert list(record_differences(ours, {"complaint": "no"})) == ["submitted: no"]


def test_a_signal_for_someone_else_is_told() -> None:
    ours = NoticeSignal("USR1", Receiver.TASKS)

    assert list(receiver_difference(ours, "USR1@60")) == []
    assert list(receiver_difference(ours, "B:USR1@60")) != []


def test_values_with_spaces_do_not_spill_into_the_next_field() -> None:
    record = recorded("JobId=1 JobName=a b=c d UserId=root(0) Features=(null) \n")

    assert (record["JobName"], record["Features"]) == ("a b=c d", "(null)")


@pytest.mark.parametrize(("nodes", "want"), [("n1", 1), ("n[1-2]", 2), ("n[1,3-5]", 4)])
def test_nodes_are_counted_in_slurms_notation(nodes: str, want: int) -> None:
    assert count_of(nodes) == want


def test_a_seed_gives_the_same_case_again() -> None:
    assert [case_of(seed) for seed in range(50)] == [case_of(seed) for seed in range(50)]


def test_generated_cases_come_in_every_way_with_flags_and_variables() -> None:
    cases = [case_of(seed) for seed in range(200)]

    assert {case.way for case in cases} == set(Way)
    assert any(case.flags for case in cases)
    assert any(case.environ for case in cases)


def test_a_case_can_be_run_again_from_what_is_printed() -> None:
    case = Case("seed 7", "#!/bin/sh\n", ("-J", "a b"), {"SBATCH_GPUS": "2"})

    assert str(case).startswith("--- seed 7: SBATCH_GPUS=2 sbatch -J 'a b' job.sh\n'#!/bin/sh\\n'")
