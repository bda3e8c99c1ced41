"""What only coroutines do: many at once on one connection, and giving up in between."""

from __future__ import annotations

import asyncio

import pytest

from scheduler.client import JobState, WrongUse, connect_async
from scheduler.v1.job_service_pb2 import WatchJobsRequest
from tests.cli.service import Service
from tests.cli.world import a_job, an_ended_job


async def test_coroutines_share_a_connection(environ: None, service: Service) -> None:
    service.jobs = [a_job(number) for number in range(1, 21)]

    async with connect_async() as tendik:
        jobs = await asyncio.gather(*map(tendik.job, range(1, 21)))

    assert [job.id for job in jobs] == list(range(1, 21))


async def test_others_go_on_while_one_waits(environ: None, service: Service) -> None:
    service.jobs, service.holds_streams = [a_job()], True

    async with connect_async() as tendik:
        waiting = asyncio.create_task(tendik.wait(1042))
        while not service.of(WatchJobsRequest):
            await asyncio.sleep(0.01)
        job = await tendik.job(1042)
        waiting.cancel()

    assert job.state is JobState.PENDING


async def test_who_waits_as_the_client_is_closed_is_told_so(
    environ: None, service: Service
) -> None:
    service.changes, service.holds_streams = [a_job()], True
    tendik = connect_async()
    waiting = asyncio.create_task(tendik.wait(1042))
    while not service.of(WatchJobsRequest):
        await asyncio.sleep(0.01)

    await tendik.close()

    with pytest.raises(WrongUse, match="closed"):
        await waiting


async def test_who_stops_waiting_is_watched_for_no_more(environ: None, service: Service) -> None:
    service.changes, service.holds_streams = [a_job()], True

    async with connect_async() as tendik:
        for _ in range(8):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(tendik.wait(1042), 0.1)
        # The service has four threads: it would not come to this one.
        service.changes = [an_ended_job(1042)]
        assert (await tendik.wait(1042)).has_ended
