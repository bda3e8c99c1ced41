"""Cycles and their receipts, made as the service makes them; and forgeries of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import Raw

from scheduler.deciders import decide_again, decider
from scheduler.domain.receipts import Decider, Link
from scheduler.domain.records import CycleReport
from scheduler.domain.shares.fairshare import organisation_shares
from scheduler.domain.snapshot import Snapshot
from scheduler.receipts.book import ReceiptBook
from scheduler.receipts.codec import digest, encode, plain
from scheduler.receipts.folder import Bounds
from scheduler.receipts.sealing import opened, with_digest
from tests.build import a_pending, a_snapshot, at, nodes

BY_SOLVER = decider("cp-sat")
BY_HAND = decider("greedy")


def a_cycle(number: int, *gpus: int, organisation: str = "alpha") -> Snapshot:
    """Return the snapshot of a cycle in which jobs of so many GPUs wait, on 24 GPUs."""
    jobs = [
        a_pending(number * 100 + n, organisation if n % 2 else "beta", count)
        for n, count in enumerate(gpus)
    ]
    world = a_snapshot(
        *jobs, on=nodes(3), organisations={"alpha": "universities", "beta": "universities"}
    )
    return replace(world, cycle=number, taken_at=at(3600 + number))


def a_report(snapshot: Snapshot, made: Decider = BY_HAND) -> CycleReport:
    """Return what the engine would report of the cycle."""
    outcome = decide_again(made, snapshot)
    return CycleReport(
        cycle=snapshot.cycle,
        taken_at=snapshot.taken_at,
        policy_version=snapshot.policy_version,
        allocation=outcome.allocation,
        shares=organisation_shares(snapshot, outcome.allocation.starts),
        capacity_gpus={},
        foreign_gpus={},
        violations=outcome.violations,
    )


def written(
    folder: Path, *snapshots: Snapshot, made: Decider = BY_HAND, bounds: Bounds | None = None
) -> list[bytes]:
    """Write these cycles in one run of a book, and return every receipt of the folder in order."""
    book = ReceiptBook(folder, made, bounds)
    for snapshot in snapshots:
        while not _taken(book, snapshot, made):
            continue
    book.close()
    return receipts_in(folder)


def _taken(book: ReceiptBook, snapshot: Snapshot, made: Decider) -> bool:
    before = book.head().skipped
    book.keep(snapshot, a_report(snapshot, made))
    return book.head().skipped == before


def receipts_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.receipt"))]


def cycles_of(receipts: Sequence[bytes]) -> list[int]:
    return [opened(content).link.cycle for content in receipts]


def forged(content: bytes, part: str, change: Callable[[Any], None], sealed: bool = True) -> bytes:
    """Return the receipt with a part changed and a new SHA-256 over the file.

    Unless `sealed`, the forger forgot that the link holds the part's digest as well.
    """
    receipt = opened(content)
    value = plain(receipt.parts[part])
    change(value)
    parts = {**receipt.parts, part: encode(value)}
    link = receipt.link
    if sealed:
        link = replace(link, parts={name: digest(data) for name, data in parts.items()})
    return a_file(parts, link, receipt.since)


def a_file(parts: Mapping[str, bytes], link: Link, since: tuple[Link, ...]) -> bytes:
    body = {name: Raw(data) for name, data in parts.items()}
    return with_digest(zlib.compress(encode({**body, "link": link, "since": since})))
