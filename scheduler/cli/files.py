"""Local files that commands read, with errors that say what is wrong with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.texts import said

STDIN = "-"


def read_bytes(path: str) -> bytes:
    """Return the file's bytes, or standard input's for `-`. Raises CliError."""
    try:
        return sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except OSError as error:
        raise usage_error(
            said("cannot read {path}: {reason}", path=path, reason=error.strerror)
        ) from error


def read_text(path: str) -> str:
    """Return the file's text. Raises CliError that names the line that is not UTF-8."""
    data = read_bytes(path)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = said(
            "{file}:{line}: not UTF-8 text; save the file as UTF-8",
            file=source_name(path),
            line=line,
        )
        raise CliError(message, ExitCode.INVALID) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, for the user's eyes only. Raises CliError."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        raise usage_error(
            said("cannot write {path}: {reason}", path=path, reason=error.strerror)
        ) from error
    finally:
        # Also after Ctrl-C; once it has its name there is none left.
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """Open a new file for its owner's eyes only; gone again if what it is for fails.

    Raises CliError when it cannot be written, or exists: others may have it open.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise usage_error(
            said("cannot write {path}: {reason}", path=path, reason=error.strerror)
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            yield opened
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def source_name(path: str) -> str:
    """Return how messages call the file."""
    return said("standard input") if path == STDIN else path
