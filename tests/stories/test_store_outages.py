"""A service whose disk or database fails says why, keeps running, and goes on by itself."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import grpc
import pytest

from loadtests.stack import Client, Stack, running_service
from scheduler.v1.job_service_pb2 import (
    JOB_STATE_COMPLETED,
    GetJobRequest,
    SubmitJobRequest,
)
from tests.contracts.postgres import PostgresServer, running_postgres
from tests.stories.people import MEMBERS

SCRIPT = "#!/bin/bash\n#SBATCH --gpus=1\nsleep 1\n"
DISK_KIB = 12 * 1024
PATIENCE_S = 60


@dataclass
class House:
    """A running service, one user of it, and its log."""

    stack: Stack
    user: Client
    numbers: int = 0

    def submit(self) -> str:
        self.numbers += 1
        request = SubmitJobRequest(request_id=f"r{self.numbers}", script=SCRIPT)
        answer = self.user.jobs.SubmitJob(request, timeout=30, metadata=self.user.metadata)
        return answer.jobs[0].name

    def refusal(self) -> tuple[grpc.StatusCode, str]:
        """Return how a submission is refused, once one is."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                self.submit()
            except grpc.RpcError as error:
                call = cast("grpc.Call", error)  # which the stubs deny
                return call.code(), call.details() or ""
            time.sleep(0.1)
        raise AssertionError("no submission was refused")

    def accepted(self) -> str:
        """Return a job that was accepted, as soon as one is."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.submit()
            except grpc.RpcError:
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def completes(self, name: str) -> bool:
        """Say whether the job ran to its end: the engine works."""
        deadline = time.monotonic() + PATIENCE_S
        request = GetJobRequest(name=name)
        while time.monotonic() < deadline:
            answer = self.user.jobs.GetJob(request, timeout=30, metadata=self.user.metadata)
            if answer.job.state == JOB_STATE_COMPLETED:
                return True
            time.sleep(0.3)
        return False

    def logged(self, event: str) -> int:
        return (self.stack.folder / "service.log").read_text(encoding="utf-8").count(event)

    def waits_for(self, event: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self.logged(event):
            assert time.monotonic() < deadline, f"{event} was not logged"
            time.sleep(0.2)


@contextmanager
def house_on(url: str, folder: Path) -> Iterator[House]:
    settings = {"TENDIK_DATABASE_URL": url, "TENDIK_CYCLE_INTERVAL_S": "0.3"}
    with running_service(folder / "service", settings) as stack:
        user = stack.client(stack.register(MEMBERS[:1])[MEMBERS[0].organisation])
        try:
            yield House(stack, user)
        finally:
            user.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few MiB; skips where one may not be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k", "tendik-test", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Write to the disk until it has no byte left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return ballast


def went_on(house: House, before: str, mend: Callable[[], object]) -> None:
    """Mend the fault, and see that requests and the engine go on in the same processes."""
    mend()
    after = house.accepted()
    assert house.completes(after)
    assert house.completes(before)
    assert house.stack.process.poll() is None
    assert house.logged("engine_died") == 0


def test_a_full_disk_is_named_and_when_it_is_freed_everything_goes_on(
    small_disk: Path, tmp_path: Path
) -> None:
    with house_on(f"sqlite:///{small_disk / 'tendik.db'}", tmp_path) as house:
        assert house.completes(house.submit())
        before = house.submit()
        ballast = fill(small_disk)
        code, message = house.refusal()
        assert (code, "the disk is full; free space on it" in message) == (
            grpc.StatusCode.UNAVAILABLE,
            True,
        )
        house.waits_for("store_unavailable")
        went_on(house, before, ballast.unlink)


def test_receipts_without_room_keep_nobody_from_working(small_disk: Path, tmp_path: Path) -> None:
    settings = {
        "TENDIK_CYCLE_INTERVAL_S": "0.3",
        "TENDIK_RECEIPTS_FOLDER": str(small_disk / "receipts"),
    }
    with running_service(tmp_path / "service", settings) as stack:
        user = stack.client(stack.register(MEMBERS[:1])[MEMBERS[0].organisation])
        house = House(stack, user)
        ballast = fill(small_disk)
        assert house.completes(house.submit())
        house.waits_for("receipt_not_kept")
        went_on(house, house.submit(), ballast.unlink)
        user.close()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.mark.postgres
def test_a_read_only_server_is_named_and_when_it_takes_writes_everything_goes_on(
    server: PostgresServer, tmp_path: Path
) -> None:
    def let_write(how: str) -> None:
        server.command(f"ALTER SYSTEM SET default_transaction_read_only = {how}")
        server.command("SELECT pg_reload_conf()")

    with house_on(server.url(server.new_database()), tmp_path) as house:
        before = house.submit()
        let_write("on")
        code, message = house.refusal()
        assert code is grpc.StatusCode.UNAVAILABLE
        assert "the server is read only; connect to the primary" in message
        house.waits_for("store_unavailable")
        went_on(house, before, lambda: let_write("off"))


@pytest.mark.postgres
def test_a_server_that_was_stopped_and_started_again_is_found_again(
    server: PostgresServer, tmp_path: Path
) -> None:
    with house_on(server.url(server.new_database()), tmp_path) as house:
        before = house.submit()
        server.stop()
        code, message = house.refusal()
        assert (code, message.startswith("store ")) == (grpc.StatusCode.UNAVAILABLE, True)
        house.waits_for("store_unavailable")
        went_on(house, before, server.start)
