"""Reservations, restated: whose nodes are closed to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from scheduler.domain.queue import JobGroup
from scheduler.domain.reservations.nodes import Hold
from scheduler.domain.reservations.reservation import Audience
from scheduler.domain.tenants import Tenant


def holds_in_the_way(holds: Iterable[Hold], now: datetime, group: JobGroup) -> Iterator[Hold]:
    """Yield those for others that begin before a job of the group would end, started now."""
    ends = now + timedelta(seconds=group.request.walltime_s)
    for hold in holds:
        begins = min(window.starts for window in hold.windows)
        if begins < ends and not is_for(hold.reservation.audience, group.tenant):
            yield hold


def closed_nodes(holds: Iterable[Hold], now: datetime, group: JobGroup) -> frozenset[str]:
    found = holds_in_the_way(holds, now, group)
    return frozenset(name for hold in found for name in hold.nodes)


def is_for(audience: Audience, tenant: Tenant) -> bool:
    if audience.project:
        theirs = (tenant.organisation, tenant.project)
        return theirs == (audience.organisation, audience.project)
    if audience.organisation:
        return tenant.organisation == audience.organisation
    return bool(audience.tenant_class) and tenant.tenant_class == audience.tenant_class
