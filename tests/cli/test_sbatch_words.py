"""Which words are sbatch's, which are ours, and which is the script."""

from __future__ import annotations

import pytest

from scheduler.cli.errors import CliError
from scheduler.cli.sbatch_words import tell_apart

OWN = {
    "--project": True,
    "--wait": False,
    "--wrap": True,
    "--dry-run": False,
    "--format": True,
}
LINES = {
    "an option with a joined value": (["--gpus=4", "train.sh"], ["--gpus=4"], []),
    "a value in the next word": (["--gpus", "4", "train.sh"], ["--gpus", "4"], []),
    "a short option": (["-G", "4", "train.sh"], ["-G", "4"], []),
    "a short option with its value": (["-G4", "-t1:00:00", "train.sh"], ["-G4", "-t1:00:00"], []),
    "options after the script": (["train.sh", "-t", "1:00:00"], ["-t", "1:00:00"], []),
    "a switch before the script": (["--requeue", "train.sh"], ["--requeue"], []),
    "short switches together": (["-kv", "train.sh"], ["-kv"], []),
    "an optional value is joined": (["--no-kill", "train.sh"], ["--no-kill"], []),
    "an abbreviation": (["--job-na", "x", "train.sh"], ["--job-na", "x"], []),
    "a value like one of our options": (["-J", "--wait", "train.sh"], ["-J", "--wait"], []),
    "our options": (["--project=nlp", "train.sh", "--wait"], [], ["--project=nlp", "--wait"]),
    "our option with the next word": (["--project", "nlp", "train.sh"], [], ["--project", "nlp"]),
    "sbatch's names for ours": (["-W", "--test-only", "train.sh"], [], ["--wait", "--dry-run"]),
    "our options cut as sbatch allows": (
        ["--test", "train.sh", "--pars"],
        ["--pars"],
        ["--dry-run"],
    ),
    "-o with a file is sbatch's": (["-o", "log.txt", "train.sh"], ["-o", "log.txt"], []),
    "-o with a form is ours": (["-o", "json", "train.sh"], [], ["--format", "json"]),
    "--output is always sbatch's": (["--output=json", "train.sh"], ["--output=json"], []),
    "an unknown option with its value": (
        ["--new-in-slurm=1", "train.sh"],
        ["--new-in-slurm=1"],
        [],
    ),
    "the script after --": (["--", "train.sh"], [], []),
}


@pytest.mark.parametrize(("words", "flags", "own"), LINES.values(), ids=LINES.keys())
def test_words_are_told_apart(words: list[str], flags: list[str], own: list[str]) -> None:
    told = tell_apart(words, OWN)

    assert (told.script, told.flags, told.own) == ("train.sh", flags, own)


def test_a_dash_is_standard_input() -> None:
    assert tell_apart(["--gpus=1", "-"], OWN).script == "-"


@pytest.mark.parametrize("words", [["--gpus=4"], ["--gpus", "train.sh"]])
def test_without_a_script_standard_input_is_meant(words: list[str]) -> None:
    assert tell_apart(words, OWN).script == ""


@pytest.mark.parametrize("words", [["--wrap=a b"], ["--wrap", "a b"], ["--wra", "a b"]])
def test_a_command_may_stand_in_place_of_a_script(words: list[str]) -> None:
    told = tell_apart([*words, "-G1"], OWN)

    assert told.wraps
    assert (told.script, told.flags) == ("", ["-G1"])


REFUSALS = {
    "a script beside a command": (["--wrap", "hostname", "train.sh"], "keep one of them"),
    "arguments for the script": (["train.sh", "epochs=3"], "arguments for a script are not"),
    "arguments after --": (["train.sh", "--", "-x"], "arguments for a script are not"),
    "a value that is missing": (["train.sh", "--gpus"], "--gpus needs a value"),
    "a mistyped option of sbatch": (["--gpuss", "4", "train.sh"], "did you mean --gpus?"),
    "a mistyped option of ours": (["--projct", "nlp", "train.sh"], "did you mean --project?"),
}


@pytest.mark.parametrize(("words", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_line_that_cannot_be_told_apart_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(CliError, match=message.replace("?", r"\?")):
        tell_apart(words, OWN)
