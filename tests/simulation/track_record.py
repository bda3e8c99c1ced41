"""Bugs that the simulation found in this code: the seed that shows each is run for ever."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """What was wrong, the seed that found it as schedules were drawn then, and what it broke."""

    what: str
    seed: int
    invariant: str


FOUND: tuple[Bug, ...] = (
    Bug("what was confirmed of one Slurm job was believed of another", 42, "I4"),
)
