"""The service in front of Slurm: the same jobs through gRPC, Slurm only starts what it is sent."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from loadtests.feeding import Feeder
from loadtests.head_to_head.cluster import OwnSlurm, own_slurm
from loadtests.head_to_head.cut import CutJob
from loadtests.head_to_head.records import RunRecord, read_records
from loadtests.head_to_head.workload import (
    TENANT_CLASS,
    as_they_come,
    members_of,
    next_second,
    script_of,
    without_checkpoints,
)
from loadtests.jobs import live_jobs
from loadtests.stack import Stack, running_service
from loadtests.workload import Submission

PATIENCE_S = 900
# Between the end of one cycle and the next; a cycle takes about as long. Jobs last 2 s and more
# here, and Slurm alone starts the next one at once where one ends: half a second would be felt.
CYCLE_INTERVAL_S = 0.1
# The half-life is the shortest that a policy takes; Slurm alone is given the same, and counts waits
# for as long as the guard is. Half of the cluster's time is asked for by large gangs.
POLICY = f"""
title = "Head to head: one class, equal organisations, borrowing without limit"

[usage]
half_life = "1h"

[classes.{TENANT_CLASS}]

[organisations.default]

[wait]
guard = "10m"
places = 1
spare_places = "gangs"
"""
# A recall costs its notice, Slurm's KillWait and the way to the next start: some four seconds.
# They are not compressed, so a run is left alone for longer than an hour, compressed, would be.
RECALL_POLICY = f"""{POLICY}
[recall]
enabled = true
by = "shares"
notice = "1s"
min_runtime = "15s"
"""


def run_tendik(cut: Sequence[CutJob], folder: Path, policy: str = POLICY) -> RunRecord:
    """Submit every job through gRPC, as its user, at its time; return what Slurm recorded.

    Raises RuntimeError when the service refuses a job, TimeoutError when jobs are left.
    """
    without_checkpoints()
    members = members_of(cut)
    accounts = [member.unix_account for member in members]
    shutil.rmtree(folder / "service", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.toml").write_text(policy, encoding="utf-8")
    with own_slurm(folder / "slurm", "in-order", accounts) as slurm:
        with running_service(folder / "service", settings_for(slurm, folder)) as stack:
            start_s = pressed(stack, cut)
        return read_records(slurm, cut, start_s)


def settings_for(slurm: OwnSlurm, folder: Path) -> dict[str, str]:
    return {
        # With pyslurm where it can be used, else with Slurm's commands.
        "TENDIK_BACKEND": "slurm",
        "TENDIK_CYCLE_INTERVAL_S": str(CYCLE_INTERVAL_S),
        # Slurm alone forgets jobs in a crash; 10 s before each would be a compressed quarter hour.
        "TENDIK_CONFIRM_AFTER_S": "0",
        "TENDIK_POLICY_FILE": str(folder / "policy.toml"),
        "SLURM_CONF": str(slurm.slurm_conf),
    }


def pressed(stack: Stack, cut: Sequence[CutJob]) -> int:
    """Submit all jobs in time, wait for their end, and return the second of the beginning."""
    tokens = stack.register(members_of(cut))
    clients = {name: stack.client(token) for name, token in tokens.items()}
    start_s = next_second()
    for job in track(as_they_come(cut, start_s), "Tendik: submitting", len(cut)):
        due = Submission(0.0, script_of(job), job.gpus, job.duration_s)
        Feeder(clients[job.organisation], iter([due])).feed(0.0)
    for client in clients.values():
        client.close()
    wait_for_the_end(stack)
    return start_s


def wait_for_the_end(stack: Stack) -> None:
    """Raises TimeoutError when jobs are left after the patience."""
    admin = stack.client(stack.admin_token)
    deadline = time.monotonic() + PATIENCE_S
    while left := len(live_jobs(admin)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} jobs have not ended")
        time.sleep(2)
    admin.close()
