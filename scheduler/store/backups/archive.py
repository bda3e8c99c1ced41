"""A backup's file: a tar with the database's own copy and what it is a copy of."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scheduler.errors import StoreUnavailable
from scheduler.texts import said

MANIFEST = "manifest.json"
PAYLOAD = "database"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of which installation, by which version, and its copy's digest.

    Nothing that was stored after `taken_at` is sure to be in it. `schema` is the migration that
    the database was at.
    """

    kind: str
    installation: str
    version: str
    schema: str
    taken_at: datetime
    sha256: str


_MANIFEST = TypeAdapter(Manifest)


def digest(payload: Path) -> str:
    with payload.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def pack(payload: Path, manifest: Manifest, file: Path) -> None:
    """Write the file, readable by its owner alone, whole or not at all. Raises OSError."""
    described = payload.with_name(MANIFEST)
    described.write_bytes(_MANIFEST.dump_json(manifest, indent=2) + b"\n")
    fresh = file.with_name(f".{file.name}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            with tarfile.open(fileobj=opened, mode="w") as tar:
                tar.add(described, MANIFEST)
                tar.add(payload, PAYLOAD)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)
        _make_lasting(file.parent)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def unpack(file: Path, folder: Path) -> Manifest:
    """Write the copy to `folder/database` and return its manifest.

    Raises StoreUnavailable for a file that is no backup, or not as it was written; OSError.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            for name in (MANIFEST, PAYLOAD):
                _unpack_file(tar, name, folder / name)
        manifest = _MANIFEST.validate_json((folder / MANIFEST).read_bytes())
    except (tarfile.TarError, KeyError, ValidationError) as error:
        raise StoreUnavailable(
            said(
                "{file} is no backup, or not a whole one; name a file that `backup` wrote "
                "({error})",
                file=file,
                error=error,
            )
        ) from error
    if digest(folder / PAYLOAD) != manifest.sha256:
        raise StoreUnavailable(
            said("{file} is damaged: its copy is not the one that was written", file=file)
        )
    return manifest


def _unpack_file(tar: tarfile.TarFile, name: str, target: Path) -> None:
    """Copy a member's content and nothing else of it: Debian 12's Python has no filters yet."""
    content = tar.extractfile(name)
    if content is None:
        raise tarfile.TarError(f"{name} is no ordinary file")
    with content, target.open("wb") as written:
        shutil.copyfileobj(content, written)


def _make_lasting(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
