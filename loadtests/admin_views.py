"""The administrators' views: how they look on a small cluster, how long they take on a large one.

What was typed and what was answered is printed and kept in build/admin-views/views.txt.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from loadtests.figures import Figure
from loadtests.national import ORGANISATIONS
from loadtests.stack import ROOT, Client, Member, Stack, running_service
from loadtests.why_check.queue import PENDING_JOBS, full_queue
from scheduler.v1.cluster_service_pb2 import ExplainOrganisationRequest, GetOverviewRequest
from scheduler.v1.job_service_pb2 import BatchSubmitJobsRequest, SubmitJobRequest

S = TypeVar("S")
FOLDER = ROOT / "build" / "admin-views"
POLICY = """title = "Three classes, a floor for forecasts"
[classes.universities]
share = 2
[classes.startups]
[classes.agencies]
[organisations.river-forecast]
floor_gpus = 8
[organisations.caspian-robotics]
borrowing_limit_gpus = 24
"""
MORE = POLICY.replace("a floor", "a larger floor").replace("= 8", "= 16")
ABAI = Member("abai-university", "Abai University", "universities", "aigerim", "aigerim")
STEPPE = Member("steppe-university", "Steppe University", "universities", "arman", "arman")
CASPIAN = Member("caspian-robotics", "Caspian Robotics", "startups", "bolat", "bolat")
RIVER = Member("river-forecast", "River Forecast Agency", "agencies", "dana", "dana")
# In turn: who submits, how many jobs, and of how many GPUs each. The startup is there alone first.
PRESSING = ((CASPIAN, 6, 8), (STEPPE, 1, 8), (RIVER, 2, 2), (ABAI, 3, 8), (STEPPE, 5, 4))
BETWEEN_S = 1.5  # a cycle, and a little
LONGEST_S = 1.0
CALL_TIMEOUT_S = 30.0


def main(
    calls: Annotated[int, typer.Option(help="calls of each kind that are timed")] = 60,
    look: Annotated[bool, typer.Option(help="show the views on a small cluster first")] = True,
) -> None:
    """Show both views, time both, and write the figures."""
    if look:
        _look()
    with full_queue(FOLDER / "full") as client:
        overviews = list(_seconds(track(range(calls), "overview"), _overview(client)))
        chance = Random(1)
        names = [f"org{chance.randint(1, ORGANISATIONS)}" for _ in range(calls + 1)]
        # The first begins the process that answers.
        accounts = list(_seconds(track(names, "explain"), _explain(client)))[1:]
    _figure("admin_overview_p95_s", overviews).write()
    _figure("admin_explain_p95_s", accounts).write()


def _look() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    policy = FOLDER / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    policy.with_name("more.toml").write_text(MORE, encoding="utf-8")
    settings = {"TENDIK_BACKEND": "simulated", "TENDIK_POLICY_FILE": str(policy)}
    with running_service(FOLDER / "small", settings) as stack:
        _press(stack, stack.register((ABAI, STEPPE, CASPIAN, RIVER)))
        why = shlex.quote("more for forecasts")
        _typed(stack, f"tendik policy propose {policy.with_name('more.toml')} --why {why}")
        views = ("tendik admin overview", "tendik admin explain abai-university")
        text = "".join(_typed(stack, words) for words in views)
    (FOLDER / "views.txt").write_text(text, encoding="utf-8")
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def _press(stack: Stack, tokens: Mapping[str, str]) -> None:
    for member, jobs, gpus in PRESSING:
        client = stack.client(tokens[member.organisation])
        script = f"#!/bin/bash\n#SBATCH --gpus={gpus} --nodes=1 --time=2:00:00\nsleep 3600\n"
        requests = [SubmitJobRequest(script=script) for _ in range(jobs)]
        client.jobs.BatchSubmitJobs(
            BatchSubmitJobsRequest(requests=requests), metadata=client.metadata
        )
        client.close()
        time.sleep(BETWEEN_S)


def _typed(stack: Stack, line: str) -> str:
    """Return the line and what the program answers to it."""
    program, *words = shlex.split(line)
    own = {"TENDIK_SERVER": stack.address, "TENDIK_TOKEN": stack.admin_token}
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *words],
        env={**stack.environment, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return f"$ {line}\n{done.stdout}\n"


def _overview(client: Client) -> Callable[[object], object]:
    request = GetOverviewRequest()
    return lambda _: client.cluster.GetOverview(
        request, metadata=client.metadata, timeout=CALL_TIMEOUT_S
    )


def _explain(client: Client) -> Callable[[str], object]:
    return lambda name: client.cluster.ExplainOrganisation(
        ExplainOrganisationRequest(organisation_id=name),
        metadata=client.metadata,
        timeout=CALL_TIMEOUT_S,
    )


def _seconds(subjects: Iterable[S], call: Callable[[S], object]) -> Iterator[float]:
    """Yield how long the call took about each of them, the service's own cycles beside it."""
    for subject in subjects:
        began = time.perf_counter()
        call(subject)
        yield time.perf_counter() - began


def _figure(name: str, seconds: Sequence[float]) -> Figure:
    p95 = quantiles(seconds, n=20)[-1]
    detail = (
        f"{len(seconds)} calls at {PENDING_JOBS:,} pending jobs, 16 pools, 200 organisations, "
        f"beside the cycle; median {median(seconds):.3f} s, longest {max(seconds):.3f} s"
    )
    return Figure(name, p95, "s", f"< {LONGEST_S:g}", p95 < LONGEST_S, detail)


if __name__ == "__main__":
    typer.run(main)
