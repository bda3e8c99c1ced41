"""A whole service in a folder of its own: started as a child process, ended by its id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from scheduler.v1 import (
    cluster_service_pb2_grpc,
    job_service_pb2_grpc,
    policy_service_pb2_grpc,
    tenant_service_pb2,
    tenant_service_pb2_grpc,
)

ROOT = Path(__file__).resolve().parent.parent
START_PATIENCE_S = 120
# A channel that found nobody listening waits longer each time, by seconds: who times a start must
# ask again at once.
ASK_AGAIN_AT_ONCE = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 100),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation with one user, as a workload needs it."""

    organisation: str
    title: str
    tenant_class: str
    user: str
    unix_account: str


class Client:
    """The service's stubs, called in the name of one token."""

    def __init__(self, address: str, token: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self.metadata = (("authorization", f"Bearer {token}"),)
        self.jobs = job_service_pb2_grpc.JobServiceStub(self._channel)
        self.tenants = tenant_service_pb2_grpc.TenantServiceStub(self._channel)
        self.policies = policy_service_pb2_grpc.PolicyServiceStub(self._channel)
        self.cluster = cluster_service_pb2_grpc.ClusterServiceStub(self._channel)

    def close(self) -> None:
        self._channel.close()


@dataclass(frozen=True, slots=True)
class Stack:
    """A running service and the way to it."""

    folder: Path
    address: str
    metrics_address: str
    admin_token: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def client(self, token: str) -> Client:
        return Client(self.address, token)

    def register(self, members: Sequence[Member]) -> dict[str, str]:
        """Create organisations, projects and users; return each user's token by organisation."""
        admin = self.client(self.admin_token)
        try:
            return {member.organisation: _register(admin, member) for member in members}
        finally:
            admin.close()


@contextmanager
def running_service(
    folder: Path, settings: Mapping[str, str], become: Sequence[str] = ()
) -> Iterator[Stack]:
    """Run the service with its data in `folder`; drain it at the end."""
    stack = start_service(folder, settings, become=become)
    try:
        yield stack
    finally:
        stop_service(stack.process)


def start_service(
    folder: Path,
    settings: Mapping[str, str],
    admin_token: str = "",
    become: Sequence[str] = (),
) -> Stack:
    """Start the service on free loopback ports, and wait until it serves.

    A first admin is created, unless the token of one is given: its database is another one's, too.

    `become` is a command that runs another one, as somebody else. Raises RuntimeError with the end
    of its log when it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = _environment(folder, settings)
    token = admin_token or _first_admin(environment, become)
    (folder / "service.log").unlink(missing_ok=True)
    process = _serving(folder, environment, become)
    metrics = environment["TENDIK_METRICS_LISTEN"]
    return Stack(folder, environment["TENDIK_LISTEN"], metrics, token, environment, process)


def start_again(stack: Stack) -> Stack:
    """Start a service that has ended anew: same data, same ports. Raises RuntimeError."""
    return replace(stack, process=_serving(stack.folder, stack.environment))


def stop_service(process: subprocess.Popen[bytes]) -> None:
    """Ask the service to drain, and end it when it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("TENDIK_")},
        "TENDIK_DATABASE_URL": f"sqlite:///{folder / 'tendik.db'}",
        "TENDIK_LISTEN": f"127.0.0.1:{free_port()}",
        "TENDIK_METRICS_LISTEN": f"127.0.0.1:{free_port()}",
        **settings,
    }


def _serving(
    folder: Path, environment: Mapping[str, str], become: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    with (folder / "service.log").open("ab") as log:
        process = subprocess.Popen(
            [*become, _program(), "serve"], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
    _wait_until_serving(environment["TENDIK_LISTEN"], process, folder / "service.log")
    return process


def _program() -> str:
    return str(Path(sys.executable).with_name("tendik-scheduler"))


def _first_admin(environment: Mapping[str, str], become: Sequence[str]) -> str:
    command = [*become, _program(), "init", "--user", "admin"]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"no first admin: {done.stderr.strip()}")
    return done.stdout.strip()


def _wait_until_serving(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    with grpc.insecure_channel(address, options=ASK_AGAIN_AT_ONCE) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if _is_serving(health):
                    return
            except grpc.RpcError:
                time.sleep(0.1)
    process.kill()
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"the service did not come up; its log ends:\n{tail}")


def _is_serving(health: health_pb2_grpc.HealthStub) -> bool:
    answer = health.Check(  # type: ignore[attr-defined]  # left out of the stub package
        health_pb2.HealthCheckRequest(), timeout=1
    )
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _register(admin: Client, member: Member) -> str:
    pb = tenant_service_pb2
    organisation = pb.Organisation(
        organisation_id=member.organisation, title=member.title, tenant_class=member.tenant_class
    )
    project = pb.Project(
        organisation_id=member.organisation, project_id="research", title="Research"
    )
    user = pb.User(
        user_id=member.user,
        organisation_id=member.organisation,
        project_id="research",
        unix_account=member.unix_account,
        role=pb.ROLE_RESEARCHER,
    )
    admin.tenants.CreateOrganisation(
        pb.CreateOrganisationRequest(organisation=organisation), metadata=admin.metadata
    )
    admin.tenants.CreateProject(pb.CreateProjectRequest(project=project), metadata=admin.metadata)
    created = admin.tenants.CreateUser(pb.CreateUserRequest(user=user), metadata=admin.metadata)
    return created.token
