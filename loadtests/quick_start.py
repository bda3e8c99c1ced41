"""From a clean login to the first running job: the written quick start, done and timed.

Every command of its section is run as it is written, on a development Slurm, by a user with an
empty home. What a person takes to read the section and to type the commands is added.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from loadtests.figures import Figure
from loadtests.jobs import all_jobs
from loadtests.own_slurm import MEMBER, OwnSlurm, service_on_slurm
from loadtests.stack import ROOT
from loadtests.workflow_tools.desk import become
from loadtests.workflow_tools.pythons import own_python
from scheduler.v1.job_service_pb2 import JobState

FOLDER = ROOT / "build" / "quick-start"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 27_800
GUIDE = ROOT / "docs" / "researchers.md"
SECTION = re.compile(r"^## Quick start\n(?P<text>.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(?P<commands>.*?)^```\n", re.MULTILINE | re.DOTALL)
WRITTEN_SERVER = "alem.example.kz:7443"
# Slow: most people read and type twice as fast.
WORDS_READ_PER_S = 150 / 60
KEYS_PRESSED_PER_S = 120 / 60
LIMIT_S = 300.0
PATIENCE_S = 120.0
POLL_S = 0.1


def main() -> None:
    """Follow the quick start and write the figure; exit code 1 when it takes too long."""
    prose, blocks = written(GUIDE.read_text(encoding="utf-8"))
    python = own_python(FOLDER / "own")
    with service_on_slurm(FOLDER, BASE_PORT, [MEMBER], {}) as own:
        runs_s = followed(own, python, blocks)
    figure = figure_of(prose, blocks, runs_s)
    figure.write()
    sys.exit(not figure.holds)


def written(guide: str) -> tuple[str, tuple[str, ...]]:
    """Return the quick start's prose and its blocks of commands. Raises LookupError."""
    section = SECTION.search(guide)
    if section is None:
        raise LookupError("the guide has no section 'Quick start'")
    blocks = tuple(match["commands"] for match in BLOCK.finditer(section["text"]))
    return BLOCK.sub("", section["text"]), blocks


def followed(own: OwnSlurm, python: Path, blocks: Sequence[str]) -> float:
    """Run the blocks as a newcomer; return the seconds until their job runs.

    Raises CalledProcessError where a command fails, TimeoutError where no job runs.
    """
    environment = newcomer(own, python)
    began_s = time.monotonic()
    for block in blocks:
        commands = block.replace(WRITTEN_SERVER, own.stack.address)
        shell = (*become(MEMBER.unix_account), "bash", "-e", "-x", "-c", commands)
        subprocess.run(shell, env=environment, cwd=own.home(MEMBER), check=True)
    client = own.stack.client(own.tokens[MEMBER.organisation])
    while not all_jobs(client, [JobState.JOB_STATE_RUNNING]):
        if time.monotonic() > began_s + PATIENCE_S:
            raise TimeoutError(f"no job runs after {PATIENCE_S:.0f} s")
        time.sleep(POLL_S)
    client.close()
    return time.monotonic() - began_s


def newcomer(own: OwnSlurm, python: Path) -> dict[str, str]:
    """Give the account its token and the program, and nothing else; return its environment."""
    account, home = MEMBER.unix_account, own.home(MEMBER)
    token = home / "my.token"
    token.write_text(own.tokens[MEMBER.organisation])
    token.chmod(0o600)
    shutil.chown(token, account)
    path = f"{python.parent}:/usr/local/bin:/usr/bin:/bin"
    return {"HOME": str(home), "USER": account, "LOGNAME": account, "PATH": path}


def figure_of(prose: str, blocks: Sequence[str], runs_s: float) -> Figure:
    """Return the minutes that it takes with the reading and the typing."""
    reads_s = len(prose.split()) / WORDS_READ_PER_S
    types_s = sum(map(len, blocks)) / KEYS_PRESSED_PER_S
    took_s = reads_s + types_s + runs_s
    detail = (
        f"reading {reads_s:.0f} s at {WORDS_READ_PER_S * 60:.0f} words a minute, typing "
        f"{types_s:.0f} s at {KEYS_PRESSED_PER_S * 60:.0f} keys a minute, commands until the job "
        f"runs {runs_s:.1f} s"
    )
    return Figure("quick_start_minutes", took_s / 60, "min", "<= 5", took_s <= LIMIT_S, detail)


if __name__ == "__main__":
    main()
