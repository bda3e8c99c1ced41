"""The composition root: reads settings, builds everything, starts it, and stops it in order."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvloop

from exporters.serve import MetricsServer, new_registry, serve_metrics
from scheduler.backend.choose import open_backend
from scheduler.bootstrap import create_first_admin, token_kept_in
from scheduler.clock import SystemClock
from scheduler.config import Settings, read_settings
from scheduler.deciders import FALLBACK, allocator_of, decider
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.receipts import Decider
from scheduler.engine.loop import Engine, EngineThread
from scheduler.engine.world import Patience, World
from scheduler.errors import TendikError
from scheduler.identity import new_token
from scheduler.policy_files import policy_version
from scheduler.ports import Clock, Store
from scheduler.receipts.book import ReceiptBook
from scheduler.receipts.folder import Bounds
from scheduler.rpc.memory import settle_memory
from scheduler.rpc.server import build_server, drain
from scheduler.service import build_service
from scheduler.store.group_commit import GroupCommit
from scheduler.store.sql import open_store
from scheduler.view import LatestView

log = structlog.get_logger()
# A tick waits for several of Slurm's programs, and for the solver.
TICK_PATIENCE_S = 30.0
app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


def run() -> None:
    """Run the service's own command; an expected error is one line and exit code 1.

    A taken port is a RuntimeError of gRPC's and an OSError of the exporter's.
    """
    try:
        app()
    except (TendikError, OSError, RuntimeError) as error:
        typer.echo(f"tendik-scheduler: {error}", err=True)
        sys.exit(1)


@app.command()
def serve() -> None:
    """Serve until SIGTERM or SIGINT; settings come from TENDIK_… variables."""
    settings = read_settings()
    log_as_json(settings.log_level)
    uvloop.run(serve_until_told(settings))


@app.command()
def init(
    user: Annotated[str, typer.Option(help="Name of the first cluster admin.")] = "admin",
    token_file: Annotated[
        Path | None, typer.Option(help="Write the token here (mode 0600), not to the screen.")
    ] = None,
) -> None:
    """Prepare the database and create the first cluster admin."""
    token = new_token()
    with (
        closing(open_store(read_settings().database_url)) as store,
        token_kept_in(token_file, token) if token_file else nullcontext(),
    ):
        create_first_admin(store, user, token)
    if token_file is None:
        typer.echo(token)
    else:
        typer.echo(f"the token of {user} is in {token_file}", err=True)


def log_as_json(level: str) -> None:
    """Log one JSON object per line to stderr, for the journal."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


async def serve_until_told(settings: Settings) -> None:
    """Start store, engine, exporter and server in this order; stop them in the reverse one."""
    clock = SystemClock()
    made = decider("cp-sat", time_limit_s=settings.solver_time_limit_s)
    with (
        closing(open_store(settings.database_url)) as store,
        closing(open_backend(settings.backend, clock, store.installation())) as backend,
        closing(open_receipts(settings, store.installation(), made)) as receipts,
    ):
        view = LatestView(backend.name, policy_to_start_with(store, settings.policy_file, clock))
        world = World(
            store=store,
            backend=backend,
            allocate=allocator_of(made),
            clock=clock,
            view=view,
            patience=Patience(settings.resubmit_after_s, settings.lost_after_s),
            default_mib_per_cpu=settings.default_mib_per_cpu,
            fallback=FALLBACK,
            receipts=receipts,
        )
        async with _exported_engine(settings, world):
            await _serve_requests(settings, store, view, receipts)


def open_receipts(settings: Settings, installation: str, made: Decider) -> ReceiptBook:
    """Return the book of this database's receipts. Raises OSError when it has no folder."""
    bounds = Bounds(settings.receipts_max, settings.receipts_max_mib, settings.receipts_idle_cycles)
    return ReceiptBook(settings.receipts_of(installation), made, bounds)


def policy_to_start_with(store: Store, file: Path, clock: Clock) -> PolicyVersion:
    """Return the policy in force; a store without one gets the file as its first version.

    Raises InvalidPolicy when the file is wrong, OSError when it cannot be read.
    """
    current = store.current_policy()
    if current is not None:
        return current
    text = file.read_text(encoding="utf-8")
    return store.apply_policy(policy_version(text, "tendik-scheduler", clock.now()), expected=0)


@asynccontextmanager
async def _exported_engine(settings: Settings, unheard: World) -> AsyncIterator[None]:
    registry, metrics = new_registry(unheard.view, unheard.store)
    world = replace(unheard, listeners=(metrics,))
    thread = EngineThread(Engine(world), settings.cycle_interval_s)
    exporter = serve_metrics(*_address(settings.metrics_listen), registry)
    thread.start()
    try:
        yield
    finally:
        await _stopped(thread, exporter, settings.drain_grace_s)


async def _stopped(thread: EngineThread, exporter: MetricsServer, drain_grace_s: float) -> None:
    patience_s = max(drain_grace_s, TICK_PATIENCE_S)
    if not await asyncio.to_thread(thread.stop, patience_s):
        # What it leaves half done is what a crash would leave: the next start mends it.
        log.warning("engine_still_runs", patience_s=patience_s)
    await asyncio.to_thread(exporter.close)


async def _serve_requests(
    settings: Settings, store: Store, view: LatestView, receipts: ReceiptBook
) -> None:
    writer = GroupCommit(store)
    try:
        service = build_service(store, writer, view, SystemClock(), receipts)
        server = build_server(service, settings.listen, tls=_tls(settings))
        await server.start()
        settle_memory()
        log.info("serving", address=settings.listen, backend=view.latest().backend)
        await _told_to_stop()
        log.info("draining", grace_s=settings.drain_grace_s)
        await drain(server, settings.drain_grace_s)
    finally:
        await writer.close()


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _tls(settings: Settings) -> tuple[Path, Path] | None:
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return None
    return settings.tls_cert_file, settings.tls_key_file
