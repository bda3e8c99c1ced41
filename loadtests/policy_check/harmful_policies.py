"""Policies that no check of the file can find odd, and what stops each on a cluster in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass

from loadtests.policy_check.bad_policies import GOOD, Stopped, judged
from loadtests.policy_check.seat import Seat, Way
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.changes.proposals import ProposalState
from scheduler.domain.changes.regressions import WINDOW
from scheduler.domain.recalls.recall import recalling
from scheduler.use_cases.stages import Wish
from tests.engine.rig import Rig, a_rig

CANARY = Wish(ProposalState.CANARY, ("startups",))
SHADOW = Wish(ProposalState.SHADOWED)
AN_HOUR_S, LONG_S = 3600.0, 6 * 3600
Take = Callable[[Seat, str], Coroutine[None, None, Way]]


@dataclass(frozen=True, slots=True)
class Case:
    """The line of the good policy that is replaced, the way it takes, and what its reason names."""

    line: str
    harmful: str
    take: Take
    names: str


def stopped_in_use() -> list[Stopped]:
    """Take each policy its way, on a cluster of its own."""
    return [_stopped(name, case) for name, case in HARMFUL.items()]


def _stopped(name: str, case: Case) -> Stopped:
    with a_rig(allocate=recalling(CpSatAllocator())) as rig:
        rig.ticks(1)
        seat = Seat(rig)
        good = asyncio.run(seat.take(GOOD))
        if good.step != "put in force":
            raise AssertionError(f"a good policy is stopped: {good.reason}")
        text = GOOD.replace(case.line, case.harmful, 1)
        return judged(name, asyncio.run(case.take(seat, text)), case.names)


def _submit(rig: Rig, organisation: str, jobs: int, gpus: int, sleep_s: int = LONG_S) -> None:
    for _ in range(jobs):
        rig.submit(organisation, gpus, sleep_s, flags=("--requeue", "--time=12:00:00"))


async def _while_startups_run(seat: Seat, text: str) -> Way:
    _submit(seat.rig, "startup", jobs=6, gpus=8)
    seat.rig.ticks(3)
    return await seat.take(text)


async def _while_a_gang_waits(seat: Seat, text: str) -> Way:
    _submit(seat.rig, "alpha", jobs=8, gpus=8)
    seat.rig.ticks(3)
    _submit(seat.rig, "startup", jobs=1, gpus=16)
    return await seat.take(text)


async def _while_both_want_all(seat: Seat, text: str) -> Way:
    _submit(seat.rig, "startup", jobs=4, gpus=8)
    _submit(seat.rig, "alpha", jobs=4, gpus=8)
    seat.rig.ticks(3, every_s=AN_HOUR_S)
    _submit(seat.rig, "alpha", jobs=4, gpus=8)
    _submit(seat.rig, "startup", jobs=4, gpus=8)
    seat.rig.ticks(2)
    return await seat.take(text)


async def _on_a_quiet_day(seat: Seat, text: str) -> Way:
    return await seat.take(text)


async def _in_shadow(seat: Seat, text: str) -> Way:
    """A gang comes and goes while it is in shadow; then it is activated on a quiet cluster."""
    way = await seat.take(text, SHADOW)
    _submit(seat.rig, "alpha", jobs=8, gpus=8, sleep_s=300)
    await seat.turns(2)
    _submit(seat.rig, "startup", jobs=1, gpus=16, sleep_s=60)
    await seat.turns(40)
    return await seat.further(seat.newest, Wish()) if way.step == "put in force" else way


def _as_a_canary(organisation: str, gpus: int) -> Take:
    """Return a day that begins quiet: the work comes when the canary is in force."""

    async def take(seat: Seat, text: str) -> Way:
        way = await seat.take(text, CANARY)
        if way.step != "put in force":
            return way
        _submit(seat.rig, organisation, jobs=64 // gpus, gpus=gpus)
        await seat.turns(WINDOW + 2)
        return seat.taken_back()

    return take


HARMFUL: Mapping[str, Case] = {
    "a ceiling below what is held": Case(
        "[classes.startups]",
        "[classes.startups]\nceiling_gpus = 8",
        _while_startups_run,
        "GPUs: startup 40",
    ),
    "a limit that bars a gang which waits": Case(
        "[recall]", "[user_limits]\nmax_job_gpus = 8\n[recall]", _while_a_gang_waits, "startup 16"
    ),
    "a floor that recalls what runs": Case(
        "[classes.universities]",
        "[classes.universities]\nfloor_gpus = 48",
        _while_both_want_all,
        "recalled that would run on; GPUs: startup 16",
    ),
    "a share of fifty in the place of five": Case(
        "[classes.startups]", "[classes.startups]\nshare = 50", _on_a_quiet_day, "less than a third"
    ),
    "a limit that bars a gang on another day": Case(
        "[recall]", "[user_limits]\nmax_job_gpus = 8\n[recall]", _in_shadow, "in shadow since"
    ),
    "a limit that lets the cluster idle": Case(
        "[classes.startups]",
        "[classes.startups]\n[classes.startups.user_limits]\nmax_held_gpus = 2",
        _as_a_canary("startup", gpus=2),
        "stood idle",
    ),
    "a floor that is kept from everybody": Case(
        "[classes.startups]",
        "[classes.startups]\nfloor_gpus = 40\nlending_limit_gpus = 0",
        _as_a_canary("alpha", gpus=4),
        "of its entitlement",
    ),
}
