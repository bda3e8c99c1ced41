"""The development cluster: its conf files, what it refuses, and that it really runs jobs."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.slurm.devcluster.daemons import running, stop
from deploy.slurm.devcluster.folder import remove_folder
from deploy.slurm.devcluster.processes import Process, look
from deploy.slurm.devcluster.programs import PACKAGES, ProgramsMissing, require_programs
from deploy.slurm.devcluster.render import render
from deploy.slurm.devcluster.settings import Settings, SettingsError

if TYPE_CHECKING:
    from tests.slurm.conftest import SlurmCluster

FOLDER = Path("/srv/slurm")


def conf(name: str = "slurm.conf", **changes: object) -> str:
    return render(Settings(**{"folder": FOLDER, **changes}))[name]  # type: ignore[arg-type]  # ours


def test_every_node_has_a_port_of_its_own() -> None:
    assert "NodeName=n[1-3] " in conf(nodes=3, base_port=20000)
    assert " Port=[20002-20004] " in conf(nodes=3, base_port=20000)


def test_a_single_node_is_written_without_a_range() -> None:
    text = conf(nodes=1, base_port=20000)

    assert "NodeName=n1 " in text
    assert " Port=20002 " in text


def test_slurmctld_and_slurmdbd_listen_on_the_first_two_ports() -> None:
    assert "SlurmctldPort=20000\n" in conf(base_port=20000)
    assert "AccountingStoragePort=20001\n" in conf(base_port=20000)
    assert "DbdPort=20001\n" in conf("slurmdbd.conf", base_port=20000)


def test_a_node_claims_as_many_gpus_as_it_has_device_files() -> None:
    assert "Gres=gpu:h200:4 " in conf(gpus_per_node=4)
    assert "File=/srv/slurm/gpu/gpu[0-3]\n" in conf("gres.conf", gpus_per_node=4)


def test_min_job_age_is_written() -> None:
    assert "MinJobAge=7\n" in conf(min_job_age_s=7)


@pytest.mark.parametrize(
    ("scheduling", "priority"),
    [
        ("in-order", "priority/basic"),
        ("fair-tree", "priority/multifactor"),
        ("deep-backfill", "priority/multifactor"),
    ],
)
def test_the_order_of_jobs_is_decided_by_whom_the_settings_name(
    scheduling: str, priority: str
) -> None:
    assert conf(scheduling=scheduling).count("PriorityType=") == 1
    assert f"\nPriorityType={priority}\n" in conf(scheduling=scheduling)


@pytest.mark.parametrize("name", ["slurm.conf", "gres.conf", "slurmdbd.conf"])
def test_conf_files_name_no_path_outside_the_folder(name: str) -> None:
    lines = [line for line in conf(name).splitlines() if not line.startswith("#")]
    values = [
        word.partition("=")[2].removeprefix("socket=") for line in lines for word in line.split()
    ]

    assert {v for v in values if v.startswith("/") and not v.startswith(f"{FOLDER}/")} <= {
        "/bin/true"
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"nodes": 0}, id="no node"),
        pytest.param({"gpus_per_node": 65}, id="too many GPUs"),
        pytest.param({"scheduling": "lottery"}, id="a scheduling that has no file"),
        pytest.param({"base_port": 65530}, id="ports beyond the last"),
        pytest.param({"users": ("rm -rf",)}, id="a user name with a space"),
        pytest.param({"folder": Path("relative")}, id="a relative folder"),
        pytest.param({"folder": Path("/srv/" + "x" * 100)}, id="a path too long for a socket"),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        Settings(**{"folder": FOLDER, **changes})  # type: ignore[arg-type]  # wrong on purpose


def test_missing_programs_are_named_with_their_packages() -> None:
    with pytest.raises(
        ProgramsMissing, match=r"slurmd, sinfo; try: apt-get install slurmd slurm-client"
    ):
        require_programs(lambda program: None if program in {"slurmd", "sinfo"} else "/usr/bin/x")


def test_a_machine_without_any_program_is_told_each_package_once() -> None:
    with pytest.raises(ProgramsMissing) as caught:
        require_programs(lambda program: None)

    assert caught.value.programs == tuple(PACKAGES)
    assert str(caught.value).count("slurm-client") == 1


def test_a_pid_that_now_belongs_to_another_process_is_not_ended(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    pid_file = tmp_path / "slurmctld.pid"
    pid_file.write_text(f"{bystander.pid} 1 slurmctld\n")

    stop(pid_file)

    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_recorded_process_is_ended_by_its_pid_file(tmp_path: Path) -> None:
    child = subprocess.Popen(["sleep", "60"])
    process = _seen(child.pid)
    pid_file = tmp_path / "sleep.pid"
    pid_file.write_text(f"{process.pid} {process.started_ticks} {process.program}\n")
    assert running(pid_file) == process

    stop(pid_file)

    assert child.wait(timeout=5) == -signal.SIGTERM
    assert not pid_file.exists()


def test_a_folder_that_is_no_cluster_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(SettingsError, match="does not look like"):
        remove_folder(tmp_path)

    assert (tmp_path / "thesis.tex").exists()


def test_status_says_when_no_cluster_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.slurm.devcluster", "status", "--dir", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (3, f"no cluster runs in {tmp_path}\n")


@pytest.mark.slurm
def test_a_job_runs_as_its_user_and_sees_its_gpus(slurm_cluster: SlurmCluster) -> None:
    user = slurm_cluster.users[0]
    output = slurm_cluster.home(user) / "own-gpus.out"
    subprocess.run(
        ["runuser", "-u", user, "--", "sbatch", f"--chdir={output.parent}", f"--output={output}",
         "--wait", "--gpus=3", "--wrap", "id -un; echo $CUDA_VISIBLE_DEVICES"],
        env=dict(slurm_cluster.env), check=True, capture_output=True, timeout=60,
    )  # fmt: skip

    name, gpus = output.read_text().split()
    assert name == user
    assert len(gpus.split(",")) == 3
    assert output.owner() == user


def _seen(pid: int) -> Process:
    while not (process := look(pid)):
        time.sleep(0.01)
    return process
