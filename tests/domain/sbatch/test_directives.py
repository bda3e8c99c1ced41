"""Lines and flags become options as sbatch reads them, and nothing slips past the reader."""

from __future__ import annotations

import pytest

from scheduler.domain.sbatch.directives import (
    MAX_DIRECTIVE_LENGTH,
    MAX_FLAGS,
    MAX_SETTINGS,
    READERS,
    Reading,
    read_flags,
    read_script,
)
from scheduler.domain.sbatch.options import OPTIONS, Argument, Handling


def given(reading: Reading) -> list[tuple[str, int]]:
    assert reading.violations == []
    return [(str(setting), line) for setting, line in reading.settings]


def wrong(reading: Reading) -> list[str]:
    return [str(violation) for violation in reading.violations]


READ_LINES = {
    "long with =": ("#SBATCH --gpus=4", ["--gpus=4"]),
    "long with a space": ("#SBATCH --gpus 4", ["--gpus=4"]),
    "an unambiguous beginning": (
        "#SBATCH --part=alem --nodes=1",
        ["--partition=alem", "--nodes=1"],
    ),
    "a name that others begin with": ("#SBATCH --mem=1G", ["--mem=1G"]),
    "another name for the same": ("#SBATCH --tasks-per-node=2", ["--ntasks-per-node=2"]),
    "short with a space": ("#SBATCH -N 2", ["--nodes=2"]),
    "short joined": ("#SBATCH -N2 -G4", ["--nodes=2", "--gpus=4"]),
    "several letters": (
        "#SBATCH -vkoff -vvN 2",
        ["--verbose", "--no-kill=off", "--verbose", "--verbose", "--nodes=2"],
    ),
    "no space after the word": ("#SBATCH--gpus=4", ["--gpus=4"]),
    "tabs": ("#SBATCH\t--gpus\t4 ", ["--gpus=4"]),
    "quotes": ("""#SBATCH -o "a b" -J 'it is "x"'""", ["--output=a b", '--job-name=it is "x"']),
    "quotes within a word": ("""#SBATCH --job-name="a b"c""", ["--job-name=a bc"]),
    "a comment": ("#SBATCH --gpus=4 # for now", ["--gpus=4"]),
    "a comment within a word": ("#SBATCH --gpus=4#5", ["--gpus=4"]),
    "a # in quotes": ("#SBATCH -J 'a#b'", ["--job-name=a#b"]),
    "a value that looks like an option": ("#SBATCH -J --gpus=3", ["--job-name=--gpus=3"]),
    "a value of letters beyond ASCII": ("#SBATCH -J теңдік", ["--job-name=теңдік"]),
    "nothing": ("#SBATCH", []),
    "an optional value": ("#SBATCH --no-kill --propagate=NONE", ["--no-kill", "--propagate=NONE"]),
}


@pytest.mark.parametrize(("line", "want"), READ_LINES.values(), ids=READ_LINES.keys())
def test_a_line_is_read(line: str, want: list[str]) -> None:
    reading = read_script(f"#!/bin/sh\n{line}\n")

    assert given(reading) == [(setting, 2) for setting in want]


def test_reading_ends_at_the_first_command() -> None:
    lines = ["#!/bin/sh", "", "# note", "#SBATCH -N1", "  \t", "  # note", "#SBATCH -n2"]
    late = ["##SBATCH -n3", " #SBATCH -n4", "#sbatch -n5", "srun a", "#SBATCH -n6"]

    assert given(read_script("\n".join(lines + late))) == [("--nodes=1", 4), ("--ntasks=2", 7)]


def test_only_a_line_feed_ends_a_line() -> None:
    reading = read_script("#!/bin/sh\n# a\u2028#SBATCH -N1\x0b#SBATCH -N2\x85#SBATCH -N3\n")

    assert given(reading) == []


def test_a_space_beyond_ascii_is_a_command_as_it_is_to_sbatch() -> None:
    assert given(read_script("#!/bin/sh\n\u00a0\n#SBATCH -N1\n")) == []


