"""Corrects the charges of runs that Slurm itself cut short, once its accounting tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from scheduler.domain.budgets.settling import OpenCharge
from scheduler.domain.cluster import EndedRun
from scheduler.engine.measuring import AFTER_A_FAILURE, GIVEN_UP_AFTER, JOBS_AT_ONCE, LATE
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable

log = structlog.get_logger()
EVERY = timedelta(seconds=30)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Confirmer:
    """Asks about charges that are still open; the store knows which, also after a restart.

    A slurmdbd that does not answer is waited for. One that has answered for an hour without a word
    of a run has none: the charge stays as it is.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._not_before = _LONG_AGO
        self._answers_since: datetime | None = None
        self._last_asked = 0

    def go_on(self) -> None:
        """Ask about open charges, when it is time. Raises StoreUnavailable, NotLeading."""
        now = self._world.clock.now()
        if now < self._not_before:
            return
        self._not_before = now + EVERY
        due = self._due(self._world.store.open_charges(), now)
        if not due:
            return
        try:
            runs = self._world.backend.ended_runs({charge.slurm_id for charge in due})
        except BackendUnavailable as error:
            self._answers_since = None
            self._not_before = now + AFTER_A_FAILURE
            log.warning("runs_unreadable", error=str(error))
            return
        self._answers_since = self._answers_since or now
        self._confirm(due, runs, now)

    def _due(self, charges: Iterable[OpenCharge], now: datetime) -> Sequence[OpenCharge]:
        """Return whose record can be there; those that were asked about last come last."""
        late = [charge for charge in charges if now - charge.at >= LATE]
        late.sort(key=lambda charge: (charge.number <= self._last_asked, charge.number))
        due = late[:JOBS_AT_ONCE]
        self._last_asked = due[-1].number if due else 0
        return due

    def _confirm(self, due: Iterable[OpenCharge], runs: Sequence[EndedRun], now: datetime) -> None:
        told: dict[OpenCharge, EndedRun | None] = {}
        for charge in due:
            run = next((run for run in runs if charge.is_of(run)), None)
            if run is not None:
                told[charge] = run
            elif self._is_given_up(charge, now):
                told[charge] = None
                log.warning("charge_unconfirmed", job=charge.job_id, attempt=charge.attempt)
        if told:
            self._world.store.confirm_charges(told, now, self._world.leadership.demand())
            confirmed = [charge.job_id for charge, run in told.items() if run is not None]
            log.info("charges_confirmed", jobs=confirmed)

    def _is_given_up(self, charge: OpenCharge, now: datetime) -> bool:
        asked_since = max(charge.at, self._answers_since or now)
        return now - asked_since >= GIVEN_UP_AFTER
