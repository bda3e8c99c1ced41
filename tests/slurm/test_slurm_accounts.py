"""Slurm's accounts follow the register, on a real slurmdbd that holds jobs to its limits."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scheduler.clock import SystemClock
from scheduler.domain.register import Entry, RegisterChange, Step, off_boarded
from scheduler.domain.tenants import Organisation, Project, User
from scheduler.policy_files import policy_version
from scheduler.store.sql import open_store
from tests.slurm.conftest import SlurmCluster, a_slurm

pytestmark = pytest.mark.slurm
POLICY = 'title = "Tests"\n[classes.universities]\n[classes.startups]\n'
ABAI = Organisation("abai-university", "Abai University", "universities")
CASPIAN = Organisation("caspian-robotics", "Caspian Robotics", "startups")
NLP, VISION = Project(ABAI.name, "nlp", ""), Project(ABAI.name, "vision", "")
GRIPPERS = Project(CASPIAN.name, "grippers", "")
AIGERIM = User("aigerim", ABAI.name, "vision", "aigerim")
BOLAT = User("bolat", CASPIAN.name, "grippers", "bolat")
ENTRIES: tuple[Entry, ...] = (ABAI, CASPIAN, NLP, VISION, GRIPPERS, AIGERIM, BOLAT)
BY_HAND = ("caspian-robotics", "physics")
PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Site:
    """A register and a Slurm; `slurm_accounts` is the operator's command."""

    cluster: SlurmCluster
    url: str

    def slurm_accounts(self, *options: str) -> list[str]:
        program = str(Path(sys.executable).with_name("tendik-scheduler"))
        done = subprocess.run(
            [program, "slurm-accounts", *options],
            env={**self.cluster.env, "TENDIK_DATABASE_URL": self.url},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def change(self, *steps: Step) -> None:
        with closing(open_store(self.url)) as store:
            tokens = {one.after.name: f"no token of {one.after.name}" for one in steps}
            now = SystemClock().now()
            store.change_register(RegisterChange(steps, "root", now, tokens))

    def slurm(self, *words: str) -> str:
        done = subprocess.run(
            words, env=self.cluster.env, capture_output=True, text=True, check=False, timeout=60
        )
        return (done.stdout + done.stderr).strip()

    def associations(self) -> set[str]:
        fields = "format=account,user,parentname,grpsubmit,maxsubmit"
        listed = self.slurm("sacctmgr", "-nP", "list", "associations", "wopl", fields)
        return set(listed.splitlines())

    def submit(self, user: str, account: str) -> str:
        return self.slurm(
            *("sbatch", "--parsable", f"--uid={user}", f"--account={account}", "--chdir=/tmp"),
            *("--output=/dev/null", "--wrap=sleep 600"),
        )

    def state(self, job: str) -> str:
        return self.slurm("squeue", "-h", "-j", job, "-o", "%T %a")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = f"sqlite:///{tmp_path_factory.mktemp('register') / 'tendik.db'}"
    with closing(open_store(url)) as store:
        store.apply_policy(policy_version(POLICY, "root", SystemClock().now()), expected=0)
    with a_slurm("--enforce", "--nodes", "2") as cluster:
        made = Site(cluster, url)
        made.change(*(Step(None, entry) for entry in ENTRIES))
        for name in BY_HAND:
            made.slurm("sacctmgr", "-i", "add", "account", name)
        yield made


def comes_to(site: Site, job: str, state: str) -> bool:
    give_up_at = time.monotonic() + PATIENCE_S
    while site.state(job) != state and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return site.state(job) == state


def test_slurm_follows_the_register_and_no_running_job_ends(site: Site) -> None:
    by_hand = site.associations()

    planned = site.slurm_accounts()
    assert planned == [
        "- add account abai-university under root",
        "- add account abai-university_nlp under abai-university",
        "- add account abai-university_vision under abai-university",
        "- add user aigerim to account abai-university_vision",
        "- add user aigerim to account abai-university_nlp",
    ]
    assert site.associations() == by_hand

    assert site.slurm_accounts("--apply") == planned
    assert site.slurm_accounts("--apply") == ["nothing is to be done"]
    made = site.associations()
    assert made - by_hand == {
        "abai-university||root||",
        "abai-university_nlp||abai-university||",
        "abai-university_vision||abai-university||",
        "abai-university_nlp|aigerim|||",
        "abai-university_vision|aigerim|||",
    }
    assert by_hand < made

    job = site.submit("aigerim", "abai-university_nlp")
    assert comes_to(site, job, "RUNNING abai-university_nlp"), job
    site.slurm("sacctmgr", "-i", "add", "user", "dana", "account=abai-university_nlp")

    site.change(Step(ABAI, off_boarded(ABAI, SystemClock().now())))
    assert site.slurm_accounts("--apply") == [
        "- stop submissions to account abai-university",
        "- stop submissions to account abai-university_nlp",
        "- stop submissions to account abai-university_vision",
        "- stop submissions of user aigerim to account abai-university_nlp",
        "- stop submissions of user aigerim to account abai-university_vision",
    ]
    assert site.slurm_accounts() == ["nothing is to be done"]
    left = site.associations()
    assert by_hand < left
    assert "abai-university_nlp|aigerim||0|0" in left
    assert "abai-university_nlp|dana|||" in left

    refusal = site.submit("aigerim", "abai-university_nlp")
    assert "Job violates accounting/QOS policy" in refusal
    assert site.state(job) == "RUNNING abai-university_nlp"

    with closing(open_store(site.url)) as store:
        gone = store.organisation(ABAI.name)
    site.change(Step(gone, replace(ABAI)))
    assert len(site.slurm_accounts("--apply")) == 5
    assert site.associations() == made | {"abai-university_nlp|dana|||"}
    again = site.submit("aigerim", "abai-university_vision")
    assert comes_to(site, again, "RUNNING abai-university_vision"), again
    assert site.state(job) == "RUNNING abai-university_nlp"
