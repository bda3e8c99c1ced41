"""A job's files bear the number that its user knows."""

from __future__ import annotations

import pytest

from scheduler.domain.file_names import file_options
from scheduler.domain.options_given import options_given
from tests.backend.launches import a_launch

NAMES = {
    "the default": ("date", {"output": "slurm-1042.out"}),
    "a job's number": ("#SBATCH -o out/%j.log", {"output": "out/1042.log"}),
    "padded with zeros": ("#SBATCH -o %6j.log", {"output": "001042.log"}),
    "an array's symbol in a single job": ("#SBATCH -o %A.log", {"output": "1042.log"}),
    "with a step": ("#SBATCH -o %J.log", {"output": "1042.log"}),
    "what Slurm replaces": ("#SBATCH -o %x-%N-%u.log", {"output": "%x-%N-%u.log"}),
    "an escaped symbol": ("#SBATCH -o %%j.log", {"output": "%%j.log"}),
    "errors beside the default": (
        "#SBATCH --error=%j.err",
        {"output": "slurm-1042.out", "error": "1042.err"},
    ),
    "an input": (
        "#SBATCH -i in.%j -o /dev/null",
        {"output": "/dev/null", "input": "in.1042"},
    ),
}


@pytest.mark.parametrize(("script", "files"), NAMES.values(), ids=NAMES.keys())
def test_a_single_jobs_files_bear_its_number(script: str, files: dict[str, str]) -> None:
    launch = a_launch(1042, script=script)

    assert file_options(launch, options_given(launch)) == files


def test_an_elements_files_bear_its_arrays_number_and_slurm_adds_the_index() -> None:
    launch = a_launch(1044, script="#SBATCH -e %A-%j.err", array_index=2, array_id=1042)

    assert file_options(launch, options_given(launch)) == {
        "output": "slurm-1042_%a.out",
        "error": "1042-1044.err",
    }


def test_after_a_backslash_nothing_is_replaced() -> None:
    launch = a_launch(1042, flags=("--output=\\%j.log",))

    assert file_options(launch, options_given(launch))["output"] == "\\%j.log"
