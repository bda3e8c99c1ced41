"""The composition root: reads settings, builds everything, starts it, and stops it in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import closing, nullcontext
from importlib.metadata import version
from pathlib import Path

import click
import structlog
import uvloop

from scheduler.agent.address import address_of
from scheduler.agent.channel import Way
from scheduler.agent.output import AgentOutput
from scheduler.backend.pretended_output import PretendedOutput
from scheduler.bootstrap import create_first_admin, token_kept_in
from scheduler.clock import SystemClock
from scheduler.config import Settings, own_language, read_settings
from scheduler.domain.policies import PolicyVersion
from scheduler.engine_beside import Beside, engine_beside
from scheduler.errors import StaleVersion, TendikError
from scheduler.explainer.explainers import Explainer, explainer_in_process, explainer_in_thread
from scheduler.explainer.opening import Opening
from scheduler.identity import new_token
from scheduler.journal import log_as_json
from scheduler.languages import words
from scheduler.languages.programs import helped, let_click_speak
from scheduler.policy_files import policy_version
from scheduler.ports import Clock, OutputReader, Store
from scheduler.replica import this_replica
from scheduler.rpc.memory import settle_memory
from scheduler.rpc.server import build_server, drain
from scheduler.service import Options, build_service
from scheduler.store.backups.backup import make_backup, restore_backup
from scheduler.store.database import CHECKPOINT_PAGES
from scheduler.store.group_commit import GroupCommit
from scheduler.store.sql import open_store
from scheduler.texts import Said, said, said_by
from scheduler.use_cases.trying import Trying, keep_trying

log = structlog.get_logger()
# The engine's process commits every second and tidies SQLite's log then; only while it is down
# for long must a request's commit do so.
SERVING_CHECKPOINT_PAGES = 10_000
# How long the event loop waits for another thread's Python, 5 ms unless told: as long as a whole
# call takes. Unpacking the engine's news is tens of milliseconds of it.
GIL_TURN_S = 0.001
# Somebody waits for an explanation, which decides several times; few searches take so long.
EXPLAINED_WITHIN_S = 1.0
# A program of its own: the service has no code that touches Slurm.
SLURM_ACCOUNTS = (sys.executable, "-P", "-m", "scheduler.slurm_accounts")
A_FILE = click.Path(path_type=Path)


@click.group(no_args_is_help=True)
def program() -> None:
    """Tendik's service: serve, prepare its database, copy it and bring it back."""


def run() -> None:
    """Run the service's own command; an expected error is one line and exit code 1.

    A taken port is a RuntimeError of gRPC's and an OSError of the exporter's.
    """
    let_click_speak(own_language())
    try:
        helped(program, own_language())(prog_name="tendik-scheduler")
    except (TendikError, OSError, RuntimeError) as error:
        told = said_by(error).in_words(words(own_language()))
        click.echo(f"tendik-scheduler: {told}", err=True)
        sys.exit(1)


@program.command()
def serve() -> None:
    """Serve until SIGTERM or SIGINT; settings come from TENDIK_… variables."""
    settings = read_settings()
    log_as_json(settings.log_level)
    uvloop.run(serve_until_told(settings))


@program.command()
@click.option("--user", default="admin", show_default=True, help="Name of the first cluster admin.")
@click.option(
    "--token-file", type=A_FILE, help="Write the token here (mode 0600), not to the screen."
)
def init(user: str, token_file: Path | None) -> None:
    """Prepare the database and create the first cluster admin."""
    token = new_token()
    with (
        closing(open_store(read_settings().database_url)) as store,
        token_kept_in(token_file, token) if token_file else nullcontext(),
    ):
        create_first_admin(store, user, token, SystemClock().now())
    if token_file is None:
        click.echo(token)
    else:
        _say(
            said("the token of {user} is in {token_file}", user=user, token_file=token_file),
            err=True,
        )


@program.command()
@click.argument("file", type=A_FILE)
def backup(file: Path) -> None:
    """Write a whole, checked copy of the database to a new file; the service may run meanwhile."""
    now = SystemClock().now()
    made = make_backup(read_settings().database_url, file, version("tendik"), now)
    _say(
        said(
            "{file}: installation {installation}, version {version}, {at} UTC",
            file=file,
            installation=made.installation,
            version=made.version,
            at=f"{now:%F %T}",
        )
    )


