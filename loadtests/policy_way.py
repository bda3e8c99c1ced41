"""Two administrators change the policy on a loaded real Slurm, by commands, and take it back.

What was typed and what was answered is printed and kept. No running job may be ended by it, and who
holds more than the new limit must be below it once its jobs have ended by themselves. A second
change does harm: it is looked at in shadow, tried on a class, and must be taken back by itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from loadtests.figures import Figure
from loadtests.journey import Terminal, seated
from loadtests.own_slurm import OwnSlurm, service_on_slurm
from loadtests.stack import ROOT, Member
from loadtests.workflow_tools.pythons import own_python

FOLDER = ROOT / "build" / "policy-way"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 28_100
UNIVERSITY = Member("abai-university", "Abai University", "universities", "aigerim", "aigerim")
STARTUP = Member("caspian-robotics", "Caspian Robotics", "startups", "bolat", "bolat")
POLICY = """title = "Equal classes"
[classes.universities]
[classes.startups]
"""
LOWER = """title = "Startups keep to a quarter"
[classes.universities]
[classes.startups]
# Two weeks before the exams.
ceiling_gpus = 16
"""
NARROW = """title = "A node for each user of a startup"
[classes.universities]
[classes.startups]
[classes.startups.user_limits]
max_held_gpus = 8
"""
WORK = "#!/bin/bash\n#SBATCH --gpus-per-node=8 --nodes=1 --time=0:10:00\nsleep 75\n"
RUNNING = 6  # jobs of the startup, on six of the eight nodes
CEILING_GPUS = 16
MORE = 14  # jobs of the startup, for all nodes and then some
SHADOW_S = 30.0
CANARY_PATIENCE_S = 400.0


def main() -> None:
    """Go the whole way, write build/policy-way/way.txt and the figure."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    policy = FOLDER / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    python = own_python(FOLDER / "own")
    settings = {
        "TENDIK_POLICY_FILE": str(policy),
        "TENDIK_CYCLE_INTERVAL_S": "0.5",
        "TENDIK_POLICY_TRIAL_EVERY_S": "2",
    }
    with service_on_slurm(FOLDER, BASE_PORT, (UNIVERSITY, STARTUP), settings) as own:
        startup = seated(own, STARTUP, python, "en")
        admin, auditor = admins(own, seated(own, UNIVERSITY, python, "en"))
        jobs = _load(startup)
        _change(admin, auditor)
        after = _one_more(startup)
        ended = _ends(startup, jobs)
        _way_back(admin, startup, after)
        taken_back = _stages(admin, auditor, startup)
    text = "".join(admin.transcript)
    (FOLDER / "way.txt").write_text(text, encoding="utf-8")
    figures = _judged(ended), _judged_stages(taken_back)
    for figure in figures:
        figure.write()
    raise SystemExit(0 if all(figure.holds for figure in figures) else 1)


def admins(own: OwnSlurm, at_desk: Terminal) -> tuple[Terminal, Terminal]:
    """Seat the first admin and another one; both write one transcript."""
    first = {**at_desk.environment, "TENDIK_TOKEN": own.stack.admin_token}
    admin = replace(at_desk, environment=first)
    token = admin.quietly(
        "tendik admin user create auditor --org operations --project administration "
        "--role cluster-admin"
    ).strip()
    return admin, replace(admin, environment={**first, "TENDIK_TOKEN": token})


def _load(startup: Terminal) -> list[str]:
    (startup.home / "work.sh").write_text(WORK, encoding="utf-8")
    jobs = [startup.submit("work.sh --job-name=robots") for _ in range(RUNNING)]
    for job in jobs:
        startup.wait_for(job, "running")
    return jobs


def _change(admin: Terminal, auditor: Terminal) -> None:
    (admin.home / "lower.toml").write_text(LOWER, encoding="utf-8")
    admin.type("tendik policy lint lower.toml")
    admin.type("tendik policy diff lower.toml")
    admin.type("tendik policy propose lower.toml --why 'GPUs for the exams'")
    admin.type("tendik policy approve 1")
    auditor.type("tendik policy diff 1")
    auditor.type("tendik policy approve 1")
    auditor.type("tendik policy approve 1 --accept over_new_limit")
    admin.type("tendik policy activate 1")
    admin.type("tendik policy history")


def _one_more(startup: Terminal) -> str:
    """Submit what would have started before the change, and must wait now."""
    job = startup.submit("work.sh --job-name=more")
    time.sleep(3)
    startup.type(f"tendik why {job}")
    return job


def _ends(startup: Terminal, jobs: Sequence[str]) -> dict[str, str]:
    """Return how each job of before ended."""
    for job in jobs:
        startup.wait_for(job, "completed", "cancelled", "failed", "timed_out", "lost")
    return {job: _state(startup, job) for job in jobs}


def _way_back(admin: Terminal, startup: Terminal, after: str) -> None:
    startup.wait_for(after, "running", "completed")
    admin.type("tendik policy rollback --why 'the exams are over'")
    admin.type("tendik policy history")
    admin.type("tendik policy proposals")


def _stages(admin: Terminal, auditor: Terminal, startup: Terminal) -> str:
    """Try what does harm; return why it was taken back, empty when it was not."""
    (admin.home / "narrow.toml").write_text(NARROW, encoding="utf-8")
    admin.type("tendik policy propose narrow.toml --why 'one user had the whole cluster'")
    auditor.type("tendik policy approve 2")
    admin.type("tendik policy activate 2 --shadow")
    for _ in range(MORE):
        startup.submit("work.sh --job-name=robots")
    time.sleep(SHADOW_S)
    admin.type("tendik policy trial 2")
    admin.type("tendik policy activate 2 --canary startups --for 1h")
    deadline = time.monotonic() + CANARY_PATIENCE_S
    while _proposal(admin)["state"] == "CANARY" and time.monotonic() < deadline:
        time.sleep(1)
    admin.type("tendik policy trial 2")
    admin.type("tendik policy proposals 2")
    admin.type("tendik policy history")
    last = _proposal(admin)["steps"][-1]
    return str(last["why"]) if last["state"] == "ROLLED_BACK" else ""


def _proposal(admin: Terminal) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(admin.quietly("tendik policy proposals 2 -o json"))
    return found


def _judged_stages(why: str) -> Figure:
    return Figure("harmful_canary_taken_back", int(bool(why)), "canaries", "1", bool(why), why)


def _state(user: Terminal, job: str) -> str:
    state: str = json.loads(user.quietly(f"tendik show {job} -o json"))["state"]
    return state


def _judged(ended: dict[str, str]) -> Figure:
    lost = sum(state != "completed" for state in ended.values())
    detail = (
        f"{len(ended)} jobs on {len(ended) * 8} GPUs ran as the ceiling fell to {CEILING_GPUS}; "
        f"all ended by themselves: {lost == 0}"
    )
    return Figure("jobs_ended_by_a_policy_change", lost, "jobs", "0", lost == 0, detail)


if __name__ == "__main__":
    main()
