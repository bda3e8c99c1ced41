"""People of a story: each has a token, a home of their own, and the real command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.stack import Member, Stack

MEMBERS = (
    Member("astana-university", "Astana University", "universities", "aigerim", "aigerim"),
    Member("caspian-robotics", "Caspian Robotics", "startups", "bolat", "bolat"),
    Member("river-forecast", "River Forecast Agency", "agencies", "dana", "dana"),
)
ENDED = {"completed", "failed", "cancelled", "timed_out", "out_of_memory", "node_failed", "lost"}


@dataclass(frozen=True, slots=True)
class Person:
    """A user at a terminal."""

    name: str
    home: Path
    environment: Mapping[str, str]

    def tendik(self, *words: str, fails_with: int = 0) -> str:
        """Run the command line as a process and return what it printed on standard output."""
        program = str(Path(sys.executable).with_name("tendik"))
        done = subprocess.run(
            [program, *words],
            env=self.environment, cwd=self.home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == fails_with, f"{words}: {done.returncode}\n{done.stderr}"
        return done.stdout if fails_with == 0 else done.stderr

    def submit(self, script: str, *flags: str) -> int:
        file = self.home / "job.sh"
        file.write_text(script, encoding="utf-8")
        return int(self.tendik("submit", *flags, str(file)).split()[2])

    def job(self, job_id: int) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.tendik("show", str(job_id), "-o", "json"))
        return answer

    def wait_for(self, job_id: int, states: set[str], patience_s: float = 120) -> dict[str, Any]:
        """Return the job once it is in one of the states."""
        deadline = time.monotonic() + patience_s
        while (job := self.job(job_id))["state"] not in states:
            assert time.monotonic() < deadline, f"job {job_id} is still {job}"
            time.sleep(0.3)
        return job


def people_of(stack: Stack, folder: Path) -> tuple[Person, ...]:
    """Register the members and seat each at a terminal; the last one is the cluster admin."""
    tokens = stack.register(MEMBERS)
    names = {member.user: tokens[member.organisation] for member in MEMBERS}
    return tuple(
        seated(stack, folder, name, token)
        for name, token in {**names, "admin": stack.admin_token}.items()
    )


def metrics(stack: Stack) -> dict[str, float]:
    """Return every sample of /metrics by its name with labels."""
    with urllib.request.urlopen(f"http://{stack.metrics_address}/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def seated(stack: Stack, folder: Path, name: str, token: str) -> Person:
    """Return somebody with a token, at a terminal in a home of his own."""
    home = folder / f"home-of-{name}"
    home.mkdir(mode=0o755)
    own = {
        "TENDIK_SERVER": stack.address,
        "TENDIK_TOKEN": token,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
    }
    return Person(name, home, {**os.environ, **own})
