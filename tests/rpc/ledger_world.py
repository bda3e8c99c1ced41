"""A project whose grants paid for jobs that ended in every way, on a running service."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from scheduler.domain.budgets.grants import Fund, Grant, GrantState, GrantStep, stepped
from scheduler.domain.budgets.ledger import Price
from scheduler.domain.jobs import Job, JobState
from tests.build import NOON, a_spec, a_tenant, at
from tests.rpc.world import World
from tests.store.build import a_new, add, move, start

ROOT = Path(__file__).resolve().parents[2]
HOUR_S = 3600
ENDS = 40 * 24 * HOUR_S
# 3/2 for each GPU of the type that `a_placement` gives.
DEAR = Price(3 * HOUR_S, {"h200": Fraction(3, 2)}, must=True)
PLAIN = Price(2 * HOUR_S, must=True)


def with_a_ledger(world: World) -> None:
    """Let two grants of a fund pay for ten jobs; the first expires at the end."""
    world.store.add_fund(Fund("ai-fund", "AI Fund", 1000 * HOUR_S, carry_over=10))
    first = granted(world, 16, expires=ENDS)
    granted(world, 40, expires=3 * ENDS)
    for number, end in enumerate(
        (
            *(JobState.COMPLETED, JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELLED),
            *(JobState.NODE_FAILED, JobState.LOST),
        )
    ):
        began = 10_000 * (number + 1)
        run(world, job_of(world, PLAIN, began), began + 60, end, seconds=1700)
    run(world, job_of(world, DEAR, 80_000), 80_100, JobState.COMPLETED, seconds=1801)
    run(world, job_of(world, PLAIN, 90_000), 90_100, JobState.TIMED_OUT, seconds=9000)
    world.store.request_cancel(job_of(world, PLAIN, 100_000).job_id, at(100_100))
    start(world.store, job_of(world, PLAIN, 110_000), gpus=2)
    world.store.expire_grants(at(ENDS))
    assert world.store.grant(first.number).state is GrantState.EXPIRED


def granted(world: World, hours: int, *, expires: float) -> Grant:
    asked = GrantStep(GrantState.REQUESTED, "aigerim", NOON, "Kazakh speech", hours * HOUR_S)
    wish = Grant(0, "ai-fund", "steppe", "vision", NOON, at(expires), (asked,))
    grant = world.store.add_grant(wish)
    for state in (GrantState.REVIEWED, GrantState.AWARDED):
        step = GrantStep(state, "saule", NOON, "sound", hours * HOUR_S)
        grant = world.store.change_grant(stepped(grant, step), grant.revision)
    return grant


def job_of(world: World, price: Price, submitted_s: float) -> Job:
    tenant = a_tenant("steppe", project="vision", user="aigerim")
    new = a_new(tenant=tenant, spec=a_spec(), submitted_at=at(submitted_s))
    return add(world.store, replace(new, price=price))


def run(world: World, job: Job, began_s: float, end: JobState, *, seconds: float) -> None:
    """Let the job run on two GPUs and end so."""
    start(world.store, job, gpus=2, seconds=began_s - 1)
    move(world.store, job, JobState.SUBMITTED, began_s - 1)
    move(world.store, job, JobState.RUNNING, began_s)
    move(world.store, job, end, began_s + seconds)


async def called(world: World, who: str, *words: str) -> str:
    """Return what the program writes as a process of its own, called by this person."""
    environ = {
        "TENDIK_SERVER": f"127.0.0.1:{world.server.port}",
        "TENDIK_TOKEN": world.tokens[who],
        "HOME": "/nonexistent",
    }
    program = (sys.executable, "-c", "from scheduler.cli.main import run; run()", *words)
    process = await asyncio.create_subprocess_exec(
        *program, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    written, complaint = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, complaint.decode()
    return written.decode()
