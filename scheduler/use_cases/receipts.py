"""Receipts: the newest one's digest for everybody, whole ones for who may see everybody's jobs."""

from __future__ import annotations

from scheduler.domain.receipts import KeptReceipt, ReceiptHead
from scheduler.errors import NotFound
from scheduler.identity import Caller
from scheduler.ports import ReceiptReader
from scheduler.use_cases.permissions import Act, demand


class Receipts:
    """Hands receipts out; a service without a book of them has none."""

    def __init__(self, book: ReceiptReader | None) -> None:
        self._book = book

    def head(self) -> ReceiptHead | None:
        return self._book.head() if self._book else None

    def get(self, caller: Caller, cycle: int) -> KeptReceipt:
        """Return a cycle's receipt, the newest for 0; blocks. Raises NotPermitted, NotFound."""
        demand(caller, Act.SEE_RECEIPTS)
        if self._book is None:
            raise NotFound("receipt of cycle", str(cycle))
        return self._book.find(cycle)
