"""RequeueJob as its callers see it."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import JobState, Placement
from scheduler.domain.records import Transition
from scheduler.domain.resources import Amount, Gang
from scheduler.rpc.status import DOMAIN
from scheduler.v1 import job_service_pb2 as pb
from tests.build import POOL, at
from tests.rpc.test_jobs import submitted
from tests.rpc.world import TIMEOUT_S, World
from tests.store.build import decide

PLACE = Placement(POOL, ("n1",), Gang(1, Amount(2, 16, 64 * 1024)))


async def asked(
    world: World, job: pb.Job, who: str = "aigerim", began: Timestamp | None = None
) -> pb.Job:
    request = pb.RequeueJobRequest(name=job.name, start_time=began)
    answer = await world.jobs.RequeueJob(request, metadata=world.by(who), timeout=TIMEOUT_S)
    return answer.job


async def running(world: World) -> pb.Job:
    job = await submitted(world)
    decide(world.store, Start(job.job_id, PLACE))
    begun = Transition(job.job_id, JobState.RUNNING, at(5), slurm_id=7, started_at=at(5))
    world.store.apply([begun])
    answer = await world.jobs.GetJob(
        pb.GetJobRequest(name=job.name), metadata=world.by("aigerim"), timeout=TIMEOUT_S
    )
    return answer.job


async def test_a_running_job_says_that_it_is_to_wait_anew(world: World) -> None:
    job = await running(world)
    assert not job.requeue_requested

    for began in (job.start_time, None):
        answer = await asked(world, job, began=began)
        assert (answer.state, answer.requeue_requested) == (pb.JOB_STATE_RUNNING, True)


async def refusal(world: World, job: pb.Job, **fields: object) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await asked(world, job, **fields)  # type: ignore[arg-type]  # a test says what matters
    return refused.value


async def test_a_waiting_job_is_refused_with_a_reason_and_a_mend(world: World) -> None:
    refused = await refusal(world, await submitted(world))

    assert refused.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "and only what runs is requeued" in str(refused.details())
    metadata = str(refused.trailing_metadata())
    assert "NOT_RUNNING" in metadata
    assert "one that waits will run" in metadata
    assert DOMAIN in metadata


async def test_a_request_for_an_earlier_run_does_not_end_a_later_one(world: World) -> None:
    answer = await asked(world, await running(world), began=Timestamp(seconds=1))

    assert not answer.requeue_requested
    (held,) = world.store.holding()
    assert not held.requeue_requested


async def test_a_moment_that_no_calendar_has_is_refused(world: World) -> None:
    refused = await refusal(world, await running(world), began=Timestamp(seconds=2**60))

    assert refused.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_who_may_not_cancel_a_job_may_not_requeue_it(world: World) -> None:
    job = await running(world)

    assert (await refusal(world, job, who="arman")).code() is grpc.StatusCode.PERMISSION_DENIED
    assert (await refusal(world, job, who="bolat")).code() is grpc.StatusCode.NOT_FOUND
