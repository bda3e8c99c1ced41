"""What a job finds in its environment, as sbatch's --export decides."""

from __future__ import annotations

import pytest

from scheduler.backend.describe import describe
from scheduler.backend.job_environment import export_option, job_environment, own_numbers
from tests.backend.launches import a_launch
from tests.backend.test_translate import AIGERIM

LOGIN = {"PATH": "/usr/bin", "HOME": "/home/aigerim"}
SHELL = {"PATH": "/conda/bin:/usr/bin", "A": "1", "B": "2", "SLURM_CONF": "/tmp/mine"}
OURS = {"TENDIK_JOB_ID": "7", "SLURM_JOB_NAME": "job-7"}

EXPORTS = {
    "not said": ((), {**LOGIN, "PATH": "/conda/bin:/usr/bin", "A": "1", "B": "2"}),
    "ALL": (("--export=ALL",), {**LOGIN, "PATH": "/conda/bin:/usr/bin", "A": "1", "B": "2"}),
    "ALL and more": (
        ("--export=ALL,C=3",),
        {**LOGIN, "PATH": "/conda/bin:/usr/bin", "A": "1", "B": "2"},
    ),
    "names": (("--export=A,C=3",), {"A": "1"}),
    "NONE": (("--export=NONE",), {}),
    "NIL": (("--export=NIL",), {}),
}


@pytest.mark.parametrize(("flags", "variables"), EXPORTS.values(), ids=EXPORTS.keys())
def test_a_job_gets_of_the_shell_what_export_says(
    flags: tuple[str, ...], variables: dict[str, str]
) -> None:
    launch = a_launch(7, flags=flags, environment=SHELL)

    assert job_environment(launch, LOGIN) == variables | OURS


def test_an_element_is_told_its_arrays_number_as_well() -> None:
    numbers = own_numbers(a_launch(9, array_index=2, array_id=7))

    assert numbers == {"TENDIK_JOB_ID": "9", "TENDIK_ARRAY_JOB_ID": "7"}


def test_a_job_knows_how_its_files_are_opened_as_sbatch_tells_it() -> None:
    launch = a_launch(script="#SBATCH --open-mode=append")

    assert job_environment(launch, {})["SLURM_OPEN_MODE"] == "a"


def test_our_numbers_pass_where_nothing_of_the_shell_does() -> None:
    launch = a_launch(9, script="#SBATCH --export=NONE", array_index=2, array_id=7)

    assert list(export_option(launch)) == ["--export=TENDIK_JOB_ID=9,TENDIK_ARRAY_JOB_ID=7"]
    assert list(export_option(a_launch(flags=("--export=A",)))) == []


def test_pyslurm_is_given_the_same_environment() -> None:
    fields = describe(a_launch(7, environment=SHELL), AIGERIM)

    assert fields is not None
    environment = fields["environment"]
    assert isinstance(environment, dict)
    assert environment["PATH"] == "/conda/bin:/usr/bin"
    assert environment["TENDIK_JOB_ID"] == "7"
    assert environment["HOME"] == "/home/aigerim"
    assert "SLURM_CONF" not in environment
