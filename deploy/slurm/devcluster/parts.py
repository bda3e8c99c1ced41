"""The daemons of a cluster: how each is called and how one sees that it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.slurm.devcluster.daemons import Daemon
from deploy.slurm.devcluster.programs import SEARCH_PATH, find
from deploy.slurm.devcluster.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """All daemons: the keepers of identity and records, the controller, one slurmd a node."""

    keepers: tuple[Daemon, ...]
    controller: Daemon
    nodes: tuple[Daemon, ...]

    @property
    def all(self) -> tuple[Daemon, ...]:
        return (*self.keepers, self.controller, *self.nodes)


def parts_of(settings: Settings) -> Parts:
    """Return the daemons of a cluster in the order in which they start."""
    return Parts(
        keepers=(_munged(settings), _mariadbd(settings), _slurmdbd(settings)),
        controller=_slurmctld(settings),
        nodes=tuple(_slurmd(settings, name) for name in settings.node_names),
    )


def environment(folder: Path) -> Mapping[str, str]:
    """Return all of the daemons' and commands' environment; nothing of the caller's leaks in."""
    return {
        "PATH": SEARCH_PATH,
        "LANG": "C.UTF-8",
        "SLURM_CONF": str(folder / "slurm.conf"),
        # slurmdbd.conf cannot name a socket; the client library it uses reads this.
        "MYSQL_UNIX_PORT": str(folder / "mariadb" / "mariadb.socket"),
    }


def database_install(settings: Settings) -> tuple[str, ...]:
    """Return the command that lays out an empty database of its own."""
    return (
        "mariadb-install-db", "--no-defaults", "--user=root", "--skip-test-db",
        "--skip-name-resolve", "--auth-root-authentication-method=socket",
        f"--datadir={settings.database_folder}", f"--tmpdir={settings.database_scratch}",
    )  # fmt: skip


def _munged(settings: Settings) -> Daemon:
    folder = settings.munge_socket.parent
    argv = (
        "munged", "--foreground", f"--socket={settings.munge_socket}",
        f"--key-file={folder}/munge.key", f"--seed-file={folder}/munge.seed",
        f"--pid-file={folder}/munge.pid",
    )  # fmt: skip
    ready = ("munge", "--no-input", f"--socket={settings.munge_socket}")
    return _daemon(settings, "munged", argv, ready)


def _mariadbd(settings: Settings) -> Daemon:
    argv = (
        "mariadbd", "--no-defaults", "--user=root", "--skip-networking", "--skip-name-resolve",
        f"--datadir={settings.database_folder}", f"--socket={settings.database_socket}",
        # At its start it removes every temporary table there, another cluster's in /tmp too.
        f"--tmpdir={settings.database_scratch}",
        # Losing a second of a development cluster's records is worth the speed.
        "--innodb-flush-log-at-trx-commit=0",
        # slurmdbd asks for a long one, as it changes whole tables at start.
        "--innodb-lock-wait-timeout=900",
    )  # fmt: skip
    ready = ("mariadb-admin", "--no-defaults", f"--socket={settings.database_socket}", "ping")
    return _daemon(settings, "mariadbd", argv, ready)


def _slurmdbd(settings: Settings) -> Daemon:
    # It has no option for its conf file and looks for it beside SLURM_CONF.
    ready = ("sacctmgr", "--noheader", "show", "cluster")
    return _daemon(settings, "slurmdbd", ("slurmdbd", "-D"), ready)


def _slurmctld(settings: Settings) -> Daemon:
    argv = ("slurmctld", "-D", "-f", str(settings.slurm_conf))
    return _daemon(settings, "slurmctld", argv, ("scontrol", "ping"))


def _slurmd(settings: Settings, node: str) -> Daemon:
    argv = ("slurmd", "-D", "-N", node, "-f", str(settings.slurm_conf))
    return _daemon(settings, f"slurmd.{node}", argv, ("scontrol", "show", "node", node))


def _daemon(settings: Settings, name: str, argv: tuple[str, ...], ready: tuple[str, ...]) -> Daemon:
    program = find(argv[0]) or argv[0]
    return Daemon(name, (program, *argv[1:]), ready, settings.folder, environment(settings.folder))
