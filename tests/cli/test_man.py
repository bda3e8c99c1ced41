"""Manual pages: one for every command, and nothing in them that roff would take for its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Tendik
from tests.cli.test_output import WITHOUT_RECORDS, WORDS


def test_every_command_has_a_page(tendik: Tendik, tmp_path: Path) -> None:
    result = tendik("man", "--output", str(tmp_path / "man1"))

    written = {Path(line).stem for line in result.stdout.splitlines()}
    commands = {command.replace(" ", "-") for command in {*WORDS, *WITHOUT_RECORDS}}
    assert {f"tendik-{command}" for command in commands} | {"tendik"} <= written


def test_a_page_has_usage_options_and_exit_codes(tendik: Tendik, tmp_path: Path) -> None:
    tendik("man", "--output", str(tmp_path))

    page = (tmp_path / "tendik-queue.1").read_text(encoding="utf-8")
    assert "tendik\\-queue \\- List your jobs that wait and run, newest first." in page
    assert "\\fB\\-\\-state" in page
    assert ".SH EXIT STATUS\n.TP\n\\fB0\\fR\ndone as asked" in page


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_roff_has_nothing_against_any_page(tendik: Tendik, tmp_path: Path) -> None:
    tendik("man", "--output", str(tmp_path))
    pages = sorted(map(str, tmp_path.glob("*.1")))

    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", *pages],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stderr == ""


def test_a_folder_that_cannot_be_made_is_said_so(tendik: Tendik, script: str) -> None:
    result = tendik("man", "--output", f"{script}/man1")

    assert result.exit_code == 2
    assert "cannot write" in result.stderr