WRONG_LINES = {
    "an unknown option": (
        "--gpu-per-node=1",
        "--gpu-per-node: is not an option of sbatch; did you mean --gpus-per-node?",
    ),
    "an unknown option like none": (
        "--zzzzzz",
        "--zzzzzz: is not an option of sbatch; see the table",
    ),
    "an unknown letter": ("-Z", "-Z: is not an option of sbatch; write the long name"),
    "an ambiguous beginning": (
        "--gpus-per=1",
        "--gpus-per: may mean several options: --gpus-per-node, --gpus-per-socket",
    ),
    "a missing value": ("--gpus", "--gpus: needs a value: -G, --gpus=[type:]n"),
    "a missing value of a letter": ("-N", "--nodes: needs a value"),
    "a value too many": ("--requeue=yes", "--requeue: takes no value"),
    "a stray word": ("4 --gpus=1", "'4': is not an option"),
    "the end of options": ("-- --gpus=1", "'--': is not an option"),
    "an open quote": ("-J 'a", "#SBATCH: has a quote that is not closed"),
    "a refused option by its beginning": (
        "--exclus=user",
        "--exclusive: is refused: it takes whole nodes",
    ),
    "a refused option by its letter": ("-vx n1", "--exclude: is refused: it places the job"),
    "another part": ("hetjob", "#SBATCH: heterogeneous jobs are not taken"),
    "another part by its old name": ("-J x PackJob", "#SBATCH: heterogeneous jobs are not taken"),
    "another part as a value": ("-J hetjob", "#SBATCH: heterogeneous jobs are not taken"),
    "a colon that parts jobs": ("-N1 : -N2", "#SBATCH: Slurm does not read ':' as a word"),
    "an empty word": ("-J '' -N1", "#SBATCH: Slurm does not read '' as a word"),
    "a backslash that quotes in Slurm": (r"-J 'a\'' --exclusive #'", "#SBATCH: has a backslash"),
    "a carriage return": ("-N1\r", "#SBATCH: has a carriage return"),
    "a control character": ("-N1\x0b", "#SBATCH: has a carriage return or another control"),
    "a value that sbatch refuses though it is only passed on": (
        "--open-mode=both",
        "--open-mode: must be written as --open-mode=append|truncate, not 'both'",
    ),
    "a very long line": ("-J " + "x" * MAX_DIRECTIVE_LENGTH, "#SBATCH: is longer than"),
}


@pytest.mark.parametrize(("line", "want"), WRONG_LINES.values(), ids=WRONG_LINES.keys())
def test_a_wrong_line_is_named(line: str, want: str) -> None:
    first, *_ = wrong(read_script(f"#!/bin/sh\n#SBATCH {line}\n"))

    assert first.startswith(f"line 2: {want}")


FOREIGN = {
    "another scheduler's, even after the first command": ("srun a\n#PBS -l nodes=4", "#PBS"),
    "a third scheduler's": ("#BSUB -n 4", "#BSUB"),
    "an old spelling that Slurm obeys": ("#SLURM --exclusive", "#SLURM"),
}


@pytest.mark.parametrize(("text", "name"), FOREIGN.values(), ids=FOREIGN.keys())
def test_a_line_that_slurm_would_obey_is_refused(text: str, name: str) -> None:
    (refusal,) = wrong(read_script(f"#!/bin/sh\n{text}\n"))

    assert f"{name}: Slurm would obey this line" in refusal


def test_lines_of_other_schedulers_may_stay_where_slurm_is_told_to_ignore_them() -> None:
    reading = read_script("#!/bin/sh\n#SBATCH --ignore-pbs\nsrun a\n#PBS -l nodes=4\n")

    assert given(reading) == [("--ignore-pbs", 2)]


WRONG_FLAGS = {
    "a newline": ["--job-name=a\n#SBATCH --exclusive"],
    "a NUL": ["--output=a\0b"],
    "too many": ["--verbose"] * (MAX_FLAGS + 1),
    "a stray word": ["train.sh"],
    "nothing": [""],
    "a missing value": ["--gpus"],
    "a refused option": ["--uid=0"],
}


@pytest.mark.parametrize("flags", WRONG_FLAGS.values(), ids=WRONG_FLAGS.keys())
def test_wrong_flags_are_refused_without_a_line(flags: list[str]) -> None:
    (violation,) = read_flags(flags).violations

    assert violation.line == 0


def test_flags_hold_any_value_that_a_command_line_holds() -> None:
    flags = ["-J", "a 'b' #c\\", "-o", "--x", "--output=y"]

    assert given(read_flags(flags)) == [
        ("--job-name=a 'b' #c\\", 0),
        ("--output=--x", 0),
        ("--output=y", 0),
    ]


def test_a_flood_of_directives_is_cut_short() -> None:
    reading = read_script("#!/bin/sh\n" + "#SBATCH -v\n" * 300_000)

    assert len(reading.settings) == MAX_SETTINGS
    assert wrong(reading)[0].startswith(f"line {MAX_SETTINGS + 2}: script: has more directives")


@pytest.mark.timeout(5)
def test_a_flood_of_faults_is_cut_short() -> None:
    line = "#SBATCH " + "--gpuss " * 2000

    assert len(wrong(read_script(f"#!/bin/sh\n{line}\n" * 100))) < 120


def test_every_option_that_is_read_has_a_reader() -> None:
    read = {option.name for option in OPTIONS if option.handling is Handling.READ}
    answered = {
        option.name
        for option in OPTIONS
        if option.handling is Handling.ANSWERED and option.argument is not Argument.NONE
    }

    # Slurm obeys --signal, and a recall uses it too.
    assert set(READERS) == read | answered | {"signal"}
