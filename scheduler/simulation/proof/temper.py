"""What kind of schedule a seed draws: which faults, how many, and how close they strike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

# Those that come between a change and its record.
NARROW: Sequence[str] = (
    "slurmctld killed",
    "slurmctld stalls",
    "submissions time out",
    "changes time out",
    "store away",
    "service killed",
    "service pauses",
    "clock jumps",
)
# Every third schedule is narrow: it holds no other kinds, each more often, and close.
NARROW_EVERY = 3
LEAST_KINDS, MOST_KINDS = 6, 9


@dataclass(frozen=True, slots=True)
class Temper:
    """The kinds of fault that a schedule holds, and how many of one there are at most.

    `close` is how often a fault amid a tick comes around a call that changes something for good.
    """

    kinds: Sequence[str]
    most_of_a_kind: int
    close: float

    def faults(self, random: Random) -> Sequence[str]:
        """Draw the faults of a schedule, kind by kind."""
        return [kind for kind in self.kinds for _ in range(random.randint(1, self.most_of_a_kind))]


def tempered(seed: int, random: Random, kinds: Sequence[str]) -> Temper:
    """Draw the temper of a seed's schedule from all kinds of fault, or from the narrow ones."""
    if seed % NARROW_EVERY == NARROW_EVERY - 1:
        return Temper(_some(NARROW, random), most_of_a_kind=7, close=0.9)
    return Temper(_some(kinds, random), most_of_a_kind=4, close=0.5)


def _some(kinds: Sequence[str], random: Random) -> Sequence[str]:
    most = min(MOST_KINDS, len(kinds))
    return random.sample(kinds, random.randint(LEAST_KINDS, most))
