"""Job messages: requests on the way in, jobs on the way out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypedDict

from google.protobuf.duration_pb2 import Duration

from scheduler.domain.budgets.ledger import Funding
from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import TERMINAL, ArrayPlace, Job, JobState
from scheduler.domain.reasons import REASONS, Blocker, Reason
from scheduler.domain.records import JobQuery
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.resources import Gang
from scheduler.domain.stored_words import known_again
from scheduler.errors import InvalidRequest, TendikError, Violation
from scheduler.languages import ENGLISH
from scheduler.rpc.convert.values import members_by_number, names_by_member, timestamp
from scheduler.rpc.language import current_language, to_the_caller, translated
from scheduler.texts import said
from scheduler.use_cases.jobs import Page
from scheduler.use_cases.submission import JobRequest, Outcome
from scheduler.v1 import job_service_pb2 as pb


class _Dependency(TypedDict, total=False):
    dependency: str
    kill_on_invalid_dependency: bool


STATE_NAMES = names_by_member(JobState, "JOB_STATE")
REASON_NAMES = names_by_member(Reason, "WAIT_REASON")
STATES_BY_NUMBER = members_by_number(STATE_NAMES, pb.JobState)
REASONS_BY_VALUE: Mapping[str, Reason] = {reason.value: reason for reason in Reason}


def job_request(message: pb.SubmitJobRequest) -> JobRequest:
    return JobRequest(
        script=message.script,
        flags=tuple(message.flags),
        working_directory=message.working_directory,
        project=message.project,
        request_id=message.request_id,
        validate_only=message.validate_only,
        environment=dict(message.environment),
    )


def job_query(message: pb.ListJobsRequest) -> JobQuery:
    """Raises InvalidRequest for a page or a state that does not exist."""
    if message.page_size < 0:
        raise InvalidRequest(
            Violation("page_size", said("is negative; use 0 for the default of 100"))
        )
    if message.array_job_id < 0:
        raise InvalidRequest(Violation("array_job_id", said("is negative; use 0 for all jobs")))
    return JobQuery(
        organisation=message.organisation,
        project=message.project,
        user=message.user,
        states=frozenset(map(_state, message.states)),
        array_id=message.array_job_id,
        before_job_id=before_job_id(message.page_token),
        limit=message.page_size,
    )


def page_token(before: int) -> str:
    """Return the token of the page that begins below this job_id; empty for none."""
    return base64.urlsafe_b64encode(f"before:{before}".encode()).decode() if before else ""


def before_job_id(token: str) -> int:
    """Read a page token. Raises InvalidRequest for one that was not given out here."""
    try:
        text = base64.b64decode(token, b"-_", validate=True).decode()
        before = int(text.removeprefix("before:")) if token else 0
    except (binascii.Error, ValueError):
        before = -1
    if before < 0 or page_token(before) != token:
        message = said("not a token of ours; pass next_page_token unchanged, or leave it empty")
        raise InvalidRequest(Violation("page_token", message))
    return before


def job_message(job: Job, *, with_script: bool = False) -> pb.Job:
    tenant = job.tenant
    placement = job.placement
    return pb.Job(
        name=f"jobs/{job.job_id}",
        job_id=job.job_id,
        display_name=job.spec.name,
        tenant_class=tenant.tenant_class,
        organisation=tenant.organisation,
        project=tenant.project,
        user=tenant.user,
        unix_account=job.unix_account,
        state=STATE_NAMES[job.state],
        resources=_resources(job),
        submit_time=timestamp(job.submitted_at),
        start_time=timestamp(job.started_at),
        end_time=timestamp(job.ended_at),
        waiting=_waiting_of(job) if job.state is JobState.PENDING else None,
        outcome=_outcome(job),
        exit_code=job.exit_code,
        slurm_job_id=job.slurm_id,
        nodes=placement.nodes if placement else (),
        pool=placement.pool if placement else "",
        array=_array_place(job.array) if job.array else None,
        cancel_requested=job.cancel_requested_at is not None,
        requeue_requested=job.requeue_requested_at is not None,
        script=job.spec.script if with_script else "",
        flags=job.spec.flags if with_script else (),
        working_directory=job.spec.working_directory if with_script else "",
        recallable=job.spec.recallable,
        recall=_recall(job) if job.recalled_for else None,
        start_estimate=_estimate(job.estimate) if job.estimate else None,
        grant_holds=_grant_holds(job.funding) if job.funding else (),
        **_dependency(job),
    )


def _grant_holds(funding: Funding) -> Iterator[pb.GrantHold]:
    for part in funding.holds:
        yield pb.GrantHold(grant_number=part.grant, gpu_seconds=part.amount)


def _estimate(estimate: StartEstimate) -> pb.StartEstimate:
    return pb.StartEstimate(
        made_time=timestamp(estimate.made_at),
        p50_time=timestamp(estimate.p50),
        p90_time=timestamp(estimate.p90),
    )


def _dependency(job: Job) -> _Dependency:
    wanted = job.spec.dependency
    if wanted is None or not job.is_dependent:
        return {}
    return {"dependency": str(wanted), "kill_on_invalid_dependency": wanted.cancels}


def _outcome(job: Job) -> str:
    if job.state not in TERMINAL:
        return ""
    return _stored(job.detail or job.reason)


def _stored(text: str) -> str:
    """Return a sentence that was stored as English in the caller's language."""
    return to_the_caller(known_again(text)) if current_language() not in ("", ENGLISH) else text


