"""Tests of the units, their settings, and the container file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from scheduler.agent.main import DRAIN_S
from scheduler.config import Settings
from scheduler.engine_limits import TICK_PATIENCE_S
from tests.agent.test_program import soon
from tests.deploy.documents import ROOT

DEPLOY = ROOT / "deploy"
SERVICE, AGENT = "tendik-scheduler", "tendik-agent"
TENDIK = Path(sys.executable).with_name("tendik")
BECOME_NOBODY = """
import subprocess
print(subprocess.check_output(
    ["id", "-u", "-n"], user="nobody", group="nogroup", extra_groups=[], cwd="/", text=True))
"""


def unit(name: str) -> Path:
    return DEPLOY / "systemd" / f"{name}.service"


def service(name: str) -> dict[str, str]:
    """Return the settings of the unit's [Service] part."""
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep case
    parser.read(unit(name), encoding="utf-8")
    return dict(parser["Service"])


def instructions() -> list[str]:
    """Return the container file's lines without comments."""
    text = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    return re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ").splitlines()


def environment_example() -> dict[str, str]:
    """Return every setting of the example, whether it is set or shown as the default."""
    text = (DEPLOY / "systemd" / "scheduler.env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?(TENDIK_\w+)=(.*)$", text, re.M))


def without_privileges(*command: str) -> list[str]:
    """Return the command held to the agent's capabilities."""
    kept = re.findall(r"CAP_(\w+)", service(AGENT)["CapabilityBoundingSet"])
    bounds = ",".join(["-all", *(f"+{name.lower()}" for name in kept)])
    return ["setpriv", f"--bounding-set={bounds}", "--no-new-privs", *command]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", [SERVICE, AGENT])
def test_systemd_accepts_the_unit(name: str, tmp_path: Path) -> None:
    copy = tmp_path / unit(name).name
    # The real program is not installed where tests run; everything else is as shipped.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit(name).read_text(), flags=re.M)
    copy.write_text(text)

    done = run("systemd-analyze", "verify", "--man=no", str(copy))

    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_leaves_time_for_the_whole_drain() -> None:
    grace_s: float = Settings.model_fields["drain_grace_s"].default

    assert float(service(SERVICE)["TimeoutStopSec"]) > grace_s + max(grace_s, TICK_PATIENCE_S) + 12
    assert float(service(AGENT)["TimeoutStopSec"]) > DRAIN_S


def test_the_agent_lets_jobs_working_directories_be_entered() -> None:
    assert service(AGENT)["ProtectHome"] == "read-only"


def test_the_service_is_an_account_without_any_capability() -> None:
    assert (service(SERVICE)["User"], service(SERVICE)["CapabilityBoundingSet"]) == ("tendik", "")


def test_the_service_goes_where_its_agent_listens() -> None:
    listens = re.search(r"--listen (\S+)", service(AGENT)["ExecStart"])

    assert listens is not None
    assert environment_example()["TENDIK_AGENT"] == listens[1]
    assert f"--group {service(SERVICE)['Group']}" in service(AGENT)["ExecStart"]


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a socket to a group needs root")
def test_the_agents_capabilities_suffice_to_give_its_socket_to_a_group(tmp_path: Path) -> None:
    path = tmp_path / "own" / "agent.sock"
    options = ("--listen", f"unix:{path}", "--group", "daemon", "--backend", "simulated")
    held = without_privileges("--groups=daemon", str(TENDIK), "agent", *options)
    with subprocess.Popen(held) as agent:
        try:
            assert soon(lambda: path.exists() and path.group() == "daemon")
        finally:
            agent.terminate()


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_the_units_capabilities_suffice_to_become_another_user() -> None:
    command = without_privileges("python3", "-c", BECOME_NOBODY)

    assert subprocess.check_output(command, text=True).strip() == "nobody"


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_the_units_capabilities_do_not_open_other_peoples_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("private")
    secret.chmod(0o600)
    shutil.chown(secret, "nobody")

    done = run(*without_privileges("cat", str(secret)))

    assert "Permission denied" in done.stderr


def test_the_example_shows_every_setting_and_no_other() -> None:
    known = {f"TENDIK_{name.upper()}" for name in Settings.model_fields}

    assert set(environment_example()) == known


def test_the_examples_values_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_example().items():
        if not name.startswith("TENDIK_AGENT_"):  # of an agent beyond the machine
            monkeypatch.setenv(name, value)

    assert Settings().backend == "slurm"


def test_lines_shown_as_defaults_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / "systemd" / "scheduler.env.example").read_text(encoding="utf-8")
    # Unset by default; a place is shown.
    for name, value in re.findall(r"^#TENDIK_(\w+)=(.*)$", text, re.M):
        if not name.endswith(("_FILE", "_FOLDER")):
            monkeypatch.setenv(f"TENDIK_{name}", value)

    assert Settings() == Settings.model_construct()


def test_the_container_takes_python_packages_from_the_folder_only() -> None:
    installs = [line for line in instructions() if "pip install" in line]

    assert installs
    assert all("--network=none" in line and "--no-index" in line for line in installs)


def test_the_container_names_no_registry_and_starts_from_debian_12() -> None:
    origins = [line.split()[1] for line in instructions() if line.startswith("FROM")]
    stages = {
        line.split()[3] for line in instructions() if line.startswith("FROM") and " AS " in line
    }

    assert set(origins) - stages == {"debian:12-slim"}
    assert "://" not in "\n".join(instructions()).replace("sqlite:///", "")
