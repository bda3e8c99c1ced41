"""Reads a piece of a file as one Unix account: a program by itself, of the standard library alone.

It is begun as root, because the account may not be able to read the interpreter, and is the account
before it looks at anything that was asked for. See docs/decisions/031.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

# Neither to be kept waiting by a FIFO, nor to be given a terminal.
HOW = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LAST_PLACE = 2**63 - 1
PROBLEMS = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    # A FIFO opens; a socket, and a device that nothing stands behind, do not.
    errno.ENXIO: "not_a_file",
}


def main(request: BinaryIO, answer: BinaryIO) -> None:
    """Answer one request of JSON with a line of JSON, and the bytes that were read after it."""
    asked = json.load(request)
    become(asked["user_id"], asked["group_id"], asked["groups"])
    try:
        told, data = piece(asked["path"], asked["offset"], asked["limit_bytes"])
    except OSError as error:
        problem = PROBLEMS.get(error.errno or 0, "failed")
        told, data = {"problem": problem, "message": error.strerror}, b""
    except ValueError:
        # Python's word for a NUL, and for what is no text.
        told, data = {"problem": "failed", "message": "no file can have this name"}, b""
    answer.write(json.dumps(told).encode() + b"\n" + data)


def become(user_id: int, group_id: int, groups: list[int]) -> None:
    """Be the account, for good. Raises OSError where that is not allowed."""
    if os.geteuid() == user_id != 0:
        return
    os.setgroups(groups)
    os.setresgid(group_id, group_id, group_id)
    os.setresuid(user_id, user_id, user_id)


def piece(path: str, offset: int, limit_bytes: int) -> tuple[Mapping[str, Any], bytes]:
    """Return what is told of a regular file, and at most so many bytes. Raises OSError."""
    descriptor = os.open(path, HOW)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        return {"problem": "not_a_file", "message": stat.filemode(found.st_mode)}, b""
    # Linux refuses to look behind the last place that a file can have.
    is_place = offset <= LAST_PLACE - limit_bytes
    data = os.pread(descriptor, limit_bytes, offset) if is_place else b""
    return {"size_bytes": found.st_size}, data


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
