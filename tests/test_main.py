"""The service's own command: what it says when it cannot start, and that it stops in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from loadtests.stack import running_service

PROGRAM = str(Path(sys.executable).with_name("tendik-scheduler"))
ROOT = Path(__file__).resolve().parent.parent

# Each setting that is wrong, and a word of the one line that says so.
WRONG: Mapping[str, tuple[str, str]] = {
    "an unknown backend": ("TENDIK_BACKEND", "lsf"),
    "an address without a port": ("TENDIK_LISTEN", "localhost"),
    "an interval of nothing": ("TENDIK_CYCLE_INTERVAL_S", "0"),
    "a policy file that is not there": ("TENDIK_POLICY_FILE", "no-such.toml"),
    "a database in no folder": ("TENDIK_DATABASE_URL", "sqlite:////no/such/folder/t.db"),
}


@pytest.mark.parametrize(("name", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_is_one_line_that_names_it(name: str, value: str, tmp_path: Path) -> None:
    own = {"TENDIK_DATABASE_URL": f"sqlite:///{tmp_path / 'tendik.db'}", name: value}
    done = subprocess.run(
        [PROGRAM, "serve"],
        env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert value.removeprefix("sqlite:///") in done.stderr


def test_it_drains_and_exits_with_success_when_told_to_stop(tmp_path: Path) -> None:
    with running_service(tmp_path, {"TENDIK_BACKEND": "simulated"}) as stack:
        process = stack.process
    assert process.returncode == 0
    assert "draining" in (tmp_path / "service.log").read_text(encoding="utf-8")


def test_a_second_admin_of_the_same_name_is_refused(tmp_path: Path) -> None:
    own = {"TENDIK_DATABASE_URL": f"sqlite:///{tmp_path / 'tendik.db'}"}
    outcomes = [
        subprocess.run(
            [PROGRAM, "init"],
            env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert outcomes[0].stdout.startswith("tdk_")
    assert (outcomes[1].returncode, outcomes[1].stdout) == (1, "")
    assert "admin" in outcomes[1].stderr
