"""Which service to talk to and as whom: contexts, and what takes precedence over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from scheduler.cli.errors import CliError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.texts import said

DEFAULT_PORT = 7443
CONTEXT_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+)(:(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Context:
    """One service and one user of it. `tls_ca` names a file; empty means plain text."""

    server: str = ""
    token: str = ""
    tls_ca: str = ""
    insecure: bool = False

    def reachable(self) -> Context:
        """Return the context with its server completed by a port.

        Raises CliError where a token would travel over a network in clear text.
        """
        context = replace(self, server=_with_port(self.server))
        if not (context.tls_ca or context.insecure or is_loopback(context.server)):
            raise usage_error(
                said(
                    "{server} is another machine, and your token would travel there in clear "
                    "text\nGive --tls-ca FILE (public certificates: "
                    "/etc/ssl/certs/ca-certificates.crt), or --insecure if the network is yours "
                    "alone.",
                    server=context.server,
                )
            )
        return context

    def checked(self) -> Context:
        """Return a context that calls can be made with. Raises CliError."""
        context = self.reachable()
        if not context.token:
            raise CliError(
                said(
                    "no token for {server}\nLog in with `tendik login --server {server}`, or set "
                    "TENDIK_TOKEN.",
                    server=context.server,
                ),
                ExitCode.NOT_PERMITTED,
            )
        return replace(context, token=checked_token(context.token))


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line says about the connection; empty: nothing."""

    server: str = ""
    context: str = ""
    token: str = ""
    tls_ca: str = ""
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """The contexts that `login` stored, and the one in use."""

    current: str = ""
    contexts: Mapping[str, Context] = field(default_factory=dict)

    def named(self, name: str) -> Context:
        """Return the context. Raises CliError when there is none of that name."""
        if name not in self.contexts:
            known = ", ".join(sorted(self.contexts)) or said("none yet; see `tendik login`")
            raise CliError(
                said("no context {name!r}; known: {known}", name=name, known=known),
                ExitCode.NOT_FOUND,
            )
        return self.contexts[name]


def resolve(flags: Flags, environ: Mapping[str, str], config: Config) -> Context:
    """Return the context that holds now: flags before the environment before the file.

    A stored token goes only to the server that it was stored with.
    """
    # A context named by a flag is meant whole: the environment's server and token give way.
    env = {} if flags.context else environ
    name = flags.context or env.get("TENDIK_CONTEXT") or config.current
    stored = config.named(name) if name else Context()
    server = flags.server or env.get("TENDIK_SERVER") or stored.server
    if not server:
        raise usage_error(
            said(
                "no service is set\nLog in with `tendik login --server HOST:PORT`, or set "
                "TENDIK_SERVER and TENDIK_TOKEN."
            )
        )
    base = stored if _with_port(server) == stored.server else Context(server)
    return replace(
        base,
        token=flags.token or env.get("TENDIK_TOKEN") or base.token,
        tls_ca=flags.tls_ca or env.get("TENDIK_TLS_CA") or base.tls_ca,
        insecure=flags.insecure or base.insecure,
    )


def is_loopback(server: str) -> bool:
    """Say whether the server is reached without leaving this machine."""
    host = server.rpartition(":")[0].strip("[]")
    if server.startswith("unix:") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def checked_token(token: str) -> str:
    """Return the token without surrounding space. Raises CliError for what cannot be one."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise usage_error(said("that is no token: a token is one word of letters, digits, - and _"))
    return token


def checked_context_name(name: str) -> str:
    if not CONTEXT_NAME.fullmatch(name):
        raise usage_error(
            said("a context's name has only letters, digits, - and _, not {name!r}", name=name)
        )
    return name


def _with_port(server: str) -> str:
    if server.startswith("unix:"):
        return server
    match = ADDRESS.fullmatch(server)
    if match is None or int(match["port"] or 0) > 65535:
        raise usage_error(
            said(
                "{server!r} is no address; write HOST:PORT, e.g. tendik.example:7443", server=server
            )
        )
    return f"{match['host']}:{match['port'] or DEFAULT_PORT}"
