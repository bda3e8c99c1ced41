"""A channel to an agent, once it is known that nobody else can be at its other end."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from scheduler.agent.address import Address, TlsFiles, UnixSocket
from scheduler.agent.trust import check_socket
from scheduler.agent.vocabulary import PING_EVERY_MS, PING_LIMIT_MS, SIZES
from scheduler.errors import BackendUnavailable
from scheduler.texts import said

OPTIONS = (
    *SIZES,
    ("grpc.keepalive_time_ms", PING_EVERY_MS),
    ("grpc.keepalive_timeout_ms", PING_LIMIT_MS),
    ("grpc.http2.ping_timeout_ms", PING_LIMIT_MS),
    # A proxy of the environment has no business between the service and its agent.
    ("grpc.enable_http_proxy", 0),
    # Two channels to one address would share a connection, and its state of failure.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True, slots=True)
class Way:
    """How an agent is reached; `tls` goes with a TLS address."""

    address: Address
    tls: TlsFiles | None = None

    def open(self) -> grpc.Channel:
        """Return a channel that connects when it is first used.

        Raises BackendUnavailable naming what is missing, or who else is there.
        """
        if isinstance(self.address, UnixSocket):
            check_socket(self.address.path)
            return grpc.insecure_channel(str(self.address), OPTIONS)
        try:
            return grpc.secure_channel(self.address.host_and_port, self._credentials(), OPTIONS)
        except OSError as error:
            raise BackendUnavailable(
                said("no way to the agent at {address}: {error}", address=self.address, error=error)
            ) from error

    def _credentials(self) -> grpc.ChannelCredentials:
        if self.tls is None:
            raise BackendUnavailable(
                said("no certificate to show to the agent at {address}", address=self.address)
            )
        return grpc.ssl_channel_credentials(
            root_certificates=self.tls.authority.read_bytes(),
            private_key=self.tls.key.read_bytes(),
            certificate_chain=self.tls.certificate.read_bytes(),
        )
