"""Engines that can die and stop anywhere between two calls, and begin anew."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from scheduler.backend.programs import SlurmPrograms
from scheduler.backend.slurm_cli import SlurmCliBackend
from scheduler.clock import ManualClock
from scheduler.domain.history.facts import FactKind
from scheduler.engine.leadership import Leased
from scheduler.engine.loop import Engine
from scheduler.engine.world import Patience, World
from scheduler.errors import BackendUnavailable, NotLeading, StoreUnavailable
from scheduler.ports import Allocator, Store
from scheduler.simulation.faulty_slurm.programs import FaultyPrograms
from scheduler.simulation.proof.interruptions import Interruption, moment_of
from scheduler.simulation.proof.ports import Died, Interposed
from scheduler.simulation.proof.recorder import Recorder
from scheduler.texts import Said
from scheduler.view import LatestView

PATIENCE = Patience(resubmit_after_s=15, lost_after_s=60, confirm_after_s=10)
LEASE_S = 30.0
WRITES = frozenset({"add_jobs", "request_cancel", "request_requeue", "record_cycle", "apply"})


@dataclass(frozen=True, slots=True)
class Site:
    """What all replicas share."""

    store: Store
    programs: FaultyPrograms
    clock: ManualClock
    allocate: Allocator
    recorder: Recorder
    random: Random

    def clock_s(self) -> float:
        return self.clock.now().timestamp()


class WatchedEngine(Engine):
    """An engine whose surprises are written down before they become log lines."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        super().__init__(world)
        self._recorder = recorder

    def tick(self) -> None:
        try:
            super().tick()
        except (BackendUnavailable, StoreUnavailable, NotLeading):
            raise
        except Exception as error:
            self._recorder.tell(FactKind.SURPRISED, detail=f"{type(error).__name__}: {error}")
            raise


def epoch_of(call: str, arguments: Sequence[Any]) -> int:
    """Return the epoch with which an engine writes; users write with none."""
    if call == "record_cycle":
        return int(arguments[0].epoch)
    return int(arguments[1]) if call == "apply" and len(arguments) > 1 else 0


class StoreFaults:
    """Lets the store's calls fail, before they did anything or when they are done.

    What became durable is written into the history, answered or not.
    """

    def __init__(self, store: Store, recorder: Recorder) -> None:
        self._store = store
        self._recorder = recorder
        self._before = self._after = 0

    def fail(self, calls: int, when_done: bool) -> None:
        """Let so many of the next calls fail, when their work is done or before."""
        if when_done:
            self._after += calls
        else:
            self._before += calls

    def heal(self) -> None:
        self._before = self._after = 0

    def before(self, port: str, call: str, arguments: Sequence[Any]) -> None:
        if self._before:
            self._before -= 1
            raise StoreUnavailable(Said(f"{port} is away, asked for {call}"))
        self._recorder.epoch = epoch_of(call, arguments)

    def after(self, port: str, call: str, answer: Any) -> None:
        if call in WRITES:
            self._recorder.read_events(self._store)
        if call == "take_lease" and answer is not None:
            self._recorder.led(answer)
        if self._after:
            self._after -= 1
            raise StoreUnavailable(Said(f"{port} went away during {call}"))


class Replica:
    """One service process: its memory is lost when it dies, the site's is not."""

    def __init__(self, name: str, site: Site) -> None:
        self.name = name
        self._site = site
        self._engine: WatchedEngine | None = None
        self._to_come: list[Interruption] = []
        self._on_return: list[Interruption] = []
        self._leadership: Leased | None = None
        self.is_inside = False

    def interrupt(self, interruption: Interruption) -> None:
        """Let something happen around a call of the replica's."""
        self._to_come.append(interruption)

    def heal(self) -> None:
        """Take back the interruptions that have not happened yet."""
        self._to_come, self._on_return = [], []

    def die(self) -> None:
        """End the process here."""
        raise Died(self.name)

    def tick(self) -> None:
        """Let the engine tick, carefully as the service does; begin a new one where it died."""
        self.is_inside = True
        before, self._site.recorder.by = self._site.recorder.by, self.name
        try:
            if self._engine is None:
                self._engine = self._begun()
            self._engine.careful_tick()
        except (Died, StoreUnavailable):
            self._engine = None
        finally:
            self.is_inside = False
            self._site.recorder.by = before

    def before(self, port: str, call: str, arguments: Sequence[Any]) -> None:
        """Count the call; an interruption comes before it or after it, by chance."""
        del port
        if not self._to_come:
            return
        moment = moment_of(call, arguments)
        due = [one for one in self._to_come if one.is_due(moment)]
        self._to_come = [one for one in self._to_come if one not in due]
        for one in due:
            if self._site.random.random() < 0.5:
                one.what()
            else:
                self._on_return.append(one)

    def after(self, port: str, call: str, answer: Any) -> None:
        """Renew the lease as a second thread would; it stands still where the process does."""
        del call, answer
        due, self._on_return = self._on_return, []
        for one in due:
            one.what()
        if not due and port == "slurm" and self._leadership is not None:
            with suppress(StoreUnavailable):
                self._leadership.renew()

    def _begun(self) -> WatchedEngine:
        """Begin a process: what it remembers is read anew."""
        site = self._site
        store: Store = Interposed(site.store, "store", self)
        programs: SlurmPrograms = Interposed(site.programs, "slurm", self)
        backend = SlurmCliBackend(site.clock, store.installation(), programs=programs)
        self._leadership = Leased(store, self.name, LEASE_S, site.clock_s)
        policy = store.current_policy()
        if policy is None:
            raise StoreUnavailable(Said("no policy was applied"))
        view = LatestView(backend.name, policy)
        world = World(store, backend, site.allocate, site.clock, view, patience=PATIENCE)
        return WatchedEngine(replace(world, leadership=self._leadership), site.recorder)
