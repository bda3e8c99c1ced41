"""Backends used by one call at a time, each call within a time that cannot be passed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scheduler.errors import BackendUnavailable
from scheduler.ports import Backend
from scheduler.texts import said

# Each installation's backend is kept open; a service has one, and a site few services.
MOST_INSTALLATIONS = 8
# A call whose caller has given up may still come to its end for so long.
GRACE_S = 15.0


class Turns:
    """Opens each installation's backend when it is first asked for, and gives it to one call.

    A call that outlives its caller's patience by `GRACE_S` is stuck: `give_up` is called then,
    which ends the agent. Nothing is lost by that, since an agent keeps nothing.
    """

    def __init__(
        self,
        open_backend: Callable[[str], Backend],
        give_up: Callable[[], None],
        grace_s: float = GRACE_S,
    ) -> None:
        self._open_backend = open_backend
        self._give_up = give_up
        self._grace_s = grace_s
        self._opened: dict[str, Backend] = {}
        self._lock = threading.Lock()

    @contextmanager
    def backend(self, installation: str, patience_s: float) -> Iterator[Backend]:
        """Yield the installation's backend, when those before have had their turn.

        Raises BackendUnavailable when they take longer than the patience, or it does not open.
        """
        if not self._lock.acquire(timeout=patience_s):
            raise BackendUnavailable(
                said("the agent is busy with an earlier call that has not ended")
            )
        stuck = threading.Timer(patience_s + self._grace_s, self._give_up)
        stuck.daemon = True
        stuck.start()
        try:
            yield self._backend_of(installation)
        finally:
            stuck.cancel()
            self._lock.release()

    def _backend_of(self, installation: str) -> Backend:
        if installation not in self._opened:
            if len(self._opened) == MOST_INSTALLATIONS:
                raise BackendUnavailable(
                    said(
                        "this agent serves {most} installations already; start another",
                        most=MOST_INSTALLATIONS,
                    )
                )
            self._opened[installation] = self._open_backend(installation)
        return self._opened[installation]
