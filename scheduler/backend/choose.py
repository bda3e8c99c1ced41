"""Opens the backend that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scheduler.backend.simulated import embedded_cluster
from scheduler.errors import InvalidRequest, Violation
from scheduler.ports import Backend, Clock


def open_backend(name: str, clock: Clock) -> Backend:
    """Return the backend of that name, ready for calls.

    Raises InvalidRequest for an unknown name, and BackendUnavailable naming what is missing.
    """
    opener = BACKENDS.get(name)
    if opener is None:
        known = ", ".join(BACKENDS)
        raise InvalidRequest(Violation("backend", f"{name!r} is unknown; known: {known}"))
    return opener(clock)


BACKENDS: Mapping[str, Callable[[Clock], Backend]] = {
    "simulated": embedded_cluster,
}
