"""Where an agent is met: a Unix socket of this machine, or mutual TLS beyond it; nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import Said, said

# The kernel's limit for a socket's path.
LONGEST_PATH_BYTES = 107
_HOST_AND_PORT = re.compile(r"[^:\s/]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}")


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A socket in a folder that only those may enter who may use it."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class TlsAddress:
    """A host and a port where both sides show a certificate of one authority."""

    host_and_port: str

    def __str__(self) -> str:
        return f"tls:{self.host_and_port}"


Address = UnixSocket | TlsAddress


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """One's own certificate chain and key, and the authority that the other side's must be of."""

    authority: Path
    certificate: Path
    key: Path


def address_of(text: str) -> Address:
    """Return the address. Raises InvalidRequest: whoever reaches an agent may start jobs."""
    kind, _, rest = text.partition(":")
    if kind == "unix":
        return _socket_at(rest)
    if kind == "tls" and _HOST_AND_PORT.fullmatch(rest):
        return TlsAddress(rest)
    raise _wrong(text, said("write unix:/PATH, or tls:HOST:PORT; an agent speaks no plain TCP"))


def _socket_at(path: str) -> UnixSocket:
    if not path.startswith("/") or path.endswith("/"):
        raise _wrong(
            f"unix:{path}", said("write the socket's whole path: unix:/run/tendik/agent.sock")
        )
    if len(path.encode()) > LONGEST_PATH_BYTES:
        raise _wrong(
            f"unix:{path}",
            said("a socket's path has at most {most} bytes", most=LONGEST_PATH_BYTES),
        )
    return UnixSocket(Path(path))


def _wrong(text: str, mend: Said) -> InvalidRequest:
    return InvalidRequest(
        Violation("agent", said("{text!r} is no address of an agent; {mend}", text=text, mend=mend))
    )
