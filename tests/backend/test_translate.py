"""From a launch to sbatch's arguments and to pyslurm's fields."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.backend.describe import describe
from scheduler.backend.programs import Account
from scheduler.backend.translate import marker_in, sbatch_arguments
from scheduler.domain.resources import Amount
from tests.backend.launches import INSTALLATION, a_launch

AIGERIM = Account("aigerim", 1001, 1002, (1002,), "/home/aigerim", "/bin/bash")

MARKERS = {
    "tendik:0badcafe:12:3": (12, 3),
    "tendik:0badcafe:12:3\n": None,
    "tendik:12:3": None,
    "tendik:feedbeef:12:3": None,
    " tendik:0badcafe:12:3": None,
    "tendik:0badcafe:012:3": None,
    "tendik:0badcafe:12": None,
    "tendik:0badcafe:١٢:3": None,
    "tendik:0badcafe:999999999999999999999:1": None,
    "": None,
}


@pytest.mark.parametrize(("comment", "marker"), MARKERS.items())
def test_only_a_whole_and_exact_marker_is_one(comment: str, marker: tuple[int, int] | None) -> None:
    assert marker_in(comment, INSTALLATION) == marker


def test_every_launch_carries_a_marker_that_is_read_back() -> None:
    launch = a_launch(7, attempt=2)

    assert marker_in(launch.marker, INSTALLATION) == (7, 2)


def test_place_and_size_are_said_after_the_users_flags() -> None:
    launch = a_launch(
        7, "n1", "n2", gpus=2, flags=("--time=99", "--gpus=1"), walltime_s=61, array_index=4
    )

    assert sbatch_arguments(launch, "/home/aigerim") == [
        "--time=99",
        "--gpus=1",
        "--parsable",
        "--chdir=/home/aigerim",
        "--comment=tendik:0badcafe:7:1",
        "--job-name=job-7",
        "--array=4",
        "--partition=alem",
        "--nodelist=n1,n2",
        "--nodes=2",
        "--time=2",
        "--gres=none",
        "--gpus=",
        "--gpus-per-node=h200:2",
        "--cpus-per-task=1",
        "--mem=1000M",
        "--output=slurm-7_%a.out",
    ]


SAID = {
    "its memory": ("#SBATCH --mem-per-cpu=2G", "--mem=1000M", False),
    "its CPUs": ("#SBATCH -c4", "--cpus-per-task=1", False),
    "CPUs of each GPU": ("#SBATCH --cpus-per-gpu=4", "--cpus-per-task=1", False),
    "tasks of the job": ("#SBATCH -n 6", "--ntasks-per-node=3", True),
    "tasks of each node": ("#SBATCH -n 6 --ntasks-per-node=3", "--ntasks-per-node=3", False),
    "memory after the first command": ("date\n#SBATCH --mem=2G", "--mem=1000M", True),
}


@pytest.mark.parametrize(("script", "argument", "is_there"), SAID.values(), ids=SAID.keys())
def test_what_the_script_says_decides_what_must_be_added(
    script: str, argument: str, is_there: bool
) -> None:
    arguments = sbatch_arguments(a_launch(1, "n1", "n2", script=script), "/home/aigerim")

    assert (argument in arguments) is is_there


def test_pyslurm_is_told_the_same_size_and_the_users_own_group() -> None:
    script = "#SBATCH --gpus=4 -n 6 -c 2 --output=%j.log --no-requeue"
    fields = describe(
        a_launch(7, "n1", "n2", gpus=2, script=script, amount=Amount(2, 6, 900)), AIGERIM
    )

    assert fields is not None
    environment = fields.pop("environment")
    assert isinstance(environment, dict)
    assert environment["HOME"] == environment["SLURM_SUBMIT_DIR"] == "/home/aigerim"
    assert fields == {
        "standard_output": "7.log",
        "is_requeueable": False,
        "name": "job-7",
        "comment": "tendik:0badcafe:7:1",
        "admin_comment": "tendik:0badcafe:7:1",
        "user_id": 1001,
        "group_id": 1002,
        "working_directory": "/home/aigerim",
        "partitions": "alem",
        "nodes": 2,
        "required_nodes": ["n1", "n2"],
        "time_limit": 60,
        "ntasks": 6,
        "ntasks_per_node": 3,
        "cpus_per_task": 2,
        "gres_per_node": "gpu:h200:2",
        "memory_per_node": "900M",
    }


def test_an_option_that_pyslurm_cannot_say_is_left_to_sbatch() -> None:
    assert describe(a_launch(script="#SBATCH --mem-bind=local"), AIGERIM) is None
    assert describe(a_launch(flags=("--signal=USR1@60",)), AIGERIM) is None


def test_what_a_script_says_in_the_services_terms_is_taken_back() -> None:
    script = "#!/bin/bash\n#SBATCH --gpus=1 --dependency=afterok:7 -A vision -q normal -H\n"
    arguments = sbatch_arguments(a_launch(1, script=script), "/home/aigerim")
    plain = sbatch_arguments(a_launch(1), "/home/aigerim")

    assert arguments == [*plain, "--dependency=", "--account="]


def test_a_slurm_account_is_said_in_place_of_what_the_script_says() -> None:
    launch = a_launch(script="#!/bin/bash\n#SBATCH --account=nlp\nsleep 60\n")
    charged = replace(launch, slurm_account="abai-university_nlp")

    assert sbatch_arguments(launch, "/")[-1] == "--account="
    assert sbatch_arguments(charged, "/")[-1] == "--account=abai-university_nlp"
