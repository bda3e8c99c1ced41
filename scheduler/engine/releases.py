"""Lets held jobs go, and remembers which of them the backend refuses to change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog

from scheduler.errors import BackendUnavailable
from scheduler.ports import Backend, Clock

log = structlog.get_logger()


class Releases:
    """Asks for releases at every look, the refused ones one at a time: each may take seconds.

    The newest goes first: those that are refused for good are the oldest, and would keep others
    waiting. The memory is lost in a restart, which only makes the engine wait longer.
    """

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
        # The one that was asked for least recently comes first.
        self._refused_since: dict[int, datetime] = {}

    def ask(self, held: Sequence[int]) -> None:
        """Let these held jobs go; one that fails is tried again. Any other is forgotten here.

        Without an answer a refusal is no longer known to hold: the release may come through yet.
        """
        self._refused_since = {i: at for i, at in self._refused_since.items() if i in held}
        again = next(iter(self._refused_since), None)
        now = self._clock.now()
        fresh = [slurm_id for slurm_id in reversed(held) if slurm_id not in self._refused_since]
        for slurm_id in sorted(self._refused(fresh)):
            self._refused_since[slurm_id] = now
        if again is not None:
            since = self._refused_since.pop(again)
            if self._refused([again]):
                self._refused_since[again] = since

    def refused_for(self, patience: timedelta) -> Collection[int]:
        """Return the Slurm ids that were refused for so long, and whenever they were asked for."""
        latest = self._clock.now() - patience
        return {slurm_id for slurm_id, since in self._refused_since.items() if since <= latest}

    def forget(self) -> None:
        """Begin to be patient anew."""
        self._refused_since.clear()

    def _refused(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        """Ask for these; return which were refused, none where there was no answer."""
        if not slurm_ids:
            return frozenset()
        try:
            refused = self._backend.release(slurm_ids)
        except BackendUnavailable as error:
            log.warning("release_failed", slurm_ids=slurm_ids, error=str(error))
            return frozenset()
        if refused:
            log.warning("release_refused", slurm_ids=sorted(refused))
        return refused
