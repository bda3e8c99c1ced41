"""The links since the newest kept receipt, in a file that grows by a line each cycle."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path

import structlog
from msgspec import DecodeError, ValidationError, json

from scheduler.domain.receipts import Link
from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.sealing import link_digest

log = structlog.get_logger()
FILE = "chain.jsonl"
# Links wait here for the next receipt that can be kept; a disk may be full for hours.
MAX_WAITING = 10_000


class Chain:
    """Knows the newest link and those that no kept receipt holds yet, over restarts as well.

    The first line of the file is the link of the newest kept receipt (null before the first one),
    the others came after it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        held, *waiting = self._read() or [None]
        self._held = held
        self._waiting = deque((link for link in waiting if link), MAX_WAITING)

    @property
    def newest(self) -> Link | None:
        return self._waiting[-1] if self._waiting else self._held

    @property
    def since(self) -> tuple[Link, ...]:
        """Return the links after the newest kept receipt, oldest first."""
        return tuple(self._waiting)

    def link(self, snapshot: Snapshot, parts: Mapping[str, str]) -> Link:
        """Return the link of this cycle, after the newest one."""
        previous = link_digest(self.newest) if self.newest else ""
        return Link(snapshot.cycle, snapshot.taken_at, snapshot.policy_version, parts, previous)

    def add(self, link: Link) -> None:
        """Take the link of a cycle whose receipt is not kept. Raises OSError; it is taken still."""
        self._waiting.append(link)
        with self._file.open("ab") as file:
            if not file.tell():
                file.write(b"null\n")
            file.write(json.encode(link) + b"\n")

    def add_kept(self, link: Link) -> None:
        """Take the link of a kept receipt, which holds those before it. Raises OSError."""
        self._held = link
        self._waiting.clear()
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(json.encode(link) + b"\n")
        fresh.replace(self._file)

    def _read(self) -> list[Link | None]:
        """Return the stored links up to the first that a crash cut short."""
        found: list[Link | None] = []
        lines = self._file.read_bytes().splitlines() if self._file.exists() else []
        for number, line in enumerate(lines, 1):
            try:
                found.append(json.decode(line, type=Link | None))
            except (DecodeError, ValidationError) as error:
                log.warning(
                    "receipt_chain_cut", file=str(self._file), line=number, error=str(error)
                )
                break
        return found
