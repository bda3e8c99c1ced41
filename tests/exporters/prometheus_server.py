"""A real Prometheus on loopback that scrapes each second, and what it answers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
READY_WITHIN_S = 30.0

Answer = list[dict[str, Any]]


def require_program(name: str) -> str:
    """Return the program's path; without it the test is skipped, and fails under CI=true."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is not installed; try: apt-get install prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


class Prometheus:
    """Asks a running server."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def query(self, expression: str) -> Answer:
        """Return the series of an expression now; a scalar or an error fails the test."""
        return self._data("query", query=expression)["result"]  # type: ignore[no-any-return]  # JSON

    def query_range(self, expression: str, seconds: int) -> Answer:
        """Return the series over the last `seconds`, a point each second."""
        now = time.time()
        span = {"start": str(now - seconds), "end": str(now), "step": "1"}
        return self._data("query_range", query=expression, **span)["result"]  # type: ignore[no-any-return]  # JSON

    def rules(self) -> Answer:
        """Return every rule with its health and last error."""
        groups = self._data("rules")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def wait_for(self, expression: str, within_s: float = 20.0) -> None:
        """Return once the expression has an answer."""
        until = time.monotonic() + within_s
        while not self.query(expression):
            assert time.monotonic() < until, f"{expression} had no answer within {within_s} s"
            time.sleep(0.25)

    def is_ready(self) -> bool:
        try:
            with urlopen(f"{self._base}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError):
            return False

    def _data(self, what: str, **arguments: str) -> Any:
        url = f"{self._base}/api/v1/{what}?{urlencode(arguments)}"
        with urlopen(url, timeout=10) as answer:
            document = json.load(answer)
        assert document["status"] == "success", document
        return document["data"]


@contextmanager
def running_prometheus(folder: Path, exporter_port: int) -> Iterator[Prometheus]:
    """Run Debian's Prometheus with the shipped configuration, quickened, until the end."""
    program, port = require_program("prometheus"), free_port()
    (folder / "prometheus.yml").write_text(yaml.safe_dump(quickened(exporter_port)))
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            yield ready(process, Prometheus(port), folder / "log")
        finally:
            process.terminate()


def ready(process: subprocess.Popen[bytes], server: Prometheus, log: Path) -> Prometheus:
    until = time.monotonic() + READY_WITHIN_S
    while not server.is_ready():
        alive = process.poll() is None and time.monotonic() < until
        assert alive, f"Prometheus did not start: {log.read_text()}"
        time.sleep(0.1)
    return server


def quickened(exporter_port: int) -> dict[str, Any]:
    """Return the shipped configuration with one-second intervals and the test's exporter."""
    settings: dict[str, Any] = yaml.safe_load((RULES / "prometheus.yml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    settings["rule_files"] = [str(RULES / name) for name in settings["rule_files"]]
    settings["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{exporter_port}"]}]
    return settings


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
