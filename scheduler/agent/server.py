"""The agent's server: a Unix socket with its mode, or mutual TLS, and few calls at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

from scheduler.agent.address import Address, TlsFiles, UnixSocket
from scheduler.agent.kept_socket import kept_folder, open_to_group
from scheduler.agent.servicer import READS_AT_ONCE, AgentServicer
from scheduler.agent.v1 import agent_service_pb2_grpc
from scheduler.agent.vocabulary import PING_EVERY_MS, SIZES
from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import said

# One call has its turn; the others wait in threads, and the greeting never does. Neither do those
# that read users' files.
THREADS = 8 + READS_AT_ONCE
OPTIONS = (
    *SIZES,
    ("grpc.so_reuseport", 0),
    # Pings come while a call waits for Slurm: that is what they are for.
    ("grpc.http2.min_ping_interval_without_data_ms", PING_EVERY_MS // 2),
    ("grpc.http2.max_ping_strikes", 0),
)


@contextmanager
def serving(
    servicer: AgentServicer, address: Address, group: str = "", tls: TlsFiles | None = None
) -> Iterator[grpc.Server]:
    """Serve at the address for the length of the block; then no call begins any more.

    Raises InvalidRequest for an address that cannot be had, OSError for a file that cannot be read.
    """
    server = grpc.server(
        ThreadPoolExecutor(THREADS), options=OPTIONS, maximum_concurrent_rpcs=THREADS
    )
    agent_service_pb2_grpc.add_AgentServiceServicer_to_server(servicer, server)
    if isinstance(address, UnixSocket):
        with kept_folder(address.path, group):
            _bind(address, lambda: server.add_insecure_port(str(address)))
            open_to_group(address.path, group)
            with _started(server):
                yield server
        return
    credentials = _mutual(tls)
    _bind(address, lambda: server.add_secure_port(address.host_and_port, credentials))
    with _started(server):
        yield server


@contextmanager
def _started(server: grpc.Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop(None)


def _bind(address: Address, bind: Callable[[], int]) -> None:
    umask = os.umask(0o077)
    try:
        bind()
    except RuntimeError as error:
        raise InvalidRequest(
            Violation(
                "listen",
                said(
                    "{address} cannot be had: {error}; name another", address=address, error=error
                ),
            )
        ) from error
    finally:
        os.umask(umask)


def _mutual(tls: TlsFiles | None) -> grpc.ServerCredentials:
    if tls is None:
        message = said("TLS needs the files of a certificate, its key and the callers' authority")
        raise InvalidRequest(Violation("listen", message))
    return grpc.ssl_server_credentials(
        [(tls.key.read_bytes(), tls.certificate.read_bytes())],
        root_certificates=tls.authority.read_bytes(),
        require_client_auth=True,
    )
