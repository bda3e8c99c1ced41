"""The list of planted defects is true: each text is in the code once, each test exists."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.listing import FOLDER, ROOT, Mutant, WrongList, all_mutants

MUTANTS = all_mutants()
# Those that the simulation hunts by its seeds, see docs/track-record.md.
HUNTED = all_mutants(FOLDER / "simulation")


@pytest.mark.parametrize("mutant", [*MUTANTS, *HUNTED], ids=lambda mutant: mutant.name)
def test_a_planted_defect_fits_the_code(mutant: Mutant) -> None:
    planted = mutant.planted((ROOT / mutant.file).read_text(encoding="utf-8"))

    ast.parse(planted)
    assert all((ROOT / test.split("::")[0]).exists() for test in mutant.tests)


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)

    assert names.total() >= 40
    assert max(names.values()) == 1
    assert len({mutant.name for mutant in HUNTED}) == len(HUNTED) >= 20


def test_a_text_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    entry = '[[mutant]]\nname = "gone"\nold = "a"\nnew = "b"\n'
    (tmp_path / "one.toml").write_text('file = "x.py"\ntests = ["tests"]\n' + entry)

    (mutant,) = all_mutants(tmp_path)

    with pytest.raises(WrongList, match=r"«gone»: its old text is 0 times in x\.py"):
        mutant.planted("nothing of it")


def test_an_entry_with_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    entry = '[[mutant]]\nname = "odd"\nold = "a"\nnew = "b"\nreason = "c"\n'
    (tmp_path / "one.toml").write_text('file = "x.py"\ntests = ["tests"]\n' + entry)

    with pytest.raises(WrongList, match=r"«odd»: look at .*reason"):
        all_mutants(tmp_path)
