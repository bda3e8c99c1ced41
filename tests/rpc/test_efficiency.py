"""GetJobEfficiency as its callers see it."""

from __future__ import annotations

from datetime import timedelta

import grpc
import pytest

from scheduler.domain.decisions import Start
from scheduler.domain.jobs import JobState, Placement
from scheduler.domain.measured import Measured
from scheduler.domain.records import Transition
from scheduler.domain.resources import Amount, Gang
from scheduler.v1 import job_service_pb2 as pb
from tests.build import NOON, POOL, at
from tests.rpc.test_jobs import submitted
from tests.rpc.world import SCRIPT, TIMEOUT_S, World
from tests.store.build import decide

WIDE = SCRIPT.replace("--gpus=2", "--gpus=2 --cpus-per-task=16 --mem=64G")
PLACE = Placement(POOL, ("n1",), Gang(1, Amount(2, 16, 64 * 1024)))


async def told(world: World, job: pb.Job, name: str = "aigerim") -> pb.GetJobEfficiencyResponse:
    request = pb.GetJobEfficiencyRequest(name=job.name)
    return await world.jobs.GetJobEfficiency(request, metadata=world.by(name), timeout=TIMEOUT_S)


def ended(world: World, job: pb.Job) -> None:
    """Let the job run for ten minutes, with four CPUs busy and 10 GiB in use."""
    decide(world.store, Start(job.job_id, PLACE))
    begun, end = at(0), NOON + timedelta(minutes=10)
    world.store.apply(
        [
            Transition(job.job_id, JobState.RUNNING, begun, slurm_id=7, started_at=begun),
            Transition(job.job_id, JobState.COMPLETED, end, ended_at=end, exit_code=0),
        ]
    )
    world.store.keep_measured({job.job_id: Measured(2400.0, None, 4.0, 10 * 1024)})


async def test_an_ended_job_is_told_what_it_used_and_what_to_change(world: World) -> None:
    job = await submitted(world, script=WIDE)
    ended(world, job)

    answer = await told(world, job)

    found = answer.efficiency
    assert (answer.job.state, answer.no_advice) == (pb.JOB_STATE_COMPLETED, "")
    assert found.cpu == pb.Use(used=4.0, held=16, flags=["--cpus-per-task=5"])
    assert found.memory == pb.Use(used=10240, held=65536, flags=["--mem=16G"])
    assert found.walltime == pb.Use(used=600, held=3600, flags=["--time=0:15:00"])
    assert not found.gpu.HasField("used")


async def test_a_job_that_waits_is_told_to_wait(world: World) -> None:
    answer = await told(world, await submitted(world))

    assert not answer.HasField("efficiency")
    assert answer.no_advice.startswith("it has not ended")


async def test_a_job_out_of_sight_is_not_found(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await told(world, await submitted(world), "bolat")

    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND
