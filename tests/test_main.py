"""The service's own command: what it says when it cannot start, and that it stops in order."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from loadtests.stack import running_service
from scheduler import slurm_accounts
from scheduler.config import OF_OTHER_PROGRAMS, read_settings
from scheduler.errors import InvalidRequest

PROGRAM = str(Path(sys.executable).with_name("tendik-scheduler"))
ROOT = Path(__file__).resolve().parent.parent

# Settings with which the service cannot start, and a word of the one line that says so.
NO_START: Mapping[str, tuple[str, str, str]] = {
    "a wrong setting": ("TENDIK_BACKEND", "lsf", "TENDIK_BACKEND"),
    "a policy file that is not there": ("TENDIK_POLICY_FILE", "no.toml", "no.toml"),
    "a database in no folder": ("TENDIK_DATABASE_URL", "sqlite:////no/such/t.db", "/no/such/t.db"),
}

# Settings that are wrong, and words by which that is said.
WRONG: Mapping[str, tuple[dict[str, str], Sequence[str]]] = {
    "an unknown backend": ({"TENDIK_BACKEND": "lsf"}, ("TENDIK_BACKEND", "lsf")),
    "an address without a port": ({"TENDIK_LISTEN": "localhost"}, ("TENDIK_LISTEN", "localhost")),
    "an interval of nothing": (
        {"TENDIK_CYCLE_INTERVAL_S": "0"},
        ("TENDIK_CYCLE_INTERVAL_S", "'0'"),
    ),
    "a certificate without its key": (
        {"TENDIK_TLS_CERT_FILE": "tls.crt"},
        ("TENDIK_TLS_CERT_FILE", "TENDIK_TLS_KEY_FILE", "both"),
    ),
    "a key without its certificate": (
        {"TENDIK_TLS_KEY_FILE": "tls.key"},
        ("TENDIK_TLS_CERT_FILE", "TENDIK_TLS_KEY_FILE", "both"),
    ),
    "tokens in clear text": (
        {"TENDIK_LISTEN": "192.0.2.1:7443"},
        ("TENDIK_LISTEN", "192.0.2.1", "TENDIK_CLEARTEXT=true"),
    ),
    "an agent by plain TCP": (
        {"TENDIK_AGENT": "127.0.0.1:7445"},
        ("TENDIK_AGENT", "127.0.0.1:7445", "no plain TCP"),
    ),
    "an agent by TLS without certificates": (
        {"TENDIK_AGENT": "tls:agent:7445", "TENDIK_AGENT_CA_FILE": "ca.crt"},
        ("TENDIK_AGENT_CERT_FILE", "TENDIK_AGENT_KEY_FILE", "all three"),
    ),
    "certificates for an agent on this machine": (
        {"TENDIK_AGENT": "unix:/run/a.sock", "TENDIK_AGENT_CA_FILE": "ca.crt"},
        ("TENDIK_AGENT_CA_FILE", "none for any other"),
    ),
    "a slip in a name": (
        {"TENDIK_TLS_CERTFILE": "tls.crt"},
        ("TENDIK_TLS_CERTFILE", "did you mean TENDIK_TLS_CERT_FILE?"),
    ),
    "a name like no other": ({"TENDIK_QQ": "1"}, ("TENDIK_QQ", "is no setting")),
    "two faults at once": (
        {"TENDIK_BACKEND": "lsf", "TENDIK_LISTENS": "::"},
        ("TENDIK_BACKEND", "did you mean TENDIK_LISTEN?"),
    ),
}

# Addresses that need no TLS, or have it.
PROTECTED: Mapping[str, Mapping[str, str]] = {
    "IPv4 loopback": {"TENDIK_LISTEN": "127.0.0.2:1"},
    "IPv6 loopback": {"TENDIK_LISTEN": "[::1]:1"},
    "localhost": {"TENDIK_LISTEN": "localhost:1"},
    "a trusted network": {"TENDIK_LISTEN": "0.0.0.0:1", "TENDIK_CLEARTEXT": "true"},
    "TLS": {
        "TENDIK_LISTEN": "[::]:1",
        "TENDIK_TLS_CERT_FILE": "tls.crt",
        "TENDIK_TLS_KEY_FILE": "tls.key",
    },
    "a client's variables": dict.fromkeys(OF_OTHER_PROGRAMS, "x"),
}


def command(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a database in the folder."""
    own = {"TENDIK_DATABASE_URL": f"sqlite:///{folder / 'tendik.db'}", **settings}
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "value", "word"), NO_START.values(), ids=NO_START.keys())
def test_what_keeps_it_from_starting_is_said_in_one_line(
    name: str, value: str, word: str, tmp_path: Path
) -> None:
    done = command(tmp_path, "serve", **{name: value})

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert word in done.stderr


