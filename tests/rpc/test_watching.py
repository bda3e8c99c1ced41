"""WatchJobs: the present state first, then changes, ended where it should end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from scheduler.domain.jobs import JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import Transition
from scheduler.rpc.server import drain
from scheduler.v1 import job_service_pb2 as pb
from tests.build import a_wait, at
from tests.rpc.world import SCRIPT, TIMEOUT_S, Refusal, World, refusal_of
from tests.store.build import decide, start


async def submitted(world: World, who: str = "aigerim") -> pb.Job:
    answer = await world.jobs.SubmitJob(
        pb.SubmitJobRequest(script=SCRIPT), metadata=world.by(who), timeout=TIMEOUT_S
    )
    return answer.jobs[0]


async def cancel(world: World, job: pb.Job, who: str = "aigerim") -> None:
    request = pb.CancelJobRequest(name=job.name)
    await world.jobs.CancelJob(request, metadata=world.by(who), timeout=TIMEOUT_S)


@asynccontextmanager
async def watching(
    world: World, *names: str, who: str = "aigerim"
) -> AsyncIterator[AsyncIterator[pb.Job]]:
    request = pb.WatchJobsRequest(names=names)
    stream = world.jobs.WatchJobs(request, metadata=world.by(who), timeout=TIMEOUT_S)
    try:
        yield (response.job async for response in stream)
    finally:
        stream.cancel()


async def end_of(jobs: AsyncIterator[pb.Job]) -> Refusal:
    """Read to the end, which must be an error."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in jobs:
            pass
    return refusal_of(caught.value)


async def test_a_watch_of_named_jobs_ends_when_all_of_them_have(world: World) -> None:
    first, second = await submitted(world), await submitted(world)
    seen = []
    async with watching(world, first.name, second.name) as jobs:
        async for job in jobs:
            seen.append((job.job_id, job.state))
            if len(seen) == 2:
                await cancel(world, first)
                await cancel(world, second)

    assert sorted(seen[:2]) == [(job.job_id, pb.JOB_STATE_PENDING) for job in (first, second)]
    assert sorted(seen[2:]) == [(job.job_id, pb.JOB_STATE_CANCELLED) for job in (first, second)]


async def test_a_watch_of_ended_jobs_shows_them_once_and_ends(world: World) -> None:
    job = await submitted(world)
    await cancel(world, job)
    async with watching(world, job.name) as jobs:
        assert [shown.state async for shown in jobs] == [pb.JOB_STATE_CANCELLED]


async def test_a_watch_without_names_shows_own_live_jobs_and_new_ones(world: World) -> None:
    old = await submitted(world)
    async with watching(world) as jobs:
        assert (await anext(jobs)).job_id == old.job_id
        await submitted(world, "arman")
        new = await submitted(world)
        assert (await anext(jobs)).job_id == new.job_id


async def test_moves_of_the_engine_are_shown_in_their_order(world: World) -> None:
    job = await submitted(world)
    seen = []
    async with watching(world, job.name) as jobs:
        async for shown in jobs:
            seen.append(shown.state)
            if shown.state == pb.JOB_STATE_PENDING:
                world.store.apply(
                    [Transition(job.job_id, JobState.FAILED, at(9), detail="no such account")]
                )

    assert seen == [pb.JOB_STATE_PENDING, pb.JOB_STATE_FAILED]
    assert shown.outcome == "no such account"


async def test_a_new_reason_to_wait_and_a_wish_to_cancel_are_shown(world: World) -> None:
    job = await submitted(world)
    async with watching(world, job.name) as jobs:
        first = await anext(jobs)
        decide(world.store, a_wait(job.job_id, Reason.FRAGMENTED, "3 + 5 free"))
        second = await anext(jobs)
        start(world.store, world.store.job(job.job_id))
        started = await anext(jobs)
        await cancel(world, job)
        wished = await anext(jobs)

    assert first.waiting.reason == pb.WAIT_REASON_NOT_YET_CONSIDERED
    assert second.waiting.reason == pb.WAIT_REASON_FRAGMENTED
    assert second.waiting.detail == "3 + 5 free"
    assert started.state == wished.state == pb.JOB_STATE_SUBMITTING
    assert (started.cancel_requested, wished.cancel_requested) == (False, True)


async def test_a_foreign_job_cannot_be_watched(world: World) -> None:
    job = await submitted(world)
    async with watching(world, job.name, who="bolat") as jobs:
        assert (await end_of(jobs)).reason == "NOT_FOUND"


async def test_too_many_names_are_refused(world: World) -> None:
    names = [f"jobs/{number}" for number in range(1, 1002)]
    async with watching(world, *names) as jobs:
        assert (await end_of(jobs)).places == ("names",)


async def test_a_store_that_fails_ends_the_watch_so_that_the_client_comes_again(
    world: World,
) -> None:
    await submitted(world)
    async with watching(world) as jobs:
        await anext(jobs)
        world.store.close()
        refusal = await end_of(jobs)

    assert (refusal.code, refusal.retry_after_s) == (grpc.StatusCode.UNAVAILABLE, 1)


async def test_draining_ends_watches_as_unavailable(world: World) -> None:
    await submitted(world)
    async with watching(world) as jobs:
        await anext(jobs)
        stopped = asyncio.create_task(drain(world.server, 5))
        refusal = await end_of(jobs)
        await asyncio.wait_for(stopped, 5)

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
