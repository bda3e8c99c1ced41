"""Drawn policies, and drawn work for the three organisations of the tests' rig."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.engine.rig import Rig

ORGANISATIONS = ("alpha", "beta", "startup")
CLASSES = ("universities", "startups")
GPUS, WEIGHTS = (1, 2, 4, 8, 16, 24), (4, 4, 4, 4, 2, 1)


def a_policy(random: Random) -> str:
    """Return a right policy file for a cluster of 64 GPUs; each key is there or not."""
    return "\n".join(_lines(random)) + "\n"


def _lines(random: Random) -> Iterator[str]:
    yield f'title = "drawn {random.randrange(10**6)}"'
    yield f'[usage]\nhalf_life = "{random.choice(("1h", "1d", "7d"))}"'
    yield f"weight = {random.choice((0, 1, 3))}"
    for name in CLASSES:
        yield f"[classes.{name}]"
        yield from _quota(random)
        if random.random() < 0.3:
            yield f"[classes.{name}.members]"
            yield from _quota(random)
        if random.random() < 0.3:
            yield f"[classes.{name}.user_limits]\nmax_held_gpus = {random.choice((8, 16, 32))}"
    for name in ("default", *ORGANISATIONS):
        if random.random() < 0.4:
            yield f"[organisations.{name}]"
            yield from _quota(random)
    yield f'[wait]\nguard = "{random.choice(("1m", "10m", "1d"))}"'
    if random.random() < 0.6:
        by = random.choice(("entitlements", "shares"))
        yield f'[recall]\nenabled = true\nnotice = "1m"\nmin_runtime = "1m"\nby = "{by}"'


def _quota(random: Random) -> Iterator[str]:
    yield f"share = {random.choice((1, 1, 2, 3))}"
    floor = random.choice((0, 0, 0, 4, 8, 16))
    if floor:
        yield f"floor_gpus = {floor}"
        if random.random() < 0.4:
            yield f"lending_limit_gpus = {random.choice((0, floor // 2))}"
    if random.random() < 0.35:
        yield f"ceiling_gpus = {random.choice((16, 24, 32, 48))}"
    if random.random() < 0.25:
        yield f"borrowing_limit_gpus = {random.choice((0, 4, 8, 16))}"


def busy(rig: Rig, random: Random) -> None:
    """Let some minutes pass in which jobs come, run and end; the newest were not decided about.

    In half of the worlds one organisation is there first, and borrows what the others do not want.
    """
    if random.random() < 0.5:
        first = random.choice(ORGANISATIONS)
        for _ in range(random.randrange(8, 20)):
            rig.submit(first, random.choice((2, 4, 8)), 7200, flags=("--requeue",))
        rig.ticks(3, every_s=60)
    for _ in range(random.randrange(4, 12)):
        for _ in range(random.randrange(4)):
            a_job(rig, random)
        rig.ticks(1, every_s=random.choice((1, 30, 120)))
    rig.engine.tick()
    for _ in range(random.randrange(1, 5)):
        a_job(rig, random)


def a_job(rig: Rig, random: Random) -> None:
    flags = ("--requeue",) if random.random() < 0.7 else ()
    (gpus,) = random.choices(GPUS, WEIGHTS)
    rig.submit(random.choice(ORGANISATIONS), gpus, random.choice((60, 600, 7200)), flags=flags)
