"""The engine beside the serving process: in a process of its own, or in a thread of this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scheduler.config import Settings
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.receipts import KeptReceipt, ReceiptHead
from scheduler.engine_limits import receipt_bounds, tick_patience_s
from scheduler.engine_process import EngineProcess
from scheduler.ports import ReceiptReader, Store, ViewReader
from scheduler.receipts.folder import ReceiptFolder
from scheduler.replica import Replica


@dataclass(frozen=True, slots=True)
class Beside:
    """What the serving process sees of the engine, wherever it runs.

    `agent` tells the address of its agent, which changes when the engine is begun anew.
    """

    view: ViewReader
    receipts: ReceiptReader
    agent: Callable[[], str]


@contextmanager
def engine_beside(
    settings: Settings, store: Store, policy: PolicyVersion, replica: Replica
) -> Iterator[Beside]:
    """Run the engine for the length of the block; at the end its running tick ends.

    Raises RuntimeError, OSError, BackendUnavailable naming what keeps it from starting.
    """
    run = _in_thread if settings.engine_in_thread else _in_process
    with run(settings, store, policy, replica) as beside:
        yield beside


@contextmanager
def _in_thread(
    settings: Settings, store: Store, policy: PolicyVersion, replica: Replica
) -> Iterator[Beside]:
    # Imported here because it loads the solver, which takes as long as all the rest of a start.
    from scheduler.engine_room import engine_room, exported, ticking  # noqa: PLC0415

    with (
        engine_room(settings, store, policy, replica.name) as room,
        exported(settings, room) as world,
        ticking(settings, world),
    ):
        yield Beside(world.view, room.receipts, lambda: room.agent)


@contextmanager
def _in_process(
    settings: Settings, store: Store, policy: PolicyVersion, replica: Replica
) -> Iterator[Beside]:
    """The child reads the policy from the store, and makes the folder of the receipts."""
    del policy
    with EngineProcess(tick_patience_s(settings), replica) as process:
        folder = settings.receipts_of(store.installation())
        receipts = _Receipts(process, ReceiptFolder(folder, receipt_bounds(settings)))
        yield Beside(process, receipts, process.agent)


@dataclass(frozen=True, slots=True)
class _Receipts:
    """Fulfils `ports.ReceiptReader` where another process writes."""

    process: EngineProcess
    folder: ReceiptFolder

    def head(self) -> ReceiptHead:
        return self.process.receipt_head()

    def find(self, cycle: int) -> KeptReceipt:
        return self.folder.find(cycle)
