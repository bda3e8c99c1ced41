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

from loadtests.failover.services import Replicas, take_over_s
from loadtests.failover.steps import Stopped, quiet, steps_of, stopped_at
from loadtests.figures import Figure
from tests.contracts.postgres import PostgresServer, running_postgres

GOAL_S = 20.0
STOPPED_AT_ONCE = 2


def stopped_everywhere(server: PostgresServer, times: int) -> list[Stopped]:
    """Stop a leader at each step that one comes to, so many times that it comes there."""
    seen = steps_of(server.url(server.new_database()))
    counted = tuple(f" #{time}" for time in range(1, times + 1))
    steps = [step for step in seen if step.endswith(counted)]
    urls = [server.url(server.new_database()) for _ in steps]
    with ProcessPoolExecutor(STOPPED_AT_ONCE, get_context("spawn"), quiet) as workers:
        runs = [workers.submit(stopped_at, *pair) for pair in zip(steps, urls, strict=True)]
        done = track(as_completed(runs), "a leader is stopped, followed, let go on", len(runs))
        return [run.result() for run in done]


def main(
    times: Annotated[int, typer.Option(help="How often a leader comes to a step.")] = 2,
    rounds: Annotated[int, typer.Option(help="Leaders killed, and stopped in order.")] = 3,
) -> None:
    """Measure, and write the figures."""
    quiet()
    with running_postgres() as server:
        for figure in of_the_stopped(stopped_everywhere(server, times)):
            figure.write()
        for in_order, name in ((False, "killed"), (True, "in-order")):
            of_the_ended(name, take_overs_s(server, rounds, in_order=in_order)).write()


def take_overs_s(server: PostgresServer, rounds: int, *, in_order: bool) -> Sequence[float]:
    """End the leader of two services again and again; return what each take-over took."""
    url = server.url(server.new_database())
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Replicas(url, Path(folder))) as replicas,
    ):
        told = track(range(rounds), "the leader stops" if in_order else "the leader is killed")
        return [take_over_s(replicas, in_order=in_order) for _ in told]


def of_the_stopped(stopped: Sequence[Stopped]) -> Iterator[Figure]:
    """Yield what stopped leaders did, and what became of the jobs."""
    missed = [one.step for one in stopped if not one.reached]
    reached = [one for one in stopped if one.reached]
    held_back = [one for one in reached if not one.was_on_its_way]
    named = [f"{one.step}: {', '.join(one.effects)}" for one in held_back if one.effects]
    detail = "; ".join(named) or f"of {len(held_back)} at which a leader was stopped and followed"
    detail += f"; not come to: {', '.join(missed)}" if missed else ""
    # A step that is always there and was not come to proves nothing.
    complete = not any(step.endswith(" #1") for step in missed)
    holds = complete and not named
    yield Figure("failover-stale-effects", len(named), "steps", "0", holds, detail)
    harmed = [f"{one.step}: {', '.join(one.harm)}" for one in reached if one.harm]
    on_its_way = len(reached) - len(held_back)
    detail = "; ".join(harmed) or f"of {len(reached)}, with a call on its way at {on_its_way}"
    holds = complete and not harmed
    yield Figure("failover-harm", len(harmed), "steps", "0", holds, detail)


def of_the_ended(name: str, times_s: Sequence[float]) -> Figure:
    """Return the longest take-over beside its goal."""
    worst_s = max(times_s)
    detail = f"worst of {len(times_s)}, from the leader's end to another one's first cycle"
    goal = f"<= {GOAL_S:g} s"
    return Figure(f"failover-{name}", worst_s, "s", goal, worst_s <= GOAL_S, detail)


if __name__ == "__main__":
    typer.run(main)
