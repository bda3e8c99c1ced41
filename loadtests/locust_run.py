"""Run the locust users against a service of its own, bounded, and judge the result."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

from loadtests.figures import Figure
from loadtests.stack import ROOT, Member, running_service

FOLDER = ROOT / "build" / "load"
USERS = 40
SECONDS = 30
# 40 users with about 6 calls a second each are 240 calls a second, a tenth of what the service
# can take: at that load a person must not feel it. Locust itself uses one of the two cores.
LIMIT_P95_MS = 100.0

MEMBERS = tuple(
    Member(f"load{number}", f"Load {number}", tenant_class, f"load{number}-user", f"load{number}")
    for number, tenant_class in enumerate(("universities", "startups", "agencies"), start=1)
)


def main() -> None:
    """Run, write the figures, and exit with 1 when one does not hold."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with running_service(FOLDER / "service", {"TENDIK_BACKEND": "simulated"}) as stack:
        tokens = stack.register(MEMBERS)
        environment = {**stack.environment, "TENDIK_LOAD_TOKENS": ",".join(tokens.values())}
        subprocess.run(locust(stack.address), env=environment, cwd=ROOT, check=False)
    figures = judged(FOLDER / "run_stats.csv")
    for figure in figures:
        figure.write()
    sys.exit(not all(figure.holds for figure in figures))


def locust(address: str) -> list[str]:
    program = str(Path(sys.executable).with_name("locust"))
    bounds = ["--headless", "-u", str(USERS), "-r", "20", "-t", f"{SECONDS}s", "--only-summary"]
    files = ["-f", "loadtests/locustfile.py", "--csv", str(FOLDER / "run")]
    return [program, *files, "--host", address, *bounds]


def judged(stats: Path) -> tuple[Figure, ...]:
    with stats.open(encoding="utf-8", newline="") as lines:
        total = next(row for row in csv.DictReader(lines) if row["Name"] == "Aggregated")
    failed, p95_ms = int(total["Failure Count"]), float(total["95%"])
    detail = f"{total['Request Count']} calls by {USERS} users in {SECONDS} s"
    return (
        Figure("load_failed_calls", failed, "calls", "0", failed == 0, detail),
        Figure("load_p95_ms", p95_ms, "ms", f"< {LIMIT_P95_MS:g}", p95_ms < LIMIT_P95_MS, detail),
    )


if __name__ == "__main__":
    main()
