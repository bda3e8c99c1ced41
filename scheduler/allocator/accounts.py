"""An organisation's whole account: entitlement, limits, and whose turn it is, from one snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from scheduler.allocator.standings import PER_GPU, Standings
from scheduler.domain.accounts.account import Account, Accounts
from scheduler.domain.accounts.arithmetic import (
    Figure,
    Operation,
    Unit,
    given,
    listed_figures,
    made,
)
from scheduler.domain.accounts.entitlement import (
    Basis,
    Books,
    capacity,
    class_entitlement,
    class_gpus,
    class_rounds,
    own_entitlement,
    own_rounds,
)
from scheduler.domain.accounts.limits import borrowed, owed, quota_figures, room, unused
from scheduler.domain.shares.demand import demand
from scheduler.domain.shares.quotas import Ledger, Subject
from scheduler.domain.snapshot import Snapshot
from scheduler.texts import Said, said

HOUR_S = 3600


def accounts(snapshot: Snapshot, organisation: str, pool: str = "") -> Accounts:
    """Return the organisation's account in the pool, or in each; none where nobody knows it."""
    tenant_class = snapshot.organisations.get(organisation)
    pools = [one.name for one in snapshot.pools if pool in ("", one.name)]
    found: list[Account] = []
    if tenant_class is not None:
        basis = Basis(snapshot, demand(snapshot))
        ledger, standings = Ledger(snapshot, basis.entitled), Standings(snapshot)
        places = [Books(basis, tenant_class, organisation, name) for name in pools]
        found = [_account(books, ledger, Turn(books, standings)) for books in places]
    return Accounts(snapshot.taken_at, snapshot.policy_version, organisation, tuple(found))


