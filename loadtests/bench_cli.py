"""How long the command line takes cold: whole processes, against a service that has jobs."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadtests.feeding import Feeder
from loadtests.figures import Figure
from loadtests.stack import ROOT, Member, running_service
from loadtests.workload import GREEDY

FOLDER = ROOT / "build" / "bench-cli"
RUNS = 15
MEMBER = Member("bench", "Bench", "universities", "bench-user", "bench")
TENDIK = str(Path(sys.executable).with_name("tendik"))
EMPTY = (sys.executable, "-c", "pass")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the program that a person waits for, and how long that may take."""

    figure: str
    words: tuple[str, ...]
    limit_ms: float
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> tuple[str, ...]:
        return (TENDIK, *self.words)


def completing(line: str) -> dict[str, str]:
    """Return what bash says when a person asks it to complete the line."""
    place = str(len(line.split(" ")) - 1)
    return {"_TENDIK_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": place}


# The shell draws nothing until a completion has answered; other commands are waited for.
CALLS = (
    Call("cli_help_cold_ms", ("--help",), 300.0),
    Call("cli_queue_cold_ms", ("queue",), 300.0),
    Call("cli_complete_word_cold_ms", (), 200.0, completing("tendik qu")),
    Call("cli_complete_job_cold_ms", (), 200.0, completing("tendik cancel ")),
)


def main() -> None:
    """Measure all calls, each beside an empty Python in the same run, and write the figures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with running_service(FOLDER, {"TENDIK_BACKEND": "simulated"}) as stack:
        token = stack.register([MEMBER])["bench"]
        client = stack.client(token)
        Feeder(client, GREEDY.submissions(seed=0)).feed(0.0)
        client.close()
        own = {"TENDIK_SERVER": stack.address, "TENDIK_TOKEN": token}
        environment = {**os.environ, **own, "XDG_CONFIG_HOME": str(FOLDER)}
        figures = [measured(call, environment) for call in CALLS]
    for figure in figures:
        figure.write()
    sys.exit(not all(figure.holds for figure in figures))


def measured(call: Call, environment: Mapping[str, str]) -> Figure:
    """Time the call and an empty Python in turn, so that both see the same machine."""
    ours, empty, answered = [], [], 0
    for _ in range(RUNS):
        milliseconds, written = timed(call.command, {**environment, **call.environment})
        ours.append(milliseconds)
        answered += bool(written.strip())
        empty.append(timed(EMPTY, environment)[0])
    took_ms, empty_ms = statistics.median(ours), statistics.median(empty)
    detail = (
        f"median of {RUNS} cold runs, {answered} with an answer, fastest {min(ours):.0f} ms; "
        f"{took_ms / empty_ms:.1f} times an empty Python beside it, {empty_ms:.0f} ms"
    )
    holds = took_ms < call.limit_ms and answered == RUNS
    return Figure(call.figure, took_ms, "ms", f"< {call.limit_ms:g}", holds, detail)


def timed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, bytes]:
    """Return how many milliseconds the process took, and what it wrote."""
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return (time.perf_counter() - begun) * 1000, done.stdout


if __name__ == "__main__":
    main()
