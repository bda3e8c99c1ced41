"""The kept receipts: one file each in a folder, the oldest let go when there are too many."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from scheduler.domain.receipts import KeptReceipt
from scheduler.errors import NotFound

SUFFIX = ".receipt"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many receipts are kept, how much room they take, and how many idle cycles pass between.

    A cycle that only let jobs wait is kept once in `idle_cycles`.
    """

    receipts: int = 20_000
    mib: int = 4096
    idle_cycles: int = 60


class ReceiptFolder:
    """Keeps files named by cycle and digest, within bounds; one thread writes, any may read."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._folder = folder
        self._bounds = bounds
        self._kept = deque((name, (folder / name).stat().st_size) for name in self._names())
        self._bytes = sum(size for _, size in self._kept)

    def keep(self, cycle: int, digest: str, content: bytes) -> None:
        """Write a receipt, whole or not at all, then let the oldest ones go. Raises OSError."""
        name = f"{cycle:012d}-{digest[:12]}{SUFFIX}"
        fresh = self._folder / f"{name}.new"
        try:
            with fresh.open("wb") as file:
                file.write(content)
                os.fsync(file.fileno())
            fresh.replace(self._folder / name)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        self._kept.append((name, len(content)))
        self._bytes += len(content)
        self._let_go()

    def find(self, cycle: int) -> KeptReceipt:
        """Return a cycle's receipt, the newest for 0. Raises NotFound."""
        names = self._names()
        wanted = names[-1:] if cycle == 0 else [n for n in names if _cycle(n) == cycle]
        try:
            # A database that was restored gives numbers again: the later one is meant.
            name = max(wanted, key=lambda name: (self._folder / name).stat().st_mtime_ns)
            content = (self._folder / name).read_bytes()
        except (ValueError, FileNotFoundError):
            raise NotFound("receipt of cycle", str(cycle or "(any)")) from None
        earlier = [_cycle(other) for other in names if other < name]
        return KeptReceipt(_cycle(name), content, earlier[-1] if earlier else 0)

    def _names(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob(f"*{SUFFIX}"))

    def _let_go(self) -> None:
        """The newest one stays, whatever its size."""
        most_bytes = self._bounds.mib * MIB
        while len(self._kept) > 1 and (
            len(self._kept) > self._bounds.receipts or self._bytes > most_bytes
        ):
            name, size = self._kept.popleft()
            (self._folder / name).unlink(missing_ok=True)
            self._bytes -= size


def _cycle(name: str) -> int:
    digits = name.partition("-")[0]
    return int(digits) if digits.isdecimal() else 0
