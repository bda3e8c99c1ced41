"""Two services on one PostgreSQL database: who leads, and how they are killed and replaced."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from loadtests.stack import Stack, free_port, start_service, stop_service

TRY_EVERY_S = 0.02
REPLICAS = 2


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads, as the lease says: the serving process's id is part of a replica's name."""

    pid: int
    epoch: int


class Replicas:
    """Services on one database, each at an address that the next one in its place takes over."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self._token = ""
        self.stacks: list[Stack] = []
        for _ in range(REPLICAS):
            self._start(f"127.0.0.1:{free_port()}")
            self._token = self.stacks[0].admin_token

    @property
    def target(self) -> str:
        """Return all addresses, as gRPC takes them."""
        return f"ipv4:{','.join(stack.address for stack in self.stacks)}"

    def close(self) -> None:
        for stack in self.stacks:
            stop_service(stack.process)

    def leader(self) -> Leader:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT holder, epoch FROM leases").fetchone()
        holder, epoch = row or ("", 0)
        pid = holder.split(":")[1] if holder else "0"
        return Leader(int(pid), int(epoch))

    def cycles_since(self, epoch: int) -> int:
        """Return how many cycles later leaders have recorded."""
        with psycopg.connect(self.url) as connection:
            query = "SELECT count(*) FROM cycles WHERE epoch > %s"
            row = connection.execute(query, (epoch,)).fetchone()
        return int(row[0]) if row else 0

    def replace_in_order(self, stack: Stack) -> None:
        """Stop this one as an operator does, and begin another at its address."""
        stop_service(stack.process)
        self.replace(stack)

    def replace(self, stack: Stack) -> None:
        """Begin another in place of one that has ended."""
        self.stacks.remove(stack)
        self._start(stack.address)

    def _start(self, address: str) -> None:
        folder = self._folder / address.rpartition(":")[2]
        settings = {
            "TENDIK_DATABASE_URL": self.url,
            "TENDIK_BACKEND": "simulated",
            "TENDIK_LISTEN": address,
            "TENDIK_RECEIPTS_FOLDER": str(folder / "receipts"),
        }
        self.stacks.append(start_service(folder, settings, self._token))


def take_over_s(replicas: Replicas, *, in_order: bool) -> float:
    """End the leader, by SIGKILL or in order; return the seconds until another one has decided."""
    _wait(lambda: replicas.cycles_since(replicas.leader().epoch - 1) > 0)
    leader = replicas.leader()
    stack = next(one for one in replicas.stacks if one.process.pid == leader.pid)
    began_s = time.monotonic()
    if in_order:
        stack.process.send_signal(signal.SIGTERM)
    else:
        for pid in (*_children(leader.pid), leader.pid):
            os.kill(pid, signal.SIGKILL)
    _wait(lambda: replicas.cycles_since(leader.epoch) > 0)
    taken_s = time.monotonic() - began_s
    stack.process.wait()
    replicas.replace(stack)
    return taken_s


def _children(pid: int) -> Sequence[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _wait(condition: Callable[[], bool], patience_s: float = 90.0) -> None:
    deadline_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError("no replica came to lead")
        time.sleep(TRY_EVERY_S)
