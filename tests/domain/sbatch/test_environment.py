"""sbatch's variables become flags, or are refused under their own names."""

from __future__ import annotations

import pytest

from scheduler.domain.sbatch.environment import VARIABLES, environment_flags
from scheduler.domain.sbatch.options import option_named


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_sets_an_option_of_the_table(variable: str) -> None:
    assert option_named(VARIABLES[variable]).name == VARIABLES[variable]


FLAGS = {
    "an option with a value": ({"SBATCH_TIMELIMIT": "10"}, ["--time=10"]),
    "an option without one": ({"SBATCH_REQUEUE": ""}, ["--requeue"]),
    "an option without one, by a word": ({"SBATCH_REQUEUE": "YES"}, ["--requeue"]),
    "an option without one, by a number": ({"SBATCH_REQUEUE": "1"}, ["--requeue"]),
    "an optional value": ({"SBATCH_NO_KILL": "off"}, ["--no-kill=off"]),
    "an optional value left out": ({"SBATCH_NO_KILL": ""}, ["--no-kill"]),
    "several, in sbatch's order": (
        {"SBATCH_WCKEY": "a", "SBATCH_GPUS": "2", "SBATCH_DEBUG": "0"},
        ["--verbose", "--gpus=2", "--wckey=a"],
    ),
    "others' variables": ({"SBATCH_NONE_OF_ITS": "1", "PATH": "/bin"}, []),
}


@pytest.mark.parametrize(("environ", "want"), FLAGS.values(), ids=FLAGS.keys())
def test_variables_become_flags(environ: dict[str, str], want: list[str]) -> None:
    read = environment_flags(environ)

    assert (list(read.flags.values()), read.violations) == (want, [])


REFUSALS = {
    "a refused option": (
        {"SLURM_HINT": "nomultithread"},
        "SLURM_HINT: is refused: it sizes by the node's build; use --cpus-per-task (as --hint)",
    ),
    "a wrong value": ({"SBATCH_GPUS": "many"}, "SBATCH_GPUS: must be n or type:n"),
    "no value": ({"SBATCH_GPUS": ""}, "SBATCH_GPUS: is empty"),
    "what unsets an option": ({"SBATCH_REQUEUE": "0"}, "SBATCH_REQUEUE: '0' would undo what"),
    "no number": ({"SBATCH_DEBUG": "yes"}, "SBATCH_DEBUG: must be a number"),
}


@pytest.mark.parametrize(("environ", "want"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_wrong_variable_is_refused_by_its_name(environ: dict[str, str], want: str) -> None:
    (violation,) = environment_flags(environ).violations

    assert str(violation).startswith(want)
