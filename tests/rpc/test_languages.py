"""Callers are answered in the language that they ask for; codes and English stay beside it."""

from __future__ import annotations

import grpc
import pytest
from google.rpc import error_details_pb2 as details  # type: ignore[import-untyped]  # no stubs
from google.rpc import status_pb2

from scheduler.errors import InvalidRequest, Violation
from scheduler.rpc.language import call_is_in, language_of
from scheduler.rpc.status import status_of
from scheduler.texts import said
from scheduler.v1 import job_service_pb2 as pb
from tests.rpc.test_explaining import waiting
from tests.rpc.world import SCRIPT, TIMEOUT_S, Metadata, World

WRONG = "#!/bin/bash\n#SBATCH --gpus=lots\n"


def speaking(metadata: Metadata, wish: str) -> Metadata:
    return (*metadata, ("accept-language", wish))


async def refusal(world: World, wish: str) -> tuple[grpc.aio.AioRpcError, status_pb2.Status]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.jobs.SubmitJob(
            pb.SubmitJobRequest(script=WRONG),
            metadata=speaking(world.by("aigerim"), wish),
            timeout=TIMEOUT_S,
        )
    packed = dict(caught.value.trailing_metadata() or ())["grpc-status-details-bin"]
    return caught.value, status_pb2.Status.FromString(packed)


def unpacked(status: status_pb2.Status, kind: type) -> list[details.LocalizedMessage]:
    found = [kind() for detail in status.details if detail.Is(kind.DESCRIPTOR)]  # type: ignore[attr-defined]  # no stubs
    for message, detail in zip(
        found,
        (one for one in status.details if one.Is(kind.DESCRIPTOR)),  # type: ignore[attr-defined]  # no stubs
        strict=True,
    ):
        detail.Unpack(message)
    return found


@pytest.mark.parametrize(
    ("wish", "locale", "says"),
    [("kk_KZ", "kk", "бүтін сан"), ("ru,en;q=0.5", "ru", "n или type:n")],
)
async def test_an_error_is_localized_beside_its_english(
    world: World, wish: str, locale: str, says: str
) -> None:
    error, status = await refusal(world, wish)
    [whole] = unpacked(status, details.LocalizedMessage)
    [bad] = unpacked(status, details.BadRequest)
    [info] = unpacked(status, details.ErrorInfo)
    found = bad.field_violations[0]

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (error.details() or "").startswith("line 2: --gpus: must be n or type:n")
    assert (whole.locale, found.localized_message.locale) == (locale, locale)
    assert "--gpus" in whole.message
    assert "'lots'" in found.localized_message.message
    assert found.description.startswith("line 2: --gpus: must be")
    assert (info.reason, info.metadata["place"]) == ("INVALID_REQUEST", "script:2 --gpus")
    assert not info.metadata["mend"].isascii()


async def test_who_asks_for_no_language_of_ours_is_answered_in_english(world: World) -> None:
    _, status = await refusal(world, "de")
    [info] = unpacked(status, details.ErrorInfo)

    assert unpacked(status, details.LocalizedMessage) == []
    assert info.metadata["mend"].isascii()


async def test_a_refused_request_of_a_batch_is_localized(world: World) -> None:
    answer = await world.jobs.BatchSubmitJobs(
        pb.BatchSubmitJobsRequest(requests=[pb.SubmitJobRequest(script=WRONG)]),
        metadata=speaking(world.by("aigerim"), "ru"),
        timeout=TIMEOUT_S,
    )
    failure = answer.results[0].failure

    assert failure.message.startswith("line 2: --gpus: must be")
    assert failure.localized_message.startswith("строка 2: --gpus: ")
    assert failure.violations[0].localized_message.startswith("нужно n или type:n")


