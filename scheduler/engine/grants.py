"""Books the end of grants once they have expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from scheduler.engine.world import World

log = structlog.get_logger()
# New jobs hold of no expired grant from the very moment on: what waits is the booking alone.
EVERY = timedelta(minutes=1)


class GrantClerk:
    """Looks once a minute for grants that are over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._not_before = datetime(1970, 1, 1, tzinfo=UTC)

    def go_on(self) -> None:
        """Let what expired carry over or lapse. Raises StoreUnavailable, NotLeading."""
        now = self._world.clock.now()
        if now < self._not_before:
            return
        epoch = self._world.leadership.demand()
        for grant in self._world.store.expire_grants(now, epoch):
            log.info("grant_expired", grant=grant.number, fund=grant.fund, project=grant.project)
        self._not_before = now + EVERY
