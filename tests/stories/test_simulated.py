"""The whole house on the embedded cluster: real processes, real gRPC, real command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from loadtests.stack import Stack, running_service
from tests.stories import three_researchers as story
from tests.stories.people import Person, people_of, seated


@dataclass(frozen=True, slots=True)
class House:
    """A running service and the people who use it."""

    stack: Stack
    researchers: tuple[Person, ...]
    admin: Person
    auditor: Person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    settings = {"TENDIK_BACKEND": "simulated", "TENDIK_CYCLE_INTERVAL_S": "0.2"}
    with running_service(folder / "service", settings) as stack:
        *researchers, admin = people_of(stack, folder)
        words = ["--org", "operations", "--project", "administration", "--role", "cluster-admin"]
        token = admin.tendik("admin", "user", "create", "auditor", *words).strip()
        auditor = seated(stack, folder, "auditor", token)
        yield House(stack, tuple(researchers), admin, auditor)


def test_three_researchers_each_run_a_job(house: House) -> None:
    story.each_runs_a_job(house.researchers, house.stack)


def test_one_waits_and_is_told_why(house: House) -> None:
    story.one_waits_and_is_told_why(house.researchers, house.stack)


def test_wrong_scripts_are_refused_and_nothing_breaks(house: House) -> None:
    story.wrong_scripts_are_refused_and_nothing_breaks(house.researchers)


def test_two_administrators_tighten_the_policy_and_the_next_job_is_refused(house: House) -> None:
    admin, auditor, (researcher, *_) = house.admin, house.auditor, house.researchers
    before = admin.tendik("policy", "show")
    file = admin.home / "policy.toml"
    file.write_text(before + "\n[organisations.astana-university]\nceiling_gpus = 2\n", "utf-8")
    assert "2" in admin.tendik("policy", "lint", str(file))
    admin.tendik("policy", "propose", str(file), "--why", "two GPUs are enough for a course")
    assert "OWN_PROPOSAL" in admin.tendik("policy", "approve", "1", fails_with=5)
    # From twenty-one GPUs of an even share to two is much; whoever signs it says so.
    assert "[loses_share]" in auditor.tendik("policy", "approve", "1", fails_with=3)
    auditor.tendik("policy", "approve", "1", "--accept", "loses_share")
    admin.tendik("policy", "activate", "1")
    script = researcher.home / "big.sh"
    script.write_text("#!/bin/bash\n#SBATCH --gpus=4\nsleep 1\n", encoding="utf-8")
    wait_until_in_force(admin)
    assert "QUOTA_EXCEEDED" in researcher.tendik("submit", "big.sh", fails_with=6)
    admin.tendik("policy", "rollback", "--why", "a course needs more")
    assert admin.tendik("policy", "show") == before
    assert "a course needs more" in admin.tendik("policy", "history")


def test_a_researcher_may_not_change_the_policy(house: House) -> None:
    file = house.researchers[0].home / "policy.toml"
    file.write_text(house.admin.tendik("policy", "show"), encoding="utf-8")
    complaint = house.researchers[0].tendik("policy", "apply", str(file), fails_with=5)
    assert "may not" in complaint


def wait_until_in_force(admin: Person) -> None:
    """Wait for the cycle that uses the newest policy version."""
    newest = json.loads(admin.tendik("policy", "show", "-o", "json"))["version"]
    deadline = time.monotonic() + 10
    while True:
        cluster = json.loads(admin.tendik("admin", "cluster", "-o", "json"))
        if cluster["last_cycle"]["policy_version"] >= newest:
            return
        assert time.monotonic() < deadline
        time.sleep(0.2)
