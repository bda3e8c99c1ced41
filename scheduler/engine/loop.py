"""The engine's thread: reconcile, then decide, once per interval, until told to stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from scheduler.engine.adoption import adopt_what_runs
from scheduler.engine.confirming import Confirmer
from scheduler.engine.cycle import run_cycle
from scheduler.engine.dependents import settle_dependencies
from scheduler.engine.dispatch import dispatch
from scheduler.engine.endings import Departures
from scheduler.engine.following import Follower
from scheduler.engine.grants import GrantClerk
from scheduler.engine.leadership import ALONE, Leadership, LedBackend
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.measuring import Measurer
from scheduler.engine.recall import Recaller
from scheduler.engine.reconcile import Reconciler
from scheduler.engine.snapshots import UsageMemory
from scheduler.engine.world import World
from scheduler.errors import BackendUnavailable, NotLeading, StoreUnavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Term:
    """What an engine remembers for as long as it leads without a break."""

    epoch: int
    reconciler: Reconciler
    departures: Departures
    recaller: Recaller
    measurer: Measurer
    clerks: tuple[GrantClerk, Confirmer]


class Engine:
    """Owns what the engine remembers between ticks; `tick` may be driven by hand in tests."""

    def __init__(self, world: World) -> None:
        self._world = replace(world, backend=LedBackend(world.backend, world.leadership))
        self.live = LiveJobs(world.store, world.clock)
        self.usage = UsageMemory(world)
        self._follower = Follower(self._world, self.live, self.usage)
        self._term: _Term | None = None

    def tick(self) -> None:
        """Reconcile, retry what is overdue, settle dependencies and departures, run one cycle.

        Where another engine leads, only look. Raises BackendUnavailable, StoreUnavailable and
        NotLeading; the next tick simply tries again.
        """
        if not self._world.leadership.lead():
            self._world.view.follows()
            self._follower.follow()
            return
        term = self._term_of(self._world.leadership.demand())
        self._world.view.leads(term.epoch)
        reconciled = term.reconciler.reconcile()
        self.usage.add(reconciled.moved)
        if reconciled.requeued:
            self.usage.forget()
        self._world.view.backend_answered(reconciled.cluster)
        self._world.tell_backend(up=True)
        dispatch(self._world, reconciled.cluster, term.reconciler.overdue())
        settle_dependencies(self._world, self.live.dependents)
        term.departures.go_on()
        run_cycle(self._world, reconciled.cluster, self.usage, self.live)
        term.recaller.go_on()
        term.measurer.go_on(reconciled.moved)
        for clerk in term.clerks:
            clerk.go_on()

    def _term_of(self, epoch: int) -> _Term:
        """Return the term; a new one begins by reading everything anew, whatever was known.

        And by adopting what a restored database does not know: until then there is no term.
        """
        if self._term is None or self._term.epoch != epoch:
            self.live.forget()
            self.usage.forget()
            adopt_what_runs(self._world)
            log.info("leads", epoch=epoch)
            reconciler = Reconciler(self._world, self.live)
            recaller, measurer = Recaller(self._world), Measurer(self._world)
            departures = Departures(self._world, self.live)
            clerks = GrantClerk(self._world), Confirmer(self._world)
            self._term = _Term(epoch, reconciler, departures, recaller, measurer, clerks)
        return self._term

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
        except NotLeading as error:
            self.live.forget()
            log.warning("not_leading", error=str(error))
        except Exception:
            # A fault in one tick must not end the service: the next one reads everything anew.
            self.live.forget()
            log.exception("tick_failed")
        else:
            return True
        self._show_who_leads()
        return False

    def _show_who_leads(self) -> None:
        """A tick that failed may have come to its end without a term."""
        try:
            self._world.view.leads(self._world.leadership.demand())
        except NotLeading:
            self._world.view.follows()


class EngineThread:
    """Runs an engine beside the event loop, in a thread that never holds the process back.

    A second thread renews the lease, because a tick may take longer than one: the solver takes its
    time, and Slurm may answer late.
    """

    def __init__(self, engine: Engine, interval_s: float, leadership: Leadership = ALONE) -> None:
        self._engine = engine
        self._interval_s = interval_s
        self._leadership = leadership
        self._stopping = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._renewer = threading.Thread(target=self._renew, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._renewer.start()

    def stop(self, patience_s: float) -> bool:
        """Begin no more ticks, wait for the running one, and say whether it ended in time.

        Then another replica may lead at once. A tick that has not ended may still act: its lease
        is not given up, and lapses.
        """
        self._stopping.set()
        self._thread.join(patience_s)
        self._stopped.set()
        if self._thread.is_alive():
            return False
        with suppress(StoreUnavailable):
            self._leadership.give_up()
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._engine.careful_tick()
            self._stopping.wait(self._interval_s)

    def _renew(self) -> None:
        while not self._stopped.wait(self._leadership.renew_every_s):
            try:
                self._leadership.renew()
            except StoreUnavailable as error:
                log.warning("lease_not_renewed", error=str(error))
