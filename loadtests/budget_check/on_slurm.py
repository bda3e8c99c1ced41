"""Jobs that grants pay for, on a real Slurm: each ends in another way, and sacct says what it used.

A job that completes, one that fails, one that is cancelled, one that runs into its walltime, one
that its user requeues, one that is recalled for another tenant, one whose node fails, and two that
Slurm itself puts back into its queue: at an administrator's word, and as a node fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from loadtests.journey import Terminal, seated
from loadtests.own_slurm import OwnSlurm, service_on_slurm
from loadtests.slurm_records import Run, installation_of, read_runs
from loadtests.stack import ROOT, Member
from loadtests.workflow_tools.pythons import own_python
from scheduler.domain.budgets.grants import Fund, Grant, GrantState, GrantStep, stepped
from scheduler.domain.budgets.ledger import Entry, EntryKind
from scheduler.domain.records import EntryQuery
from scheduler.store.sql import open_store

FOLDER = ROOT / "build" / "budget-check"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 28_300
UNIVERSITY = Member("abai-university", "Abai University", "universities", "aigerim", "aigerim")
OWNER = Member("river-forecast", "River Forecast Agency", "agencies", "dana", "dana")
POLICY = """title = "Universities pay with grants"
[usage]
weight = 0
[classes.universities]
grants = "required"
[classes.agencies]
[recall]
enabled = true
notice = "5s"
min_runtime = "5s"
"""
HOUR_S = 3600
# The first grant of the two is drawn down in the middle of it all.
GRANTS = (2 * HOUR_S, 100 * HOUR_S)
SCRIPTS: Mapping[str, str] = {
    "done.sh": "#!/bin/bash\n#SBATCH --gpus=2 --time=10\nsleep 17\n",
    "fails.sh": "#!/bin/bash\n#SBATCH --gpus=1 --time=10\nsleep 7\nexit 3\n",
    "long.sh": "#!/bin/bash\n#SBATCH --gpus=4 --time=30\nsleep 900\n",
    "node.sh": "#!/bin/bash\n#SBATCH --nodes=1 --gpus-per-node=8 --time=30\nsleep 900\n",
    "anew.sh": (
        "#!/bin/bash\n#SBATCH --gpus=2 --time=10 --requeue\n"
        "if [ -e begun ]; then sleep 4; exit 0; fi\ntouch begun\nsleep 900\n"
    ),
    "back.sh": (
        "#!/bin/bash\n#SBATCH --nodes=1 --gpus-per-node=8 --time=10 --requeue\n"
        "if [ -e broken ]; then sleep 4; exit 0; fi\ntouch broken\nsleep 900\n"
    ),
    "late.sh": "#!/bin/bash\n#SBATCH --gpus=1 --time=1\nsleep 900\n",
    "again.sh": (
        "#!/bin/bash\n#SBATCH --gpus=2 --time=10\n"
        "if [ -e seen ]; then exit 0; fi\ntouch seen\nsleep 900\n"
    ),
    "array.sh": "#!/bin/bash\n#SBATCH --gpus=1 --time=5 --array=1-3\nsleep 5\n",
    "lent.sh": (
        "#!/bin/bash\n#SBATCH --nodes=1 --gpus-per-node=8 --time=10 --requeue\n"
        "if [ -e taken$TENDIK_JOB_ID ]; then exit 0; fi\n"
        "touch taken$TENDIK_JOB_ID\nsleep 45\n"
    ),
    "owner.sh": "#!/bin/bash\n#SBATCH --nodes=1 --gpus-per-node=8 --time=5\nsleep 5\n",
}
ENDS = ("completed", "failed", "cancelled", "timed_out", "node_failed", "lost")
NODE_GPUS = 8
LENT = 8  # jobs of a node each: the whole cluster
LAG_S = 15.0  # sacct's records come later than the ends that they tell of
CONFIRMED_WITHIN_S = 150.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger and Slurm say of the same jobs."""

    entries: tuple[Entry, ...]
    grants: tuple[Grant, ...]
    runs: tuple[Run, ...]
    states: Mapping[str, str]
    job_ids: Mapping[str, int]
    statement_faults: tuple[str, ...]

    @property
    def ledger(self) -> Mapping[int, int]:
        """Return the GPU-seconds that each job is said to have used: see `Entry`."""
        sums = Counter[int]()
        for entry in self.entries:
            given_back = entry.kind is EntryKind.REFUND
            sums[entry.job_id] += -entry.gpu_seconds if given_back else entry.gpu_seconds
        return +sums

    @property
    def slurm(self) -> Mapping[int, int]:
        """Return the GPU-seconds of each job's runs in Slurm's accounting."""
        sums = Counter[int]()
        for run in self.runs:
            if run.unix_account == UNIVERSITY.unix_account:
                sums[run.job_id] += run.gpus * (run.end_s - run.start_s)
        return +sums

    @property
    def due(self) -> int:
        """Return the GPU-seconds that are to be paid for by Slurm's word.

        A run costs no more than its walltime, and nothing where a failed node or a recall ended it.
        """
        return sum(
            min(run.gpus * (run.end_s - run.start_s), self.most[run.job_id])
            for run in self.runs
            if run.unix_account == UNIVERSITY.unix_account and not _is_refunded(run)
        )

    @property
    def most(self) -> Mapping[int, int]:
        """Return what was held for a run of each job."""
        first: dict[int, dict[datetime, int]] = {}
        for entry in self.entries:
            if entry.kind is EntryKind.HOLD:
                held = first.setdefault(entry.job_id, {})
                held[entry.at] = held.get(entry.at, 0) + entry.amount
        return {job_id: next(iter(held.values())) for job_id, held in first.items()}

    @property
    def refunded(self) -> int:
        return sum(entry.amount for entry in self.entries if entry.kind is EntryKind.REFUND)


