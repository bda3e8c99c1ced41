"""The folder and the socket at which an agent listens, open to its owner and one group only."""

from __future__ import annotations

import fcntl
import grp
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import Said, said

# Without a group: the owner alone, and root.
ALONE, WITH_GROUP = 0o700, 0o750
SOCKET_ALONE, SOCKET_WITH_GROUP = 0o600, 0o660


@contextmanager
def kept_folder(path: Path, group: str) -> Iterator[None]:
    """Keep the socket's folder closed to others and to a second agent; tidy up at the end.

    The folder is made where it is missing, its parent must be there. Raises InvalidRequest for a
    group that does not exist, for a folder that is not the socket's own, and where another agent
    listens.
    """
    group_id = _group_id(group)
    lock = path.with_name(f"{path.name}.lock")
    made = _made(path.parent)
    _close_to_others(path.parent, {path.name, lock.name}, group_id)
    with lock.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _wrong(
                said("another agent listens at {path}; stop it first", path=path)
            ) from None
        try:
            yield
        finally:
            _tidy(path, lock, made=made)


def open_to_group(path: Path, group: str) -> None:
    """Let the group connect to the socket; the kernel refuses everybody else but root."""
    group_id = _group_id(group)
    if group_id is not None:
        os.chown(path, -1, group_id)
    path.chmod(SOCKET_ALONE if group_id is None else SOCKET_WITH_GROUP)


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=ALONE)
    except FileExistsError:
        return False
    except OSError as error:
        raise _wrong(
            said(
                "the folder {folder} cannot be made: {reason}", folder=folder, reason=error.strerror
            )
        ) from error
    return True


def _close_to_others(folder: Path, own_names: set[str], group_id: int | None) -> None:
    """Set the mode of a folder that is ours; one that other things live in is not touched."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise _wrong(
            said("{folder} is no folder of our own; an agent's socket needs one", folder=folder)
        )
    if others := sorted({entry.name for entry in folder.iterdir()} - own_names):
        raise _wrong(
            said(
                "{folder} holds {other} too; give the socket a folder of its own in it",
                folder=folder,
                other=others[0],
            )
        )
    if group_id is not None:
        os.chown(folder, -1, group_id)
    folder.chmod(ALONE if group_id is None else WITH_GROUP)


def _tidy(path: Path, lock: Path, *, made: bool) -> None:
    """Leave the lock's file where the next agent may be about to lock it."""
    path.unlink(missing_ok=True)
    if made:
        lock.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()


def _group_id(group: str) -> int | None:
    try:
        return grp.getgrnam(group).gr_gid if group else None
    except KeyError:
        raise _wrong(
            said("there is no group {group!r}; make it: groupadd --system {group}", group=group)
        ) from None


def _wrong(message: Said) -> InvalidRequest:
    return InvalidRequest(Violation("listen", message))
