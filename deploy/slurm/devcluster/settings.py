"""What one development cluster is: its folder, its ports, its size and its users."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPO_ROOT = Path(__file__).resolve().parents[3]
DEFAULT_FOLDER = REPO_ROOT / "build" / "slurm"
# Below the kernel's ephemeral range (32768 on), away from Slurm's own 6817-6819 and common servers.
DEFAULT_BASE_PORT = 28100
DEFAULT_USERS = ("aigerim", "bolat", "dana")
# Who decides the order of jobs; each is a file of deploy/slurm/scheduling.
SCHEDULINGS = ("in-order", "fair-tree", "deep-backfill")

_USER_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
# sockaddr_un holds 108 bytes with the closing zero.
_SOCKET_PATH_LIMIT_BYTES = 107


class SettingsError(Exception):
    """A cluster cannot be built from these settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One development cluster; every path it uses lies in `folder`."""

    folder: Path = DEFAULT_FOLDER
    base_port: int = DEFAULT_BASE_PORT
    nodes: int = 8
    gpus_per_node: int = 8
    min_job_age_s: int = 300
    users: tuple[str, ...] = DEFAULT_USERS
    scheduling: str = SCHEDULINGS[0]
    measures: bool = False
    enforces: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.nodes <= 64 or not 1 <= self.gpus_per_node <= 64:
            raise SettingsError(
                f"nodes and gpus must be 1 to 64, not {self.nodes} x {self.gpus_per_node}"
            )
        if not 1024 <= self.base_port <= 65535 - 2 - self.nodes:
            raise SettingsError(
                f"base port {self.base_port} leaves no room for {self.nodes + 2} ports"
            )
        if self.scheduling not in SCHEDULINGS:
            raise SettingsError(
                f"scheduling must be one of {', '.join(SCHEDULINGS)}, not {self.scheduling!r}"
            )
        if bad := [name for name in self.users if not _USER_NAME.fullmatch(name)]:
            raise SettingsError(f"not a Unix user name: {bad[0]!r}")
        if not re.fullmatch(r"/[A-Za-z0-9._+/-]+", str(self.folder)):
            raise SettingsError(
                f"the folder must be a plain absolute path, not {str(self.folder)!r}"
            )
        if len(str(self.database_socket)) > _SOCKET_PATH_LIMIT_BYTES:
            raise SettingsError(f"the folder's path is too long for a Unix socket: {self.folder}")

    @property
    def slurmctld_port(self) -> int:
        return self.base_port

    @property
    def slurmdbd_port(self) -> int:
        return self.base_port + 1

    @property
    def node_ports(self) -> range:
        """One slurmd port per node, in the order of `node_names`."""
        return range(self.base_port + 2, self.base_port + 2 + self.nodes)

    @property
    def all_ports(self) -> range:
        return range(self.base_port, self.node_ports.stop)

    @property
    def node_names(self) -> tuple[str, ...]:
        return tuple(f"n{number}" for number in range(1, self.nodes + 1))

    @property
    def slurm_conf(self) -> Path:
        return self.folder / "slurm.conf"

    @property
    def munge_socket(self) -> Path:
        return self.folder / "munge" / "munge.socket"

    @property
    def database_folder(self) -> Path:
        return self.folder / "mariadb"

    @property
    def database_socket(self) -> Path:
        return self.database_folder / "mariadb.socket"

    @property
    def database_scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def env_line(self) -> str:
        """The shell line that points every Slurm command at this cluster."""
        return f"export SLURM_CONF={self.slurm_conf}"
