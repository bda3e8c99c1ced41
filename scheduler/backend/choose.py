"""Opens the backend that an agent is told to serve."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec

from scheduler.backend.pretended_output import PretendedOutput
from scheduler.backend.programs import Programs
from scheduler.backend.simulated import embedded_cluster
from scheduler.backend.slurm_accounts import PROGRAMS, SlurmAccounts
from scheduler.backend.slurm_cli import SlurmCliBackend
from scheduler.backend.slurm_pyslurm import SlurmPyslurmBackend, pyslurm_usable
from scheduler.backend.user_files import UserFiles
from scheduler.errors import BackendUnavailable, InvalidRequest, Violation
from scheduler.ports import Backend, Clock, OutputReader
from scheduler.texts import said


def open_backend(name: str, clock: Clock, installation: str) -> Backend:
    """Return the backend of that name; the Slurm ones use the slurm.conf that SLURM_CONF names.

    `installation` is the store's: only jobs that carry it are taken for ours.

    Raises InvalidRequest for an unknown name, and BackendUnavailable naming what is missing.
    """
    opener = BACKENDS.get(name)
    if opener is None:
        known = ", ".join(BACKENDS)
        raise InvalidRequest(
            Violation(
                "backend", said("{name!r} is unknown; known: {known}", name=name, known=known)
            )
        )
    return opener(clock, installation)


def open_accounts(installation: str) -> SlurmAccounts:
    """Return the accounts of the cluster of this slurm.conf. Raises BackendUnavailable."""
    return SlurmAccounts(Programs(PROGRAMS, _slurm_conf()), installation)


def open_output(name: str) -> OutputReader:
    """Return what reads the files that the jobs of a backend of that name write."""
    return PretendedOutput() if name == "simulated" else UserFiles()


def _simulated(clock: Clock, _: str) -> Backend:
    """Return a cluster that only this process can reach: every job on it is ours."""
    return embedded_cluster(clock)


def _slurm(clock: Clock, installation: str) -> Backend:
    """Prefer pyslurm, which starts no program for each question."""
    usable = pyslurm_usable(_slurm_conf())
    return (_slurm_pyslurm if usable else _slurm_cli)(clock, installation)


def _slurm_cli(clock: Clock, installation: str) -> Backend:
    _need_root("slurm-cli")
    return SlurmCliBackend(clock, installation, _slurm_conf())


def _slurm_pyslurm(clock: Clock, installation: str) -> Backend:
    _need_root("slurm-pyslurm")
    if find_spec("pyslurm") is None:
        raise BackendUnavailable(
            said("pyslurm is not installed; docs/slurm.md names the release for each Slurm version")
        )
    return SlurmPyslurmBackend(clock, installation, _slurm_conf())


def _need_root(backend: str) -> None:
    if os.geteuid() != 0:
        raise BackendUnavailable(
            said(
                "{backend} must run as root: it submits every job as its own Unix account",
                backend=backend,
            )
        )


def _slurm_conf() -> str:
    return os.environ.get("SLURM_CONF", "")


BACKENDS: Mapping[str, Callable[[Clock, str], Backend]] = {
    "simulated": _simulated,
    "slurm": _slurm,
    "slurm-cli": _slurm_cli,
    "slurm-pyslurm": _slurm_pyslurm,
}
