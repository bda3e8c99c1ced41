"""What a project's grants pay for: holds at submission, charges at the end, each GPU-second once.

Amounts are GPU-seconds times the published rate of the GPU's type, in whole ones. A job holds what
its whole walltime would cost; once its run has ended the hold is released and what the run used is
charged, and refunded where the user had no part in its end. Nothing decays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from scheduler.domain.requests import GpuRequest


class EntryKind(StrEnum):
    """What an entry of the ledger tells."""

    AWARD = "award"
    CARRY_IN = "carry_in"  # from a grant of the same fund that has expired
    CARRY_OUT = "carry_out"
    LAPSE = "lapse"  # what nobody used by the end of the grant
    HOLD = "hold"
    RELEASE = "release"
    CHARGE = "charge"
    REFUND = "refund"


# What an entry does to what is left of its grant.
EFFECTS: Mapping[EntryKind, int] = {
    EntryKind.AWARD: 1,
    EntryKind.CARRY_IN: 1,
    EntryKind.CARRY_OUT: -1,
    EntryKind.LAPSE: -1,
    EntryKind.HOLD: -1,
    EntryKind.RELEASE: 1,
    EntryKind.CHARGE: -1,
    EntryKind.REFUND: 1,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, only ever added to.

    `amount` is what is booked, never negative. `gpu_seconds` of a charge is what the run used as
    the clock told it, whatever it cost; of a refund it is how many of those the run did not use
    after all, by the cluster's accounting. So charges less refunds are the GPU-seconds used, also
    where everything is refunded because a node failed. An entry that no job made has neither job
    nor attempt.
    """

    grant: int
    kind: EntryKind
    amount: int
    at: datetime
    job_id: int = 0
    attempt: int = 0
    gpu_seconds: int = 0
    entry_id: int = 0

    @property
    def effect(self) -> int:
        return EFFECTS[self.kind] * self.amount


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a grant stands: the sums of its entries. None of them is ever negative."""

    awarded: int = 0
    carried_in: int = 0
    carried_out: int = 0
    lapsed: int = 0
    held: int = 0
    charged: int = 0  # refunds taken off

    @property
    def granted(self) -> int:
        """Return what there is to use in all."""
        return self.awarded + self.carried_in - self.carried_out - self.lapsed

    @property
    def left(self) -> int:
        return self.granted - self.held - self.charged

    def after(self, entry: Entry) -> Balance:
        """Return the balance with one more entry."""
        column, sign = _COLUMNS[entry.kind]
        return replace(self, **{column: getattr(self, column) + sign * entry.amount})


NOTHING = Balance()
_COLUMNS: Mapping[EntryKind, tuple[str, int]] = {
    EntryKind.AWARD: ("awarded", 1),
    EntryKind.CARRY_IN: ("carried_in", 1),
    EntryKind.CARRY_OUT: ("carried_out", 1),
    EntryKind.LAPSE: ("lapsed", 1),
    EntryKind.HOLD: ("held", 1),
    EntryKind.RELEASE: ("held", -1),
    EntryKind.CHARGE: ("charged", 1),
    EntryKind.REFUND: ("charged", -1),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What one grant pays of something that several may pay."""

    grant: int
    amount: int


@dataclass(frozen=True, slots=True)
class Price:
    """What a run of a job may cost at most, and at which rates by GPU type (not named: 1).

    Both are those of its submission: a change of the rates charges nobody more than was held.
    A job that `must` be covered is refused where the grants do not.
    """

    cost: int
    rates: Mapping[str, Fraction] = field(default_factory=dict, hash=False)
    must: bool = False

    def of_run(self, gpu_seconds: int, gpu_type: str) -> int:
        """Return what a run cost; one past its walltime costs no more than was held for it."""
        weighed = gpu_seconds * self.rates.get(gpu_type, Fraction(1))
        return min(self.cost, floor(weighed + Fraction(1, 2)))


FREE = Price(0)


@dataclass(frozen=True, slots=True)
class Funding:
    """What pays for a job: its price, and what it holds, in the order in which it is drawn."""

    price: Price
    holds: tuple[Part, ...]

    @property
    def held(self) -> int:
        return sum(part.amount for part in self.holds)


def price_of(
    request: GpuRequest, gpu_types: Iterable[str], rates: Mapping[str, Fraction], *, must: bool
) -> Price:
    """Return the price of a job that may run on GPUs of any of these types: the dearest counts."""
    ours = {name: rates.get(name, Fraction(1)) for name in sorted(gpu_types)}
    dearest = max(ours.values(), default=Fraction(1))
    special = {name: rate for name, rate in ours.items() if rate != 1}
    return Price(ceil(request.total_gpus * request.walltime_s * dearest), special, must)


class Purse:
    """What is left of a project's grants, in draw-down order; it is drawn from step by step."""

    def __init__(self, left: Iterable[Part]) -> None:
        self._left = {part.grant: part.amount for part in left}

    @property
    def left(self) -> int:
        return sum(self._left.values())

    def draw(self, amount: int) -> tuple[Part, ...] | None:
        """Take the whole amount and return from whom; None, and take nothing, if it lacks."""
        return self.draw_at_most(amount) if amount <= self.left else None

    def draw_at_most(self, amount: int) -> tuple[Part, ...]:
        """Take the amount, or all there is."""
        taken = tuple(_taken(self._left, amount))
        for part in taken:
            self._left[part.grant] -= part.amount
        return taken


def _taken(left: Mapping[int, int], amount: int) -> Iterable[Part]:
    for grant, available in left.items():
        if part := min(available, amount):
            yield Part(grant, part)
            amount -= part


def first_of(parts: Sequence[Part], amount: int) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return the first parts up to the amount, and the rest."""
    first, rest = list[Part](), list[Part]()
    for part in parts:
        here = min(part.amount, amount)
        amount -= here
        if here:
            first.append(Part(part.grant, here))
        if part.amount > here:
            rest.append(Part(part.grant, part.amount - here))
    return tuple(first), tuple(rest)


def entries_of(
    parts: Iterable[Part], kind: EntryKind, at: datetime, job_id: int = 0, attempt: int = 0
) -> tuple[Entry, ...]:
    """Return one entry for each part."""
    return tuple(Entry(part.grant, kind, part.amount, at, job_id, attempt) for part in parts)


def beyond(kept: int, parts: Iterable[int]) -> tuple[int, ...]:
    """Return what is left of each part where the first ones are used up to `kept` in all."""
    left = list[int]()
    for part in parts:
        left.append(max(0, part - kept))
        kept = max(0, kept - part)
    return tuple(left)


def shared_out(gpu_seconds: int, parts: Sequence[Part]) -> tuple[int, ...]:
    """Return whole GPU-seconds for each part by its amount; their sum is all of them."""
    total = sum(part.amount for part in parts)
    shares, told, paid = list[int](), 0, 0
    for part in parts:
        paid += part.amount
        upto = gpu_seconds * paid // total if total else 0
        shares.append(upto - told)
        told = upto
    return tuple(shares)
