"""Funds, and the grants of GPU-hours that projects get of them: from a request to their expiry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler.budget_errors import FundExceeded, NotAStepOfGrant, OwnGrant
from scheduler.domain.budgets.ledger import NOTHING, Balance, Entry, EntryKind, Part
from scheduler.errors import StaleVersion
from scheduler.texts import Said, said

HOUR_S = 3600
# More than the cluster could give in a century: a larger amount is a slip of the keyboard.
MOST_HOURS = 1_000_000_000
# Where a project is warned of what it has used and holds, in percent of what it was granted.
WARNINGS = (75, 90, 100)


@dataclass(frozen=True, slots=True)
class Fund:
    """A source of GPU-hours: a base quota, the AI Fund, the students' pool.

    `gpu_seconds` bounds what all its grants come to. `carry_over` is how many percent of an award
    may go on to the project's next grant of the fund when it expires.
    """

    name: str
    title: str
    gpu_seconds: int
    carry_over: int = 0


class GrantState(StrEnum):
    """How far a grant has come."""

    REQUESTED = "requested"
    REVIEWED = "reviewed"
    AWARDED = "awarded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    EXPIRED = "expired"


_OPEN = frozenset({GrantState.AWARDED, GrantState.DECLINED, GrantState.WITHDRAWN})
STEPS: Mapping[GrantState, frozenset[GrantState]] = {
    GrantState.REQUESTED: _OPEN - {GrantState.AWARDED} | {GrantState.REVIEWED},
    GrantState.REVIEWED: _OPEN | {GrantState.REVIEWED},
    GrantState.AWARDED: frozenset({GrantState.CLOSED, GrantState.EXPIRED}),
    GrantState.DECLINED: frozenset(),
    GrantState.WITHDRAWN: frozenset(),
    GrantState.CLOSED: frozenset(),
    GrantState.EXPIRED: frozenset(),
}
STATE_WORDS: Mapping[GrantState, Said] = {
    GrantState.REQUESTED: said("requested"),
    GrantState.REVIEWED: said("reviewed"),
    GrantState.AWARDED: said("awarded"),
    GrantState.DECLINED: said("declined"),
    GrantState.WITHDRAWN: said("withdrawn"),
    GrantState.CLOSED: said("closed"),
    GrantState.EXPIRED: said("expired"),
}
_DECIDED = frozenset({GrantState.REVIEWED, GrantState.AWARDED, GrantState.DECLINED})
# What a grant still has is nobody's any more.
OVER = frozenset({GrantState.CLOSED, GrantState.EXPIRED})


@dataclass(frozen=True, slots=True)
class GrantStep:
    """Who brought a grant to a state, when and why; what a reviewer recommends or one awards."""

    state: GrantState
    by: str
    at: datetime
    why: str = ""
    gpu_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """GPU-hours of a fund for one project, from `starts` until `expires`.

    Of several that a project may use, the one of the lowest `order` is drawn down first, then the
    one that expires first. `steps` are all that happened to it, the first its request, which says
    how much was asked for.
    """

    number: int
    fund: str
    organisation: str
    project: str
    starts: datetime
    expires: datetime
    steps: tuple[GrantStep, ...]
    order: int = 100
    balance: Balance = NOTHING

    def __post_init__(self) -> None:
        if self.expires <= self.starts:
            raise ValueError(f"a grant expires after it starts: {self}")

    @property
    def state(self) -> GrantState:
        return self.steps[-1].state

    @property
    def revision(self) -> int:
        return len(self.steps)

    @property
    def asked(self) -> int:
        return self.steps[0].gpu_seconds

    @property
    def awarded(self) -> bool:
        """Say whether it ever was."""
        return any(step.state is GrantState.AWARDED for step in self.steps)

    def is_in_use(self, now: datetime) -> bool:
        """Say whether new jobs may hold of it."""
        return self.state is GrantState.AWARDED and self.starts <= now < self.expires

    @property
    def used_percent(self) -> float:
        """Return how much of what was granted is charged or held; 100 where there is nothing."""
        granted = self.balance.granted
        taken = self.balance.charged + self.balance.held
        return 100 * taken / granted if granted else 100.0

    @property
    def warning(self) -> int:
        """Return the highest of `WARNINGS` that is reached, 0 for none."""
        if not self.awarded or self.state in OVER:
            return 0
        return max((level for level in WARNINGS if self.used_percent >= level), default=0)


def stepped(grant: Grant, step: GrantStep) -> Grant:
    """Return the grant one step on. Raises NotAStepOfGrant where that step does not lead, OwnGrant.

    Whoever asked for it neither reviews nor awards it.
    """
    if step.state not in STEPS[grant.state]:
        raise NotAStepOfGrant(grant.number, STATE_WORDS[grant.state], STATE_WORDS[step.state])
    if step.state in _DECIDED and step.by == grant.steps[0].by:
        raise OwnGrant(step.by, grant.number)
    return replace(grant, steps=(*grant.steps, step))


def demand_revision(grant: Grant, revision: int) -> None:
    """Raise StaleVersion unless this is the revision that its reader had before him."""
    if grant.revision != revision:
        raise StaleVersion("grant", str(revision), str(grant.revision))


def award_of(grant: Grant) -> Entry:
    """Return what the ledger says of the award that is the grant's newest step."""
    step = grant.steps[-1]
    return Entry(grant.number, EntryKind.AWARD, step.gpu_seconds, step.at)