def _recall(job: Job) -> pb.Recall:
    return pb.Recall(
        owed=job.recalled_for,
        request_time=timestamp(job.recall_requested_at),
        ended_runs=job.recalls,
    )


def submit_response(jobs: Sequence[Job]) -> pb.SubmitJobResponse:
    return pb.SubmitJobResponse(jobs=map(job_message, jobs))


def list_response(page: Page) -> pb.ListJobsResponse:
    token = page_token(page.next_before_job_id)
    return pb.ListJobsResponse(jobs=map(job_message, page.jobs), next_page_token=token)


def batch_response(outcomes: Sequence[Outcome]) -> pb.BatchSubmitJobsResponse:
    return pb.BatchSubmitJobsResponse(results=map(_batch_result, outcomes))


def _batch_result(outcome: Outcome) -> pb.BatchSubmitJobsResult:
    if not isinstance(outcome, TendikError):
        return pb.BatchSubmitJobsResult(response=submit_response(outcome))
    violations = outcome.violations if isinstance(outcome, InvalidRequest) else ()
    failure = pb.BatchSubmitJobsFailure(
        reason=outcome.reason,
        message=str(outcome),
        localized_message=translated(outcome.sentence),
        violations=map(_field_violation, violations),
    )
    return pb.BatchSubmitJobsResult(failure=failure)


def _field_violation(wrong: Violation) -> pb.FieldViolation:
    return pb.FieldViolation(
        field=wrong.field,
        message=wrong.message,
        line=wrong.line,
        localized_message=translated(wrong.message),
    )


def _resources(job: Job) -> pb.Resources:
    gang = job.placement.gang if job.placement else None
    return _resources_of(job.spec.request, job.gpus, gang)


def _waiting_of(job: Job) -> pb.Waiting:
    return _waiting(job.reason, job.detail, job.more_blockers, current_language())


# Most jobs ask for the same few things and wait for the same few reasons. A message that is put
# into another is copied, so sharing these is safe as long as nobody changes them.
@lru_cache(maxsize=4096)
def _resources_of(request: GpuRequest, gpus: int, gang: Gang | None) -> pb.Resources:
    asked_per_node = request.gpus if request.gpus_per is GpusPer.NODE else 0
    return pb.Resources(
        gpus=gpus,
        nodes=gang.nodes if gang else (request.nodes or 0),
        gpus_per_node=gang.per_node.gpus if gang else asked_per_node,
        gpu_type=request.gpu_type,
        partitions=request.partitions,
        walltime=Duration(seconds=request.walltime_s),
        cpus=gang.nodes * gang.per_node.cpus if gang else 0,
        memory_mib=gang.nodes * gang.per_node.memory_mib if gang else 0,
    )


@lru_cache(maxsize=4096)
def _waiting(
    reason: str,
    detail: str,
    more: tuple[Blocker, ...],
    _language: str,  # what is kept is kept for each language
) -> pb.Waiting:
    """Return why a job waits; a reason that is no cycle's is given in its own words."""
    known = REASONS_BY_VALUE.get(reason or Reason.NOT_YET_CONSIDERED)
    if known is None:
        told = _stored(detail)
        return pb.Waiting(meaning=_stored(reason), detail=told)
    first, *others = map(blocker_message, (Blocker(known, detail), *more))
    return pb.Waiting(
        reason=first.reason,
        meaning=first.meaning,
        detail=first.detail,
        advice=first.advice,
        blockers=(first, *others),
    )


def blocker_message(blocker: Blocker) -> pb.Blocker:
    text = REASONS[blocker.reason]
    return pb.Blocker(
        reason=REASON_NAMES[blocker.reason],
        meaning=to_the_caller(text.meaning),
        detail=_stored(blocker.detail),
        advice=to_the_caller(text.advice),
    )


def _array_place(place: ArrayPlace) -> pb.ArrayPlace:
    return pb.ArrayPlace(array_job_id=place.array_id, index=place.index, limit=place.limit)


def _state(number: int) -> JobState:
    state = STATES_BY_NUMBER.get(number)
    if state is None:
        names = ", ".join(STATE_NAMES.values())
        raise InvalidRequest(
            Violation(
                "states", said("{number} is no state; use {names}", number=number, names=names)
            )
        )
    return state
