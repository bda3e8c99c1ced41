"""ListPastJobs as cluster admins see it: pages of what everybody handed in."""

from __future__ import annotations

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.domain.requests import GpuRequest, GpusPer, Memory, MemoryPer
from scheduler.rpc.convert.past_jobs import request_message
from scheduler.v1 import policy_service_pb2 as pb
from tests.build import NOON, a_request
from tests.rpc.test_jobs import submitted
from tests.rpc.world import TIMEOUT_S, World, refused
from tests.store.build import run


async def listed(world: World, who: str = "saule", **asked: object) -> pb.ListPastJobsResponse:
    request = pb.ListPastJobsRequest(**asked)  # type: ignore[arg-type]  # fields by name
    return await world.policies.ListPastJobs(request, metadata=world.by(who), timeout=TIMEOUT_S)


async def test_everybodys_jobs_are_told_in_pages_oldest_first(world: World) -> None:
    first, second = await submitted(world), await submitted(world)
    run(world.store, world.store.job(first.job_id), begins=100, ends=400)

    page = await listed(world, page_size=1)
    rest = await listed(world, page_size=1, page_token=page.next_page_token)

    (told,) = page.jobs
    assert [told.job_id, *(job.job_id for job in rest.jobs)] == [first.job_id, second.job_id]
    assert (told.organisation, told.user, told.request.gpus) == ("steppe", "aigerim", 2)
    assert told.request.walltime_seconds == 3600
    assert told.end_time.seconds - told.start_time.seconds == 300
    assert not rest.jobs[0].HasField("end_time")
    assert rest.next_page_token == ""
    assert page.history_start_time == first.submit_time


async def test_what_ended_before_is_left_out(world: World) -> None:
    job = await submitted(world)
    run(world.store, world.store.job(job.job_id), begins=100, ends=400)
    since = Timestamp(seconds=int(NOON.timestamp()) + 401)

    assert list((await listed(world, since_time=since)).jobs) == []


async def test_no_history_has_no_beginning(world: World) -> None:
    answer = await listed(world)

    assert not answer.jobs
    assert not answer.HasField("history_start_time")


async def test_it_is_for_cluster_admins(world: World) -> None:
    refusal = await refused(listed(world, "alua"))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED")


async def test_a_page_that_was_not_given_out_is_refused(world: World) -> None:
    for asked in ({"page_token": "nonsense"}, {"page_size": -1}):
        refusal = await refused(listed(world, **asked))
        assert (refusal.code, refusal.reason) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_REQUEST",
        )


def test_all_of_a_request_is_told() -> None:
    asked = GpuRequest(
        *(4, GpusPer.NODE, 2, 16, 8, 6, Memory(8192, MemoryPer.GPU), 7200, "h200"),
        partitions=("alem", "bura"),
        constraint=(frozenset({"nvlink", "big"}), frozenset({"new"})),
    )

    assert request_message(asked) == pb.PastRequest(
        gpus=4,
        gpus_per_node=True,
        nodes=2,
        tasks=16,
        tasks_per_node=8,
        cpus_per_task=6,
        memory_mib=8192,
        memory_per="gpu",
        walltime_seconds=7200,
        gpu_type="h200",
        partitions=["alem", "bura"],
        constraint=[pb.FeatureSet(features=["big", "nvlink"]), pb.FeatureSet(features=["new"])],
    )
    assert request_message(a_request(1)).nodes == 0
