"""Looks at a Unix socket before it is used: who serves it, and who could put another there."""

from __future__ import annotations

import os
import pwd
import socket
import stat
import struct
from pathlib import Path

from scheduler.errors import BackendUnavailable
from scheduler.texts import said

ROOT_ID = 0
PROBE_LIMIT_S = 2.0
# pid, uid and gid of whoever listens, as Linux noted them when he began.
_PEER = struct.Struct("3i")


def check_socket(path: Path) -> None:
    """Return when root or our own account serves the socket, and nobody else can replace it.

    gRPC tells neither side who the other is, so the kernel is asked on a connection of our own.
    Raises BackendUnavailable naming the owner, or what is missing.
    """
    for folder in path.parents:
        _check_folder(folder)
    owner = _served_by(path)
    if owner not in _trusted():
        raise BackendUnavailable(
            said(
                "the socket {path} is served by {name}, not by root or {us}",
                path=path,
                name=_name(owner),
                us=_name(os.geteuid()),
            )
        )


def _check_folder(folder: Path) -> None:
    """Raises BackendUnavailable where others could put a socket of theirs in the place of ours."""
    try:
        found = folder.stat()
    except OSError as error:
        raise BackendUnavailable(
            said("no agent at {folder}: {reason}", folder=folder, reason=error.strerror)
        ) from error
    if found.st_uid not in _trusted():
        raise BackendUnavailable(
            said(
                "the folder {folder} belongs to {name}; an agent's belongs to root",
                folder=folder,
                name=_name(found.st_uid),
            )
        )
    open_to_others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if open_to_others and not found.st_mode & stat.S_ISVTX:
        raise BackendUnavailable(
            said(
                "others may write to the folder {folder}; take that away: chmod go-w {folder}",
                folder=folder,
            )
        )


def _served_by(path: Path) -> int:
    """Return the user id of the process that listens. Raises BackendUnavailable."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_LIMIT_S)
        try:
            probe.connect(str(path))
        except OSError as error:
            raise BackendUnavailable(
                said("no agent at unix:{path}: {error}", path=path, error=error)
            ) from error
        peer = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(peer)[1])


def _trusted() -> frozenset[int]:
    return frozenset({ROOT_ID, os.geteuid()})


def _name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return said("the user id {user_id}", user_id=user_id)
