"""Submissions that name other jobs, or an account, as their callers see them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import pytest

from scheduler.domain.dependencies.terms import FoundJobs, NamedJob
from scheduler.domain.reasons import Reason
from scheduler.use_cases import predecessors
from scheduler.use_cases.predecessors import LOOK_UPS_AT_ONCE
from scheduler.v1 import job_service_pb2 as pb
from tests.rpc.test_jobs import ARRAY, submitted
from tests.rpc.world import SCRIPT, TIMEOUT_S, Refusal, World, refused


async def refusal(world: World, options: str, name: str = "aigerim", flags: str = "") -> Refusal:
    """Return how a script with these options in its fourth line is refused."""
    script = SCRIPT.replace("\nsrun", f"\n#SBATCH {options}\nsrun") if options else SCRIPT
    request = pb.SubmitJobRequest(script=script, flags=flags.split())
    call = world.jobs.SubmitJob(request, metadata=world.by(name), timeout=TIMEOUT_S)
    return await refused(call)


async def test_a_job_says_what_it_waits_for_until_it_does_no_more(world: World) -> None:
    first = await submitted(world, "arman")
    job = await submitted(world, flags=[f"--dependency=afterok:{first.job_id},singleton"])

    assert job.waiting.reason == pb.WAIT_REASON_DEPENDENCY
    assert job.dependency == f"afterok:{first.job_id},singleton"
    assert not job.kill_on_invalid_dependency
    assert (await submitted(world, flags=["--dependency="])).dependency == ""


async def test_a_job_is_held_as_it_is_submitted(world: World) -> None:
    job = await submitted(world, flags=["-H"])

    assert job.waiting.reason == pb.WAIT_REASON_HELD_BY_USER
    assert world.store.pending() == ()


async def test_both_are_told_of_a_job_that_is_only_tried(world: World) -> None:
    first = await submitted(world)
    flags = [f"-dafterany:{first.job_id}"]
    waits = await submitted(world, flags=flags, validate_only=True)
    held = await submitted(world, flags=["-H", *flags], validate_only=True)

    assert waits.waiting.reason == pb.WAIT_REASON_DEPENDENCY
    assert held.waiting.reason == pb.WAIT_REASON_HELD_BY_USER
    assert {job.dependency for job in (waits, held)} == {f"afterany:{first.job_id}"}


async def test_jobs_that_nobody_or_another_organisation_has_are_not_found_at_their_line(
    world: World,
) -> None:
    foreign = await submitted(world, "bolat")
    answer = await refusal(world, f"-d afterok:{foreign.job_id}:999")

    assert answer.places == ("script:4 --dependency",) * 2
    told = [violation.message for violation in answer.violations]
    assert f"job {foreign.job_id} is not found" in told[0]
    assert told[1] == told[0].replace(f"job {foreign.job_id}", "job 999")
    assert (await refusal(world, "", flags="-dafterok:999")).places == ("--dependency",)


async def test_an_array_stands_for_all_its_elements_and_each_has_a_name(world: World) -> None:
    first = (await submitted(world, script=ARRAY)).job_id
    whole = await submitted(world, flags=[f"--dependency=afterok:{first}"])
    third = await submitted(world, flags=[f"--dependency=afterok:{first}_2"])
    missing = await refusal(world, f"-d afterok:{first}_9")

    spans = [
        dependency.terms[0].job_ids
        for dependency in (world.store.job(job.job_id).spec.dependency for job in (whole, third))
        if dependency is not None
    ]
    assert spans == [range(first, first + 4), range(first + 2, first + 3)]
    assert f"job {first}_9 is not found" in missing.message


async def test_elements_times_the_jobs_they_wait_for_are_bounded(world: World) -> None:
    first = await submitted(world)
    ids = [(await submitted(world)).job_id for _ in range(6)]
    kinds = ("after", "afterany", "afterok", "afternotok")
    terms = ",".join(f"{kind}:{job_id}" for kind in kinds for job_id in (first.job_id, *ids))

    answer = await refusal(world, f"--array=0-999 -d {terms}")

    assert answer.places == ("script:4 --dependency",)
    assert "28 jobs for each of 1000 elements are more than 20000 together" in answer.message


async def test_each_element_waits_for_the_one_that_corresponds(world: World) -> None:
    first = (await submitted(world, script=ARRAY)).job_id
    request = pb.SubmitJobRequest(script=ARRAY, flags=[f"-daftercorr:{first}", "-a1-4"])
    answer = await world.jobs.SubmitJob(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S)

    named = [job.dependency for job in answer.jobs]
    assert named == [f"aftercorr:{first}_{index}" for index in (1, 2, 3)] + [f"aftercorr:{first}"]


async def test_a_colleague_is_answered_while_many_names_are_looked_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await submitted(world)
    at_once, most, asked = 0, 0, list[int]()
    found = world.store.found

    def slowly(names: Collection[NamedJob]) -> dict[NamedJob, FoundJobs]:
        nonlocal at_once, most
        at_once, asked[len(asked) :] = at_once + 1, [len(names)]
        most = max(most, at_once)
        time.sleep(0.02)
        at_once -= 1
        return found(names)

    monkeypatch.setattr(world.store, "found", slowly)
    flags = [f"-dafterok:{first.job_id}:" + ":".join(map(str, range(2, 251)))]
    await asyncio.gather(*(submitted_or_refused(world, flags) for _ in range(12)))

    assert asked == [250] * 12
    assert most <= LOOK_UPS_AT_ONCE


async def submitted_or_refused(world: World, flags: list[str]) -> None:
    request = pb.SubmitJobRequest(script=SCRIPT, flags=flags, validate_only=True)
    await refused(world.jobs.SubmitJob(request, metadata=world.by("aigerim"), timeout=TIMEOUT_S))


async def test_a_call_names_so_many_jobs_at_most(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predecessors, "MAX_NAMES_OF_CALL", 9)
    first = (await submitted(world, script=ARRAY)).job_id
    corresponding = pb.SubmitJobRequest(script=ARRAY, flags=[f"-daftercorr:{first}"])
    plain = pb.SubmitJobRequest(script=SCRIPT, flags=[f"-dafterok:{first}"])
    batch = pb.BatchSubmitJobsRequest(requests=[corresponding, plain, corresponding, plain])
    answer = await world.jobs.BatchSubmitJobs(
        batch, metadata=world.by("aigerim"), timeout=TIMEOUT_S
    )

    kinds = [result.WhichOneof("outcome") for result in answer.results]
    assert kinds[0] == kinds[1] == kinds[3] != kinds[2]
    assert "name at most 9 jobs together" in str(answer.results[2])


ACCOUNTS = {
    "a project": ("vision", "vision"),
    "in capitals": ("Vision", "vision"),
    "the user's own project": ("main", "main"),
    "the organisation": ("steppe", "main"),
    "none": ("", "main"),
}


@pytest.mark.parametrize(("account", "project"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
async def test_an_account_names_a_project(world: World, account: str, project: str) -> None:
    assert (await submitted(world, flags=[f"--account={account}"])).project == project


async def test_a_project_of_the_request_overrides_the_account(world: World) -> None:
    job = await submitted(world, flags=["--account=vision"], project="main")

    assert job.project == "main"


async def test_any_other_account_is_refused_with_those_that_are_ones_own(world: World) -> None:
    answer = await refusal(world, "--account=grippers")

    assert answer.places == ("script:4 --account",)
    assert "'grippers' is none of yours; use one of steppe, main, vision" in answer.message


async def test_the_one_quality_of_service_is_taken_and_others_are_refused(world: World) -> None:
    job = await submitted(world, flags=["--qos=normal"])
    answer = await refusal(world, "-q high", "saule")

    assert job.waiting.reason == pb.WAIT_REASON_NOT_YET_CONSIDERED
    assert answer.places == ("script:4 --qos",)


async def test_a_dependent_job_is_explained_by_its_own_reason(world: World) -> None:
    first = await submitted(world)
    job = await submitted(world, flags=[f"-dafterany:{first.job_id}"])
    answer = await world.jobs.ExplainJob(
        pb.ExplainJobRequest(name=job.name), metadata=world.by("aigerim"), timeout=TIMEOUT_S
    )

    assert not answer.HasField("explanation")
    assert answer.job.waiting.detail == f"afterany:{first.job_id}"
    assert world.store.job(job.job_id).reason == Reason.DEPENDENCY
