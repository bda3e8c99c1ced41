"""The server itself: health, reflection, deadlines, faults of ours, TLS and draining."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from scheduler.rpc.server import SERVICES, build_server, drain
from scheduler.v1 import job_service_pb2 as pb
from scheduler.v1 import tenant_service_pb2
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub
from tests.rpc.world import SCRIPT, TIMEOUT_S, World, a_world, refused

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def health_of(world: World, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(world.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT_S)
    status: int = answer.status
    return status


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_health_needs_no_token_and_knows_each_service(world: World, service: str) -> None:
    assert await health_of(world, service) == SERVING


def reflection_stub(channel: Any) -> Any:
    """Return the stub; its types know no asynchronous channel."""
    return reflection_pb2_grpc.ServerReflectionStub(channel)


async def test_reflection_needs_no_token_and_lists_every_service(world: World) -> None:
    stub = reflection_stub(world.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = [answer async for answer in stub.ServerReflectionInfo(iter([request]))]

    names = {service.name for service in answers[0].list_services_response.service}
    assert names >= {*SERVICES, "grpc.health.v1.Health"}


async def test_draining_lets_a_running_call_finish_and_takes_no_new_one(world: World) -> None:
    health: Any = health_pb2_grpc.HealthStub(world.channel)
    watch = health.Watch(health_pb2.HealthCheckRequest(service=""), timeout=TIMEOUT_S)
    assert (await watch.read()).status == SERVING
    request = pb.BatchSubmitJobsRequest(requests=[pb.SubmitJobRequest(script=SCRIPT)] * 50)
    running = asyncio.ensure_future(
        world.jobs.BatchSubmitJobs(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)
    )
    await world.jobs.ListJobs(pb.ListJobsRequest(), metadata=world.by("aigerim"))
    stopping = asyncio.create_task(drain(world.server, 5))

    assert (await watch.read()).status == NOT_SERVING
    watch.cancel()
    assert len((await running).results) == 50
    await stopping
    late = world.jobs.SubmitJob(pb.SubmitJobRequest(script=SCRIPT), metadata=world.by("aigerim"))
    assert (await refused(late)).code is grpc.StatusCode.UNAVAILABLE


async def test_a_draining_service_says_so_and_when_to_come_again(world: World) -> None:
    await world.server.service.drain()
    request = pb.SubmitJobRequest(script=SCRIPT)
    refusal = await refused(world.jobs.SubmitJob(request, metadata=world.by("aigerim")))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert refusal.retry_after_s == 1
    assert world.store.pending() == ()


class BrokenClock:
    """A clock that fails in a way nobody foresaw."""

    def now(self) -> datetime:
        raise ZeroDivisionError("the secret inside")


async def test_an_unforeseen_fault_is_internal_with_an_id_and_no_inside() -> None:
    async with a_world(BrokenClock()) as world:
        request = pb.SubmitJobRequest(script=SCRIPT)
        refusal = await refused(world.jobs.SubmitJob(request, metadata=world.by("aigerim")))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert refusal.metadata["error_id"] in refusal.message
    assert "secret" not in refusal.message


async def test_a_method_that_does_not_exist_is_unimplemented(world: World) -> None:
    call = world.channel.unary_unary(
        "/scheduler.v1.JobService/StealJob",
        request_serializer=pb.GetJobRequest.SerializeToString,
        response_deserializer=pb.GetJobResponse.FromString,
    )
    refusal = await refused(call(pb.GetJobRequest(), timeout=TIMEOUT_S))

    assert refusal.code is grpc.StatusCode.UNIMPLEMENTED


async def test_a_port_that_is_taken_is_an_error_and_not_shared(world: World) -> None:
    with pytest.raises(RuntimeError):
        build_server(world.server.service, f"127.0.0.1:{world.server.port}")


async def test_with_a_certificate_it_speaks_only_tls(world: World, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    subprocess.run([*command, *files, *subject], check=True, capture_output=True)
    server = build_server(world.server.service, "localhost:0", (certificate, key))
    await server.start()
    trusted = grpc.ssl_channel_credentials(certificate.read_bytes())
    request = tenant_service_pb2.WhoAmIRequest()

    async with grpc.aio.secure_channel(f"localhost:{server.port}", trusted) as channel:
        answer = await TenantServiceStub(channel).WhoAmI(request, metadata=world.by("alua"))
    async with grpc.aio.insecure_channel(f"localhost:{server.port}") as channel:
        plain = await refused(TenantServiceStub(channel).WhoAmI(request, metadata=world.by("alua")))

    assert answer.user.user_id == "alua"
    assert plain.code is grpc.StatusCode.UNAVAILABLE
    await server.grpc_server.stop(0)