@pytest.mark.parametrize(("settings", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_is_refused_by_its_name(
    settings: Mapping[str, str], words: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidRequest) as told:
        read_settings()

    assert [word for word in words if word not in str(told.value)] == []


@pytest.mark.parametrize("settings", PROTECTED.values(), ids=PROTECTED.keys())
def test_an_address_is_taken_where_tokens_are_protected(
    settings: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    assert read_settings().listen == settings.get("TENDIK_LISTEN", "127.0.0.1:7443")


def test_the_databases_password_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENDIK_DATABASE_URL", "postgresql://tendik:hidden@127.0.0.1/tendik")
    monkeypatch.setenv("TENDIK_TLS_KEY_FILE", "tls.key")

    with pytest.raises(InvalidRequest) as told:
        read_settings()

    assert "hidden" not in str(told.value)


def test_it_drains_and_exits_with_success_when_told_to_stop(tmp_path: Path) -> None:
    with running_service(tmp_path, {"TENDIK_BACKEND": "simulated"}) as stack:
        process = stack.process
    assert process.returncode == 0
    log = (tmp_path / "service.log").read_text(encoding="utf-8")
    assert "draining" in log
    assert "engine_still_runs" not in log


def test_a_second_service_on_one_sqlite_file_is_refused_by_name(tmp_path: Path) -> None:
    with running_service(tmp_path, {"TENDIK_BACKEND": "simulated"}) as stack:
        done = command(tmp_path, "serve", TENDIK_METRICS_LISTEN="127.0.0.1:0")

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"process {stack.process.pid}" in done.stderr


def test_a_taken_port_is_one_line_and_leaves_nothing_running(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = command(
            tmp_path, "serve", TENDIK_LISTEN=address, TENDIK_METRICS_LISTEN="127.0.0.1:0"
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert address in done.stderr


def test_a_second_admin_of_the_same_name_is_refused(tmp_path: Path) -> None:
    first, second = (command(tmp_path, "init") for _ in range(2))

    assert first.stdout.startswith("tdk_")
    assert (second.returncode, second.stdout) == (1, "")
    assert "admin" in second.stderr


def test_the_token_goes_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "admin.token"

    done = command(tmp_path, "init", "--token-file", str(file))

    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_text(encoding="utf-8").startswith("tdk_")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("place", ["existing", "link", "dangling", "no/folder"])
def test_a_token_file_that_cannot_be_new_costs_no_token(place: str, tmp_path: Path) -> None:
    (tmp_path / "existing").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "existing")
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")

    refused = command(tmp_path, "init", "--token-file", str(tmp_path / place))

    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert place in refused.stderr
    assert (tmp_path / "existing").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "elsewhere").exists()
    # The name is still free: no admin was created whose token nobody has.
    assert command(tmp_path, "init").returncode == 0


def test_a_refused_admin_leaves_no_token_file(tmp_path: Path) -> None:
    command(tmp_path, "init")

    assert command(tmp_path, "init", "--token-file", str(tmp_path / "t")).returncode == 1
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("Қолданылуы:", "Командалар:", "Дерекқордың толық")),
        ("ru", ("Использование:", "Команды:", "Записать полную проверенную копию")),
    ],
)
def test_the_services_help_is_in_the_readers_language(
    language: str, words: tuple[str, ...]
) -> None:
    environ = {**os.environ, "TENDIK_LANGUAGE": language}
    program = [sys.executable, "-c", "from scheduler.main import run; run()", "--help"]

    told = subprocess.run(program, env=environ, capture_output=True, text=True, check=True).stdout

    assert all(word in told for word in words)
    assert "Show" not in told


def test_slurms_accounts_do_not_follow_an_empty_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its setting the program would look at a database that no service has."""
    monkeypatch.setenv("TENDIK_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")

    told = CliRunner().invoke(slurm_accounts.main, [])

    assert isinstance(told.exception, slurm_accounts.WrongDatabase)
    assert "TENDIK_DATABASE_URL" in str(told.exception)
