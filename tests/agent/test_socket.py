"""Who may come to an agent's socket, and whose socket a service comes to."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.agent.address import TlsAddress, UnixSocket, address_of
from scheduler.agent.kept_socket import kept_folder
from scheduler.agent.trust import check_socket
from scheduler.backend.simulated import embedded_cluster
from scheduler.clock import ManualClock
from scheduler.errors import BackendUnavailable, InvalidRequest
from tests.agent.rig import Agent

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="being somebody else needs root")
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
# Who listens is who was it when it began to listen.
LISTEN_AS_NOBODY = """
import os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
os.setuid(65534)
server.listen()
print("listens", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, as pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="tendik-socket-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "own" / "a.sock"


def agent_at(path: Path) -> Agent:
    return Agent(embedded_cluster(ManualClock()), path)


def connects_as(path: Path, *groups: str) -> bool:
    """Say whether the account nobody, in these groups, may connect."""
    done = subprocess.run(
        ["/usr/bin/python3", "-c", CONNECT, str(path)],
        user="nobody", group="nogroup", extra_groups=groups, cwd="/", capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0 or b"PermissionError" in done.stderr, done.stderr
    return done.returncode == 0


ADDRESSES = {
    "unix:/run/tendik/agent.sock": UnixSocket(Path("/run/tendik/agent.sock")),
    "tls:agent.cluster:7445": TlsAddress("agent.cluster:7445"),
    "tls:[::1]:7445": TlsAddress("[::1]:7445"),
}
NO_ADDRESSES = {
    "127.0.0.1:7445": "no plain TCP",
    "tcp:127.0.0.1:7445": "no plain TCP",
    "http://127.0.0.1:7445": "no plain TCP",
    "tls:agent.cluster": "tls:HOST:PORT",
    "unix:agent.sock": "whole path",
    "unix:/run/": "whole path",
    f"unix:/{'x' * 107}": "107 bytes",
    "": "no address",
}


@pytest.mark.parametrize(("text", "address"), ADDRESSES.items(), ids=ADDRESSES)
def test_an_address_is_read_and_written_alike(text: str, address: object) -> None:
    assert address_of(text) == address
    assert str(address) == text


@pytest.mark.parametrize(("text", "word"), NO_ADDRESSES.items(), ids=range(len(NO_ADDRESSES)))
def test_what_is_no_address_is_refused_with_its_mend(text: str, word: str) -> None:
    with pytest.raises(InvalidRequest, match=word):
        address_of(text)


@needs_root
def test_without_a_group_nobody_else_may_connect(path: Path) -> None:
    with agent_at(path).running():
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not connects_as(path)
        assert agent_at(path).client().read(()).nodes

    assert not path.parent.exists()


@needs_root
def test_with_a_group_its_members_may_connect_and_nobody_else(path: Path) -> None:
    with agent_at(path).running(group="daemon"):
        assert connects_as(path, "daemon")
        assert not connects_as(path)


def test_a_second_agent_at_the_same_socket_is_refused(path: Path) -> None:
    with (
        agent_at(path).running(),
        pytest.raises(InvalidRequest, match="another agent listens"),
        agent_at(path).running(),
    ):
        pass


def test_a_socket_that_a_crash_left_behind_is_in_nobodys_way(path: Path) -> None:
    path.parent.mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(path))

    with agent_at(path).running():
        assert agent_at(path).client().read(()).nodes


def replaced_by_a_link(folder: Path) -> None:
    folder.rmdir()
    folder.symlink_to("/tmp")


WRONG_FOLDERS: Mapping[str, tuple[Callable[[Path], object], str]] = {
    "one where other things live": (lambda own: (own / "precious").mkdir(), "precious too"),
    "a link": (replaced_by_a_link, "no folder of our own"),
}


@pytest.mark.parametrize(("spoil", "word"), WRONG_FOLDERS.values(), ids=WRONG_FOLDERS.keys())
def test_a_folder_that_is_not_the_sockets_own_is_left_as_it_is(
    spoil: Callable[[Path], object], word: str, path: Path
) -> None:
    path.parent.mkdir(mode=0o755)
    spoil(path.parent)
    before = path.parent.stat().st_mode

    with pytest.raises(InvalidRequest, match=word), kept_folder(path, ""):
        pass
    assert path.parent.stat().st_mode == before


def test_a_group_that_does_not_exist_is_named(path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no group 'no-such'"), kept_folder(path, "no-such"):
        pass
    assert not path.parent.exists()


@needs_root
def test_a_socket_that_somebody_else_serves_is_refused_by_his_name(path: Path) -> None:
    path.parent.mkdir()
    with subprocess.Popen(
        ["/usr/bin/python3", "-c", LISTEN_AS_NOBODY, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(BackendUnavailable, match="served by nobody, not by root"):
            agent_at(path).client().read(())
        assert other.stdin is not None
        other.stdin.close()


@needs_root
def test_a_folder_of_somebody_else_is_refused_by_his_name(path: Path) -> None:
    path.parent.mkdir()
    os.chown(path.parent, 65534, -1)

    with pytest.raises(BackendUnavailable, match="belongs to nobody"):
        check_socket(path)


def test_a_folder_that_others_may_write_to_is_refused_with_its_mend(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)

    with pytest.raises(BackendUnavailable, match=f"chmod go-w {path.parent}"):
        check_socket(path)


def test_a_socket_at_which_nobody_listens_any_more_is_named(path: Path) -> None:
    path.parent.mkdir()
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(path))

    with pytest.raises(BackendUnavailable, match=f"no agent at unix:{path}.*refused"):
        check_socket(path)
