"""The engine's thread: reconcile, then decide, once per interval, until told to stop."""

from __future__ import annotations

import threading

import structlog

from scheduler.engine.adoption import adopt_what_runs
from scheduler.engine.cycle import run_cycle
from scheduler.engine.dispatch import dispatch
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.recall import Recaller
from scheduler.engine.reconcile import Reconciler
from scheduler.engine.snapshots import UsageMemory
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable, StoreUnavailable

log = structlog.get_logger()


class Engine:
    """Owns what the engine remembers between ticks; `tick` may be driven by hand in tests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.live = LiveJobs(world.store, world.clock)
        self._reconciler = Reconciler(world, self.live)
        self._recaller = Recaller(world)
        self.usage = UsageMemory(world)
        self._has_caught_up = False

    def tick(self) -> None:
        """Reconcile, retry what is overdue, run one cycle, and carry its recalls on.

        The first one adopts what a restored database does not know. Raises BackendUnavailable,
        StoreUnavailable; the next tick simply tries again.
        """
        if not self._has_caught_up:
            adopt_what_runs(self._world)
            self._has_caught_up = True
        reconciled = self._reconciler.reconcile()
        self.usage.add(reconciled.moved)
        if reconciled.requeued:
            self.usage.forget()
        self._world.view.backend_answered(reconciled.cluster)
        self._world.tell_backend(up=True)
        dispatch(self._world, reconciled.cluster, self._reconciler.overdue())
        run_cycle(self._world, reconciled.cluster, self.usage, self.live)
        self._recaller.go_on()

    def careful_tick(self) -> bool:
        """Tick, and turn every failure into a log line; say whether the tick went through."""
        try:
            self.tick()
        except BackendUnavailable as error:
            self._world.view.backend_failed()
            self._world.tell_backend(up=False)
            log.warning("backend_unavailable", error=str(error))
        except StoreUnavailable as error:
            # What answers next may be a backup or a replica that never had the newest events.
            self.live.forget()
            log.warning("store_unavailable", error=str(error))
        except Exception:
            # A fault in one tick must not end the service: the next one reads everything anew.
            self.live.forget()
            log.exception("tick_failed")
        else:
            return True
        return False


class EngineThread:
    """Runs an engine beside the event loop, in a thread that never holds the process back."""

    def __init__(self, engine: Engine, interval_s: float) -> None:
        self._engine = engine
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience_s: float) -> bool:
        """Begin no more ticks, wait for the running one, and say whether it ended in time."""
        self._stopping.set()
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._engine.careful_tick()
            self._stopping.wait(self._interval_s)
