"""The random small worlds again, with reservations: live ones and ones to come, of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import strategies as st

from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import POOLS, one_of_each, worlds
from tests.build import at

# Snapshots are taken at 3600. From when until when: live, soon, after the shortest walltime or the
# next, and far away.
TIMES = ((0, 9000), (3600, 5000), (3900, 9000), (6000, 12000), (20000, 30000), (90000, 180000))
AUDIENCES = (
    Audience(),
    Audience("universities"),
    Audience("startups"),
    Audience(organisation="alpha"),
    Audience(organisation="beta", project="q"),
)
# GPUs, nodes, names; none of them: the whole pool.
AMOUNTS = ((0, 1, ()), (0, 2, ()), (4, 0, ()), (9, 0, ()), (0, 0, ("n0", "n1")), (0, 0, ()))


def _reservation(
    pool: str,
    times: tuple[int, int],
    audience: Audience,
    amount: tuple[int, int, tuple[str, ...]],
    weekly: bool,
) -> Reservation:
    starts, ends = map(at, times)
    return Reservation(pool, starts, ends, audience, *amount, weekly=weekly)


reservations = one_of_each(
    _reservation,
    (*[POOLS[0]] * 3, POOLS[1]),
    TIMES,
    AUDIENCES,
    AMOUNTS,
    (False, False, True),
)
named = st.lists(reservations, min_size=1, max_size=2)


def _with(snapshot: Snapshot, found: Mapping[str, Reservation]) -> Snapshot:
    return replace(snapshot, policy=replace(snapshot.policy, reservations=found))


@st.composite
def reserved_worlds(draw: st.DrawFn) -> Snapshot:
    found = {f"r{n}": one for n, one in enumerate(draw(named))}
    return _with(draw(worlds()), found)