def demand_room(fund: Fund, of_fund: Iterable[Grant], wanted: int) -> None:
    """Raise FundExceeded where the fund has not so much left to award."""
    left = left_of(fund, of_fund)
    if wanted > left:
        raise FundExceeded(fund.name, hours(left), hours(fund.gpu_seconds), hours(wanted))


def left_of(fund: Fund, of_fund: Iterable[Grant]) -> int:
    """Return what the fund may still award: what lapsed is its own again."""
    return fund.gpu_seconds - sum(grant.balance.granted for grant in of_fund)


def in_draw_down_order(grants: Iterable[Grant], now: datetime) -> tuple[Grant, ...]:
    """Return those that new jobs may hold of, the one that pays first in front."""
    usable = (grant for grant in grants if grant.is_in_use(now))
    return tuple(sorted(usable, key=lambda one: (one.order, one.expires, one.number)))


def parts_of(grants: Iterable[Grant], now: datetime) -> tuple[Part, ...]:
    """Return what is left of each, in draw-down order."""
    return tuple(Part(one.number, one.balance.left) for one in in_draw_down_order(grants, now))


def is_due(grant: Grant, now: datetime) -> bool:
    """Say whether the grant has expired and its end is still to be booked."""
    return grant.state is GrantState.AWARDED and grant.expires <= now


def ended(
    grant: Grant, step: GrantStep, fund: Fund, others: Sequence[Grant]
) -> tuple[Grant, tuple[Entry, ...]]:
    """Return the grant closed or expired by the step, and what becomes of what it has left.

    Of an expired one the fund's rule carries a part over to the project's next grant of the fund;
    the rest lapses. What jobs hold stays theirs.
    """
    over, left, entries = stepped(grant, step), grant.balance.left, list[Entry]()
    if step.state is GrantState.EXPIRED and (
        heirs := [one for one in others if _follows(grant, one)]
    ):
        heir = min(heirs, key=lambda one: (one.starts, one.number))
        if carried := min(left, grant.balance.awarded * fund.carry_over // 100):
            entries.append(Entry(grant.number, EntryKind.CARRY_OUT, carried, step.at))
            entries.append(Entry(heir.number, EntryKind.CARRY_IN, carried, step.at))
            left -= carried
    if left:
        entries.append(Entry(grant.number, EntryKind.LAPSE, left, step.at))
    return over, tuple(entries)


def _follows(grant: Grant, other: Grant) -> bool:
    same = (other.fund, other.organisation, other.project) == (
        *(grant.fund, grant.organisation, grant.project),
    )
    return same and other.state is GrantState.AWARDED and other.expires > grant.expires


def lapsing(entries: Iterable[Entry], over: Iterable[int]) -> tuple[Entry, ...]:
    """Return the lapses that follow where entries give something back to grants that are over."""
    ended_ones = frozenset(over)
    net: dict[int, int] = {}
    last: dict[int, Entry] = {}
    for entry in entries:
        if entry.grant in ended_ones:
            net[entry.grant] = net.get(entry.grant, 0) + entry.effect
            last[entry.grant] = entry
    return tuple(
        Entry(number, EntryKind.LAPSE, amount, last[number].at, last[number].job_id)
        for number, amount in net.items()
        if amount > 0
    )


def hours(gpu_seconds: int) -> float:
    """Return GPU-hours to a hundredth, rounded down."""
    return gpu_seconds * 100 // HOUR_S / 100
