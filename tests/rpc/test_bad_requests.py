"""What bad input gets: a clear error with its place, nothing stored, and a service that goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from scheduler.v1 import job_service_pb2 as pb
from scheduler.v1 import tenant_service_pb2 as tenants_pb
from tests.rpc.world import SCRIPT, TIMEOUT_S, Refusal, World, refused

INVALID = grpc.StatusCode.INVALID_ARGUMENT
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED


def directives(*options: str) -> str:
    return "\n".join(("#!/bin/bash", *(f"#SBATCH {option}" for option in options), "srun x", ""))


@dataclass(frozen=True, slots=True)
class Bad:
    """A request, and what its refusal must say; `place` is where the first violation is."""

    script: str = SCRIPT
    flags: tuple[str, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    code: grpc.StatusCode = INVALID
    reason: str = "INVALID_REQUEST"
    place: str = ""
    says: str = ""


BAD: dict[str, Bad] = {
    "no GPUs asked for": Bad(directives("--time=1:00:00"), place="--gpus"),
    "no script at all": Bad("", place="script"),
    "no GPU": Bad(directives("--gpus=0"), place="script:2 --gpus"),
    "a count that is no number": Bad(
        directives("--time=1:00:00", "--gpus=two"), place="script:3 --gpus"
    ),
    "an unknown option": Bad(directives("--gpus=1", "--gpuz=1"), place="script:3 --gpuz"),
    "more GPUs than the cluster has": Bad(
        directives("--gpus=4096"), place="script:2 --gpus", says="has 64"
    ),
    "more GPUs than a flag may ask": Bad(flags=("--gpus=4096",), place="--gpus", says="has 64"),
    "more GPUs on a node than any has": Bad(
        directives("--time=1", "--gpus-per-node=9"), place="script:3 --gpus-per-node", says="has 8"
    ),
    "GPUs that spread over too few nodes": Bad(
        directives("--gpus=16", "--nodes=1"), place="script:3 --nodes"
    ),
    "an unknown GPU type": Bad(
        directives("--gres=gpu:quantum:1"), place="script:2 --gres", says="quantum"
    ),
    "a time over the limit": Bad(
        directives("--gpus=1", "--time=9-00:00:00"), place="script:3 --time", says="24:00:00"
    ),
    "a script over 4 MiB": Bad(SCRIPT + "#" * (4 * 1024 * 1024), place="script", says="4 MiB"),
    "a NUL in a directive": Bad(
        directives("--gpus=1", "--job-name=a\0b"), place="script:3 script", says="NUL"
    ),
    "a carriage return in a directive": Bad(
        directives("--gpus=1", "--job-name=a\rb"), place="script:3 #SBATCH"
    ),
    "a NUL in a flag": Bad(flags=("--job-name=a\0b",), place="flags"),
    "a newline in a flag": Bad(flags=("--job-name=a\n#SBATCH --gpus=64",), place="flags"),
    "a NUL in the working directory": Bad(
        fields={"working_directory": "/tmp\0/x"}, place="working_directory"
    ),
    "a newline in the request_id": Bad(fields={"request_id": "a\nb"}, place="request_id"),
    "an environment without end": Bad(
        fields={"environment": {"BIG": "x" * 200_000}}, place="environment"
    ),
    "a request_id without end": Bad(fields={"request_id": "a" * 129}, place="request_id"),
    "an unknown project": Bad(
        fields={"project": "nowhere"}, code=grpc.StatusCode.NOT_FOUND, reason="NOT_FOUND"
    ),
    "another organisation's project": Bad(
        fields={"project": "grippers"}, code=grpc.StatusCode.NOT_FOUND, reason="NOT_FOUND"
    ),
    "more jobs than a user may have pending": Bad(
        directives("--gpus=1", "--array=0-50"), code=EXHAUSTED, reason="QUOTA_EXCEEDED", says="50"
    ),
    "a larger array than allowed": Bad(
        directives("--gpus=1", "--array=0-1000"), place="script:3 --array", says="1000"
    ),
}


async def submit(world: World, bad: Bad, who: str = "aigerim") -> Refusal:
    request = pb.SubmitJobRequest(script=bad.script, flags=bad.flags, **bad.fields)
    return await refused(world.jobs.SubmitJob(request, metadata=world.by(who), timeout=TIMEOUT_S))


async def still_answers(world: World) -> bool:
    request = pb.SubmitJobRequest(script=SCRIPT, validate_only=True)
    good = await world.jobs.SubmitJob(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)
    return len(good.jobs) == 1


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_a_bad_submission_is_refused_with_its_reason_and_place(
    world: World, bad: Bad
) -> None:
    refusal = await submit(world, bad)

    assert (refusal.code, refusal.reason) == (bad.code, bad.reason)
    assert refusal.places[:1] == ((bad.place,) if bad.place else ())
    told = " ".join([refusal.message, *(wrong.message for wrong in refusal.violations)])
    assert bad.says.lower() in told.lower()
    assert world.store.pending() == ()
    assert await still_answers(world)


async def test_a_ceiling_is_refused_with_who_limit_and_used(world: World) -> None:
    refusal = await submit(world, Bad(directives("--gpus=24")), who="bolat")

    assert refusal.reason == "QUOTA_EXCEEDED"
    assert "caspian" in refusal.quota_subject
    assert {"limit": "16", "asked": "24"}.items() <= refusal.metadata.items()
    assert world.store.pending() == ()


async def test_an_operator_has_no_share_to_submit_with(world: World) -> None:
    refusal = await submit(world, Bad(), who="saule")

    assert refusal.code is grpc.StatusCode.PERMISSION_DENIED
    assert "no share" in refusal.message
    assert world.store.pending() == ()


async def test_a_repeated_request_id_with_another_body_is_refused(world: World) -> None:
    first = pb.SubmitJobRequest(script=SCRIPT, request_id="r1")
    await world.jobs.SubmitJob(first, metadata=world.by("aigerim"), timeout=TIMEOUT_S)
    refusal = await submit(world, Bad(directives("--gpus=1"), fields={"request_id": "r1"}))

    assert refusal.code is grpc.StatusCode.ALREADY_EXISTS
    assert (refusal.reason, refusal.metadata["request_id"]) == ("REQUEST_ID_REUSED", "r1")
    assert len(world.store.pending()) == 1


async def test_a_script_full_of_errors_still_gets_a_readable_status(world: World) -> None:
    wrong = directives(*(f"--cpus-per-task=wrong{n}" + "é" * 200 for n in range(2000)))
    refusal = await submit(world, Bad(wrong))

    assert refusal.reason == "INVALID_REQUEST"
    assert refusal.places[0].startswith("script:2 ")


async def test_an_oversized_message_is_refused_by_the_transport(world: World) -> None:
    refusal = await submit(world, Bad("#" * (65 * 1024 * 1024)))

    assert refusal.code is EXHAUSTED
    assert await still_answers(world)


NAMELESS: dict[str, tuple[tuple[str, str], ...]] = {
    "no token": (),
    "a wrong token": (("authorization", "Bearer tdk_wrong"),),
    "an empty token": (("authorization", "Bearer "),),
    "another scheme": (("authorization", "Basic dXNlcg=="),),
}


@pytest.mark.parametrize("metadata", NAMELESS.values(), ids=NAMELESS.keys())
async def test_a_call_without_a_good_token_is_refused(
    world: World, metadata: tuple[tuple[str, str], ...]
) -> None:
    request = pb.SubmitJobRequest(script=SCRIPT)
    refusal = await refused(world.jobs.SubmitJob(request, metadata=metadata, timeout=TIMEOUT_S))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.UNAUTHENTICATED,
        "NOT_AUTHENTICATED",
    )
    assert world.store.pending() == ()


LISTS: dict[str, tuple[pb.ListJobsRequest, str]] = {
    "a page token of somebody's own making": (pb.ListJobsRequest(page_token="7"), "page_token"),
    "a page token that is no text": (pb.ListJobsRequest(page_token="/w=="), "page_token"),
    "a page token below all jobs": (
        pb.ListJobsRequest(page_token="YmVmb3JlOi01"),
        "page_token",
    ),
    "a negative page": (pb.ListJobsRequest(page_size=-1), "page_size"),
    "a negative array": (pb.ListJobsRequest(array_job_id=-1), "array_job_id"),
    "an unspecified state": (pb.ListJobsRequest(states=["JOB_STATE_UNSPECIFIED"]), "states"),
}


@pytest.mark.parametrize(("request_", "place"), LISTS.values(), ids=LISTS.keys())
async def test_a_bad_list_is_refused_by_its_field(
    world: World, request_: pb.ListJobsRequest, place: str
) -> None:
    refusal = await refused(
        world.jobs.ListJobs(request_, metadata=world.by("aigerim"), timeout=TIMEOUT_S)
    )

    assert (refusal.code, refusal.reason) == (INVALID, "INVALID_REQUEST")
    assert refusal.places == (place,)


@pytest.mark.parametrize("organisation", ["caspian", "nowhere"])
async def test_a_foreign_organisation_looks_like_one_that_is_not_there(
    world: World, organisation: str
) -> None:
    request = pb.ListJobsRequest(organisation=organisation)
    refusal = await refused(
        world.jobs.ListJobs(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)
    )

    assert refusal.code is grpc.StatusCode.NOT_FOUND
    assert refusal.resource == ("organisation", organisation)


@pytest.mark.parametrize("name", ["1", "jobs/", "jobs/0", "jobs/-1", "jobs/1\n", "jobs/١"])
async def test_a_name_that_is_no_job_is_refused(world: World, name: str) -> None:
    refusal = await refused(
        world.jobs.GetJob(
            pb.GetJobRequest(name=name), metadata=world.by("aigerim"), timeout=TIMEOUT_S
        )
    )

    assert (refusal.code, refusal.places) == (INVALID, ("name",))


async def a_job(world: World, who: str) -> str:
    answer = await world.jobs.SubmitJob(
        pb.SubmitJobRequest(script=SCRIPT), metadata=world.by(who), timeout=TIMEOUT_S
    )
    return answer.jobs[0].name


async def test_a_foreign_job_looks_like_one_that_is_not_there(world: World) -> None:
    theirs = await a_job(world, "bolat")
    for name in (theirs, "jobs/999"):
        for call in (
            world.jobs.GetJob(pb.GetJobRequest(name=name), metadata=world.by("aigerim")),
            world.jobs.CancelJob(pb.CancelJobRequest(name=name), metadata=world.by("alua")),
        ):
            refusal = await refused(call)
            assert refusal.code is grpc.StatusCode.NOT_FOUND
            assert refusal.resource == ("job", name.removeprefix("jobs/"))


async def test_a_colleague_sees_a_job_but_neither_cancels_it_nor_reads_its_script(
    world: World,
) -> None:
    name = await a_job(world, "aigerim")
    as_arman = world.by("arman")
    seen = await world.jobs.GetJob(pb.GetJobRequest(name=name), metadata=as_arman)
    assert seen.job.user == "aigerim"

    for call in (
        world.jobs.CancelJob(pb.CancelJobRequest(name=name), metadata=as_arman),
        world.jobs.GetJob(pb.GetJobRequest(name=name, include_script=True), metadata=as_arman),
    ):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (
            grpc.StatusCode.PERMISSION_DENIED,
            "NOT_PERMITTED",
        )
    assert len(world.store.pending()) == 1


@pytest.mark.parametrize("size", [0, 1001])
async def test_a_batch_of_no_or_too_many_requests_is_refused(world: World, size: int) -> None:
    requests = [pb.SubmitJobRequest(script=SCRIPT)] * size
    batch = pb.BatchSubmitJobsRequest(requests=requests)
    refusal = await refused(world.jobs.BatchSubmitJobs(batch, metadata=world.by("aigerim")))

    assert (refusal.code, refusal.places) == (INVALID, ("requests",))
    assert world.store.pending() == ()


async def test_an_unknown_organisation_is_refused(world: World) -> None:
    project = tenants_pb.Project(organisation_id="nowhere", project_id="x")
    request = tenants_pb.CreateProjectRequest(project=project)
    refusal = await refused(world.tenants.CreateProject(request, metadata=world.by("saule")))

    assert refusal.code is grpc.StatusCode.NOT_FOUND
    assert refusal.resource == ("organisation", "nowhere")