@program.command()
@click.argument("file", type=A_FILE)
@click.option("--replace", is_flag=True, help="Give up what the database holds now.")
def restore(file: Path, replace: bool) -> None:
    """Make the database what it was when `backup` wrote the file; the service must be stopped.

    At its next start the service adopts what Slurm has run since, before it submits anything.
    """
    now = SystemClock().now()
    done = restore_backup(read_settings().database_url, file, now, replace=replace)
    _say(
        said(
            "installation {installation} is as it was at {at} UTC (version {version}); start the "
            "service: it adopts what Slurm has run since",
            installation=done.installation,
            at=f"{done.taken_at:%F %T}",
            version=done.version,
        )
    )


@program.command("slurm-accounts")
@click.option("--apply", is_flag=True, help="Do it; without this it is only said.")
def slurm_accounts(apply: bool) -> None:
    """Make Slurm's accounts and associations those of the register; run it where sacctmgr is.

    What it did not make is left alone, and nothing is deleted: of who left, submissions to Slurm
    are stopped.
    """
    words = (*SLURM_ACCOUNTS, *(["--apply"] if apply else []))
    os.execv(sys.executable, words)  # noqa: S606 - our own, no shell


def _say(sentence: Said, *, err: bool = False) -> None:
    click.echo(sentence.in_words(words(own_language())), err=err)


async def serve_until_told(settings: Settings) -> None:
    """Start store, engine and server in this order; stop them in the reverse one."""
    pages = CHECKPOINT_PAGES if settings.engine_in_thread else SERVING_CHECKPOINT_PAGES
    with (
        this_replica(settings.database_url) as replica,
        closing(open_store(settings.database_url, checkpoint_pages=pages)) as store,
    ):
        policy = policy_to_start_with(store, settings.policy_file, SystemClock())
        with engine_beside(settings, store, policy, replica) as engine:
            await _serve_requests(settings, store, engine)


def policy_to_start_with(store: Store, file: Path, clock: Clock) -> PolicyVersion:
    """Return the policy in force; a store without one gets the file as its first version.

    Raises InvalidPolicy when the file is wrong, OSError when it cannot be read.
    """
    current = store.current_policy()
    if current is not None:
        return current
    text = file.read_text(encoding="utf-8")
    first = policy_version(text, "tendik-scheduler", clock.now())
    try:
        return store.apply_policy(first, expected=0)
    except StaleVersion:  # another replica starts as well, and was first
        return store.policy_versions()[0]


async def _serve_requests(settings: Settings, store: Store, engine: Beside) -> None:
    writer = GroupCommit(store)
    explainer, trier = explainer_of(settings, store), explainer_of(settings, store)
    trying = Trying(store, engine.view, SystemClock(), trier)
    turns = asyncio.create_task(keep_trying(trying, trier.close, settings.policy_trial_every_s))
    output = output_of(settings, store.installation(), engine)
    try:
        options = Options(engine.receipts, explainer, output, settings.policy_signatures)
        service = build_service(store, writer, engine.view, SystemClock(), options)
        server = build_server(service, settings.listen, tls=_tls(settings))
        await server.start()
        settle_memory()
        sys.setswitchinterval(GIL_TURN_S)
        log.info("serving", address=settings.listen, backend=engine.view.latest().backend)
        await _told_to_stop()
        log.info("draining", grace_s=settings.drain_grace_s)
        await drain(server, settings.drain_grace_s)
    finally:
        turns.cancel()
        trier.close()
        explainer.close()
        await writer.close()


def explainer_of(settings: Settings, store: Store) -> Explainer:
    """Return the explainer, which begins nothing before the first question."""
    limit_s = min(settings.solver_time_limit_s, EXPLAINED_WITHIN_S)
    opening = Opening(settings.database_url, settings.default_mib_per_cpu, limit_s)
    if settings.engine_in_thread:
        return explainer_in_thread(opening, store, SystemClock())
    return explainer_in_process(opening)


def output_of(settings: Settings, installation: str, engine: Beside) -> OutputReader:
    """Return what reads jobs' output: the engine's agent, or a pretence where nothing runs."""
    if settings.backend == "simulated" and not settings.agent:
        return PretendedOutput()

    def way() -> Way:
        return Way(address_of(engine.agent()), settings.agent_tls)

    return AgentOutput(way, settings.backend, installation)


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()


def _tls(settings: Settings) -> tuple[Path, Path] | None:
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return None
    return settings.tls_cert_file, settings.tls_key_file
