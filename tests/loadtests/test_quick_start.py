"""The quick start is found in the guide as it is written."""

from __future__ import annotations

import pytest

from loadtests.quick_start import GUIDE, WRITTEN_SERVER, figure_of, written


def test_the_guides_quick_start_logs_in_submits_and_looks() -> None:
    prose, blocks = written(GUIDE.read_text(encoding="utf-8"))
    commands = "".join(blocks)

    assert f"tendik login --server {WRITTEN_SERVER} --token-file my.token\n" in commands
    assert commands.endswith("tendik submit hello.sh\ntendik queue\n")
    assert "```" not in prose


def test_a_guide_without_a_quick_start_is_refused() -> None:
    with pytest.raises(LookupError, match="no section"):
        written("# Guide\n\n## Reference\n")


def test_reading_and_typing_count() -> None:
    figure = figure_of("word " * 150, ["x" * 240], runs_s=60.0)

    assert (figure.value, figure.holds) == (4.0, True)
    assert not figure_of("word " * 600, ["x" * 240], runs_s=60.0).holds
