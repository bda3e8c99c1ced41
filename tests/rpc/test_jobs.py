"""JobService as its callers see it."""

from __future__ import annotations

from datetime import UTC

import grpc

from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import JobState
from scheduler.domain.records import JobQuery
from scheduler.use_cases.holding import MOST_HOLDS
from scheduler.v1 import job_service_pb2 as pb
from tests.build import NOON, at
from tests.rpc.world import SCRIPT, TIMEOUT_S, World, refused

ARRAY = SCRIPT.replace("--gpus=2", "--gpus=1\n#SBATCH --array=0-3%2")


async def submitted(world: World, name: str = "aigerim", **fields: object) -> pb.Job:
    """Submit as this person and return the first job."""
    request = pb.SubmitJobRequest(**{"script": SCRIPT, **fields})  # type: ignore[arg-type]  # any field
    answer = await world.jobs.SubmitJob(request, metadata=world.by(name), timeout=TIMEOUT_S)
    return answer.jobs[0]


async def test_a_submitted_job_is_stored_with_what_its_script_asks(world: World) -> None:
    job = await submitted(world)

    assert (job.name, job.state) == (f"jobs/{job.job_id}", pb.JOB_STATE_PENDING)
    assert (job.user, job.organisation, job.project) == ("aigerim", "steppe", "main")
    assert (job.tenant_class, job.unix_account) == ("universities", "aigerim")
    assert (job.resources.gpus, job.resources.walltime.seconds) == (2, 3600)
    assert job.waiting.reason == pb.WAIT_REASON_NOT_YET_CONSIDERED
    assert world.store.job(job.job_id).spec.script == SCRIPT


async def test_flags_override_the_script_and_a_project_can_be_named(world: World) -> None:
    job = await submitted(world, flags=["--gpus=4"], project="vision", working_directory="/data")

    assert (job.resources.gpus, job.project) == (4, "vision")
    assert world.store.job(job.job_id).spec.working_directory == "/data"


async def test_a_job_carries_when_it_is_expected_to_start(world: World) -> None:
    job = await submitted(world)
    world.store.keep_estimates([StartEstimate(job.job_id, NOON, at(60), at(600))])
    request = pb.GetJobRequest(name=job.name)
    answer = await world.jobs.GetJob(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)

    told = answer.job.start_estimate
    times = (told.made_time, told.p50_time, told.p90_time)
    assert [time.ToDatetime(UTC) for time in times] == [NOON, at(60), at(600)]
    assert not job.HasField("start_estimate")


async def test_an_array_answers_all_its_elements_by_index(world: World) -> None:
    answer = await world.jobs.SubmitJob(
        pb.SubmitJobRequest(script=ARRAY), metadata=world.by("aigerim"), timeout=TIMEOUT_S
    )

    assert [job.array.index for job in answer.jobs] == [0, 1, 2, 3]
    assert {job.array.limit for job in answer.jobs} == {2}
    assert {job.array.array_job_id for job in answer.jobs} == {answer.jobs[0].job_id}


async def test_validating_only_answers_the_job_and_stores_nothing(world: World) -> None:
    request = pb.SubmitJobRequest(script=ARRAY, validate_only=True)
    answer = await world.jobs.SubmitJob(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)

    assert [(job.job_id, job.array.index) for job in answer.jobs] == [(0, n) for n in range(4)]
    assert world.store.pending() == ()


async def test_a_repeated_request_gives_the_first_answer_again(world: World) -> None:
    first = await submitted(world, request_id="r1")
    again = await submitted(world, request_id="r1")

    assert again == first
    assert len(world.store.pending()) == 1


async def test_two_users_may_use_the_same_request_id(world: World) -> None:
    jobs = {(await submitted(world, name, request_id="r1")).job_id for name in ("aigerim", "arman")}

    assert len(jobs) == 2


async def test_a_batch_answers_each_request_by_itself(world: World) -> None:
    requests = [
        pb.SubmitJobRequest(script=SCRIPT),
        pb.SubmitJobRequest(script="#!/bin/bash\n#SBATCH --gpus=zwei\ntrue\n"),
        pb.SubmitJobRequest(script=SCRIPT, validate_only=True),
        pb.SubmitJobRequest(script=ARRAY),
    ]
    answer = await world.jobs.BatchSubmitJobs(
        pb.BatchSubmitJobsRequest(requests=requests),
        metadata=world.by("aigerim"),
        timeout=TIMEOUT_S,
    )

    good, bad, tried, array = answer.results
    assert (len(good.response.jobs), len(array.response.jobs)) == (1, 4)
    assert tried.response.jobs[0].job_id == 0
    assert (bad.failure.reason, bad.failure.violations[0].line) == ("INVALID_REQUEST", 2)
    assert len(world.store.pending()) == 5


async def test_a_job_can_be_read_with_and_without_its_script(world: World) -> None:
    name = (await submitted(world)).name

    async def read(*, with_script: bool) -> pb.Job:
        request = pb.GetJobRequest(name=name, include_script=with_script)
        answer = await world.jobs.GetJob(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)
        return answer.job

    assert (await read(with_script=False)).script == ""
    assert (await read(with_script=True)).script == SCRIPT


