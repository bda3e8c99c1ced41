"""Scripts as they are written elsewhere, and what is made of each; the oracle asks sbatch too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sbatch.summary import EXPECTED, SCRIPTS, line

WANTED = {
    text.partition(":")[0]: text for text in EXPECTED.read_text(encoding="utf-8").splitlines()
}


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(SCRIPTS) >= 200
    assert set(WANTED) == {script.name for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_from_elsewhere_is_read_or_refused_by_name(script: Path) -> None:
    assert line(script) == WANTED[script.name]
