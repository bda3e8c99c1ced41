"""What a receipt says of a cycle, and what may be known of it without the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.decisions import Allocation
from scheduler.domain.records import OrganisationShare
from scheduler.domain.shares.fairshare import entitlements
from scheduler.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Decider:
    """Which allocator decided: its name, every argument it was made with, and the programs used.

    Limits and seed are arguments. `versions` says what must be installed to get the same bytes.
    """

    name: str
    arguments: Mapping[str, int | float | str | bool | None]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided, and the rules that decisions thrown away had broken."""

    allocation: Allocation
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entitlement:
    """An organisation's entitlement in one pool, in GPUs, before and after a cycle's starts."""

    organisation: str
    pool: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Link:
    """One cycle in the chain: the SHA-256 of each part of its receipt, and of the link before.

    `previous` is empty where a chain begins.
    """

    cycle: int
    taken_at: datetime
    policy_version: int
    parts: Mapping[str, str]
    previous: str


@dataclass(frozen=True, slots=True)
class ReceiptHead:
    """The newest link of the chain: who notes it down can tell later whether it was kept to.

    `kept`, `failed` and `skipped` count, since the service began, receipts in the folder, those
    that could not be written, and cycles without one because the one before was not done yet.
    """

    cycle: int
    sha256: str
    kept: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A receipt's file; `previous_cycle` is of the one kept before it, 0 when there is none."""

    cycle: int
    content: bytes
    previous_cycle: int


def outcome_matters(outcome: Outcome) -> bool:
    """Say whether the cycle did more than let jobs wait, or was refused, or fell back."""
    allocation = outcome.allocation
    moved = bool(allocation.starts or allocation.recalls)
    return moved or bool(outcome.violations) or bool(allocation.fell_back_because)


def entitlements_around(
    snapshot: Snapshot, allocation: Allocation, shares: Sequence[OrganisationShare]
) -> tuple[Entitlement, ...]:
    """Return each share's entitlement before the cycle beside the one after it.

    Where nothing starts nothing changes, and nothing is counted again.
    """
    after = {(share.organisation, share.pool): share.entitled for share in shares}
    before = entitlements(snapshot) if allocation.starts else after
    return tuple(
        Entitlement(
            share.organisation,
            share.pool,
            before.get((share.organisation, share.pool), 0.0),
            share.entitled,
        )
        for share in shares
    )
