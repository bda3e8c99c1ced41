"""Builds the engine with all that only it needs: backend, allocator, receipts and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import structlog

from exporters.serve import new_registry, serve_metrics
from scheduler.agent.address import address_of
from scheduler.agent.channel import Way
from scheduler.agent.client import AgentBackend
from scheduler.agent.own import OwnAgent
from scheduler.backend.simulated import pretended_cluster
from scheduler.clock import SystemClock
from scheduler.config import Settings
from scheduler.deciders import FALLBACK, allocator_of, decider
from scheduler.domain.jobs import TERMINAL
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.receipts import Decider
from scheduler.domain.records import JobQuery
from scheduler.engine.leadership import Leased
from scheduler.engine.loop import Engine, EngineThread
from scheduler.engine.world import Patience, World
from scheduler.engine_limits import receipt_bounds, tick_patience_s
from scheduler.forecast.forecaster import Forecaster
from scheduler.forecast.runtimes import runtimes_of
from scheduler.ports import Backend, Clock, Store
from scheduler.receipts.book import ReceiptBook
from scheduler.view import LatestView

log = structlog.get_logger()

# What runtimes are learnt from at a start; later ones are seen as they end.
NEWEST_ENDED = JobQuery(states=TERMINAL, limit=2000)

# slurmdbd answers for many jobs as it does for one, and nobody looks at once.
MEASURE_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class EngineRoom:
    """What an engine works with, the receipts it keeps, and its agent's address, if it has one."""

    world: World
    receipts: ReceiptBook
    agent: str = ""


@contextmanager
def engine_room(
    settings: Settings, store: Store, policy: PolicyVersion, replica: str
) -> Iterator[EngineRoom]:
    """Open what the engine needs besides the store, to lead under the replica's name.

    Raises BackendUnavailable naming what is missing, OSError when receipts have no folder.
    """
    clock = SystemClock()
    made = decider("cp-sat", time_limit_s=settings.solver_time_limit_s)
    with (
        open_cluster(settings, clock, store.installation()) as backend,
        closing(open_receipts(settings, store.installation(), made)) as receipts,
    ):
        world = World(
            store=store,
            backend=backend,
            allocate=allocator_of(made),
            clock=clock,
            view=LatestView(backend.name, policy),
            patience=patience_of(settings),
            default_mib_per_cpu=settings.default_mib_per_cpu,
            fallback=FALLBACK,
            receipts=receipts,
            leadership=Leased(store, replica, settings.lease_s),
            forecast=Forecaster(runtimes_of(store.jobs(NEWEST_ENDED))),
            slurm_accounts=settings.slurm_accounts,
        )
        yield EngineRoom(world, receipts, address_in(backend))


def patience_of(settings: Settings) -> Patience:
    """Return the operator's patience; a simulated cluster forgets nothing, and holds no job."""
    confirm_after_s = settings.confirm_after_s if settings.backend != "simulated" else 0.0
    return Patience(
        settings.resubmit_after_s, settings.lost_after_s, confirm_after_s, MEASURE_EVERY_S
    )


@contextmanager
def open_cluster(settings: Settings, clock: Clock, installation: str) -> Iterator[Backend]:
    """Yield the cluster: behind an agent, but for the simulated one, which is only pretended.

    Raises BackendUnavailable when an agent of our own does not come up; another's may be away.
    """
    if settings.backend == "simulated" and not settings.agent:
        yield pretended_cluster(clock, settings.simulated_shape)
        return
    with (
        _way_to_agent(settings) as way,
        closing(AgentBackend(way, settings.backend, installation)) as backend,
    ):
        yield backend


def address_in(backend: Backend) -> str:
    """Return where the agent of the backend is; an empty text when there is none."""
    return str(backend.address) if isinstance(backend, AgentBackend) else ""


@contextmanager
def _way_to_agent(settings: Settings) -> Iterator[Way]:
    if settings.agent:
        yield Way(address_of(settings.agent), settings.agent_tls)
        return
    with OwnAgent(settings.backend) as agent:
        yield agent.way


def open_receipts(settings: Settings, installation: str, made: Decider) -> ReceiptBook:
    """Return the book of this database's receipts. Raises OSError when it has no folder."""
    return ReceiptBook(settings.receipts_of(installation), made, receipt_bounds(settings))


@contextmanager
def exported(settings: Settings, room: EngineRoom) -> Iterator[World]:
    """Serve metrics, and yield the world that tells them. Raises OSError when the port is taken."""
    world = room.world
    registry, metrics = new_registry(world.view, world.store, room.receipts.head)
    host, _, port = settings.metrics_listen.rpartition(":")
    with closing(serve_metrics(host, int(port), registry)):
        yield replace(world, listeners=(*world.listeners, metrics))


@contextmanager
def ticking(settings: Settings, world: World) -> Iterator[None]:
    """Run the engine in a thread; at the end let the running tick end, and another one lead."""
    thread = EngineThread(Engine(world), settings.cycle_interval_s, world.leadership)
    thread.start()
    try:
        yield
    finally:
        patience_s = tick_patience_s(settings)
        if not thread.stop(patience_s):
            # What it leaves half done is what a crash would leave: the next start mends it.
            log.warning("engine_still_runs", patience_s=patience_s)
