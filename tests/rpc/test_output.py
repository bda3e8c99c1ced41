"""ReadJobOutput: one's own output, to its end, in bounds, and nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
import pytest
import pytest_asyncio

from scheduler.domain.jobs import JobState
from scheduler.domain.output import FileProblem, Piece, Wanted
from scheduler.rpc.server import drain
from scheduler.use_cases.output import Bounds
from scheduler.v1 import job_service_pb2 as pb
from tests.build import at
from tests.rpc.test_watching import submitted
from tests.rpc.world import TIMEOUT_S, Refusal, World, a_world, refusal_of
from tests.store.build import move, start

Messages: TypeAlias = "grpc.aio.UnaryStreamCall[pb.ReadJobOutputRequest, pb.ReadJobOutputResponse]"


@dataclass(slots=True)
class Disk:
    """Files by their path, and what was asked of them."""

    files: dict[str, bytes] = field(default_factory=dict)
    problem: FileProblem | None = None
    asked: list[Wanted] = field(default_factory=list)

    def read(self, wanted: Wanted) -> Piece:
        self.asked.append(wanted)
        path = f"/home/{wanted.unix_account}/{wanted.path}"
        if self.problem is not None or path not in self.files:
            return Piece(path, problem=self.problem or FileProblem.MISSING, message="no")
        file = self.files[path]
        data = file[wanted.offset : wanted.offset + wanted.limit_bytes]
        return Piece(path, data, len(file))


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest_asyncio.fixture
async def world(disk: Disk) -> AsyncIterator[World]:
    async with a_world(output=disk) as served:
        yield served


async def a_running_job(world: World) -> pb.Job:
    job = await submitted(world)
    start(world.store, world.store.job(job.job_id))
    move(world.store, world.store.job(job.job_id), JobState.SUBMITTED)
    move(world.store, world.store.job(job.job_id), JobState.RUNNING)
    return job


def end(world: World, job: pb.Job) -> None:
    move(world.store, world.store.job(job.job_id), JobState.COMPLETED, 90)


def output(world: World, job: pb.Job, who: str = "aigerim", **fields: Any) -> Messages:
    request = pb.ReadJobOutputRequest(name=job.name, **fields)
    return world.jobs.ReadJobOutput(request, metadata=world.by(who), timeout=TIMEOUT_S)


async def told(messages: Messages) -> tuple[bytes, list[str]]:
    """Return the data of all messages, and what the others say."""
    data, words = b"", list[str]()
    async for message in messages:
        data += message.data
        if message.status != pb.OUTPUT_STATUS_DATA:
            words.append(pb.OutputStatus.Name(message.status).removeprefix("OUTPUT_STATUS_"))
    return data, words


async def refusal(messages: Messages) -> Refusal:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await told(messages)
    return refusal_of(caught.value)


async def test_an_ended_jobs_file_is_read_as_its_account(world: World, disk: Disk) -> None:
    job = await a_running_job(world)
    end(world, job)
    disk.files[f"/home/aigerim/slurm-{job.job_id}.out"] = b"one\ntwo\nthree\n"

    assert await told(output(world, job)) == (b"one\ntwo\nthree\n", ["READ"])
    assert await told(output(world, job, offset=4)) == (b"two\nthree\n", ["READ"])
    assert await told(output(world, job, tail_lines=1)) == (b"three\n", ["READ"])
    assert await told(output(world, job, offset=99)) == (b"one\ntwo\nthree\n", ["SHORTER", "READ"])
    assert {wanted.unix_account for wanted in disk.asked} == {"aigerim"}


async def test_what_a_followed_job_writes_comes_until_it_has_ended(
    world: World, disk: Disk
) -> None:
    job = await a_running_job(world)
    path = f"/home/aigerim/slurm-{job.job_id}.out"
    reading = asyncio.create_task(told(output(world, job, follow=True)))
    await asyncio.sleep(0.3)
    disk.files[path] = b"first\n"
    await asyncio.sleep(2.5)
    disk.files[path] += b"last\n"
    end(world, job)

    assert await reading == (b"first\nlast\n", ["NO_FILE", "READ"])


async def test_a_job_that_has_not_started_says_so_and_no_file_is_looked_at(
    world: World, disk: Disk
) -> None:
    job = await submitted(world)

    assert await told(output(world, job)) == (b"", ["NOT_STARTED"])
    assert disk.asked == []


async def test_nobody_elses_output_is_read_not_even_by_administrators(
    world: World, disk: Disk
) -> None:
    job = await a_running_job(world)

    for who in ("arman", "alua", "saule", "bolat"):
        assert (await refusal(output(world, job, who))).reason == "NOT_FOUND"
    assert disk.asked == []


async def test_a_file_that_cannot_be_read_is_named(world: World, disk: Disk) -> None:
    job = await a_running_job(world)
    disk.problem = FileProblem.FORBIDDEN

    refused = await refusal(output(world, job))

    assert refused.reason == "OUTPUT_UNREADABLE"
    assert f"/home/aigerim/slurm-{job.job_id}.out: the job's own" in refused.message


async def test_a_user_reads_only_so_many_at_once_and_an_ended_one_makes_room(
    world: World,
) -> None:
    job = await a_running_job(world)
    held = [output(world, job, follow=True) for _ in range(Bounds().streams_of_user)]
    for stream in held:
        await anext(aiter(stream))

    assert (await refusal(output(world, job))).reason == "TOO_MANY_STREAMS"
    held[0].cancel()
    await asyncio.sleep(0.3)
    assert await told(output(world, job)) == (b"", ["NO_FILE"])
    for stream in held:
        stream.cancel()


class Hanging(Disk):
    """A file server that answers nobody until it is back."""

    def __init__(self) -> None:
        super().__init__()
        self.is_back = threading.Event()

    def read(self, wanted: Wanted) -> Piece:
        self.is_back.wait(TIMEOUT_S)
        return super().read(wanted)


async def test_who_drops_a_stream_keeps_its_place_until_its_read_has_ended() -> None:
    disk = Hanging()
    async with a_world(output=disk) as world:
        job = await a_running_job(world)
        for _ in range(Bounds().streams_of_user):
            dropped = asyncio.ensure_future(output(world, job).read())
            await asyncio.sleep(0.2)
            dropped.cancel()

        assert (await refusal(output(world, job))).reason == "TOO_MANY_STREAMS"
        disk.is_back.set()
        await asyncio.sleep(0.3)
        assert await told(output(world, job)) == (b"", ["NO_FILE"])


async def test_a_service_that_stops_ends_the_stream_so_that_it_goes_on_elsewhere(
    world: World,
) -> None:
    job = await a_running_job(world)
    stream = output(world, job, follow=True)
    await anext(aiter(stream))
    stopping = asyncio.create_task(drain(world.server, 5))

    assert (await refusal(stream)).reason == "DRAINING"
    await stopping


@pytest.mark.parametrize("field", ["offset", "tail_lines"])
async def test_a_negative_place_is_refused(world: World, field: str) -> None:
    job = await a_running_job(world)

    wrong: dict[str, Any] = {field: -1}

    assert (await refusal(output(world, job, **wrong))).places == (field,)


async def test_the_output_of_a_requeued_job_is_readable_while_it_waits(
    world: World, disk: Disk
) -> None:
    job = await a_running_job(world)
    path = f"/home/aigerim/slurm-{job.job_id}.out"
    disk.files[path] = b"epoch 1\n"
    world.store.request_requeue(job.job_id, at(70))
    move(world.store, world.store.job(job.job_id), JobState.PENDING, 80)

    data, _ = await told(output(world, job))

    assert data == b"epoch 1\n"
