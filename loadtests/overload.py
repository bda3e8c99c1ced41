"""300 jobs of 12 organisations press on the development Slurm; Slurm's own records are judged."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Annotated

import typer
from rich.progress import track

from loadtests import slurm_records
from loadtests.feeding import Feeder
from loadtests.figures import Figure
from loadtests.jobs import all_jobs, live_jobs
from loadtests.slurm_records import Run
from loadtests.stack import ROOT, Member, Stack, running_service
from loadtests.workload import Submission, sbatch_script

FOLDER = ROOT / "build" / "overload"
CLASSES = ("universities", "startups", "agencies", "students")
ORGANISATIONS = 12
JOBS = 300
CAPACITY_GPUS = 64
CEILING_GPUS = 16
# Not the default one: a development Slurm may be running beside this one.
BASE_PORT = 27800
# A run takes about 300 jobs × 3.3 GPUs × 15 s ÷ 64 GPUs = 4 minutes; thrice that is a fault.
PATIENCE_S = 720

POLICY = f"""
title = "Overload: equal classes, equal organisations, a ceiling of {CEILING_GPUS} GPUs"

[classes.universities]
[classes.startups]
[classes.agencies]
[classes.students]

[organisations.default]
ceiling_gpus = {CEILING_GPUS}
"""


def main(
    backend: Annotated[str, typer.Option(help="slurm, slurm-cli or slurm-pyslurm")] = "slurm",
) -> None:
    """Run the overload and write its four figures; exit code 1 when one does not hold."""
    shutil.rmtree(FOLDER / "service", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "policy.toml").write_text(POLICY, encoding="utf-8")
    members = tuple(members_of())
    accounts = ",".join(member.unix_account for member in members)
    devcluster("up", "--base-port", str(BASE_PORT), "--users", accounts)
    try:
        accepted, runs = measured(members, backend)
    finally:
        devcluster("down")
    figures = judged(accepted, runs, backend)
    for figure in figures:
        figure.write()
    sys.exit(not all(figure.holds for figure in figures))


def members_of() -> Iterator[Member]:
    for number, tenant_class in zip(range(1, ORGANISATIONS + 1), cycle(CLASSES), strict=False):
        name = f"org{number:02}"
        yield Member(name, f"Organisation {number}", tenant_class, f"{name}-user", name)


def devcluster(*arguments: str) -> None:
    """Start or stop a development Slurm of this run's own."""
    command = [sys.executable, "-m", "deploy.slurm.devcluster", *arguments]
    subprocess.run([*command, "--dir", str(FOLDER / "slurm")], cwd=ROOT, check=True)


def submissions_of(member: Member) -> Iterator[Submission]:
    """Yield an organisation's jobs, all due at once: the same ones in every run."""
    chance = random.Random(member.organisation)
    for number in range(JOBS // ORGANISATIONS):
        gpus, sleep_s = chance.choice((1, 1, 2, 4, 4, 8)), chance.randint(10, 20)
        script = sbatch_script(f"{member.organisation}-{number}", gpus, sleep_s)
        yield Submission(0.0, script, gpus, sleep_s)


def measured(members: Sequence[Member], backend: str) -> tuple[tuple[int, ...], tuple[Run, ...]]:
    conf = (FOLDER / "slurm" / "env").read_text(encoding="utf-8").strip().partition("=")[2]
    settings = {
        "TENDIK_BACKEND": backend,
        "TENDIK_CYCLE_INTERVAL_S": "0.5",
        "TENDIK_CONFIRM_AFTER_S": "0",
        "TENDIK_POLICY_FILE": str(FOLDER / "policy.toml"),
        "SLURM_CONF": conf.strip("'\""),
    }
    with running_service(FOLDER / "service", settings) as stack:
        tokens = stack.register(members)
        for member in track(members, "submitting"):
            submit_all(stack, tokens[member.organisation], member)
        wait_for_the_end(stack)
        accepted = accepted_jobs(stack)
    # slurmdbd writes a job's end some seconds after the fact.
    time.sleep(10)
    installation = slurm_records.installation_of(stack.environment)
    return accepted, slurm_records.read_runs(stack.environment, "now-2hours", installation)


def submit_all(stack: Stack, token: str, member: Member) -> None:
    client = stack.client(token)
    Feeder(client, submissions_of(member)).feed(0.0)
    client.close()


def wait_for_the_end(stack: Stack) -> None:
    admin = stack.client(stack.admin_token)
    deadline = time.monotonic() + PATIENCE_S
    for ended in track(range(1, JOBS + 1), "jobs ended"):
        while JOBS - len(live_jobs(admin)) < ended and time.monotonic() < deadline:
            time.sleep(1)
    admin.close()


def accepted_jobs(stack: Stack) -> tuple[int, ...]:
    admin = stack.client(stack.admin_token)
    jobs = all_jobs(admin)
    admin.close()
    return tuple(job.job_id for job in jobs)


def judged(accepted: Sequence[int], runs: Sequence[Run], backend: str) -> tuple[Figure, ...]:
    lost = slurm_records.lost(accepted, runs)
    doubled = slurm_records.doubled(runs)
    breaches = slurm_records.breaches(runs, CEILING_GPUS)
    busy = slurm_records.busy_ratio(runs, CAPACITY_GPUS)
    detail = f"{len(accepted)} jobs accepted, {len(runs)} runs in sacct, backend {backend}"
    no_loss = not lost and len(accepted) == JOBS
    return (
        Figure("overload_lost_jobs", len(lost), "jobs", "0", no_loss, detail),
        Figure("overload_jobs_run_twice", len(doubled), "jobs", "0", not doubled, detail),
        Figure("overload_quota_breaches", len(breaches), "organisation-seconds", "0",
               not breaches, f"ceiling {CEILING_GPUS} GPUs, every second of sacct's records"),
        Figure("overload_gpus_busy", busy, "of the loaded window", ">= 0.85", busy >= 0.85,
               "first start to last start, sacct"),
    )  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
