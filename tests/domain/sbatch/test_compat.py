"""What becomes of each option of a script is told by its line."""

from __future__ import annotations

import pytest

from scheduler.domain.sbatch.compat import FATES, Fate, findings
from scheduler.domain.sbatch.options import Handling


def told(*lines: str, flags: tuple[str, ...] = ()) -> list[tuple[int, str, Fate, str]]:
    script = "\n".join(["#!/bin/bash", *lines, ""])
    found = findings(script, flags, "/home/aru")
    return [(one.line, one.written, one.fate, one.text) for one in found]


FOUND = {
    "read, with what is understood": (
        "#SBATCH --gres=gpu:h200:2",
        "--gres=gpu:h200:2",
        Fate.READ,
        "GPUs on each node: 2 of type h200",
    ),
    "a walltime": ("#SBATCH -G1 -t 1-0", "--time=1-0", Fate.READ, "walltime: 1440 minutes"),
    "memory": ("#SBATCH -G1 --mem=2G", "--mem=2G", Fate.READ, "memory on each node: 2048 MiB"),
    "features": (
        "#SBATCH -G1 -C a&b|c",
        "--constraint=a&b|c",
        Fate.READ,
        "node features joined by & and |: a and b or c",
    ),
    "partitions": (
        "#SBATCH -G1 -p alem,all",
        "--partition=alem,all",
        Fate.READ,
        "partitions that will do: alem or all",
    ),
    "an array": (
        "#SBATCH -G1 -a 0-9%2",
        "--array=0-9%2",
        Fate.ANSWERED,
        "one job for each index: 10 elements",
    ),
    "passed on": ("#SBATCH -G1 -o a", "--output=a", Fate.PASSED, "file for standard output"),
    "a signal": (
        "#SBATCH -G1 --signal=B:USR1",
        "--signal=B:USR1",
        Fate.PASSED,
        "signal before the end of the walltime: USR1, to the script",
    ),
    "refused": (
        "#SBATCH -G1 --qos=high",
        "--qos",
        Fate.REFUSED,
        "there is normal alone, not 'high': shares decide who goes first; leave it out",
    ),
    "what looks like a directive": (
        "#SBATCH -G1\n##SBATCH -N4",
        "##SBATCH -N4",
        Fate.IGNORED,
        "a directive begins with #SBATCH, in capitals and at the line's beginning",
    ),
    "a directive that comes too late": (
        "#SBATCH -G1\nsrun a\n#SBATCH --exclusive",
        "#SBATCH --exclusive",
        Fate.IGNORED,
        "it stands after the first command, in line 3",
    ),
}


@pytest.mark.parametrize(
    ("text", "written", "fate", "words"), FOUND.values(), ids=list(FOUND.keys())
)
def test_an_option_is_told(text: str, written: str, fate: Fate, words: str) -> None:
    assert (written, fate, words) in [one[1:] for one in told(text)]


def test_what_is_said_again_is_overridden_by_the_later_line_or_by_a_flag() -> None:
    found = told("#SBATCH -N1 -G1", "#SBATCH -N2", flags=("-G", "2"))

    assert [(line, written, fate) for line, written, fate, _ in found] == [
        (2, "--nodes=1", Fate.OVERRIDDEN),
        (2, "--gpus=1", Fate.OVERRIDDEN),
        (3, "--nodes=2", Fate.READ),
        (0, "--gpus=2", Fate.READ),
    ]
    assert (found[0][3], found[1][3]) == ("line 3 says --nodes again", "a flag says --gpus again")


def test_options_that_do_not_go_together_are_refused_with_the_line_of_one() -> None:
    found = told("#SBATCH --gpus=5", "#SBATCH --nodes=2")

    assert [(line, written) for line, written, fate, _ in found if fate is Fate.REFUSED] == [
        (2, "--gpus")
    ]


def test_every_handling_is_a_fate() -> None:
    assert set(FATES) == set(Handling)
