"""How long `tendik queue` takes cold: a whole process, against a service that has jobs."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadtests.feeding import Feeder
from loadtests.figures import Figure
from loadtests.stack import ROOT, Member, running_service
from loadtests.workload import GREEDY

FOLDER = ROOT / "build" / "bench-cli"
RUNS = 15
LIMIT_MS = 400.0
MEMBER = Member("bench", "Bench", "universities", "bench-user", "bench")


def main() -> None:
    """Measure, beside a bare interpreter in the same run, and write the figure."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with running_service(FOLDER, {"TENDIK_BACKEND": "simulated"}) as stack:
        token = stack.register([MEMBER])["bench"]
        client = stack.client(token)
        Feeder(client, GREEDY.submissions(seed=0)).feed(0.0)
        client.close()
        own = {"TENDIK_SERVER": stack.address, "TENDIK_TOKEN": token}
        environment = {**os.environ, **own, "XDG_CONFIG_HOME": str(FOLDER)}
        tendik = str(Path(sys.executable).with_name("tendik"))
        queue_ms = median_ms([tendik, "queue"], environment)
        bare_ms = median_ms([sys.executable, "-c", "import grpc"], environment)
    detail = f"median of {RUNS} cold runs; Python with `import grpc` alone takes {bare_ms:.0f} ms"
    figure = Figure(
        "cli_queue_cold_ms", queue_ms, "ms", f"< {LIMIT_MS:g}", queue_ms < LIMIT_MS, detail
    )
    figure.write()
    sys.exit(not figure.holds)


def median_ms(command: Sequence[str], environment: Mapping[str, str]) -> float:
    times = [timed_ms(command, environment) for _ in range(RUNS)]
    return statistics.median(times)


def timed_ms(command: Sequence[str], environment: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
