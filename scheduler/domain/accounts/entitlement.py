"""From shares to GPUs: how one organisation comes to its entitlement in a pool, as figures.

Everything is worked out by the terms and the demand that the entitlements themselves are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from scheduler.domain.accounts.arithmetic import (
    Figure,
    Operation,
    Unit,
    given,
    least_of,
    listed_figures,
    made,
)
from scheduler.domain.accounts.water import Filling, Round, filled
from scheduler.domain.policies import Quota
from scheduler.domain.shares.debts import Debt, debts
from scheduler.domain.shares.demand import Demand, held_gpus, others_gpus, sharable_gpus
from scheduler.domain.shares.fairshare import (
    K,
    Place,
    Terms,
    TreeTerms,
    entitlements_for,
    tree_terms,
    wants_by_pool,
    water_fill,
)
from scheduler.domain.shares.quotas import quota_of, whole_gpus
from scheduler.domain.snapshot import Snapshot
from scheduler.texts import Said, said

NOBODY: Terms[Place] = Terms({}, {}, {})


@dataclass(frozen=True)  # with slots nothing could be cached
class Basis:
    """What all figures are read from: one snapshot, and all that is worked out of it once."""

    snapshot: Snapshot
    wanted: Demand

    @cached_property
    def held(self) -> Mapping[tuple[str, str, str], int]:
        return held_gpus(self.snapshot)

    @cached_property
    def entitled(self) -> Mapping[tuple[str, str], float]:
        """Return what each (organisation, pool) is entitled to."""
        return entitlements_for(self.snapshot, self.wanted.gpus)

    @cached_property
    def debts(self) -> Mapping[tuple[str, str, str], Debt]:
        borrowed = {
            (name, pool): max(0, gpus - whole_gpus(self.entitled.get((name, pool), 0.0)))
            for (_, name, pool), gpus in self.held.items()
        }
        return debts(self.snapshot, self.wanted, self.entitled, borrowed)

    @cached_property
    def wants(self) -> Mapping[str, Mapping[Place, int]]:
        """Return who wants how much in each pool."""
        return wants_by_pool(self.wanted.gpus)

    @cached_property
    def sharable(self) -> Mapping[str, int]:
        return sharable_gpus(self.snapshot)

    @cached_property
    def others(self) -> Mapping[str, int]:
        return others_gpus(self.snapshot)


@dataclass(frozen=True)  # with slots nothing could be cached
class Books:
    """What the figures of one organisation in one pool are read from."""

    basis: Basis
    tenant_class: str
    organisation: str
    pool: str

    @property
    def snapshot(self) -> Snapshot:
        return self.basis.snapshot

    @property
    def held(self) -> int:
        return self.basis.held.get(self.key, 0)

    @property
    def place(self) -> Place:
        return self.tenant_class, self.organisation

    @property
    def key(self) -> tuple[str, str, str]:
        return self.tenant_class, self.organisation, self.pool

    @property
    def capacity(self) -> int:
        """Return the GPUs of the pool that tenants share."""
        return self.basis.sharable.get(self.pool, 0)

    @property
    def quota(self) -> Quota:
        return quota_of(self.snapshot.policy, self.place)

    @property
    def class_quota(self) -> Quota:
        return quota_of(self.snapshot.policy, self.place[:1])

    @property
    def wants(self) -> Mapping[Place, int]:
        """Return who wants how much in the pool."""
        return self.basis.wants.get(self.pool, {})

    @cached_property
    def _terms(self) -> TreeTerms:
        return tree_terms(self.wants, self.snapshot.policy, self.pool)

    @property
    def classes(self) -> Terms[str]:
        return self._terms.classes

    @property
    def members(self) -> Terms[Place]:
        return self._terms.members.get(self.tenant_class, NOBODY)


def capacity(books: Books) -> Figure:
    """Return the GPUs of the pool that tenants share."""
    nodes = [node for node in books.snapshot.nodes if node.pool == books.pool]
    down = sum(node.capacity.gpus for node in nodes if not node.available)
    others = books.basis.others.get(books.pool, 0)
    parts = (
        given(
            said("GPUs of the pool's {nodes} nodes", nodes=len(nodes)),
            sum(node.capacity.gpus for node in nodes),
        ),
        given(said("on nodes that are down or drained"), down),
        given(said("held by jobs that came another way"), others),
    )
    return made(Operation.DIFFERENCE, said("GPUs to share"), parts)


def class_entitlement(books: Books) -> Figure:
    """Return what the class is entitled to, of what there is to share."""
    words = said("entitlement of class {tenant_class}", tenant_class=books.tenant_class)
    if books.tenant_class not in books.classes.wants:
        return made(Operation.SAME, words, (given(said("wanted by its organisations"), 0),))
    filling = filled(books.capacity, books.classes)
    return _entitled(words, filling, books.tenant_class, _class_wanted(books), _class_sure(books))


def class_rounds(books: Books) -> Figure:
    """Return how the pool is shared out among the classes that want GPUs there."""
    filling = filled(books.capacity, books.classes)
    return _rounds(said("shared out among the classes"), filling, books.capacity, str)


def class_gpus(books: Books) -> int | Fraction:
    """Return the class's entitlement as the exact number that its organisations share."""
    terms = books.classes
    by_class = water_fill(books.capacity, terms.wants, terms.shares, terms.floors)
    return by_class.get(books.tenant_class, 0)


