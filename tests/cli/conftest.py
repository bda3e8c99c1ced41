"""A running service, and the program to call it with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from click.testing import CliRunner, Result

from scheduler.cli.main import tendik as program
from scheduler.cli.session import Session
from tests.cli.service import Service, add_to
from tests.cli.world import TOKEN

Tendik = Callable[..., Result]
Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    with ThreadPoolExecutor(max_workers=4) as threads:
        server = grpc.server(threads)
        add_to(server, service)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(grace=None).wait()


@pytest.fixture
def pauses() -> list[float]:
    """Return the seconds that the program would have slept."""
    return []


@pytest.fixture
def environ(address: str, tmp_path: Path) -> dict[str, str]:
    return {"TENDIK_SERVER": address, "TENDIK_TOKEN": TOKEN, "HOME": str(tmp_path)}


@pytest.fixture
def tendik(environ: dict[str, str], pauses: list[float]) -> Tendik:
    """Return the program, called in this process."""
    return lambda *words, stdin=None: CliRunner().invoke(
        program, words, input=stdin, obj=Session(environ, pauses.append), prog_name="tendik"
    )


@pytest.fixture
def shell(environ: dict[str, str]) -> Shell:
    """Return the program, called as a process of its own."""
    command = Path(sys.executable).with_name("tendik")

    def call(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *words],
            env=environ | settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def started(*words: str, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Return the program while it runs as a process of its own."""
    command = Path(sys.executable).with_name("tendik")
    return subprocess.Popen(
        [command, *words],
        env=environ | {"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "train.sh"
    path.write_text("#!/bin/bash\n#SBATCH --gpus=16\nsrun python train.py\n")
    return str(path)
