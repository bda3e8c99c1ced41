"""`tendik shims install` writes launchers that run whatever the user's environment holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scheduler.cli.shims.hosts import host_list
from scheduler.cli.shims.programs import PROGRAMS
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import a_job


def test_the_folder_has_every_program(tendik: Tendik, tmp_path: Path) -> None:
    folder = tmp_path / "shims"
    told = tendik("shims", "install", str(folder))

    assert told.exit_code == 0
    assert f'export PATH="{folder}:$PATH"' in told.stdout
    assert {file.name for file in folder.iterdir()} == {*PROGRAMS, "srun", "tendik-task-prolog"}
    assert tendik("shims", "install", str(folder)).exit_code == 0


def test_a_file_of_somebody_elses_is_left_alone(tendik: Tendik, tmp_path: Path) -> None:
    (tmp_path / "squeue").write_text("#!/bin/sh\n")

    told = tendik("shims", "install", str(tmp_path))

    assert told.exit_code == 2
    assert f"{tmp_path / 'squeue'} is in the way" in told.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["squeue"]


def test_a_launcher_runs_whatever_the_users_python_is_told(
    tendik: Tendik, service: Service, environ: dict[str, str], tmp_path: Path
) -> None:
    tendik("shims", "install", str(tmp_path / "shims"))
    service.jobs = [a_job(1042)]
    broken = {**environ, "PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere", "PATH": "/usr/bin"}

    done = subprocess.run(
        [tmp_path / "shims" / "squeue", "-h", "-o%i"],
        env=broken, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("1042\n", "")


HOSTS = {
    "one": (["n1"], "n1"),
    "a row": (["n1", "n2", "n3"], "n[1-3]"),
    "gaps": (["n1", "n3", "n4", "n9"], "n[1,3-4,9]"),
    "zeros in front": (["n01", "n02", "n10"], "n[01-02],n10"),
    "two kinds": (["gpu1", "login", "cpu7", "gpu2"], "login,gpu[1-2],cpu7"),
    "none": ([], ""),
}


@pytest.mark.parametrize(("names", "short"), HOSTS.values(), ids=HOSTS.keys())
def test_nodes_are_named_in_short(names: list[str], short: str) -> None:
    assert host_list(names) == short
