"""Opens the backend that the settings name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from scheduler.backend.simulated import embedded_cluster
from scheduler.backend.slurm_cli import SlurmCliBackend
from scheduler.errors import BackendUnavailable, InvalidRequest, Violation
from scheduler.ports import Backend, Clock


def open_backend(name: str, clock: Clock) -> Backend:
    """Return the backend of that name; the Slurm ones use the slurm.conf that SLURM_CONF names.

    Raises InvalidRequest for an unknown name, and BackendUnavailable naming what is missing.
    """
    opener = BACKENDS.get(name)
    if opener is None:
        known = ", ".join(BACKENDS)
        raise InvalidRequest(Violation("backend", f"{name!r} is unknown; known: {known}"))
    return opener(clock)


def _slurm_cli(clock: Clock) -> Backend:
    _need_root("slurm-cli")
    return SlurmCliBackend(clock, _slurm_conf())


def _need_root(backend: str) -> None:
    if os.geteuid() != 0:
        raise BackendUnavailable(
            f"{backend} must run as root: it submits every job as its own Unix account"
        )


def _slurm_conf() -> str:
    return os.environ.get("SLURM_CONF", "")


BACKENDS: Mapping[str, Callable[[Clock], Backend]] = {
    "simulated": embedded_cluster,
    "slurm-cli": _slurm_cli,
}