@pytest.mark.parametrize(
    ("wish", "meaning"),
    [
        ("en", "no cycle has looked at this job yet"),
        ("ru", "ни один цикл ещё не рассматривал это задание"),
        ("kk", "бұл тапсырманы бірде-бір цикл әлі қараған жоқ"),
    ],
)
async def test_why_a_job_waits_is_said_in_each_callers_language(
    world: World, wish: str, meaning: str
) -> None:
    metadata = speaking(world.by("aigerim"), wish)
    request = pb.SubmitJobRequest(script=SCRIPT)
    answer = await world.jobs.SubmitJob(request, metadata=metadata, timeout=TIMEOUT_S)
    waiting = answer.jobs[0].waiting

    assert waiting.meaning == meaning
    assert waiting.reason == pb.WaitReason.WAIT_REASON_NOT_YET_CONSIDERED


async def test_a_call_without_a_token_is_refused_in_its_language(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.jobs.GetJob(
            pb.GetJobRequest(name="jobs/1"),
            metadata=(("accept-language", "ru"),),
            timeout=TIMEOUT_S,
        )
    packed = dict(caught.value.trailing_metadata() or ())["grpc-status-details-bin"]
    [whole] = unpacked(status_pb2.Status.FromString(packed), details.LocalizedMessage)

    assert whole.message.startswith("нет токена")


@pytest.mark.parametrize("count", [1, 10, 5000])
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_status_in_cyrillic_fits_into_the_headers(count: int, language: str) -> None:
    wrong = said("{names} and {left} more", names="ж" * 5000, left=1)
    call_is_in(language)
    try:
        status = status_of(
            InvalidRequest(*(Violation("--gpus", wrong, n + 1) for n in range(count)))
        )
    finally:
        call_is_in("")

    size = sum(len(value) for _, value in status.trailing_metadata)
    assert size * 4 / 3 < 8192


def test_the_wishes_of_a_call_are_its_metadata() -> None:
    assert language_of((("accept-language", "de"), ("accept-language", "kk"))) == "kk"
    assert language_of((("accept-language", b"kk"), ("other", "ru"))) == ""


async def test_what_would_start_a_job_is_said_in_the_callers_language(world: World) -> None:
    job = await waiting(world)
    request = pb.ExplainJobRequest(name=job.name)
    metadata = speaking(world.by("bolat"), "ru")
    answer = await world.jobs.ExplainJob(request, metadata=metadata, timeout=TIMEOUT_S)
    [change] = answer.explanation.counterfactuals
    [blocker] = answer.explanation.blockers

    assert change.sentence == "с 4 GPU вместо 8 оно стартует сейчас"
    assert change.flags == ["--gpus=4"]
    assert blocker.detail == "caspian: занято 12 GPU из допустимых 16 в gpu/h200, нужно 8"


async def test_a_watcher_is_told_in_its_language(world: World) -> None:
    metadata = speaking(world.by("bolat"), "kk")
    job = await waiting(world)
    request = pb.WatchJobsRequest(names=[job.name])
    stream = world.jobs.WatchJobs(request, metadata=metadata, timeout=TIMEOUT_S)
    first = await anext(aiter(stream))
    stream.cancel()

    assert first.job.waiting.advice == "келесі циклді күтіңіз, бірнеше секунд"


@pytest.mark.parametrize("wish", ["kk", "ru", "en"])
async def test_a_script_full_of_errors_in_cyrillic_is_answered_whole(
    world: World, wish: str
) -> None:
    wrong = "".join(f"#SBATCH --gpus={'ғ' * 50}{number}\n" for number in range(100))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.jobs.SubmitJob(
            pb.SubmitJobRequest(script=f"#!/bin/bash\n{wrong}"),
            metadata=speaking(world.by("aigerim"), wish),
            timeout=TIMEOUT_S,
        )
    packed = dict(caught.value.trailing_metadata() or ())["grpc-status-details-bin"]
    [bad] = unpacked(status_pb2.Status.FromString(packed), details.BadRequest)

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(bad.field_violations) > 3
    assert bad.field_violations[-1].field == "request"
