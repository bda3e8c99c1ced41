"""Advance reservations: which GPUs are for whom, and in which windows of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduler.domain.resources import Node
from scheduler.domain.tenants import Tenant

WEEK = timedelta(weeks=1)
# How far ahead windows are looked at: well beyond any walltime, and few enough to compare.
HORIZON = 5 * WEEK
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when."""

    starts: datetime
    ends: datetime

    def meets(self, begins: datetime, ends: datetime) -> bool:
        """Say whether what lasts from one moment to the other is there in the window, too."""
        return begins < self.ends and ends > self.starts


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a reservation is for: a class, an organisation, or a project of one; else nobody.

    Nobody's is maintenance: its GPUs are kept empty.
    """

    tenant_class: str = ""
    organisation: str = ""
    project: str = ""

    @property
    def is_nobody(self) -> bool:
        return not (self.tenant_class or self.organisation)

    def includes(self, tenant: Tenant) -> bool:
        if self.is_nobody:
            return False
        named = (self.tenant_class, self.organisation, self.project)
        theirs = (tenant.tenant_class, tenant.organisation, tenant.project)
        return all(name in ("", own) for name, own in zip(named, theirs, strict=True))

    def __str__(self) -> str:
        """Return the name that sentences give it; empty of nobody."""
        if self.project:
            return f"{self.organisation}/{self.project}"
        return self.organisation or self.tenant_class


@dataclass(frozen=True, slots=True)
class Reservation:
    """Whole nodes of a pool that are for one audience from `starts` to `ends`, once or weekly.

    How much is said in one way: `gpus` in whole nodes, `nodes` of any name, `node_names`, or with
    none of these the whole pool. A weekly one begins anew each week up to `until`, for ever when
    that is None; without `weekly` it has one window. All times are in UTC.
    """

    pool: str
    starts: datetime
    ends: datetime
    audience: Audience = Audience()
    gpus: int = 0
    nodes: int = 0
    node_names: tuple[str, ...] = ()
    weekly: bool = False
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise ValueError(f"a reservation must end after it starts: {self}")
        if self.weekly and self.ends - self.starts > WEEK:
            raise ValueError(f"a weekly reservation must end within a week: {self}")

    @property
    def is_maintenance(self) -> bool:
        return self.audience.is_nobody

    def windows(self, now: datetime, horizon: timedelta = HORIZON) -> Iterator[Window]:
        """Yield the windows that have not ended: the first, and those within the horizon."""
        lasts, starts = self.ends - self.starts, self.starts
        if self.weekly and self.ends <= now:
            starts += ((now - self.ends) // WEEK + 1) * WEEK
        is_first = starts + lasts > now
        while is_first or (self.weekly and starts < now + horizon):
            if starts != self.starts and self.until is not None and starts > self.until:
                return
            yield Window(starts, starts + lasts)
            if not self.weekly:
                return
            starts, is_first = starts + WEEK, False

    def next_window(self, now: datetime) -> Window | None:
        """Return the window that is live or comes next; None: all have ended."""
        return next(self.windows(now), None)

    def takes(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return the nodes that it takes of these, which are all it may have, the best first."""
        if self.node_names:
            return tuple(node for node in nodes if node.name in self.node_names)
        if self.nodes:
            return nodes[: self.nodes]
        if not self.gpus:
            return nodes
        taken, gpus = 0, 0
        while taken < len(nodes) and gpus < self.gpus:
            gpus += nodes[taken].capacity.gpus
            taken += 1
        return nodes[:taken]
