"""What a receipt costs a cycle: the engine's own time, the writer's, and how long it holds others.

Measured on a live cluster (64 GPUs, 500 pending) and on a national one (8,192 GPUs, 50,000
pending). Between two cycles a hundredth of the queue, at most 100 jobs, goes and as many come.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import structlog

from loadtests.figures import FOLDER, Figure
from scheduler.deciders import decide_again, decider
from scheduler.domain.jobs import PendingJob
from scheduler.domain.policies import Policy, Quota
from scheduler.domain.queue import JobGroup, PendingQueue
from scheduler.domain.records import CycleReport
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.domain.shares.fairshare import entitlements, organisation_shares
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.receipts.book import ReceiptBook
from scheduler.rpc.memory import settle_memory

CYCLES = 12
# Proving what was decided may cost half of what the cheapest way to decide it does: the greedy
# allocator with its audit, on the same world in the same run.
LIMIT = 0.5
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLACE = FOLDER.parent / "bench-receipts"
GREEDY = decider("greedy")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is."""

    name: str
    pending: int
    nodes: int
    pools: int
    organisations: int


LIVE = Size("live", pending=500, nodes=8, pools=1, organisations=12)
NATIONAL = Size("national", pending=50_000, nodes=1024, pools=16, organisations=200)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one cycle's receipt cost, in milliseconds; `stall_ms` is the longest hold of others."""

    engine_ms: float
    writer_ms: float
    stall_ms: float


def main() -> None:
    """Measure both worlds, and write their figures."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    holds = [measured(size) for size in (LIVE, NATIONAL)]
    sys.exit(not all(holds))


def measured(size: Size) -> bool:
    """Measure a world's receipts against deciding one of its cycles, and write the figure."""
    shutil.rmtree(PLACE, ignore_errors=True)
    chance, queue = random.Random(0), PendingQueue()
    world = _world(size, queue, chance)
    report, decided_ms, entitled_ms = _decided(world)
    cycles = _cycles(size, queue, chance)
    settle_memory()  # as the service does
    book = ReceiptBook(PLACE, GREEDY)
    first, *others = [
        _cost(book, replace(world, cycle=cycle, queue=groups), report) for cycle, groups in cycles
    ]
    book.close()
    writer_ms = statistics.median(cost.writer_ms for cost in others)
    part = writer_ms / decided_ms
    kib = max(path.stat().st_size for path in PLACE.glob("*.receipt")) / 1024
    detail = (
        f"{size.pending:,} pending: {writer_ms:.0f} ms of a core, {entitled_ms:.0f} ms of it to "
        f"count entitlements, against {decided_ms:.0f} ms to decide greedily; the first one "
        f"{first.writer_ms:.0f} ms; the engine's thread gives "
        f"{statistics.median(cost.engine_ms for cost in others):.2f} ms; another thread wakes up "
        f"late by {statistics.median(cost.stall_ms for cost in others):.0f} ms at worst, by "
        f"{_idle_stall_ms():.0f} ms without a receipt; file {kib:,.0f} KiB"
    )
    name = f"receipt_{size.name}_part"
    figure = Figure(name, part, "of a cycle", f"<= {LIMIT}", part <= LIMIT, detail)
    figure.write()
    return figure.holds


def _decided(world: Snapshot) -> tuple[CycleReport, float, float]:
    """Return the cheapest cycle there is, what it took, and what its entitlements take alone."""
    began_s = time.thread_time()
    outcome = decide_again(GREEDY, world)
    shares = organisation_shares(world, outcome.allocation.starts)
    decided_s = time.thread_time()
    entitlements(world)
    entitled_s = time.thread_time() - decided_s
    report = CycleReport(0, NOON, 1, outcome.allocation, shares, {}, {})
    return report, (decided_s - began_s) * 1000, entitled_s * 1000


def _idle_stall_ms() -> float:
    written, stalls = Event(), list[float]()
    watch = Thread(target=_wake_up, args=(written, stalls))
    watch.start()
    time.sleep(1)
    written.set()
    watch.join()
    return max(stalls) * 1000


def _cost(book: ReceiptBook, snapshot: Snapshot, report: CycleReport) -> Cost:
    """Hand a cycle in and wait for its receipt, with a thread beside that only wants to wake up."""
    before, written = book.head().kept, Event()
    stalls: list[float] = []
    watch = Thread(target=_wake_up, args=(written, stalls))
    watch.start()
    cpu_s, began_s = time.process_time(), time.perf_counter()
    book.keep(snapshot, report)
    engine_s = time.perf_counter() - began_s
    while book.head().kept == before:
        time.sleep(0.005)
    writer_s = time.process_time() - cpu_s
    written.set()
    watch.join()
    return Cost(engine_s * 1000, writer_s * 1000, max(stalls) * 1000)


def _wake_up(written: Event, stalls: list[float]) -> None:
    while not written.is_set():
        began_s = time.perf_counter()
        time.sleep(0.002)
        stalls.append(time.perf_counter() - began_s - 0.002)


def _world(size: Size, queue: PendingQueue, chance: random.Random) -> Snapshot:
    for job_id in range(1, size.pending + 1):
        queue.add(_job(job_id, size, chance))
    pools = tuple(Pool(f"part{n}", "h200") for n in range(size.pools))
    members = {f"org{n:03}": "universities" for n in range(size.organisations)}
    policy = Policy({"universities": Quota()})
    usage: dict[tuple[str, ...], float] = {
        ("universities", name): float(chance.randrange(8)) for name in members
    }
    nodes = tuple(_node(n, pools) for n in range(size.nodes))
    return Snapshot(
        0, NOON, 1, policy, pools, nodes, queue.groups(), organisations=members, mean_gpus=usage
    )


def _cycles(
    size: Size, queue: PendingQueue, chance: random.Random
) -> Iterator[tuple[int, tuple[JobGroup, ...]]]:
    """Yield the queue of each cycle; decisions are not made anew, they only fill the receipt."""
    for cycle in range(1, CYCLES + 1):
        yield cycle, queue.groups()
        _move_on(queue, cycle, size, chance)


def _move_on(queue: PendingQueue, cycle: int, size: Size, chance: random.Random) -> None:
    changed = min(100, size.pending // 100)
    for number in range(changed):
        queue.discard((cycle - 1) * changed + number + 1)
        queue.add(_job(size.pending + cycle * changed + number, size, chance))


def _job(job_id: int, size: Size, chance: random.Random) -> PendingJob:
    name = f"org{chance.randrange(size.organisations):03}"
    tenant = Tenant("universities", name, "main", f"user{chance.randrange(3)}")
    gpus = chance.choice((1, 1, 2, 4, 8, 16, 64))
    request = GpuRequest(gpus, walltime_s=chance.choice((3600, 4 * 3600, 24 * 3600)))
    return PendingJob(job_id, tenant, request, NOON - timedelta(seconds=size.pending - job_id))


def _node(number: int, pools: tuple[Pool, ...]) -> Node:
    return Node(f"n{number:04}", pools[number % len(pools)].name, Amount(8, 128, 2_000_000))


if __name__ == "__main__":
    main()
