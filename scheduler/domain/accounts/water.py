"""How the water's level is found, round by round, as a person would do it with a pencil.

`fairshare.water_fill` finds the same level from turn to turn, which is quicker and says less.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from scheduler.domain.shares.fairshare import Terms

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Round(Generic[K]):
    """All that is left is shared by those who are left, by their shares.

    `settled` leave with what is sure to them or with all they want, which of the two `at_floor`
    says; when there are none, the round's level is the last.
    """

    left: Fraction
    shares: int
    settled: Mapping[K, Fraction]
    at_floor: bool = False

    @property
    def level(self) -> Fraction:
        """Return the GPUs for each share."""
        return self.left / self.shares


@dataclass(frozen=True, slots=True)
class Filling(Generic[K]):
    """How siblings were filled from a capacity.

    No rounds: all get all they want. `floors_alone`: what is sure to them exceeds the capacity, and
    is shared as if it were what they want.
    """

    terms: Terms[K]
    rounds: tuple[Round[K], ...] = ()
    floors_alone: bool = False


def filled(capacity: int | Fraction, terms: Terms[K]) -> Filling[K]:
    """Return the rounds that lead to the level of `water_fill`.

    In each round everybody who is left gets the round's level for each share. Those who want less
    leave with what they want if that leaves more for others, and those to whom more is sure leave
    with it if that leaves less: never both at once, so nobody leaves who would have to come back.
    """
    if sum(terms.wants.values()) <= capacity:
        return Filling(terms)
    sure = terms.sure
    floors_alone = sum(sure.values()) > capacity
    wants = sure if floors_alone else terms.wants
    least: Mapping[K, int | Fraction] = dict.fromkeys(wants, 0) if floors_alone else sure
    found: list[Round[K]] = []
    still_in, left = dict.fromkeys(wants), Fraction(capacity)
    while still_in:
        shares = sum(terms.shares[key] for key in still_in)
        level = left / shares
        too_little = {
            key: Fraction(least[key]) for key in still_in if terms.shares[key] * level < least[key]
        }
        too_much = {
            key: Fraction(wants[key]) for key in still_in if terms.shares[key] * level > wants[key]
        }
        lacks = sum(gets - terms.shares[key] * level for key, gets in too_little.items())
        gives = sum(terms.shares[key] * level - gets for key, gets in too_much.items())
        at_floor = lacks > gives
        settled = too_little if at_floor else too_much
        if lacks == gives:  # what some lack is what others give back: the level is the last
            settled = {}
        found.append(Round(left, shares, settled, at_floor and bool(settled)))
        if not settled:
            break
        left -= sum(settled.values())
        for key in settled:
            del still_in[key]
    return Filling(terms, tuple(found), floors_alone)
