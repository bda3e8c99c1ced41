"""The agent as a process: what it says when it cannot start, and that it may die at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from scheduler.agent.address import UnixSocket
from scheduler.agent.channel import Way
from scheduler.agent.client import AgentBackend
from scheduler.agent.own import OwnAgent
from scheduler.agent.vocabulary import READ_LIMIT_S
from scheduler.errors import BackendUnavailable
from tests.backend.launches import INSTALLATION

TENDIK = str(Path(sys.executable).with_name("tendik"))
SOCKET = "unix:{folder}/own/a.sock"
SIMULATED = ("--backend", "simulated")
PATIENCE_S = 60

NO_START: Mapping[str, tuple[Sequence[str], str]] = {
    "no address": ((), "--listen"),
    "plain TCP": (("--listen", "127.0.0.1:7445"), "no plain TCP"),
    "a backend that is none": (("--listen", SOCKET, "--backend", "lsf"), "'lsf' is unknown"),
    "TLS without certificates": (
        ("--listen", "tls:localhost:0", "--backend", "simulated"),
        "--tls",
    ),
    "a group beyond the machine": (
        *(("--listen", "tls:localhost:0", "--group", "daemon", "--tls", "a", "b", "c"),),
        "--group",
    ),
    "certificates for a socket": (("--listen", SOCKET, "--tls", "a", "b", "c"), "--tls"),
    "a folder in no folder": (
        *(("--listen", "unix:/no/such/a.sock", "--backend", "simulated"),),
        "/no/such",
    ),
}


@contextmanager
def agent_at(path: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `tendik agent` for the length of the block, once it listens."""
    command = [TENDIK, "agent", "--listen", f"unix:{path}", *(options or SIMULATED)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            assert soon(path.exists)
            yield process
        finally:
            process.terminate()
            process.send_signal(signal.SIGCONT)


def soon(fact: Callable[[], object]) -> bool:
    give_up_at = time.monotonic() + PATIENCE_S
    while not fact() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return bool(fact())


def answers(client: AgentBackend) -> bool:
    try:
        return len(client.read(()).nodes) == 8
    except BackendUnavailable:
        return False


@pytest.mark.parametrize(("options", "word"), NO_START.values(), ids=NO_START.keys())
def test_what_keeps_it_from_starting_is_said(
    options: Sequence[str], word: str, tmp_path: Path
) -> None:
    said = [option.format(folder=tmp_path) for option in options]
    done = subprocess.run([TENDIK, "agent", *said], capture_output=True, text=True, check=False)

    assert done.returncode in (1, 2)
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_it_serves_until_it_is_told_to_stop_and_tidies_up(tmp_path: Path) -> None:
    path = tmp_path / "own" / "a.sock"
    with agent_at(path) as process:
        client = AgentBackend(Way(UnixSocket(path)), "simulated", INSTALLATION)
        assert soon(lambda: answers(client))
    assert process.returncode == 0
    assert not path.parent.exists()


def test_one_that_was_killed_leaves_nothing_in_the_way_of_the_next(tmp_path: Path) -> None:
    path = tmp_path / "own" / "a.sock"
    client = AgentBackend(Way(UnixSocket(path)), "simulated", INSTALLATION)
    with agent_at(path) as first:
        assert soon(lambda: answers(client))
        first.kill()
    assert not answers(client)
    with agent_at(path):
        assert soon(lambda: answers(client))


def test_one_that_is_stopped_is_given_up_long_before_a_read_is(tmp_path: Path) -> None:
    path = tmp_path / "own" / "a.sock"
    client = AgentBackend(Way(UnixSocket(path)), "simulated", INSTALLATION)
    with agent_at(path) as process:
        assert soon(lambda: answers(client))
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        assert not answers(client)
        assert time.monotonic() - began < READ_LIMIT_S / 2
        process.send_signal(signal.SIGCONT)
        assert soon(lambda: answers(client))


def test_an_own_agent_that_dies_is_begun_anew() -> None:
    with (
        OwnAgent("simulated") as own,
        closing(AgentBackend(own.way, "simulated", INSTALLATION)) as client,
    ):
        assert answers(client)
        died = own.pid
        os.kill(died, signal.SIGKILL)
        assert soon(lambda: own.pid != died and answers(client))
        folder = Path(str(own.way.address).removeprefix("unix:")).parent.parent
    assert not folder.exists()


def test_an_own_agent_that_cannot_start_says_why() -> None:
    with pytest.raises(BackendUnavailable, match=r"did not come up: .*'lsf' is unknown"):
        OwnAgent("lsf")


STARTS_AND_DIES = """
import os
from scheduler.agent.own import OwnAgent
print(OwnAgent("simulated").pid, flush=True)
os._exit(9)
"""


def test_an_own_agent_ends_when_the_service_died() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTS_AND_DIES], capture_output=True, text=True, check=False
    )
    pid = int(done.stdout.splitlines()[-1])

    assert soon(lambda: not Path(f"/proc/{pid}").exists())


def test_an_own_agent_sees_nothing_of_the_services_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TENDIK_DATABASE_URL", "postgresql://tendik:hidden@127.0.0.1/tendik")
    with OwnAgent("simulated") as own:
        environment = Path(f"/proc/{own.pid}/environ").read_bytes()

    assert b"hidden" not in environment


def test_its_help_and_refusals_are_in_the_readers_language() -> None:
    environ = {**os.environ, "TENDIK_LANGUAGE": "ru"}
    program = [sys.executable, "-m", "scheduler.agent"]

    told, refused = (
        subprocess.run([*program, *words], env=environ, capture_output=True, text=True, check=False)
        for words in (("--help",), ("--listen", "here"))
    )

    assert "Кто ещё, кроме нас, может подключаться к сокету." in told.stdout
    assert (refused.returncode, "не адрес агента" in refused.stderr) == (1, True)
