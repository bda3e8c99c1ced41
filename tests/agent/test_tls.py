"""Beyond its machine an agent answers who shows a certificate of its authority, and nobody else."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from scheduler.agent.address import TlsAddress, TlsFiles
from scheduler.agent.channel import Way
from scheduler.agent.client import AgentBackend
from scheduler.agent.server import serving
from scheduler.agent.servicer import AgentServicer, Identity
from scheduler.agent.turns import Turns
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.agent.v1.agent_service_pb2_grpc import AgentServiceStub
from scheduler.backend.pretended_output import PretendedOutput
from scheduler.backend.simulated import embedded_cluster
from scheduler.clock import ManualClock
from scheduler.errors import BackendUnavailable, InvalidRequest
from tests.agent.certificates import Authority
from tests.agent.rig import nobody_gives_up
from tests.backend.launches import INSTALLATION

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls")).found()


@pytest.fixture(scope="module")
def ours(authority: Authority) -> TlsFiles:
    return authority.files_of("service")


@pytest.fixture(scope="module")
def address(authority: Authority) -> Iterator[TlsAddress]:
    """An agent of the simulated cluster, with a certificate of the authority."""
    servicer = simulated_servicer()
    address = TlsAddress(f"localhost:{free_port()}")
    with serving(servicer, address, tls=authority.files_of("agent")):
        yield address


def simulated_servicer() -> AgentServicer:
    cluster = embedded_cluster(ManualClock())
    return AgentServicer(
        Identity("1.2.3", "run", "simulated"),
        Turns(lambda _: cluster, nobody_gives_up),
        PretendedOutput(),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client(address: TlsAddress, files: TlsFiles | None) -> AgentBackend:
    return AgentBackend(Way(address, files), "simulated", INSTALLATION)


def test_both_sides_know_each_other_by_their_certificates(
    address: TlsAddress, ours: TlsFiles
) -> None:
    assert len(client(address, ours).read(()).nodes) == 8


def test_a_certificate_of_another_authority_is_not_answered(
    address: TlsAddress, ours: TlsFiles, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path, "foreign").found().files_of("service")
    unknown_here = replace(foreign, authority=ours.authority)

    with pytest.raises(BackendUnavailable, match="no agent answers"):
        client(address, unknown_here).read(())


def test_an_agent_of_another_authority_is_not_believed(
    address: TlsAddress, ours: TlsFiles, tmp_path: Path
) -> None:
    foreign = Authority(tmp_path, "foreign").found()

    with pytest.raises(BackendUnavailable, match="no agent answers"):
        client(address, replace(ours, authority=foreign.certificate)).read(())


@pytest.mark.parametrize("secure", [True, False], ids=["TLS without a certificate", "plain TCP"])
def test_who_shows_no_certificate_is_not_answered(
    secure: bool, address: TlsAddress, ours: TlsFiles
) -> None:
    known = grpc.ssl_channel_credentials(ours.authority.read_bytes())
    target = address.host_and_port
    with (
        grpc.secure_channel(target, known) if secure else grpc.insecure_channel(target) as channel,
        pytest.raises(grpc.RpcError),
    ):
        AgentServiceStub(channel).GetAgent(pb.GetAgentRequest(), timeout=5)


def test_a_missing_file_is_named(address: TlsAddress, ours: TlsFiles) -> None:
    with pytest.raises(BackendUnavailable, match=r"no\.crt"):
        client(address, replace(ours, certificate=Path("no.crt"))).read(())


def test_no_agent_listens_on_tcp_without_certificates() -> None:
    with (
        pytest.raises(InvalidRequest, match="TLS needs the files"),
        serving(simulated_servicer(), TlsAddress("localhost:0")),
    ):
        pass