async def listed(world: World, who: str, **fields: object) -> pb.ListJobsResponse:
    request = pb.ListJobsRequest(**fields)  # type: ignore[arg-type]  # any field
    return await world.jobs.ListJobs(request, metadata=world.by(who), timeout=TIMEOUT_S)


async def test_pages_go_through_all_jobs_newest_first_and_once_each(world: World) -> None:
    made = [(await submitted(world)).job_id for _ in range(5)]
    seen, token = [], ""
    while True:
        page = await listed(world, "aigerim", page_size=2, page_token=token)
        seen += [job.job_id for job in page.jobs]
        token = page.next_page_token
        if not token:
            break

    assert seen == sorted(made, reverse=True)


async def test_a_page_that_holds_all_the_rest_has_no_next(world: World) -> None:
    for _ in range(2):
        await submitted(world)

    assert (await listed(world, "aigerim", page_size=2)).next_page_token == ""


async def test_each_role_lists_as_far_as_it_may_see(world: World) -> None:
    for name in ("aigerim", "arman", "bolat"):
        await submitted(world, name)

    for who, users in (
        ("aigerim", ["arman", "aigerim"]),
        ("alua", ["arman", "aigerim"]),
        ("bolat", ["bolat"]),
        ("saule", ["bolat", "arman", "aigerim"]),
    ):
        assert [job.user for job in (await listed(world, who)).jobs] == users


async def test_lists_filter_by_user_project_state_and_array(world: World) -> None:
    await submitted(world, project="vision")
    array = await submitted(world, "arman", script=ARRAY)

    async def count(**fields: object) -> int:
        return len((await listed(world, "aigerim", **fields)).jobs)

    assert await count(user="aigerim") == 1
    assert await count(project="vision") == 1
    assert await count(array_job_id=array.job_id) == 4
    assert await count(states=[pb.JOB_STATE_PENDING]) == 5
    assert await count(states=[pb.JOB_STATE_RUNNING]) == 0
    assert await count(organisation="steppe") == 5


async def test_a_pending_job_is_cancelled_at_once(world: World) -> None:
    name = (await submitted(world)).name
    answer = await world.jobs.CancelJob(
        pb.CancelJobRequest(name=name), metadata=world.by("aigerim"), timeout=TIMEOUT_S
    )

    assert answer.job.state == pb.JOB_STATE_CANCELLED
    assert world.store.jobs(JobQuery(states=frozenset({JobState.PENDING}))) == ()


async def test_a_pending_job_is_held_and_released_and_says_so(world: World) -> None:
    name, by = (await submitted(world)).name, world.by("aigerim")

    held = await world.jobs.HoldJob(pb.HoldJobRequest(name=name), metadata=by, timeout=TIMEOUT_S)
    free = await world.jobs.ReleaseJob(
        pb.ReleaseJobRequest(name=name), metadata=by, timeout=TIMEOUT_S
    )

    assert held.job.waiting.reason == pb.WAIT_REASON_HELD_BY_USER
    assert free.job.waiting.reason == pb.WAIT_REASON_NOT_YET_CONSIDERED


async def test_a_job_is_held_so_often_within_a_minute_and_always_released(world: World) -> None:
    name, by = (await submitted(world)).name, world.by("aigerim")
    hold, release = pb.HoldJobRequest(name=name), pb.ReleaseJobRequest(name=name)
    for _ in range(MOST_HOLDS):
        await world.jobs.HoldJob(hold, metadata=by, timeout=TIMEOUT_S)
        await world.jobs.HoldJob(hold, metadata=by, timeout=TIMEOUT_S)  # held already: no event
        await world.jobs.ReleaseJob(release, metadata=by, timeout=TIMEOUT_S)
    events = world.store.last_event_id()

    told = await refused(world.jobs.HoldJob(hold, metadata=by, timeout=TIMEOUT_S))

    assert (told.reason, told.code) == ("HELD_TOO_OFTEN", grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert world.store.last_event_id() == events
    other = pb.HoldJobRequest(name=(await submitted(world)).name)
    await world.jobs.HoldJob(other, metadata=by, timeout=TIMEOUT_S)


async def test_the_environment_is_kept_for_the_job_and_told_to_nobody(world: World) -> None:
    job = await submitted(world, environment={"KEY": "secret-of-mine", "SLURM_CONF": "/mine"})
    answer = await world.jobs.GetJob(
        pb.GetJobRequest(name=job.name, include_script=True),
        metadata=world.by("aigerim"),
        timeout=TIMEOUT_S,
    )

    (launch,) = world.store.launches([job.job_id])
    assert launch.spec.environment == {"KEY": "secret-of-mine"}
    assert "secret-of-mine" not in f"{job}{answer}"


async def test_a_repeat_from_the_same_shell_is_known_though_its_variables_changed(
    world: World,
) -> None:
    first = await submitted(world, request_id="r1", environment={"SHLVL": "1"})
    again = await submitted(world, request_id="r1", environment={"SHLVL": "2"})

    assert again.job_id == first.job_id


async def test_admins_cancel_jobs_of_others(world: World) -> None:
    for admin in ("alua", "saule"):
        name = (await submitted(world)).name
        answer = await world.jobs.CancelJob(
            pb.CancelJobRequest(name=name), metadata=world.by(admin), timeout=TIMEOUT_S
        )
        assert answer.job.state == pb.JOB_STATE_CANCELLED
