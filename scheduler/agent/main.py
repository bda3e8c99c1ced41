"""The program behind `tendik agent`: opens a cluster's backend and serves it to the service.

Run as `python -m scheduler.agent`. It keeps nothing, so it may be ended at any moment.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread

import click
import structlog

from scheduler.agent.address import Address, TlsAddress, TlsFiles, address_of
from scheduler.agent.server import serving
from scheduler.agent.servicer import AgentServicer, Identity
from scheduler.agent.turns import Turns
from scheduler.agent.vocabulary import own_version
from scheduler.backend.choose import open_backend, open_output
from scheduler.clock import SystemClock
from scheduler.errors import InvalidRequest, TendikError, Violation
from scheduler.journal import log_as_json
from scheduler.languages import language_of, words
from scheduler.languages.programs import helped, let_click_speak
from scheduler.texts import said, said_by

log = structlog.get_logger()
A_FILE = click.Path(path_type=Path)
# Asked for once at the start, so that what is missing is said then.
NO_INSTALLATION = "00000000"
# A call under way when the agent is told to stop; what it does not finish is done again.
DRAIN_S = 15.0
# sysexits.h: a temporary failure; systemd starts the agent anew.
STUCK_STATUS = 75


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen, and for whom."""

    address: Address
    group: str
    tls: TlsFiles | None


def run() -> None:
    """Run the program in the language of whoever starts it."""
    to = language_of(os.environ)
    let_click_speak(to)
    helped(main, to)(prog_name="tendik agent")


@click.command()
@click.option("--listen", required=True, help="unix:/PATH, or tls:HOST:PORT.")
@click.option(
    "--backend", default="slurm", show_default=True, help="slurm, slurm-cli, slurm-pyslurm."
)
@click.option("--group", default="", help="Who may connect to the socket besides us.")
@click.option(
    "--tls",
    type=(A_FILE, A_FILE, A_FILE),
    metavar="CA CERT KEY",
    help="Of the callers, of ours, and its key; for tls:.",
)
@click.option("--parent", type=int, default=-1, hidden=True)
def main(
    listen: str, backend: str, group: str, tls: tuple[Path, Path, Path] | None, parent: int
) -> None:
    """Serve the cluster to Tendik's service until SIGTERM; needs root, as jobs run as others."""
    log_as_json("info")
    told = Told(Connection(parent) if parent >= 0 else None)
    try:
        place = place_of(listen, group, tls)
        serve(backend, place, told)
    except (TendikError, OSError) as error:
        told.say(str(error))
        sentence = said_by(error).in_words(words(language_of(os.environ)))
        click.echo(f"tendik agent: {sentence}", err=True)
        sys.exit(1)
    # A call that hangs in a thread must not keep the process.
    os._exit(0)


class Told:
    """Waits for the end: a signal, or the death of the parent that this agent belongs to."""

    def __init__(self, parent: Connection | None) -> None:
        self._parent = parent
        self._event = Event()
        self.drain_s = DRAIN_S
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._event.set())
        if parent is not None:
            Thread(target=self._follow, args=(parent,), daemon=True).start()

    def say(self, complaint: str) -> None:
        """Tell the parent why there is no agent; an empty text says that there is one."""
        if self._parent is not None:
            with suppress(OSError):
                self._parent.send(complaint)

    def wait(self) -> None:
        self._event.wait()

    def _follow(self, parent: Connection) -> None:
        """Without its parent an agent does no more: another one may have begun already."""
        with suppress(EOFError, OSError):
            parent.recv()
        self.drain_s = 0.0
        self._event.set()


def place_of(listen: str, group: str, tls: tuple[Path, Path, Path] | None) -> Place:
    """Raises InvalidRequest naming the option that is wrong, missing or of no use."""
    address = address_of(listen)
    if isinstance(address, TlsAddress):
        if tls is None:
            raise InvalidRequest(
                Violation("--tls", said("is missing: name the CA, certificate and key"))
            )
        if group:
            raise InvalidRequest(
                Violation("--group", said("is for a Unix socket; certificates say who"))
            )
        return Place(address, group, TlsFiles(*tls))
    if tls is not None:
        raise InvalidRequest(
            Violation("--tls", said("is for tls:HOST:PORT; a Unix socket needs none"))
        )
    return Place(address, group, None)


def serve(backend: str, place: Place, told: Told) -> None:
    """Serve until told to stop. Raises TendikError, OSError naming what is missing."""
    clock = SystemClock()
    first = open_backend(backend, clock, NO_INSTALLATION)
    identity = Identity(own_version(), secrets.token_hex(8), first.name)
    first.close()
    turns = Turns(partial(open_backend, identity.backend, clock), give_up)
    servicer = AgentServicer(identity, turns, open_output(identity.backend))
    with serving(servicer, place.address, place.group, place.tls) as server:
        log.info("agent_serving", address=str(place.address), backend=identity.backend)
        told.say("")
        told.wait()
        log.info("agent_stopping")
        server.stop(told.drain_s).wait(told.drain_s)


def give_up() -> None:
    """End the process, because a call in it does not end."""
    log.critical("agent_stuck", mend="it ends, to be started anew")
    os._exit(STUCK_STATUS)
