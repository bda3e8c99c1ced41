"""The folder of a cluster: its layout, file modes, keys and conf files."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from deploy.slurm.devcluster.render import render
from deploy.slurm.devcluster.settings import Settings, SettingsError

# Users pass through the open ones: jobs read their script below spool, commands reach the socket.
OPEN_FOLDERS = ("run", "log", "munge", "spool", "home", "gpu")
CLOSED_FOLDERS = ("state", "mariadb", "scratch")


def make_folder(settings: Settings) -> None:
    """Lay out the folder; what is there already stays."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    _refuse_closed_parents(settings.folder)
    for name in OPEN_FOLDERS:
        _make(settings.folder / name, 0o755)
    for name in CLOSED_FOLDERS:
        _make(settings.folder / name, 0o700)
    for node in settings.node_names:
        _make(settings.folder / "spool" / node, 0o755)
    for number in range(settings.gpus_per_node):
        _make_device(settings.folder / "gpu" / f"gpu{number}")
    _write_key(settings.folder / "munge" / "munge.key")


def conf_differs(settings: Settings) -> bool:
    """Tell whether the conf files on disk are of other settings; none on disk differs too."""
    wanted = render(settings)
    return any(_text(settings.folder / name) != text for name, text in wanted.items())


def write_conf(settings: Settings) -> None:
    """Write the conf files and the shell file that points at them."""
    for name, text in render(settings).items():
        # slurmdbd refuses a conf file that others may read, as real ones hold a password.
        _write(settings.folder / name, text, 0o600 if name == "slurmdbd.conf" else 0o644)
    _write(settings.folder / "env", settings.env_line + "\n", 0o644)


def make_users(settings: Settings) -> None:
    """Create the Unix users that do not exist and give each a home below the folder.

    A user created by another cluster keeps the home its passwd entry names.
    """
    for name in settings.users:
        home = settings.folder / "home" / name
        if not _user_exists(name):
            subprocess.run(
                ["useradd", "--system", "--no-create-home", "--user-group",
                 "--shell", "/bin/sh", "--home-dir", str(home), name],
                check=True,
            )  # fmt: skip
        _make(home, 0o755)
        shutil.chown(home, name, pwd.getpwnam(name).pw_gid)


def remove_folder(folder: Path) -> None:
    """Remove a cluster's folder; refuse one that does not look like a cluster's."""
    if not folder.exists():
        return
    if not (folder / "env").exists() or not (folder / "run").is_dir():
        raise SettingsError(f"{folder} does not look like a cluster's folder; it is left alone")
    shutil.rmtree(folder)


def _refuse_closed_parents(folder: Path) -> None:
    for parent in (folder, *folder.parents):
        if not parent.stat().st_mode & 0o001:
            raise SettingsError(f"other users cannot enter {parent}; choose another --dir")


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _make(path: Path, mode: int) -> None:
    path.mkdir(exist_ok=True)
    path.chmod(mode)


def _make_device(path: Path) -> None:
    """Make one more /dev/null: Slurm numbers a GPU for the job only if its file is a device."""
    if not path.exists():
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))


def _write_key(path: Path) -> None:
    if not path.exists():
        path.touch(0o600)
        path.write_bytes(os.urandom(128))


def _write(path: Path, text: str, mode: int) -> None:
    path.touch(mode)
    path.chmod(mode)
    path.write_text(text)


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
