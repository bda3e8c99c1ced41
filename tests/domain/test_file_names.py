"""A job's files bear the number that its user knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.file_names import file_options, output_path
from scheduler.domain.jobs import ArrayPlace, Job
from scheduler.domain.sbatch.options_given import options_given
from tests.backend.launches import a_launch
from tests.build import a_job, a_placement, a_spec

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


def job_with(output: str, directory: str = "/data/run", array: ArrayPlace | None = None) -> Job:
    spec = replace(a_spec(script=f"#SBATCH {output}"), working_directory=directory)
    placement = a_placement(1, "n07.alem.kz", "n08")
    job = a_job(1042, spec=spec, placement=placement, array=array)
    return replace(job, unix_account="aigerim")


PATHS = {
    "the default": ("", "/data/run/slurm-1042.out"),
    "a folder of its own": ("-o logs/%x.%j", "/data/run/logs/train.1042"),
    "a whole path": ("-o /scratch/%u/%5j.log", "/scratch/aigerim/01042.log"),
    "the first node": ("-o %N-%n-%t-%s", "/data/run/n07-0-0-batch"),
    "an index of no array, as Slurm writes it": ("-o %a", "/data/run/4294967294"),
    "a per cent sign": ("-o %%j", "/data/run/%j"),
    "a symbol that Slurm does not know": ("-o %q", "/data/run/%q"),
}


@pytest.mark.parametrize(("said", "path"), PATHS.values(), ids=PATHS.keys())
def test_the_output_is_where_slurm_writes_it(said: str, path: str) -> None:
    assert output_path(job_with(said)) == path


def test_errors_are_in_the_output_unless_they_have_a_file() -> None:
    assert output_path(job_with("-o a.log"), of_errors=True) == "/data/run/a.log"
    assert output_path(job_with("-o a.log -e b.log"), of_errors=True) == "/data/run/b.log"


def test_an_elements_output_has_its_arrays_number_and_its_index() -> None:
    element = job_with("", array=ArrayPlace(1040, 2))

    assert output_path(element) == "/data/run/slurm-1040_2.out"


def test_without_a_working_directory_the_path_begins_in_the_accounts_home() -> None:
    assert output_path(job_with("", directory="")) == "slurm-1042.out"


def test_after_a_backslash_the_path_is_as_it_was_written() -> None:
    job = job_with("")
    escaped = replace(job, spec=replace(job.spec, flags=("--output=\\%j.log",)))

    assert output_path(escaped) == "/data/run/%j.log"
