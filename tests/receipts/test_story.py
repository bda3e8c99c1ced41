"""Receipts through the real service and the real command line, each a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loadtests.stack import running_service
from tests.stories.people import Person, people_of

SCRIPT = "#!/bin/bash\n#SBATCH --gpus={gpus} --mem=1G\nsleep 600\n"
SETTINGS = {
    "TENDIK_BACKEND": "simulated",
    "TENDIK_CYCLE_INTERVAL_S": "0.1",
    "TENDIK_RECEIPTS_IDLE_CYCLES": "10",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The administrator, a researcher, and receipts that the administrator fetched, in order."""

    admin: Person
    researcher: Person
    files: tuple[str, ...]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    folder = tmp_path_factory.mktemp("evidence")
    with running_service(folder / "service", SETTINGS) as stack:
        *researchers, admin = people_of(stack, folder)
        for person, gpus in zip(researchers, (8, 32, 4), strict=True):
            person.submit(SCRIPT.format(gpus=gpus))
        held = researchers[0].submit(SCRIPT.format(gpus=64))
        researchers[0].wait_for(held, {"pending"})
        wait_for_receipts(admin, 4)
        newest_first = admin.tendik("admin", "receipt", "-n", "4").split()
        yield Evidence(admin, researchers[0], tuple(newest_first[::-1]))


def wait_for_receipts(admin: Person, least: int) -> None:
    deadline = time.monotonic() + 60
    while head_of(admin)["kept"] < least:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def head_of(admin: Person) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(admin.tendik("admin", "cluster", "-o", "json"))["receipts"]
    return head


def test_the_service_writes_receipts_that_hold_in_another_process(evidence: Evidence) -> None:
    told = evidence.admin.tendik("verify-receipt", *evidence.files, "-o", "json")

    verdicts = json.loads(told)
    cycles = [verdict["cycle"] for verdict in verdicts]
    assert [verdict["holds"] for verdict in verdicts] == [True] * 4
    assert cycles == sorted(cycles)
    checks = {finding["check"] for verdict in verdicts for finding in verdict["findings"]}
    assert checks == {"file", "parts", "chain", "audit", "decisions", "entitlements"}


def test_verification_needs_neither_service_nor_login(evidence: Evidence, tmp_path: Path) -> None:
    nobody = Person("nobody", evidence.admin.home, {"HOME": str(tmp_path), "PATH": "/usr/bin"})

    assert "decided again: the same bytes" in nobody.tendik("verify-receipt", evidence.files[0])


def test_a_flipped_bit_is_caught_at_the_command_line(evidence: Evidence) -> None:
    damaged = bytearray((evidence.admin.home / evidence.files[1]).read_bytes())
    damaged[len(damaged) // 2] ^= 4
    (evidence.admin.home / "damaged").write_bytes(damaged)

    told = evidence.admin.tendik("verify-receipt", "damaged", fails_with=10)
    assert "receipts that do not hold: 1 of 1" in told


def test_a_receipt_that_is_left_out_is_missed(evidence: Evidence) -> None:
    first, _, *others = evidence.files

    told = evidence.admin.tendik("verify-receipt", first, *others, fails_with=10)
    assert "receipts that do not hold: 1 of 3" in told


def test_receipts_of_everybody_are_for_those_who_may_see_everybody(evidence: Evidence) -> None:
    told = evidence.researcher.tendik("admin", "receipt", fails_with=5)
    assert "may not read receipts" in told
    assert len(head_of(evidence.researcher)["sha256"]) == 64


def test_a_cycle_without_a_receipt_and_a_file_that_is_not_there_are_told_apart(
    evidence: Evidence,
) -> None:
    assert "no receipt of cycle" in evidence.admin.tendik("admin", "receipt", "999", fails_with=4)
    assert "cannot read" in evidence.admin.tendik("verify-receipt", "nowhere", fails_with=2)
    assert "FILE" in evidence.admin.tendik("verify-receipt", fails_with=2)
