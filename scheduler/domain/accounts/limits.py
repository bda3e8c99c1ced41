"""What an organisation may still start, borrows and is owed in a pool, as figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.domain.accounts.arithmetic import (
    Figure,
    Operation,
    given,
    least_of,
    left_of,
    listed_figures,
    made,
)
from scheduler.domain.accounts.entitlement import Books
from scheduler.domain.shares.quotas import Bound, Ledger, Limit
from scheduler.domain.tenants import Tenant
from scheduler.texts import Said, said

LIMIT_WORDS: Mapping[Limit, Said] = {
    Limit.ORGANISATION_CEILING: said("left below its ceiling"),
    Limit.CLASS_CEILING: said("left below its class's ceiling"),
    Limit.ORGANISATION_BORROWING: said("left below entitlement and borrowing limit"),
    Limit.CLASS_BORROWING: said("left below its class's entitlement and borrowing limit"),
}
HELD = said("held GPUs")


def quota_figures(books: Books) -> Figure:
    """Return what the policy says of the organisation in the pool; what it limits not is empty."""
    quota, pool = books.quota, books.pool
    return listed_figures(
        said("what the policy says of {organisation}", organisation=books.organisation),
        given(said("floor"), quota.floor.gpus(pool) or 0),
        given(said("ceiling"), quota.ceiling.gpus(pool)),
        given(said("borrowing limit, above the entitlement"), quota.borrowing_limit.gpus(pool)),
        given(said("lending limit, of the idle floor"), quota.lending_limit.gpus(pool)),
    )


def unused(books: Books, entitled: Figure) -> Figure:
    """Return what the organisation may start by its entitlement; nothing where it borrows."""
    return left_of(said("may start by its entitlement"), _whole(entitled), _held(books))


def borrowed(books: Books, entitled: Figure) -> Figure:
    """Return what the organisation holds above its entitlement in whole GPUs."""
    return left_of(said("borrowed"), _held(books), _whole(entitled))


def owed(books: Books) -> Figure:
    """Return what is due to the organisation, and held by others as borrowed."""
    words = said("owed to it")
    debt = books.basis.debts.get(books.key)
    if debt is None:
        return given(words, 0)
    parts = (
        given(said("lacking of its due, the floor or the entitlement"), debt.lack),
        given(said("what whole waiting gangs can use of that"), debt.usable),
        given(said("borrowed by all others in the pool"), debt.others_borrowed),
    )
    return made(Operation.LEAST, words, parts)


def room(books: Books, ledger: Ledger) -> Figure:
    """Return the most GPUs that the organisation can start now, whatever its users' limits."""
    bounds = ledger.tenant_bounds(books.place, books.pool)
    parts = [_left(books, ledger, bound) for bound in bounds]
    words = said("can start at most, within its limits and what is free")
    return least_of(words, _free(books, ledger), *parts)


def _free(books: Books, ledger: Ledger) -> Figure:
    """Return the free GPUs less what has to stay free for other owners of floors."""
    tenant = Tenant(*books.place, "", "")
    free = max(0, ledger.free_gpus(books.pool))
    most = next(
        (n for n in range(free, 0, -1) if ledger.leaves_kept_back(tenant, books.pool, n)), 0
    )
    parts = (
        given(said("free GPUs"), free),
        given(said("kept free for floors that are not lent"), free - most),
    )
    return made(Operation.DIFFERENCE, said("free for it"), parts)


def _left(books: Books, ledger: Ledger, bound: Bound) -> Figure:
    held = given(HELD, ledger.held(bound.subject, bound.pool))
    return left_of(LIMIT_WORDS[bound.limit], _at_most(books, bound), held)


def _at_most(books: Books, bound: Bound) -> Figure:
    """Return the bound: a ceiling as it was set, or the entitlement and what may be borrowed."""
    if bound.limit in {Limit.ORGANISATION_CEILING, Limit.CLASS_CEILING}:
        return given(said("ceiling"), bound.at_most)
    parts = _entitlements_below(books, bound)
    of_all = made(Operation.SUM, said("entitlement"), parts)
    whole = made(Operation.ROUNDED_UP, said("entitlement in whole GPUs"), (of_all,))
    quota = books.quota if bound.limit is Limit.ORGANISATION_BORROWING else books.class_quota
    limit = given(said("borrowing limit"), quota.borrowing_limit.gpus(books.pool) or 0)
    return made(Operation.SUM, said("entitlement and borrowing limit"), (whole, limit))


def _entitlements_below(books: Books, bound: Bound) -> Sequence[Figure]:
    """Return the entitlements of the organisations that the bound is of."""
    return [
        given(Said(name), books.basis.entitled.get((name, books.pool), 0.0))
        for tenant_class, name in sorted(books.wants)
        if bound.subject == (tenant_class, name)[: len(bound.subject)]
    ]


def _whole(entitled: Figure) -> Figure:
    told = given(entitled.words, entitled.value)
    return made(Operation.ROUNDED_UP, said("entitlement in whole GPUs"), (told,))


def _held(books: Books) -> Figure:
    return given(HELD, books.held)
