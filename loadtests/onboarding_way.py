"""Organisations come from one file and one leaves again, on a real Slurm with accounts.

What was typed and what was answered is printed and kept. No running job may be ended by a
departure, and every job must stand in slurmdbd under the account of its project.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadtests.figures import Figure
from loadtests.journey import Terminal
from loadtests.own_slurm import OwnSlurm, service_on_slurm
from loadtests.stack import ROOT, Member
from loadtests.workflow_tools.pythons import own_python

FOLDER = ROOT / "build" / "onboarding-way"
# Not the port of any other measurement, which may be running beside this one.
BASE_PORT = 27_200
# Whose homes the development Slurm has; the register says the rest.
ADMIN = Member("abai-university", "Abai University", "universities", "aigerim", "aigerim")
STARTUP = Member("caspian-robotics", "Caspian Robotics", "startups", "bolat", "bolat")
OPERATOR = Member("operations", "Operators", "operators", "operator", "root")
POLICY = 'title = "Equal classes"\n[classes.universities]\n[classes.startups]\n'
REGISTER = """[organisations.abai-university]
title = "Abai University"
class = "universities"

[organisations.abai-university.projects.nlp]
title = "Language models"
expires = 2027-06-30

[organisations.abai-university.members.aigerim]
project = "nlp"
role = "organisation-admin"

[organisations.abai-university.members.dana]
project = "nlp"
expires = 2027-01-31

[organisations.caspian-robotics]
title = "Caspian Robotics"
class = "startups"

[organisations.caspian-robotics.projects.grippers]

[organisations.caspian-robotics.members.bolat]
project = "grippers"
role = "organisation-admin"
"""
WORK = "#!/bin/bash\n#SBATCH --gpus-per-node=8 --nodes=1 --time=0:10:00\nsleep 90\n"
RUNNING, WAITING = 8, 2
ACCOUNT = "caspian-robotics_grippers"


def main() -> None:
    """Go the whole way, write build/onboarding-way/way.txt and the figures."""
    # Another register's accounts would be left alone.
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    policy = FOLDER / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    python = own_python(FOLDER / "own")
    settings = {
        "TENDIK_POLICY_FILE": str(policy),
        "TENDIK_CYCLE_INTERVAL_S": "0.5",
        "TENDIK_SLURM_ACCOUNTS": "true",
    }
    with service_on_slurm(FOLDER, BASE_PORT, (), settings, ("--enforce",)) as own:
        admin = _seated(own, ADMIN, python, own.stack.admin_token)
        operator = _operator(own, admin)
        tokens = _onboarded(admin, operator)
        startup = _seated(own, STARTUP, python, tokens["bolat"])
        jobs = _load(startup)
        _leaves(admin, startup, operator)
        ended = _ends(admin, jobs)
        _comes_back(admin, startup, operator)
        accounts = operator.quietly("sacct -a -X -n -P -o account").split()
    (FOLDER / "way.txt").write_text("".join(admin.transcript), encoding="utf-8")
    _judged(ended).write()
    _agreed(accounts).write()


def _seated(own: OwnSlurm, member: Member, python: Path, token: str) -> Terminal:
    home = own.home(member)
    environment = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
        "TENDIK_SERVER": own.stack.address,
        "TENDIK_TOKEN": token,
        "TENDIK_LANGUAGE": "en",
    }
    return Terminal(member, home, environment)


def _operator(own: OwnSlurm, admin: Terminal) -> Terminal:
    """Seat root with the service's own settings; what is typed goes into the admin's transcript."""
    environment = {**own.stack.environment, "PATH": admin.environment["PATH"]}
    environment |= {"HOME": "/root", "TENDIK_LANGUAGE": "en", "LANG": "C.UTF-8"}
    return Terminal(OPERATOR, FOLDER, environment, admin.transcript)


def _onboarded(admin: Terminal, operator: Terminal) -> Mapping[str, str]:
    """Apply the register, make Slurm's accounts of it, and return the tokens by user."""
    (admin.home / "tenants.toml").write_text(REGISTER, encoding="utf-8")
    admin.quietly("rm -f tokens")
    admin.type("tendik admin register diff tenants.toml")
    admin.type("tendik admin register apply tenants.toml --tokens tokens")
    admin.type("tendik admin register apply tenants.toml")
    admin.type("stat -c '%A %n' tokens")
    operator.type("tendik-scheduler slurm-accounts")
    operator.type("tendik-scheduler slurm-accounts --apply")
    operator.type("tendik-scheduler slurm-accounts --apply")
    lines = (admin.home / "tokens").read_text(encoding="utf-8").splitlines()
    return {name: token for name, _, token in (line.partition(" ") for line in lines)}


def _load(startup: Terminal) -> list[str]:
    (startup.home / "work.sh").write_text(WORK, encoding="utf-8")
    jobs = [startup.submit("work.sh --job-name=grip") for _ in range(RUNNING)]
    for job in jobs:
        startup.wait_for(job, "running")
    for _ in range(WAITING):
        startup.submit("work.sh --job-name=grip")
    return jobs


def _leaves(admin: Terminal, startup: Terminal, operator: Terminal) -> None:
    startup.transcript = admin.transcript
    admin.type("tendik admin org off-board caspian-robotics --dry-run")
    admin.type("tendik admin org off-board caspian-robotics")
    first = f"{RUNNING + 1}"
    admin.wait_for(first, "cancelled")
    admin.type(f"tendik show {first}")
    startup.type("tendik queue")
    operator.type("tendik-scheduler slurm-accounts --apply")
    admin.type("tendik queue --all --state running")


def _ends(admin: Terminal, jobs: Sequence[str]) -> dict[str, str]:
    """Return how each job ended that ran as its organisation left."""
    for job in jobs:
        admin.wait_for(job, "completed", "cancelled", "failed", "timed_out", "lost")
    return {job: json.loads(admin.quietly(f"tendik show {job} -o json"))["state"] for job in jobs}


def _comes_back(admin: Terminal, startup: Terminal, operator: Terminal) -> None:
    admin.type("tendik admin register diff tenants.toml")
    admin.type("tendik admin register apply tenants.toml")
    operator.type("tendik-scheduler slurm-accounts --apply")
    startup.type("tendik history --limit 3")
    admin.type("tendik admin history caspian-robotics")
    operator.type("sacct --allusers -X -n -o account%26,user,state | sort | uniq -c")


def _judged(ended: Mapping[str, str]) -> Figure:
    lost = sum(state != "completed" for state in ended.values())
    detail = f"{len(ended)} jobs ran as their organisation was off-boarded; all ended by themselves"
    return Figure("jobs_ended_by_a_departure", lost, "jobs", "0", lost == 0, detail)


def _agreed(accounts: Sequence[str]) -> Figure:
    astray = len(accounts) - accounts.count(ACCOUNT)
    holds = astray == 0 and len(accounts) == RUNNING
    detail = f"{len(accounts)} jobs in slurmdbd, all of them under {ACCOUNT}: {holds}"
    return Figure("jobs_under_another_slurm_account", astray, "jobs", "0", holds, detail)


if __name__ == "__main__":
    main()
