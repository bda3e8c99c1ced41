"""`tendik why`: why a job does not run, with the numbers that anyone may check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from scheduler.cli.client import Client
from scheduler.cli.completers import jobs_in
from scheduler.cli.errors import ServiceError
from scheduler.cli.estimates import record_sentence, start_sentence
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.explained import explanation_fields, print_explanation, print_list
from scheduler.cli.job_json import job_fields
from scheduler.cli.job_words import (
    asked,
    blockers_of,
    counted,
    job_label,
    reason_phrase,
    recall_phrase,
    state_cell,
)
from scheduler.cli.language import spoken
from scheduler.cli.lookup import list_jobs, one_job
from scheduler.cli.options import connected, format_option
from scheduler.cli.reader_times import told_ago, told_time
from scheduler.cli.records import WHY
from scheduler.cli.render import Format, print_data, print_fields, print_table
from scheduler.cli.shares import get_shares, plain_columns, plain_row, share_fields
from scheduler.cli.start_times import track_records
from scheduler.cli.table import Table
from scheduler.cli.terminal import note, say
from scheduler.texts import listed, said
from scheduler.v1.cluster_service_pb2 import GetClusterRequest, OrganisationShare
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.job_service_pb2 import (
    Blocker,
    ExplainJobRequest,
    Explanation,
    Job,
    JobState,
    ListJobsRequest,
    Waiting,
)
from scheduler.v1.job_service_pb2_grpc import JobServiceStub

# Beyond so many pending jobs of one organisation a place in line says nothing.
MAX_COUNTED_JOBS = 5000


@click.command()
@click.argument("job", metavar="JOB", shell_complete=jobs_in("pending"))
@format_option()
@connected
def why(client: Client, job: str, form: Format) -> None:
    """Say why a job does not run yet, or what it does instead."""
    found = one_job(client, job)
    pending = found.state == JobState.JOB_STATE_PENDING
    shares = [share for share in get_shares(client).shares if _may_use(found, share.pool)]
    place = _place(client, found, shares) if pending else []
    explanation = _explanation(client, found) if pending else None
    if form.for_programs:
        print_data(form, WHY, _as_json(found, shares, place, explanation))
        return
    print_fields(_reason(found) if pending else _instead(found))
    own = [share for share in shares if share.organisation_id == found.organisation]
    if pending and own:
        click.echo()
        say(
            said(
                "{organisation} in the pools that this job could use:",
                organisation=found.organisation,
            )
        )
        print_table(Table(plain_columns(), list(map(plain_row, own))))
    print_list(place)
    if explanation is not None:
        _print_now(found, explanation)
    if found.cancel_requested and pending:
        note(said("its cancel was asked for; it will not start"))


def _explanation(client: Client, job: Job) -> Explanation | None:
    """Return what the service finds out about the job on demand; None where it cannot now."""
    request = ExplainJobRequest(name=f"jobs/{job.job_id}")
    try:
        answer = client.call(JobServiceStub(client.channel).ExplainJob, request)
    except ServiceError as error:
        if error.exit_code != ExitCode.UNAVAILABLE:
            raise
        note(
            said(
                "who goes first and what would help is not known now: {message}",
                message=error.message,
            )
        )
        return None
    return answer.explanation if answer.HasField("explanation") else None


def _print_now(job: Job, explanation: Explanation) -> None:
    if explanation.starts:
        note(said("by the newest state of the cluster nothing is in its way: it is about to start"))
    else:
        is_element = job.HasField("array")
        print_explanation(explanation, "" if is_element else f"tendik resubmit {job_label(job)}")


def _reason(job: Job) -> Iterator[tuple[str, Any]]:
    yield said("job"), f"{job_label(job)}  {job.display_name}"
    yield said("state"), state_cell(job)
    yield (
        said("asked for"),
        listed((asked(job.resources), told_ago(job.submit_time, datetime.now(UTC)))),
    )
    yield said("recalled"), recall_phrase(job)
    yield said("expected"), start_sentence(job, datetime.now(UTC))
    reasons = _by_reason(job)
    for number, (phrase, blockers) in enumerate(reasons.items(), 1):
        yield (
            said("reason"),
            said(
                "{number} of {reasons}: {phrase}",
                number=number,
                reasons=len(reasons),
                phrase=phrase,
            )
            if len(reasons) > 1
            else phrase,
        )
        yield said("meaning"), blockers[0].meaning if blockers[0].reason else ""
        yield from ((said("numbers"), blocker.detail) for blocker in blockers)
        yield said("advice"), blockers[0].advice


def _by_reason(job: Job) -> dict[str, list[Blocker | Waiting]]:
    """Return what is in the way; of pools that block alike, each gives its numbers."""
    found: dict[str, list[Blocker | Waiting]] = {}
    for blocker in blockers_of(job):
        found.setdefault(reason_phrase(blocker), []).append(blocker)
    return found


def _instead(job: Job) -> Iterator[tuple[str, Any]]:
    yield said("job"), f"{job_label(job)}  {job.display_name}"
    yield said("state"), state_cell(job)
    yield said("meaning"), _doing(job)
    yield said("outcome"), job.outcome
    yield said("exit code"), str(job.exit_code) if job.HasField("exit_code") else ""


def _doing(job: Job) -> str:
    """Return the truth about a job that does not wait for a decision."""
    cancel = said("; its cancel was asked for") if job.cancel_requested else ""
    match job.state:
        case JobState.JOB_STATE_SUBMITTING:
            return said(
                "it was admitted to {pool} and is on its way to Slurm{cancel}",
                pool=job.pool,
                cancel=cancel,
            )
        case JobState.JOB_STATE_HELD | JobState.JOB_STATE_RELEASING:
            return said(
                "it was admitted to {pool}; Slurm is about to let it start{cancel}",
                pool=job.pool,
                cancel=cancel,
            )
        case JobState.JOB_STATE_SUBMITTED:
            return said(
                "it was admitted to {pool}; Slurm has it as {slurm_job_id}{cancel}",
                pool=job.pool,
                slurm_job_id=job.slurm_job_id,
                cancel=cancel,
            )
        case JobState.JOB_STATE_RUNNING:
            begun, recall = told_time(job.start_time), recall_phrase(job)
            told = cancel or (recall and listed(("; ", recall), ""))
            return said(
                "it runs since {begun} in {pool} on {names}{told}",
                begun=begun,
                pool=job.pool,
                names=", ".join(job.nodes),
                told=told,
            )
        case JobState.JOB_STATE_SETTLING:
            return said(
                "Slurm shows it no more; how it ended is not known yet{cancel}", cancel=cancel
            )
        case _:
            at = told_time(job.end_time)
            over = said("it ended {at}; it waits for nothing", at=at)
            return over if at else said("it ended; it waits for nothing")


def _may_use(job: Job, pool: str) -> bool:
    """Say whether the job's partition and GPU type admit the pool ("partition/type")."""
    partition, _, gpu_type = pool.partition("/")
    partitions = job.resources.partitions
    return job.resources.gpu_type in ("", gpu_type) and (not partitions or partition in partitions)