def own_entitlement(books: Books, of_class: int | Fraction) -> Figure:
    """Return what the organisation is entitled to, of its class's entitlement."""
    words = said("entitlement of {organisation}", organisation=books.organisation)
    wanted = own_wanted(books)
    if books.place not in books.members.wants:
        return made(Operation.SAME, words, (wanted,))
    filling = filled(of_class, books.members)
    sure = _as_far_as_wanted(_floor(books.quota, books.pool), wanted)
    return _entitled(words, filling, books.place, wanted, sure)


def own_rounds(books: Books, of_class: int | Fraction) -> Figure:
    """Return how the class's entitlement is shared out among those of it that want GPUs here."""
    filling = filled(of_class, books.members)
    words = said("shared out among the organisations of {name}", name=books.tenant_class)
    return _rounds(words, filling, float(of_class), lambda place: place[1])


def own_wanted(books: Books) -> Figure:
    """Return what the organisation holds and waits for, within its limits."""
    gangs = books.basis.wanted.gangs.get(books.key, {})
    waiting = sum(gpus * count for gpus, count in gangs.items())
    both = made(
        Operation.SUM,
        said("held and waited for"),
        (
            given(said("held GPUs"), books.held),
            given(said("waited for, within the limits of users and arrays"), waiting),
        ),
    )
    ceilings = (
        (said("ceiling of {name}", name=books.organisation), books.quota),
        (said("ceiling of class {name}", name=books.tenant_class), books.class_quota),
    )
    bounds = [
        given(words, gpus)
        for words, quota in ceilings
        if (gpus := quota.ceiling.gpus(books.pool)) is not None
    ]
    words = said("wanted by {organisation}", organisation=books.organisation)
    return least_of(words, both, *bounds)


def _class_wanted(books: Books) -> Figure:
    parts = [given(Said(place[1]), gpus) for place, gpus in sorted(books.members.wants.items())]
    together = made(Operation.SUM, said("wanted by its organisations"), parts)
    ceiling = books.class_quota.ceiling.gpus(books.pool)
    if ceiling is None:
        return together
    bound = given(said("ceiling of class {name}", name=books.tenant_class), ceiling)
    return least_of(said("wanted by the class"), together, bound)