def _account(books: Books, ledger: Ledger, turn: Turn) -> Account:
    of_class = class_gpus(books)
    own = own_entitlement(books, of_class)
    sums = _Sums(unused(books, own), room(books, ledger), borrowed(books, own), owed(books))
    return Account(
        pool=books.pool,
        tenant_class=books.tenant_class,
        entitled=own.number,
        held=books.held,
        wanted=books.basis.wanted.gpus.get(books.key, 0),
        figures=(
            capacity(books),
            class_rounds(books),
            class_entitlement(books),
            own_rounds(books, of_class),
            own,
            quota_figures(books),
            *(sums.unused, sums.room, sums.borrowed, sums.owed),
            *(turn.of_class, turn.own),
        ),
        follows=tuple(_follows(books, sums, turn)),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the organisation may start, by entitlement and by limits, borrows and is owed."""

    unused: Figure
    room: Figure
    borrowed: Figure
    owed: Figure


class Turn:
    """Whose turn it is by corrected shares: first among the classes, then within the class."""

    def __init__(self, books: Books, standings: Standings) -> None:
        self._books = books
        self._standings = standings
        waiting = {group.tenant.path(2) for group in books.snapshot.queue}
        self.classes = self._in_order({path[:1] for path in waiting})
        self.siblings = self._in_order({path for path in waiting if path[0] == books.tenant_class})
        words = said("whose turn it is among the classes")
        self.of_class = self._standing(words, books.place[:1], self.classes)
        words = said("whose turn it is among the organisations of {name}", name=books.tenant_class)
        self.own = self._standing(words, books.place, self.siblings)

    @property
    def is_in_line(self) -> bool:
        """Say whether a job of the organisation waits."""
        return self._books.place in self.siblings

    def _in_order(self, paths: Iterable[Subject]) -> tuple[Subject, ...]:
        return tuple(sorted(paths, key=lambda path: (self._standings.order(path), path)))

    def rank(self, path: Subject, among: Sequence[Subject]) -> int:
        """Return the path's place in the line, 1 for the first; equals have the same."""
        order = self._standings.order
        return 1 + sum(order(other) < order(path) for other in among)

    def _standing(self, words: Said, path: Subject, among: Sequence[Subject]) -> Figure:
        line = [given(Said(one[-1]), self._corrected(one), Unit.GPUS_PER_SHARE) for one in among]
        share = made(
            Operation.QUOTIENT,
            said("corrected share of {name}", name=path[-1]),
            (self._use(path), given(said("share"), self._standings.share(path), Unit.NONE)),
            Unit.GPUS_PER_SHARE,
        )
        told = said("those with jobs that wait, the lowest corrected share first")
        return listed_figures(words, share, listed_figures(told, *line))

    def _corrected(self, path: Subject) -> float:
        return self._standings.amount(path) / PER_GPU / self._standings.share(path)

    def _use(self, path: Subject) -> Figure:
        """Return what the tenant holds in all pools by their rates, and what it held before."""
        by_pool = Counter[str]()
        for job in self._books.snapshot.holding:
            if job.tenant.path(len(path)) == path:
                by_pool[job.placement.pool] += job.placement.gang.gpus
        weighed = sum(gpus * self._standings.rate(pool) for pool, gpus in by_pool.items())
        held = [self._by_rate(pool, gpus) for pool, gpus in sorted(by_pool.items())]
        past = (self._standings.amount(path) - weighed) / PER_GPU
        return made(Operation.SUM, said("corrected use"), [*held, self._past(path, past)])

    def _by_rate(self, pool: str, gpus: int) -> Figure:
        rate = self._standings.rate(pool) / PER_GPU
        parts = (given(said("held GPUs"), gpus), given(said("rate of its GPUs"), rate, Unit.NONE))
        return made(Operation.PRODUCT, said("held in {pool}, by its rate", pool=pool), parts)

    def _past(self, path: Subject, gpus: float) -> Figure:
        """Return the usage correction as the standings round it."""
        policy = self._books.snapshot.policy
        mean_gpus = self._books.snapshot.mean_gpus.get(path, 0.0)
        if not mean_gpus:
            return given(said("used before"), gpus)
        half_life = given(said("half-life"), policy.half_life_s / HOUR_S, Unit.HOURS)
        memory = made(
            Operation.QUOTIENT,
            said("memory: the half-life by ln 2"),
            (half_life, given(said("ln 2"), log(2), Unit.NONE)),
            Unit.HOURS,
        )
        used = given(said("used, by rates and decayed"), mean_gpus * memory.number, Unit.GPU_HOURS)
        mean = made(Operation.QUOTIENT, said("mean GPUs held over the memory"), (used, memory))
        weight = given(said("weight of usage"), float(policy.usage_weight), Unit.NONE)
        product = made(Operation.PRODUCT, said("mean by weight"), (weight, mean))
        words = said("used before, to thousandths")
        return Figure(words, gpus, Unit.GPUS, Operation.TO_THOUSANDTHS, (product,))


def _follows(books: Books, sums: _Sums, turn: Turn) -> Iterator[Said]:
    """Yield what comes of the figures, in sentences."""
    yield _of_entitlement(books, sums)
    if sums.owed.value:
        yield said(
            "{gpus:.0f} GPUs are owed to it: others hold them as borrowed", gpus=sums.owed.value
        )
    if not turn.is_in_line:
        yield said("no job of it waits, so it takes no turn")
        return
    yield said(
        "its limits and what is free leave room for {gpus:.0f} GPUs now", gpus=sums.room.value
    )
    if books.held < (books.quota.floor.gpus(books.pool) or 0):
        yield said("it holds less than its floor, so it comes before all shares")
    yield said(
        "its class is number {rank} of {of} in line, and it is number {own_rank} of {own_of} of "
        "its class: the lowest corrected share starts next",
        rank=turn.rank(books.place[:1], turn.classes),
        of=len(turn.classes),
        own_rank=turn.rank(books.place, turn.siblings),
        own_of=len(turn.siblings),
    )


def _of_entitlement(books: Books, sums: _Sums) -> Said:
    if sums.borrowed.value:
        return said(
            "it holds {gpus:.0f} GPUs above its entitlement: they are borrowed",
            gpus=sums.borrowed.value,
        )
    if sums.unused.value:
        return said("it may start {gpus:.0f} more GPUs by its entitlement", gpus=sums.unused.value)
    if books.basis.wanted.gpus.get(books.key, 0) <= books.held:
        return said("it holds all that it wants here")
    return said("it holds its whole entitlement: whatever it starts now is borrowed")
