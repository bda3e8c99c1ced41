"""Which of a shell's variables are taken, and which are kept."""

from __future__ import annotations

import pytest

from scheduler.domain.environment import MAX_BYTES, MAX_VARIABLES, exported, kept, violations

WRONG = {
    "too many": ({f"V{n}": "" for n in range(MAX_VARIABLES + 1)}, "variables"),
    "too large": ({"BIG": "x" * MAX_BYTES}, "bytes"),
    "a variable that no program can be begun with": ({"B": "x" * (MAX_BYTES - 2)}, "variable"),
    "no name": ({"": "x"}, "name"),
    "a name with an equals sign": ({"A=B": "x"}, "name"),
    "a name over two lines": ({"A\nB": "x"}, "name"),
    "a NUL": ({"A": "x\0y"}, "NUL"),
}


@pytest.mark.parametrize(("environment", "word"), WRONG.values(), ids=WRONG.keys())
def test_what_no_job_can_be_given_is_refused(environment: dict[str, str], word: str) -> None:
    (violation,) = violations(environment)

    assert violation.field == "environment"
    assert word in violation.message


def test_an_exported_function_of_bash_is_a_variable() -> None:
    assert not list(violations({"BASH_FUNC_module%%": "() {  eval $(modulecmd)\n}"}))


def test_variables_of_slurm_and_of_the_service_are_not_kept() -> None:
    shell = {"PATH": "/bin", "SLURM_CONF": "/x", "SBATCH_GPUS": "8", "TENDIK_TOKEN": "tdk_x"}

    assert kept(shell | {"_SLURM_SPANK_OPTION_x": "1"}) == {"PATH": "/bin"}


def test_an_empty_export_takes_nothing_as_with_sbatch() -> None:
    assert exported({"SECRET": "x"}, "") == {}
    assert exported({"SECRET": "x"}, None) == {"SECRET": "x"}