def _class_sure(books: Books) -> Figure:
    floors = [given(Said(place[1]), gpus) for place, gpus in sorted(books.members.sure.items())]
    together = made(Operation.SUM, said("floors of its organisations, as far as wanted"), floors)
    floor = made(
        Operation.MOST,
        said("floor of the class and of its organisations"),
        (_floor(books.class_quota, books.pool), together),
    )
    wanted = given(said("wanted by the class"), books.classes.wants[books.tenant_class])
    return _as_far_as_wanted(floor, wanted)


def _floor(quota: Quota, pool: str) -> Figure:
    return given(said("floor"), quota.floor.gpus(pool) or 0)


def _as_far_as_wanted(floor: Figure, wanted: Figure) -> Figure:
    told = given(said("wanted"), wanted.value)
    return made(Operation.LEAST, said("floor, as far as it is wanted"), (floor, told))


def _entitled(words: Said, filling: Filling[K], key: K, wanted: Figure, sure: Figure) -> Figure:
    """Return the lesser of what is wanted and what the last round's level gives."""
    if not filling.rounds:
        return made(Operation.SAME, words, (wanted,))
    last = filling.rounds[-1]
    by_level = made(
        Operation.PRODUCT,
        said("share × what each share gets"),
        (given(said("share"), filling.terms.shares[key], Unit.NONE), _level(last)),
    )
    if filling.floors_alone:
        return made(Operation.LEAST, words, (sure, by_level))
    if not sure.number:
        return made(Operation.LEAST, words, (wanted, by_level))
    got = made(Operation.MOST, said("its part"), (sure, by_level))
    return made(Operation.LEAST, words, (wanted, got))


def _level(of: Round[K]) -> Figure:
    return made(
        Operation.QUOTIENT,
        said("what each share gets"),
        (
            given(said("GPUs left for those who are left"), float(of.left)),
            given(said("their shares together"), of.shares, Unit.NONE),
        ),
        Unit.GPUS_PER_SHARE,
    )


def _rounds(
    words: Said, filling: Filling[K], available: float, name_of: Callable[[K], str]
) -> Figure:
    if not filling.rounds:
        parts = [given(Said(name_of(key)), gpus) for key, gpus in filling.terms.wants.items()]
        told = said("wanted by all, no more than the {gpus:g} there are", gpus=available)
        return listed_figures(words, made(Operation.SUM, told, parts))
    told_rounds = []
    before: Round[K] | None = None
    for number, one in enumerate(filling.rounds, 1):
        settled = [_settled(filling, one, key, name_of(key)) for key in one.settled]
        parts = ([_left(before, name_of)] if before else []) + [_level(one), *settled]
        told_rounds.append(listed_figures(said("round {number}", number=number), *parts))
        before = one
    if filling.floors_alone:
        words = said("{what}: the floors alone are more than there is", what=words)
    return listed_figures(words, *told_rounds)


def _left(before: Round[K], name_of: Callable[[K], str]) -> Figure:
    parts = (
        given(said("left before"), float(before.left)),
        made(
            Operation.SUM,
            said("taken by those who left in the round before"),
            [given(Said(name_of(key)), float(gpus)) for key, gpus in before.settled.items()],
        ),
    )
    return made(Operation.DIFFERENCE, said("left now"), parts)


def _settled(filling: Filling[K], one: Round[K], key: K, name: str) -> Figure:
    """Return what somebody who leaves gives back to the others, or takes from them."""
    even = made(
        Operation.PRODUCT,
        said("share × what each share gets"),
        (
            given(said("share"), filling.terms.shares[key], Unit.NONE),
            given(said("what each share gets"), float(one.level), Unit.GPUS_PER_SHARE),
        ),
    )
    if one.at_floor:
        floor = given(said("floor, as far as it is wanted"), float(one.settled[key]))
        words = said("{name} is sure of more, and takes from the others", name=name)
        return made(Operation.DIFFERENCE, words, (floor, even))
    wants = said("floor, as far as it is wanted") if filling.floors_alone else said("wanted")
    words = said("{name} has all it wants, and gives back", name=name)
    return made(Operation.DIFFERENCE, words, (even, given(wants, float(one.settled[key]))))
