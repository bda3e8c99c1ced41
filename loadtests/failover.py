"""How long nobody leads when the leader dies, and what one does that was stopped and followed."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.progress import track

from loadtests.failover_steps import Stopped, steps_of, stopped_at
from loadtests.figures import Figure
from loadtests.stack import Stack, start_service, stop_service
from tests.contracts.postgres import PostgresServer, running_postgres

GOAL_S = 20.0
STOPPED_AT_ONCE = 4
TRY_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads, as the lease says: the serving process's id is part of a replica's name."""

    pid: int
    epoch: int


class Replicas:
    """Two services on one database; one that goes is begun anew."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self._settings = {"TENDIK_DATABASE_URL": url, "TENDIK_BACKEND": "simulated"}
        first = start_service(folder / "0", self._settings)
        self._token = first.admin_token
        self.stacks: list[Stack] = [first, self._another()]

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

    def replace(self, pid: int) -> None:
        """Begin another in place of the one that is gone."""
        self.stacks = [one for one in self.stacks if one.process.pid != pid]
        self.stacks.append(self._another())

    def _another(self) -> Stack:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        return start_service(folder, self._settings, self._token)


@contextmanager
def replicas_on(server: PostgresServer) -> Iterator[Replicas]:
    """Run two services on a fresh database of the server."""
    with tempfile.TemporaryDirectory() as folder:
        replicas = Replicas(server.url(server.new_database()), Path(folder))
        try:
            yield replicas
        finally:
            replicas.close()


def take_over_s(replicas: Replicas, *, in_order: bool) -> float:
    """End the leader, by SIGKILL or in order; return the seconds until another one has decided."""
    _wait(lambda: replicas.cycles_since(replicas.leader().epoch - 1) > 0)
    leader = replicas.leader()
    process = next(one.process for one in replicas.stacks if one.process.pid == leader.pid)
    began_s = time.monotonic()
    if in_order:
        process.send_signal(signal.SIGTERM)
    else:
        for pid in (*_children(leader.pid), leader.pid):
            os.kill(pid, signal.SIGKILL)
    _wait(lambda: replicas.cycles_since(leader.epoch) > 0)
    taken_s = time.monotonic() - began_s
    process.wait()
    replicas.replace(leader.pid)
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


def stopped_everywhere(server: PostgresServer) -> list[Stopped]:
    """Stop a leader at each step that one comes to, the first time and the second."""
    seen = steps_of(server.url(server.new_database()))
    steps = [step for step in dict.fromkeys(seen) if step.endswith((" #1", " #2"))]
    with ThreadPoolExecutor(STOPPED_AT_ONCE) as threads:
        runs = [threads.submit(_stopped, step, server) for step in steps]
        done = track(as_completed(runs), "a leader is stopped, followed, let go on", len(runs))
        return [run.result() for run in done]


def _stopped(step: str, server: PostgresServer) -> Stopped:
    return stopped_at(step, server.url(server.new_database()))


def main(rounds: Annotated[int, typer.Option(help="Leaders killed, and stopped.")] = 3) -> None:
    """Measure, and write the figures."""
    with running_postgres() as server:
        stopped = stopped_everywhere(server)
        with replicas_on(server) as replicas:
            killed_s = [
                take_over_s(replicas, in_order=False)
                for _ in track(range(rounds), "the leader is killed")
            ]
            in_order_s = [
                take_over_s(replicas, in_order=True)
                for _ in track(range(rounds), "the leader stops in order")
            ]
    for figure in figures(stopped, killed_s, in_order_s):
        figure.write()


def figures(
    stopped: Sequence[Stopped], killed_s: Sequence[float], in_order_s: Sequence[float]
) -> Iterator[Figure]:
    """Yield what was measured, beside its goal."""
    held_back = [one for one in stopped if not one.was_on_its_way]
    effects = sum(bool(one.effects) for one in held_back)
    named = ", ".join(one.step for one in held_back if one.effects)
    detail = named or f"of {len(held_back)} steps at which a leader was stopped past its lease"
    yield Figure("failover-stale-effects", effects, "steps", "0", effects == 0, detail)
    harmed = [one for one in stopped if one.harm]
    told = "; ".join(f"{one.step}: {', '.join(one.harm)}" for one in harmed)
    on_its_way = len(stopped) - len(held_back)
    detail = told or f"of {len(stopped)} steps, with {on_its_way} at which a call was on its way"
    yield Figure("failover-harm", len(harmed), "steps", "0", not harmed, detail)
    for name, times_s in (("killed", killed_s), ("in-order", in_order_s)):
        worst_s = max(times_s)
        detail = f"worst of {len(times_s)}, from the leader's end to another one's first cycle"
        goal = f"<= {GOAL_S:g} s"
        yield Figure(f"failover-{name}", worst_s, "s", goal, worst_s <= GOAL_S, detail)


if __name__ == "__main__":
    typer.run(main)
