"""Policies that must never come into force unnoticed, and what stops each of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from loadtests.policy_check.seat import Seat, Way
from tests.engine.rig import a_rig

GOOD = """title = "good"
[usage]
half_life = "7d"
[classes.universities]
[classes.startups]
[organisations.default]
[recall]
enabled = true
"""
# Each replaces a line of the good one; with it, what its reason must name.
BAD: dict[str, tuple[str, str, str]] = {
    "an unknown key": ("[organisations.default]", "[organisations.default]\nshares = 2", "shares"),
    "a wrong unit": ('half_life = "7d"', 'half_life = "7 days"', "half_life"),
    "a half-life of nothing": ('half_life = "7d"', 'half_life = "0s"', "half_life"),
    "a share of nothing": ("[classes.startups]", "[classes.startups]\nshare = 0", "share"),
    "a share below nothing": ("[classes.startups]", "[classes.startups]\nshare = -1", "share"),
    "an organisation twice": (
        "[organisations.default]",
        "[organisations.alpha]\n[organisations.alpha]\n[organisations.default]",
        "organisations",
    ),
    "a floor above its ceiling": (
        "[classes.startups]",
        "[classes.startups]\nfloor_gpus = 16\nceiling_gpus = 8",
        "floor_gpus",
    ),
    "lending more than the floor": (
        "[classes.startups]",
        "[classes.startups]\nfloor_gpus = 4\nlending_limit_gpus = 8",
        "lending_limit_gpus",
    ),
    "a class that is in use is gone": ("[classes.startups]", "[classes.ventures]", "startups"),
    "no class at all": ("[classes.universities]\n[classes.startups]\n", "", "classes"),
    "no TOML": ("[recall]", "[recall", "TOML"),
    "a notice of a month": ("enabled = true", 'enabled = true\nnotice = "30d"', "notice"),
    "floors over the capacity": (
        "[organisations.default]",
        "[organisations.default]\nfloor_gpus = 40",
        "floors in",
    ),
    "a ceiling below its members' floors": (
        "[classes.universities]",
        "[classes.universities]\nceiling_gpus = 8\n[classes.universities.members]\nfloor_gpus = 6",
        "ceiling_gpus",
    ),
    "a pool that is not there": (
        "[organisations.default]",
        '[organisations.default]\nceiling_gpus = { "alem/h2000" = 8 }',
        "h2000",
    ),
    "an organisation that is not there": (
        "[organisations.default]",
        "[organisations.alfa]\nshare = 2\n[organisations.default]",
        "alfa",
    ),
    "a GPU type that is not there": ("[recall]", "[rates]\nh2000 = 2.0\n[recall]", "h2000"),
    "a class that nobody is of": (
        "[classes.startups]",
        "[classes.startups]\n[classes.students]",
        "students",
    ),
    "a ceiling that is never reached": (
        "[classes.startups]",
        "[classes.startups]\nceiling_gpus = 1000",
        "never reached",
    ),
    "shares that change nothing": (
        "[classes.universities]\n[classes.startups]",
        "[classes.universities]\nshare = 3\n[classes.startups]\nshare = 3",
        "all classes have share 3",
    ),
}


@dataclass(frozen=True, slots=True)
class Stopped:
    """At which step a bad policy was stopped, and the reason that its author was given."""

    name: str
    step: str
    reason: str
    is_stopped: bool


def stopped() -> list[Stopped]:
    """Take each policy as far as two careless admins can, on a cluster where nothing runs."""
    with a_rig() as rig:
        rig.ticks(1)
        seat = Seat(rig)
        good = asyncio.run(seat.take(GOOD))
        if good.step != "put in force":
            raise AssertionError(f"a good policy is stopped: {good.reason}")
        return [
            judged(name, asyncio.run(seat.take(GOOD.replace(line, broken, 1))), names)
            for name, (line, broken, names) in BAD.items()
        ]


def judged(name: str, way: Way, names: str) -> Stopped:
    """Say whether the policy was stopped for the reason that is wrong about it."""
    return Stopped(name, way.step, way.reason, way.step != "put in force" and names in way.reason)
