"""From the service's messages to this package's types: no message gets past here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from scheduler.cli.explained import change_sentence, standing
from scheduler.cli.job_words import blockers_of
from scheduler.cli.times import moment
from scheduler.client.answers import Advice, Why
from scheduler.client.errors import WrongUse
from scheduler.client.explaining import Ahead, Blocker, Counterfactual, Explanation, Precedence
from scheduler.client.explaining import WaitReason as Reason
from scheduler.client.jobs import (
    ArrayPlace,
    GrantHold,
    Job,
    JobState,
    Recall,
    Resources,
    StartEstimate,
)
from scheduler.client.shares import Pool, Share
from scheduler.texts import said
from scheduler.v1 import cluster_service_pb2 as cluster_pb
from scheduler.v1 import job_service_pb2 as pb

E = TypeVar("E", bound=StrEnum)
UNKNOWN = "unknown"


class _Wire(Protocol):
    """An enum as the protos have it."""

    def Value(self, name: Any) -> Any: ...  # noqa: N802 - protobuf's name


def _by_number(words: type[E], wire: _Wire, prefix: str) -> Mapping[int, E]:
    known = (word for word in words if word != UNKNOWN)
    return {wire.Value(f"{prefix}_{word.name}"): word for word in known}


STATES = _by_number(JobState, pb.JobState, "JOB_STATE")
REASONS = _by_number(Reason, pb.WaitReason, "WAIT_REASON")
PRECEDENCES = _by_number(Precedence, pb.Precedence, "PRECEDENCE")


def jobs_of(messages: Iterable[pb.Job]) -> tuple[Job, ...]:
    return tuple(map(job_of, messages))


def job_of(message: pb.Job) -> Job:
    return Job(
        id=message.job_id,
        name=message.display_name,
        state=STATES.get(message.state, JobState.UNKNOWN),
        resources=_resources(message.resources),
        submitted_at=message.submit_time.ToDatetime(UTC),
        organisation=message.organisation,
        project=message.project,
        user=message.user,
        tenant_class=message.tenant_class,
        unix_account=message.unix_account,
        array=_array_place(message),
        blockers=_blockers(blockers_of(message)) if message.HasField("waiting") else (),
        start_estimate=_start_estimate(message),
        pool=message.pool or None,
        nodes=tuple(message.nodes),
        slurm_job_id=message.slurm_job_id or None,
        started_at=moment(message.start_time),
        ended_at=moment(message.end_time),
        exit_code=message.exit_code if message.HasField("exit_code") else None,
        outcome=message.outcome or None,
        cancel_requested=message.cancel_requested,
        requeue_requested=message.requeue_requested,
        grant_holds=tuple(
            GrantHold(hold.grant_number, hold.gpu_seconds) for hold in message.grant_holds
        ),
        recallable=message.recallable,
        recall=_recall(message),
        dependency=message.dependency or None,
    )


def wire_name(state: JobState) -> str:
    """Return the state's name in the protos. Raises WrongUse for UNKNOWN, which is none."""
    if state is JobState.UNKNOWN:
        raise WrongUse(
            said("jobs in states that this version does not know cannot be asked for"), "USAGE"
        )
    return f"JOB_STATE_{state.name}"


def why_of(message: pb.ExplainJobResponse) -> Why:
    explained = message.HasField("explanation")
    explanation = explanation_of(message.explanation) if explained else None
    return Why(job_of(message.job), explanation)


def advice_of(message: pb.AdviseJobResponse) -> Advice:
    return Advice(jobs_of(message.jobs), explanation_of(message.explanation))


def explanation_of(message: pb.Explanation) -> Explanation:
    return Explanation(
        as_of=message.snapshot_time.ToDatetime(UTC),
        starts=message.starts,
        blockers=_blockers(message.blockers),
        planned_start=moment(message.planned_start_time),
        ahead=tuple(map(_ahead, message.ahead)),
        more_ahead=message.more_ahead,
        counterfactuals=tuple(
            Counterfactual(change.sentence, tuple(change.flags), moment(change.start_time))
            for change in message.counterfactuals
        ),
        sentences=_sentences(message),
    )


def share_of(message: cluster_pb.OrganisationShare) -> Share:
    return Share(
        organisation=message.organisation_id,
        tenant_class=message.tenant_class,
        pool=message.pool,
        entitled_gpus=message.entitled_gpus,
        held_gpus=message.held_gpus,
        wanted_gpus=message.wanted_gpus,
        borrowed_gpus=message.borrowed_gpus,
        lent_gpus=message.lent_gpus,
        mean_gpus=message.mean_gpus,
        owed_gpus=message.owed_gpus,
        owed_since=moment(message.owed_since_time),
        owed_until=moment(message.owed_until_time),
        borrowed_until=moment(message.borrowed_until_time),
    )


def pool_of(message: cluster_pb.PoolStatus) -> Pool:
    return Pool(
        name=message.name,
        partition=message.partition,
        gpu_type=message.gpu_type,
        capacity_gpus=message.capacity_gpus,
        held_gpus=message.held_gpus,
        foreign_gpus=message.foreign_gpus,
        wanted_gpus=message.wanted_gpus,
    )


def _resources(message: pb.Resources) -> Resources:
    return Resources(
        gpus=message.gpus,
        nodes=message.nodes or None,
        gpus_per_node=message.gpus_per_node or None,
        gpu_type=message.gpu_type or None,
        partitions=tuple(message.partitions),
        walltime=message.walltime.ToTimedelta(),
        cpus=message.cpus or None,
        memory_mib=message.memory_mib or None,
    )


def _array_place(message: pb.Job) -> ArrayPlace | None:
    place = message.array
    if not message.HasField("array"):
        return None
    return ArrayPlace(place.array_job_id, place.index, place.limit or None)


def _start_estimate(message: pb.Job) -> StartEstimate | None:
    if not message.HasField("start_estimate"):
        return None
    told = message.start_estimate
    return StartEstimate(
        made_at=told.made_time.ToDatetime(UTC),
        p50=told.p50_time.ToDatetime(UTC),
        p90=told.p90_time.ToDatetime(UTC),
    )


def _recall(message: pb.Job) -> Recall | None:
    if not message.HasField("recall"):
        return None
    told = message.recall
    return Recall(told.owed, moment(told.request_time), told.ended_runs)


def _blockers(messages: Iterable[pb.Blocker | pb.Waiting]) -> tuple[Blocker, ...]:
    return tuple(
        Blocker(
            REASONS.get(message.reason, Reason.UNKNOWN),
            message.meaning,
            message.detail,
            message.advice,
        )
        for message in messages
    )


def _ahead(message: pb.Ahead) -> Ahead:
    return Ahead(
        precedence=PRECEDENCES.get(message.precedence, Precedence.UNKNOWN),
        meaning=message.meaning,
        organisation=message.organisation,
        jobs=message.jobs,
        gpus=message.gpus,
    )


def _sentences(message: pb.Explanation) -> tuple[str, ...]:
    """Return the explanation in the command line's words."""
    if message.starts:
        return ("nothing is in its way: it starts in the next cycle",)
    changes = map(change_sentence, message.counterfactuals)
    return (*map(str, _blockers(message.blockers)), *standing(message), *changes)
