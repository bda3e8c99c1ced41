"""The programs a cluster needs and the Debian package that brings each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping

PACKAGES: Mapping[str, str] = {
    "munged": "munge",
    "munge": "munge",
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "mariadb-admin": "mariadb-client",
    "slurmdbd": "slurmdbd",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sacctmgr": "slurm-client",
    "scontrol": "slurm-client",
    "sinfo": "slurm-client",
    "sbatch": "slurm-client",
    "useradd": "passwd",
}
# Daemons live in sbin, which the path of a plain shell may lack.
SEARCH_PATH = os.pathsep.join(
    ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
)

Find = Callable[[str], str | None]


class ProgramsMissing(Exception):
    """Programs a cluster needs are not installed."""

    def __init__(self, programs: tuple[str, ...]) -> None:
        packages = dict.fromkeys(PACKAGES[program] for program in programs)
        super().__init__(
            f"not found: {', '.join(programs)}; try: apt-get install {' '.join(packages)}"
        )
        self.programs = programs


def find(program: str) -> str | None:
    """Return the program's path, or None when it is not installed."""
    return shutil.which(program, path=SEARCH_PATH)


def require_programs(find: Find = find) -> None:
    """Raise ProgramsMissing, naming every missing program and its package."""
    missing = tuple(program for program in PACKAGES if find(program) is None)
    if missing:
        raise ProgramsMissing(missing)
