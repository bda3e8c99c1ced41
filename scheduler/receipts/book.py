"""Writes each cycle's receipt behind the engine's back, and never in its way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock

import structlog

from scheduler.domain.receipts import (
    Decider,
    KeptReceipt,
    Link,
    Outcome,
    ReceiptHead,
    entitlements_around,
    outcome_matters,
)
from scheduler.domain.records import CycleReport
from scheduler.domain.snapshot import Snapshot
from scheduler.errors import NotFound
from scheduler.receipts.chain import Chain
from scheduler.receipts.codec import Memory, Unreadable
from scheduler.receipts.folder import Bounds, ReceiptFolder
from scheduler.receipts.sealing import Sealer, link_digest, opened

log = structlog.get_logger()
# Cycles whose receipts wait to be written. A snapshot in hand is not copied, but it is held.
MAX_WAITING = 3


class ReceiptBook:
    """Fulfils `ports.ReceiptBook` and `ports.ReceiptReader` over a folder of its own.

    One thread makes and writes receipts, in the order of their cycles. A cycle that finds
    MAX_WAITING others unwritten goes without a receipt, is counted, and leaves a gap in the chain
    that says so. So does nothing else: the link of a receipt that the disk refused is in the next.
    """

    def __init__(self, folder: Path, decider: Decider, bounds: Bounds | None = None) -> None:
        """Raises OSError when the folder cannot be made or read."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._decider = decider
        self._bounds = bounds or Bounds()
        self._folder = ReceiptFolder(folder, self._bounds)
        self._chain = Chain(folder)
        self._memory = Memory()
        self._idle_cycles: int | None = None  # since one was kept; None: not one in this run
        self._writer = ThreadPoolExecutor(1, "receipts")
        self._lock = Lock()
        self._waiting = 0
        self._closed = False
        self._catch_up()
        newest = self._chain.newest
        digest = link_digest(newest) if newest else ""
        self._head = ReceiptHead(newest.cycle if newest else 0, digest, 0, 0, 0)

    def keep(self, snapshot: Snapshot, report: CycleReport) -> None:
        """Take what a cycle saw and decided, to be written soon; returns at once, never raises."""
        with self._lock:
            taken = not self._closed and self._waiting < MAX_WAITING
            self._waiting += taken
            if taken:
                self._writer.submit(self._written, snapshot, report)
            self._head = replace(self._head, skipped=self._head.skipped + (not taken))
        if not taken:
            log.warning("receipt_skipped", cycle=snapshot.cycle, waiting=self._waiting)

    def head(self) -> ReceiptHead:
        """Return the newest link's place and digest, and the counts."""
        return self._head

    def find(self, cycle: int) -> KeptReceipt:
        """Return a kept receipt, the newest for 0. Raises NotFound."""
        return self._folder.find(cycle)

    def close(self) -> None:
        """Return once every receipt that was taken is written; take no more."""
        with self._lock:
            self._closed = True
        self._writer.shutdown()

    def _written(self, snapshot: Snapshot, report: CycleReport) -> None:
        try:
            self._write(snapshot, Outcome(report.allocation, report.violations), report)
        except Exception:  # whatever is wrong with a receipt, cycles go on
            self._count_failure()
            log.exception("receipt_failed", cycle=snapshot.cycle)
        finally:
            with self._lock:
                self._waiting -= 1

    def _write(self, snapshot: Snapshot, outcome: Outcome, report: CycleReport) -> None:
        whole = self._is_due() or outcome_matters(outcome)
        self._memory.turn()
        sealer = Sealer(self._memory, whole)
        sealer.add("decider", self._decider)
        sealer.add("snapshot", snapshot)
        sealer.add("outcome", outcome)
        sealer.add("entitlements", entitlements_around(snapshot, outcome.allocation, report.shares))
        link = self._chain.link(snapshot, sealer.digests)
        if whole:
            self._keep_whole(link, sealer.sealed(link, self._chain.since))
        else:
            self._chain_on(link)

    def _is_due(self) -> bool:
        """The first cycle of a run is always kept: the program may be another one."""
        return self._idle_cycles is None or self._idle_cycles + 1 >= self._bounds.idle_cycles

    def _keep_whole(self, link: Link, content: bytes) -> None:
        digest = link_digest(link)
        try:
            self._folder.keep(link.cycle, digest, content)
        except OSError as error:
            log.warning("receipt_not_kept", cycle=link.cycle, error=str(error))
            self._count_failure()
            self._chain_on(link)
            return
        self._idle_cycles = 0
        self._noted(link, digest, kept=1)
        # The journal is the witness: a folder made anew later would not agree with it.
        log.info("receipt", cycle=link.cycle, sha256=digest, bytes=len(content))
        try:
            self._chain.add_kept(link)
        except OSError as error:
            log.warning("receipt_chain_not_written", cycle=link.cycle, error=str(error))

    def _chain_on(self, link: Link) -> None:
        self._idle_cycles = None if self._idle_cycles is None else self._idle_cycles + 1
        self._noted(link, link_digest(link))
        try:
            self._chain.add(link)
        except OSError as error:
            log.warning("receipt_chain_not_written", cycle=link.cycle, error=str(error))

    def _catch_up(self) -> None:
        """Take in a receipt that was kept just before a crash, or whose chain's file is gone."""
        try:
            link = opened(self._folder.find(0).content).link
        except (NotFound, Unreadable):
            return
        newest = self._chain.newest
        if newest is None or link.previous == link_digest(newest):
            self._chain.add_kept(link)

    def _noted(self, link: Link, digest: str, kept: int = 0) -> None:
        with self._lock:
            kept += self._head.kept
            self._head = replace(self._head, cycle=link.cycle, sha256=digest, kept=kept)

    def _count_failure(self) -> None:
        with self._lock:
            self._head = replace(self._head, failed=self._head.failed + 1)
