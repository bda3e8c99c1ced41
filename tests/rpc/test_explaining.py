"""ExplainJob and AdviseJob as their callers see them."""

from __future__ import annotations

from datetime import timedelta

import grpc
import pytest

from scheduler.v1 import job_service_pb2 as pb
from tests.rpc.test_jobs import submitted
from tests.rpc.world import SCRIPT, TIMEOUT_S, World

ALL = SCRIPT.replace("--gpus=2", "--gpus-per-node=8 --nodes=8")


async def explained(world: World, job: pb.Job, name: str = "aigerim") -> pb.ExplainJobResponse:
    request = pb.ExplainJobRequest(name=job.name)
    return await world.jobs.ExplainJob(request, metadata=world.by(name), timeout=TIMEOUT_S)


async def advised(world: World, script: str) -> pb.AdviseJobResponse:
    request = pb.AdviseJobRequest(request=pb.SubmitJobRequest(script=script))
    metadata = world.by("aigerim")
    return await world.jobs.AdviseJob(request, metadata=metadata, timeout=TIMEOUT_S)


async def test_a_job_that_is_about_to_start_is_told_so(world: World) -> None:
    answer = await explained(world, await submitted(world))

    assert answer.explanation.starts
    assert not answer.explanation.blockers


async def waiting(world: World) -> pb.Job:
    """Submit 12 GPUs of the 16 that bolat's organisation may hold, and return the next job."""
    await submitted(world, "bolat", script=SCRIPT.replace("--gpus=2", "--gpus=12"))
    return await submitted(world, "bolat", script=SCRIPT.replace("--gpus=2", "--gpus=8"))


async def test_a_job_that_waits_is_told_why_as_of_now(world: World) -> None:
    answer = await explained(world, await waiting(world), "bolat")

    reasons = [blocker.reason for blocker in answer.explanation.blockers]
    assert reasons == [pb.WAIT_REASON_ORGANISATION_CEILING]
    assert answer.explanation.HasField("snapshot_time")


async def test_what_would_start_it_comes_with_the_flags_that_ask_for_it(world: World) -> None:
    answer = await explained(world, await waiting(world), "bolat")

    [change] = answer.explanation.counterfactuals
    assert change.sentence == "with 4 GPUs instead of 8 it starts now"
    assert change.flags == ["--gpus=4"]


async def test_what_would_start_it_later_comes_with_its_time(world: World) -> None:
    for gpus, hours in ((12, 4), (4, 2)):
        script = SCRIPT.replace("--gpus=2", f"--gpus={gpus}").replace("01:", f"{hours}:")
        await submitted(world, "bolat", script=script)
    job = await submitted(world, "bolat", script=SCRIPT.replace("--gpus=2", "--gpus=8"))

    answer = await explained(world, job, "bolat")

    [change] = answer.explanation.counterfactuals
    assert change.sentence == "with 4 GPUs instead of 8 it starts 2:00:00 earlier than as asked"
    waits = change.start_time.ToDatetime() - answer.explanation.snapshot_time.ToDatetime()
    assert timedelta(hours=2) <= waits <= timedelta(hours=2, minutes=1)


async def test_who_goes_first_is_told_by_rule_and_organisation(world: World) -> None:
    await submitted(world, script=ALL)
    after = await submitted(world, script=ALL)
    await submitted(world, "bolat")

    [ahead] = (await explained(world, after)).explanation.ahead

    assert (ahead.precedence, ahead.organisation) == (pb.PRECEDENCE_CLASS_SHARE, "caspian")
    assert (ahead.jobs, ahead.gpus) == (1, 2)


async def test_a_script_is_advised_on_and_nothing_is_stored(world: World) -> None:
    answer = await advised(world, SCRIPT)

    assert answer.explanation.starts
    assert [job.job_id for job in answer.jobs] == [0]
    assert world.store.pending() == ()


async def test_a_script_that_would_be_refused_is_refused(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await advised(world, SCRIPT.replace("--gpus=2", "--gpus=lots"))

    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_job_that_ended_has_no_explanation(world: World) -> None:
    job = await submitted(world)
    cancel = pb.CancelJobRequest(name=job.name)
    await world.jobs.CancelJob(cancel, metadata=world.by("aigerim"), timeout=TIMEOUT_S)

    assert not (await explained(world, job)).HasField("explanation")


async def test_another_organisations_job_is_not_found(world: World) -> None:
    job = await submitted(world)

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await explained(world, job, name="bolat")

    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND
