"""A share is changed on a full real Slurm: whoever has too much then gives it back in time.

Nothing that did not say --requeue may end, and the class whose share falls must come down to its
new entitlement, up to one gang, within the time that recalls take at most.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence

from loadtests.figures import Figure
from loadtests.journey import Terminal, seated
from loadtests.own_slurm import service_on_slurm
from loadtests.policy_way import STARTUP, UNIVERSITY, admins
from loadtests.stack import ROOT
from loadtests.workflow_tools.pythons import own_python
from scheduler.domain.shares.due_dates import AFTER_NOTICE

FOLDER = ROOT / "build" / "policy-convergence"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 28_500
NOTICE_S, MIN_RUNTIME_S = 10, 20
POLICY = f"""title = "Equal classes"
[usage]
weight = 0
[classes.universities]
[classes.startups]
[recall]
enabled = true
notice = "{NOTICE_S}s"
min_runtime = "{MIN_RUNTIME_S}s"
"""
MORE = POLICY.replace("[classes.universities]", "[classes.universities]\nshare = 3")
# It does not care for the notice, so that all of it is used.
WORK = """#!/bin/bash
#SBATCH --gpus-per-node=8 --nodes=1 --time=0:30:00
trap '' TERM
sleep 900
"""
GANG_GPUS, ENTITLED_GPUS = 8, 16  # a quarter of 64 GPUs
RUNNING = 4  # jobs of either, on half of the nodes
# What runs was protected before the change, so a recall may begin at once.
BOUND_S = NOTICE_S + AFTER_NOTICE.total_seconds()
WAITED_FOR_S = 3 * BOUND_S


def main() -> None:
    """Fill the cluster, change the share, and write the figure."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    policy = FOLDER / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    python = own_python(FOLDER / "own")
    settings = {"TENDIK_POLICY_FILE": str(policy), "TENDIK_CYCLE_INTERVAL_S": "0.5"}
    with service_on_slurm(FOLDER, BASE_PORT, (UNIVERSITY, STARTUP), settings) as own:
        university, startup = (seated(own, one, python, "en") for one in (UNIVERSITY, STARTUP))
        admin, auditor = admins(own, seated(own, UNIVERSITY, python, "en"))
        # Half of the startup's runs may be recalled: as many as must go.
        jobs = _running(startup, ("", "", "--requeue", "--requeue"))
        jobs |= _running(university, ("",) * RUNNING)
        for user in (startup, university):
            for _ in range(RUNNING):
                user.submit("work.sh")
        time.sleep(MIN_RUNTIME_S)
        began = _changed(admin, auditor)
        near_s, there_s = _converged(admin, began)
        lost = _lost(jobs)
    (FOLDER / "way.txt").write_text("".join(admin.transcript), encoding="utf-8")
    figure = _judged(near_s, there_s, lost)
    figure.write()
    raise SystemExit(0 if figure.holds else 1)


def _running(user: Terminal, flags: Sequence[str]) -> dict[str, Terminal]:
    """Let a job run with each flag; return them, and whose they are."""
    (user.home / "work.sh").write_text(WORK, encoding="utf-8")
    running = [user.submit(f"{flag} work.sh".strip()) for flag in flags]
    for job in running:
        user.wait_for(job, "running")
    return dict.fromkeys(running, user)


def _changed(admin: Terminal, auditor: Terminal) -> float:
    """Return when the new share came into force, on the monotonic clock."""
    (admin.home / "more.toml").write_text(MORE, encoding="utf-8")
    admin.type("tendik policy propose more.toml --why 'three universities for each startup'")
    auditor.type("tendik policy approve 1")
    auditor.type("tendik policy approve 1 --accept recalls_jobs")
    admin.type("tendik policy activate 1")
    return time.monotonic()


def _converged(admin: Terminal, began: float) -> tuple[float, float]:
    """Return after how long the startup held one gang more than its due, and its due."""
    near_s = there_s = float("inf")
    while time.monotonic() - began < WAITED_FOR_S and there_s == float("inf"):
        held, passed_s = _held(admin), time.monotonic() - began
        if held <= ENTITLED_GPUS + GANG_GPUS:
            near_s = min(near_s, passed_s)
        if held <= ENTITLED_GPUS:
            there_s = passed_s
        time.sleep(0.5)
    admin.type("tendik share")
    return near_s, there_s


def _held(admin: Terminal) -> int:
    shares = json.loads(admin.quietly("tendik share -o json"))["shares"]
    held: list[int] = [
        share["held_gpus"] for share in shares if share["organisation"] == STARTUP.organisation
    ]
    return sum(held)


def _lost(jobs: Mapping[str, Terminal]) -> list[str]:
    """Return the jobs that neither run on nor wait again."""
    states = {
        job: json.loads(user.quietly(f"tendik show {job} -o json"))["state"]
        for job, user in jobs.items()
    }
    goes_on = ("pending", "submitting", "held", "releasing", "submitted", "running")
    return [job for job, state in states.items() if state not in goes_on]


def _judged(near_s: float, there_s: float, lost: list[str]) -> Figure:
    detail = (
        f"from 32 to {ENTITLED_GPUS} + {GANG_GPUS} GPUs, to {ENTITLED_GPUS} after {there_s:.1f} s; "
        f"{len(lost)} of {2 * RUNNING} running jobs killed"
    )
    holds = near_s <= BOUND_S and not lost
    return Figure("policy_convergence", near_s, "s", f"at most {BOUND_S:.0f}", holds, detail)


if __name__ == "__main__":
    main()