def lives_on_slurm() -> Told:
    """Let the jobs live and end, and return what is told of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    policy = FOLDER / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    python = own_python(FOLDER / "own")
    settings = {"TENDIK_POLICY_FILE": str(policy), "TENDIK_CYCLE_INTERVAL_S": "0.5"}
    with service_on_slurm(FOLDER, BASE_PORT, (UNIVERSITY, OWNER), settings) as own:
        _grant(own)
        university, owner = (seated(own, one, python, "en") for one in (UNIVERSITY, OWNER))
        _scripts(university, owner)
        jobs = _ends_of_all_kinds(own, university) + _recalled(university, owner)
        for job in jobs:
            university.wait_for(job, *ENDS)
        time.sleep(LAG_S)
        _wait_for_confirmations(own)
        return _told(own, university, jobs)


def _grant(own: OwnSlurm) -> None:
    now = datetime.now(UTC)
    with closing(open_store(own.stack.environment["TENDIK_DATABASE_URL"], wait_s=30)) as store:
        store.add_fund(Fund("ai-fund", "AI Fund", sum(GRANTS)))
        (project,) = (one.name for one in store.projects(UNIVERSITY.organisation))
        for order, amount in enumerate(GRANTS):
            step = GrantStep(GrantState.REQUESTED, UNIVERSITY.user, now, gpu_seconds=amount)
            until = now + timedelta(days=1)
            place = (UNIVERSITY.organisation, project)
            grant = store.add_grant(Grant(0, "ai-fund", *place, now, until, (step,), order))
            for state in (GrantState.REVIEWED, GrantState.AWARDED):
                taken = stepped(grant, GrantStep(state, "admin", now, gpu_seconds=amount))
                grant = store.change_grant(taken, grant.revision)


def _scripts(*users: Terminal) -> None:
    for user in users:
        for name, text in SCRIPTS.items():
            (user.home / name).write_text(text, encoding="utf-8")
        (user.home / "seen").unlink(missing_ok=True)
        (user.home / "begun").unlink(missing_ok=True)
        (user.home / "broken").unlink(missing_ok=True)
        for taken in user.home.glob("taken*"):
            taken.unlink()


def _ends_of_all_kinds(own: OwnSlurm, user: Terminal) -> list[str]:
    names = (
        "done.sh",
        "fails.sh",
        "late.sh",
        "again.sh",
        "long.sh",
        "node.sh",
        "anew.sh",
        "back.sh",
    )
    jobs = [user.submit(name) for name in names]
    *_, again, cancelled, broken, anew, back = jobs
    array = user.submit("array.sh")
    for job in (again, cancelled, broken, anew, back):
        user.wait_for(job, "running")
    time.sleep(6)
    user.type(f"tendik cancel {cancelled}")
    user.type(f"tendik requeue {again}")
    _scontrol(own, "requeue", str(_shown(user, anew)["slurm_job_id"]))
    _break_node(own, user, broken, *ENDS)
    _break_node(own, user, back, "submitted")
    for job in jobs:
        user.wait_for(job, *ENDS)
    return [*jobs, *(f"{array}_{index}" for index in (1, 2, 3))]


def _break_node(own: OwnSlurm, user: Terminal, job: str, *until: str) -> None:
    """Take the job's node down, which ends its jobs as NODE_FAIL; it may be back by itself."""
    (node,) = _shown(user, job)["nodes"]
    _scontrol(own, "update", f"nodename={node}", "state=down", "reason=test")
    user.wait_for(job, *until)
    _scontrol(own, "update", f"nodename={node}", "state=resume", must=False)


