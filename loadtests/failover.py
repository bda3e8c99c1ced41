"""How long nobody leads when the leader dies, and what one does that was stopped and followed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from loadtests.failover_services import Replicas, take_over_s
from loadtests.failover_steps import Stopped, steps_of, stopped_at
from loadtests.figures import Figure
from scheduler.journal import log_as_json
from tests.contracts.postgres import PostgresServer, running_postgres

GOAL_S = 20.0
STOPPED_AT_ONCE = 4


def stopped_everywhere(server: PostgresServer) -> list[Stopped]:
    """Stop a leader at each step that one comes to, the first time and the second."""
    seen = steps_of(server.url(server.new_database()))
    steps = [step for step in dict.fromkeys(seen) if step.endswith((" #1", " #2"))]
    urls = [server.url(server.new_database()) for _ in steps]
    with ProcessPoolExecutor(STOPPED_AT_ONCE, get_context("spawn"), _quiet) as workers:
        runs = [workers.submit(stopped_at, *pair) for pair in zip(steps, urls, strict=True)]
        done = track(as_completed(runs), "a leader is stopped, followed, let go on", len(runs))
        return [run.result() for run in done]


def _quiet() -> None:
    log_as_json("critical")


def main(rounds: Annotated[int, typer.Option(help="Leaders killed, and stopped.")] = 3) -> None:
    """Measure, and write the figures."""
    _quiet()
    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
        stopped = stopped_everywhere(server)
        url = server.url(server.new_database())
        with closing(Replicas(url, Path(folder))) as replicas:
            killed = track(range(rounds), "the leader is killed")
            killed_s = [take_over_s(replicas, in_order=False) for _ in killed]
            told = track(range(rounds), "the leader stops in order")
            in_order_s = [take_over_s(replicas, in_order=True) for _ in told]
    for figure in figures(stopped, killed_s, in_order_s):
        figure.write()


def figures(
    stopped: Sequence[Stopped], killed_s: Sequence[float], in_order_s: Sequence[float]
) -> Iterator[Figure]:
    """Yield what was measured, beside its goal."""
    missed = [one.step for one in stopped if not one.reached]
    stopped = [one for one in stopped if one.reached]
    held_back = [one for one in stopped if not one.was_on_its_way]
    effects = sum(bool(one.effects) for one in held_back)
    named = ", ".join(one.step for one in held_back if one.effects)
    detail = named or f"of {len(held_back)} steps at which a leader was stopped past its lease"
    detail += f"; not come to: {', '.join(missed)}" if missed else ""
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
