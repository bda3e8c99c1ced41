"""What a policy's reservations are, and what changes in them, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from scheduler.domain.reservations.reservation import Reservation
from scheduler.texts import Said, said, said_of

Reservations = Mapping[str, Reservation]


def reservation_changes(old: Reservations, new: Reservations) -> Iterator[Said]:
    """Yield a sentence for each reservation that comes, goes or is another one."""
    for name in sorted({*old, *new}):
        who = f"reservations.{name}"
        if name not in new:
            yield said("{who}: is removed; it was {what}", who=who, what=in_words(old[name]))
        elif name not in old:
            yield said("{who}: is new, {what}", who=who, what=in_words(new[name]))
        elif old[name] != new[name]:
            yield said(
                "{who}: was {before}; is {after}",
                who=who,
                before=in_words(old[name]),
                after=in_words(new[name]),
            )


def in_words(one: Reservation) -> Said:
    """Return what is reserved, for whom and when: "16 GPUs in alem/h200 for students from …"."""
    whom = str(one.audience) or said("maintenance")
    numbers = {
        "what": _extent(one),
        "whom": whom,
        "starts": _utc(one.starts),
        "ends": _utc(one.ends),
    }
    if not one.weekly:
        return said("{what} for {whom} from {starts} to {ends} UTC", **numbers)
    if one.until is None:
        return said("{what} for {whom} each week from {starts} to {ends} UTC", **numbers)
    return said(
        "{what} for {whom} each week from {starts} to {ends} UTC, until {until} UTC",
        until=_utc(one.until),
        **numbers,
    )


def _extent(one: Reservation) -> Said:
    if one.gpus:
        return said_of(one.gpus, "{number} GPU in {pool}", "{number} GPUs in {pool}", pool=one.pool)
    if one.nodes:
        return said_of(
            one.nodes,
            "{number} whole node in {pool}",
            "{number} whole nodes in {pool}",
            pool=one.pool,
        )
    if one.node_names:
        names = ", ".join(one.node_names)
        return said("the nodes {names} in {pool}", names=names, pool=one.pool)
    return said("the whole of {pool}", pool=one.pool)


def _utc(at: datetime) -> str:
    return f"{at:%F %H:%M}"