def _shown(user: Terminal, job: str) -> Mapping[str, Any]:
    shown: Mapping[str, Any] = json.loads(user.quietly(f"tendik show {job} -o json"))
    return shown


def _scontrol(own: OwnSlurm, *words: str, must: bool = True) -> None:
    environment = {**os.environ, "SLURM_CONF": str(own.folder / "slurm.conf")}
    subprocess.run(["scontrol", *words], env=environment, check=must)


def _recalled(user: Terminal, owner: Terminal) -> list[str]:
    jobs = [user.submit("lent.sh") for _ in range(LENT)]
    for job in jobs:
        user.wait_for(job, "running")
    time.sleep(6)
    owner.wait_for(owner.submit("owner.sh"), "completed")
    return jobs


def _wait_for_confirmations(own: OwnSlurm) -> None:
    give_up_at = time.monotonic() + CONFIRMED_WITHIN_S
    with closing(open_store(own.stack.environment["TENDIK_DATABASE_URL"], wait_s=30)) as store:
        while store.open_charges() and time.monotonic() < give_up_at:
            time.sleep(1)


def _told(own: OwnSlurm, user: Terminal, jobs: Sequence[str]) -> Told:
    environment = {**os.environ, "SLURM_CONF": str(own.folder / "slurm.conf")}
    runs = read_runs(environment, "now-1hour", installation_of(own.stack.environment))
    with closing(open_store(own.stack.environment["TENDIK_DATABASE_URL"], wait_s=30)) as store:
        grants = store.grants()
        numbers = tuple(grant.number for grant in grants)
        entries = store.budget_entries(EntryQuery(numbers, limit=100_000))
    shown = {job: _shown(user, job) for job in jobs}
    states = {job: one["state"] for job, one in shown.items()}
    job_ids = {job: one["job_id"] for job, one in shown.items()}
    return Told(entries, grants, runs, states, job_ids, _statement_faults(user))


def _statement_faults(user: Terminal) -> tuple[str, ...]:
    """Return what the script of docs/examples finds wrong in the project's statement."""
    statement = FOLDER / "statement.json"
    statement.write_text(user.quietly("tendik budget statement -o json"), encoding="utf-8")
    check = [sys.executable, "-I", str(ROOT / "docs" / "examples" / "check_statement.py")]
    found = subprocess.run([*check, str(statement)], capture_output=True, text=True, check=False)
    return () if found.stdout == "adds up\n" else tuple(found.stderr.splitlines())


def _is_refunded(run: Run) -> bool:
    """Say whether no wish of its user ended it; the only failures on whole nodes are recalls."""
    recalled = run.state == "FAILED" and run.gpus == NODE_GPUS
    return recalled or run.state == "NODE_FAIL"