def _one_pool(job: Job, shares: Sequence[OrganisationShare]) -> Iterator[str]:
    """Yield what several blockers in several pools mean together."""
    pools = {share.pool for share in shares}
    if len(pools) > 1 and len(blockers_of(job)) > 1:
        yield said(
            "it could use {pools} pools, and one where nothing is in the way is enough",
            pools=len(pools),
        )


def _place(client: Client, job: Job, shares: Sequence[OrganisationShare]) -> list[str]:
    """Return what is true of the job beside its reasons, for a person to read."""
    line = (*_one_pool(job, shares), *_line(client, job, shares))
    return [*_slurm(client), *line, *_start_times(client, job)]


def _start_times(client: Client, job: Job) -> Iterator[str]:
    """Say how often start times such as this job's came true."""
    if job.HasField("start_estimate"):
        yield from filter(None, [record_sentence(job, track_records(client))])


def _slurm(client: Client) -> Iterator[str]:
    """Say that nothing can start, whatever else is in the way, while Slurm is away."""
    cluster = client.call(ClusterServiceStub(client.channel).GetCluster, GetClusterRequest())
    if not cluster.backend_up:
        yield said(
            "Slurm does not answer: no job can start until it does, and this one keeps its place"
        )


def _line(client: Client, job: Job, shares: Sequence[OrganisationShare]) -> Iterator[str]:
    """Yield where the job stands: in its organisation, and its organisation in each pool."""
    wanted = ListJobsRequest(organisation=job.organisation, states=[JobState.JOB_STATE_PENDING])
    jobs = list_jobs(client, wanted, MAX_COUNTED_JOBS)
    if len(jobs) < MAX_COUNTED_JOBS:
        earlier = sum(other.job_id < job.job_id for other in jobs)
        yield said(
            "earlier jobs of {organisation} that wait too: {earlier:,}",
            organisation=job.organisation,
            earlier=earlier,
        )
    for own in shares:
        if own.organisation_id == job.organisation:
            yield _standing(own, [share for share in shares if share.pool == own.pool])


def _standing(own: OrganisationShare, all_shares: Sequence[OrganisationShare]) -> str:
    waiting = [
        share
        for share in all_shares
        if share.wanted_gpus > share.held_gpus and share.organisation_id != own.organisation_id
    ]
    if not waiting:
        return said("{pool}: no other organisation has waiting jobs", pool=own.pool)
    lower = sum(_part_held(share) < _part_held(own) for share in waiting)
    return said(
        "{pool}: of {others} with waiting jobs, {lower} hold less of what they are "
        "entitled to than {organisation}",
        pool=own.pool,
        others=counted(len(waiting), "other organisation"),
        lower=lower,
        organisation=own.organisation_id,
    )


def _part_held(share: OrganisationShare) -> float:
    if not share.entitled_gpus:
        return float("inf") if share.held_gpus else 0.0
    return share.held_gpus / share.entitled_gpus


def _as_json(
    job: Job,
    shares: Sequence[OrganisationShare],
    place: Sequence[str],
    explanation: Explanation | None,
) -> dict[str, Any]:
    own = [share_fields(share) for share in shares if share.organisation_id == job.organisation]
    told = explanation_fields(explanation) if explanation else None
    return {
        "job": job_fields(job),
        "shares": own,
        "place": list(map(spoken, place)),
        "explanation": told,
    }
