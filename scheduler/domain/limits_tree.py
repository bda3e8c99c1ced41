"""What an organisation may still start, borrows and is owed in a pool, as figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.domain.arithmetic import Figure, Operation, given, listed_figures, made
from scheduler.domain.debts import debts
from scheduler.domain.entitlement_tree import Books
from scheduler.domain.quotas import Bound, Ledger, Limit, whole_gpus
from scheduler.domain.tenants import Tenant
from scheduler.texts import Said, said

LIMIT_WORDS: Mapping[Limit, Said] = {
    Limit.ORGANISATION_CEILING: said("left below its ceiling"),
    Limit.CLASS_CEILING: said("left below its class's ceiling"),
    Limit.ORGANISATION_BORROWING: said("left below entitlement and borrowing limit"),
    Limit.CLASS_BORROWING: said("left below its class's entitlement and borrowing limit"),
}
NOTHING = said("never less than nothing")
HELD = said("held")


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
    whole = made(Operation.ROUNDED_UP, said("entitlement in whole GPUs"), (_told(entitled),))
    left = made(Operation.DIFFERENCE, said("not held of it"), (whole, _held(books)))
    words = said("may start by its entitlement")
    return made(Operation.MOST, words, (given(NOTHING, 0), left))


def borrowed(books: Books, entitled: Figure) -> Figure:
    """Return what the organisation holds above its entitlement in whole GPUs."""
    whole = made(Operation.ROUNDED_UP, said("entitlement in whole GPUs"), (_told(entitled),))
    above = made(Operation.DIFFERENCE, said("held above it"), (_held(books), whole))
    return made(Operation.MOST, said("borrowed"), (given(NOTHING, 0), above))


def owed(books: Books, entitled: Mapping[tuple[str, str], float]) -> Figure:
    """Return what is due to the organisation, and held by others as borrowed."""
    borrows = {
        (name, pool): max(0, gpus - whole_gpus(entitled.get((name, pool), 0.0)))
        for (_, name, pool), gpus in books.held.items()
    }
    words = said("owed to it")
    debt = debts(books.snapshot, books.wanted, entitled, borrows).get(books.key)
    if debt is None:
        return given(words, 0)
    parts = (
        given(said("lacking of its due, the floor or the entitlement"), debt.lack),
        given(said("what whole waiting gangs can use of that"), debt.usable),
        given(said("borrowed by all others in the pool"), debt.others_borrowed),
    )
    return made(Operation.LEAST, words, parts)


def room(books: Books, ledger: Ledger, entitled: Mapping[tuple[str, str], float]) -> Figure:
    """Return the most GPUs that the organisation can start now, whatever its users' limits."""
    bounds = ledger.tenant_bounds(books.place, books.pool)
    parts = [_left(books, ledger, bound, entitled) for bound in bounds]
    words = said("can start at most, within its limits and what is free")
    return made(Operation.LEAST, words, [_free(books, ledger), *parts])


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


def _left(
    books: Books, ledger: Ledger, bound: Bound, entitled: Mapping[tuple[str, str], float]
) -> Figure:
    held = given(HELD, ledger.held(bound.subject, bound.pool))
    parts = (_at_most(books, bound, entitled), held)
    left = made(Operation.DIFFERENCE, said("the bound less what is held"), parts)
    return made(Operation.MOST, LIMIT_WORDS[bound.limit], (given(NOTHING, 0), left))


def _at_most(books: Books, bound: Bound, entitled: Mapping[tuple[str, str], float]) -> Figure:
    """Return the bound: a ceiling as it was set, or the entitlement and what may be borrowed."""
    if bound.limit in {Limit.ORGANISATION_CEILING, Limit.CLASS_CEILING}:
        return given(said("ceiling"), bound.at_most)
    parts = _entitlements_below(books, bound, entitled)
    of_all = made(Operation.SUM, said("entitlement"), parts)
    whole = made(Operation.ROUNDED_UP, said("entitlement in whole GPUs"), (of_all,))
    quota = books.quota if bound.limit is Limit.ORGANISATION_BORROWING else books.class_quota
    limit = given(said("borrowing limit"), quota.borrowing_limit.gpus(books.pool) or 0)
    return made(Operation.SUM, said("entitlement and borrowing limit"), (whole, limit))


def _entitlements_below(
    books: Books, bound: Bound, entitled: Mapping[tuple[str, str], float]
) -> Sequence[Figure]:
    """Return the entitlements of the organisations that the bound is of."""
    return [
        given(Said(name), entitled.get((name, books.pool), 0.0))
        for tenant_class, name in sorted(books.wants)
        if bound.subject == (tenant_class, name)[: len(bound.subject)]
    ]


def _told(figure: Figure) -> Figure:
    return given(figure.words, figure.value)


def _held(books: Books) -> Figure:
    return given(HELD, books.held.get(books.key, 0))
