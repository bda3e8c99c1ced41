"""Logging in, contexts, and what takes precedence."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from scheduler.cli.contexts import Config, Context, Flags, is_loopback, resolve
from scheduler.cli.errors import CliError
from tests.cli.conftest import Tendik
from tests.cli.service import Service, add_to
from tests.cli.world import TOKEN

STORED = Config("home", {"home": Context("home:1", "t-home"), "work": Context("work:2", "t-work")})
ENVIRON = {"TENDIK_SERVER": "env:3", "TENDIK_TOKEN": "t-env"}


@pytest.fixture
def fresh(environ: dict[str, str]) -> dict[str, str]:
    """Return an environment that says nothing of a service."""
    del environ["TENDIK_SERVER"], environ["TENDIK_TOKEN"]
    return environ


def config_file(environ: dict[str, str]) -> Path:
    return Path(environ["HOME"], ".config", "tendik", "config.toml")


def test_login_checks_the_token_and_stores_it_for_the_user_alone(
    tendik: Tendik, address: str, fresh: dict[str, str]
) -> None:
    result = tendik("login", "--server", address, "--token-file", "-", stdin=f"{TOKEN}\n")

    assert result.exit_code == 0
    assert "as aliya (researcher) of astana-university, class universities" in result.stdout
    assert config_file(fresh).stat().st_mode & 0o777 == 0o600
    assert tendik("whoami", "-o", "json").exit_code == 0


def test_what_there_is_not_is_not_shown(tendik: Tendik) -> None:
    shown = tendik("whoami").stdout

    assert "aliya" in shown
    assert "None" not in shown


def test_a_wrong_token_is_not_stored(tendik: Tendik, address: str, fresh: dict[str, str]) -> None:
    result = tendik("login", "--server", address, "--token", "tdk_wrong")

    assert result.exit_code == 5
    assert "this token names nobody (NOT_AUTHENTICATED)" in result.stderr
    assert not config_file(fresh).exists()


def test_contexts_are_listed_chosen_shown_and_removed(
    tendik: Tendik, address: str, fresh: dict[str, str]
) -> None:
    for name in ("one", "two"):
        tendik("login", "--server", address, "--token", TOKEN, "--context", name)

    assert f"*  two   {address}" in tendik("context", "list").stdout
    assert tendik("context", "use", "one").exit_code == 0
    shown = tendik("context", "show").stdout
    assert TOKEN not in shown
    assert "tdk_… (12 characters)" in shown
    assert tendik("context", "remove", "one").exit_code == 0
    assert tendik("context", "use", "one").exit_code == 4


PRECEDENCE = {
    "the context in use": (Flags(), {}, ("home:1", "t-home")),
    "the environment before the context": (Flags(), ENVIRON, ("env:3", "t-env")),
    "a context that the environment names": (
        Flags(),
        {"TENDIK_CONTEXT": "work"},
        ("work:2", "t-work"),
    ),
    "a context flag before the environment": (
        Flags(context="work"),
        ENVIRON,
        ("work:2", "t-work"),
    ),
    "flags before the environment": (
        Flags(server="flag:4", token="t-flag"),
        ENVIRON,
        ("flag:4", "t-flag"),
    ),
    "a server flag with the environment's token": (
        Flags(server="flag:4"),
        ENVIRON,
        ("flag:4", "t-env"),
    ),
}


@pytest.mark.parametrize(
    ("flags", "environ", "expected"), PRECEDENCE.values(), ids=PRECEDENCE.keys()
)
def test_flags_come_before_the_environment_before_the_file(
    flags: Flags, environ: dict[str, str], expected: tuple[str, str]
) -> None:
    found = resolve(flags, environ, STORED)

    assert (found.server, found.token) == expected


def test_a_stored_token_goes_only_to_its_own_server() -> None:
    assert resolve(Flags(server="elsewhere:9"), {}, STORED).token == ""
    assert resolve(Flags(server="home:1"), {}, STORED).token == "t-home"


def test_a_token_does_not_travel_in_clear_text() -> None:
    with pytest.raises(CliError, match="would travel there in clear text"):
        Context("tendik.example:7443", "t").checked()

    assert Context("tendik.example", "t", insecure=True).checked().server == "tendik.example:7443"
    assert Context("tendik.example:1", "t", "ca.pem").checked().tls_ca == "ca.pem"


@pytest.mark.parametrize(
    "server", ["localhost:1", "127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "unix:/run/tendik.sock"]
)
def test_this_machine_is_loopback(server: str) -> None:
    assert is_loopback(server)


@pytest.mark.parametrize("server", ["10.0.0.1:1", "127.0.0.1.example:1", "localhost.example:1"])
def test_other_machines_are_not_loopback(server: str) -> None:
    assert not is_loopback(server)


@pytest.mark.parametrize("server", ["", "a b", "host:port", "host:99999", "http://host:1", "::1"])
def test_what_is_no_address_is_refused(server: str) -> None:
    with pytest.raises(CliError, match="is no address"):
        Context(server, "t").checked()


BROKEN = {
    "not TOML": ("current = ", "cannot read"),
    "an unknown key": ("colour = 1", "unknown key 'colour'"),
    "an unknown key of a context": ('[contexts.a]\nserverr = "x"', "[contexts.a]: unknown key"),
    "a wrong type": ("[contexts.a]\nserver = 3", "[contexts.a]: server must be a str, not 3"),
    "no table": ("contexts = 3", "contexts must be a table"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_with_its_place(
    tendik: Tendik, fresh: dict[str, str], text: str, message: str
) -> None:
    config_file(fresh).parent.mkdir(parents=True)
    config_file(fresh).write_text(text)

    result = tendik("context", "list")

    assert result.exit_code == 2
    assert message in result.stderr
    assert str(config_file(fresh)) in result.stderr


def test_a_file_that_others_can_read_is_warned_of(
    tendik: Tendik, address: str, fresh: dict[str, str]
) -> None:
    tendik("login", "--server", address, "--token", TOKEN)
    config_file(fresh).chmod(0o644)

    result = tendik("whoami", "-o", "json")

    assert json.loads(result.stdout)["user"] == "aliya"
    assert "others can read" in result.stderr


def test_without_a_service_it_says_how_to_log_in(tendik: Tendik, fresh: dict[str, str]) -> None:
    result = tendik("queue")

    assert result.exit_code == 2
    assert "tendik login --server" in result.stderr


@pytest.fixture
def tls_address(service: Service, tmp_path: Path) -> Iterator[str]:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "ca.pem"]
    subprocess.run([*command.split(), *files], cwd=tmp_path, check=True, capture_output=True)
    pair = ((tmp_path / "key.pem").read_bytes(), (tmp_path / "ca.pem").read_bytes())
    with ThreadPoolExecutor(max_workers=2) as threads:
        server = grpc.server(threads)
        add_to(server, service)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
        server.start()
        yield f"localhost:{port}"
        server.stop(grace=None).wait()


def test_tls_trusts_the_certificates_it_is_given(
    tendik: Tendik, tls_address: str, tmp_path: Path
) -> None:
    trusted = str(tmp_path / "ca.pem")
    stranger = "/etc/ssl/certs/ca-certificates.crt"

    assert tendik("whoami", "--server", tls_address, "--tls-ca", trusted).exit_code == 0
    assert tendik("whoami", "--server", tls_address, "--tls-ca", stranger).exit_code == 7
    assert tendik("whoami", "--server", tls_address, "--tls-ca", "nowhere").exit_code == 2
