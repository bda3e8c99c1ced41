"""Between the agent's messages and the domain, field by field, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.domain.cluster import (
    Asked,
    BackendJob,
    BackendState,
    ClusterState,
    EndedRun,
    Launch,
    Submission,
    SubmissionOutcome,
)
from scheduler.domain.jobs import Placement
from scheduler.domain.measured import Measured, MeasuredRun
from scheduler.domain.recalls.notices import Notice, NoticeSignal, Receiver
from scheduler.domain.resources import Amount, Gang, Node, Pool

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

STATE_NAMES: Mapping[BackendState, str] = {
    state: f"BACKEND_STATE_{state.name}" for state in BackendState
}
OUTCOME_NAMES: Mapping[SubmissionOutcome, str] = {
    outcome: f"SUBMISSION_OUTCOME_{outcome.name}" for outcome in SubmissionOutcome
}
RECEIVER_NAMES: Mapping[Receiver, str] = {
    receiver: f"RECEIVER_{receiver.name}" for receiver in Receiver
}
# A number that is none of these is a KeyError: the other side's vocabulary is another one.
STATES = {int(pb.BackendState.Value(name)): state for state, name in STATE_NAMES.items()}
OUTCOMES = {int(pb.SubmissionOutcome.Value(name)): out for out, name in OUTCOME_NAMES.items()}
RECEIVERS = {int(pb.Receiver.Value(name)): to for to, name in RECEIVER_NAMES.items()}


def cluster_message(state: ClusterState) -> pb.ReadClusterResponse:
    return pb.ReadClusterResponse(
        pools=[pb.Pool(partition=pool.partition, gpu_type=pool.gpu_type) for pool in state.pools],
        nodes=map(_node_message, state.nodes),
        jobs=map(_job_message, state.jobs),
        read_at_us=_microseconds(state.read_at),
        records_are_complete=state.records_are_complete,
    )


def cluster_state(message: pb.ReadClusterResponse) -> ClusterState:
    """Raises KeyError or ValueError for what no agent of this version says."""
    return ClusterState(
        pools=tuple(Pool(pool.partition, pool.gpu_type) for pool in message.pools),
        nodes=tuple(map(_node, message.nodes)),
        jobs=tuple(map(_job, message.jobs)),
        read_at=_moment(message.read_at_us),
        records_are_complete=message.records_are_complete,
    )


def marked_request(pairing: pb.Pairing, since: datetime) -> pb.ReadMarkedRequest:
    return pb.ReadMarkedRequest(pairing=pairing, since_us=_microseconds(since))


def since_of(request: pb.ReadMarkedRequest) -> datetime:
    return _moment(request.since_us)


def marked_message(jobs: Iterable[BackendJob]) -> pb.ReadMarkedResponse:
    return pb.ReadMarkedResponse(jobs=map(_job_message, jobs))


def marked_jobs(message: pb.ReadMarkedResponse) -> tuple[BackendJob, ...]:
    """Raises KeyError for a state that no agent of this version knows."""
    return tuple(map(_job, message.jobs))


def measured_message(runs: Iterable[MeasuredRun]) -> pb.ReadMeasuredResponse:
    return pb.ReadMeasuredResponse(
        runs=[
            pb.MeasuredRun(
                slurm_id=run.slurm_id,
                job_id=run.job_id,
                attempt=run.attempt,
                cpu_s=run.measured.cpu_s,
                task_cpus=run.measured.task_cpus,
                script_cpus=run.measured.script_cpus,
                node_memory_mib=run.measured.node_memory_mib,
                gpu_percent=run.measured.gpu_percent,
            )
            for run in runs
        ]
    )


def measured_runs(message: pb.ReadMeasuredResponse) -> tuple[MeasuredRun, ...]:
    return tuple(
        MeasuredRun(
            run.slurm_id,
            run.job_id,
            run.attempt,
            Measured(
                cpu_s=run.cpu_s if run.HasField("cpu_s") else None,
                task_cpus=run.task_cpus if run.HasField("task_cpus") else None,
                script_cpus=run.script_cpus if run.HasField("script_cpus") else None,
                node_memory_mib=run.node_memory_mib if run.HasField("node_memory_mib") else None,
                gpu_percent=run.gpu_percent if run.HasField("gpu_percent") else None,
            ),
        )
        for run in message.runs
    )


def ended_message(runs: Iterable[EndedRun]) -> pb.ReadEndedRunsResponse:
    return pb.ReadEndedRunsResponse(
        runs=[
            pb.EndedRun(
                slurm_id=run.slurm_id,
                job_id=run.job_id,
                attempt=run.attempt,
                started_at_us=_microseconds(run.started_at),
                ended_at_us=_microseconds(run.ended_at),
                node_failed=run.node_failed,
            )
            for run in runs
        ]
    )


def ended_runs(message: pb.ReadEndedRunsResponse) -> tuple[EndedRun, ...]:
    return tuple(
        EndedRun(
            run.slurm_id,
            run.job_id,
            run.attempt,
            _moment(run.started_at_us),
            _moment(run.ended_at_us),
            run.node_failed,
        )
        for run in message.runs
    )


def launch_message(launch: Launch) -> pb.Launch:
    return pb.Launch(
        installation=launch.installation,
        job_id=launch.job_id,
        attempt=launch.attempt,
        unix_account=launch.unix_account,
        name=launch.name,
        script=launch.script,
        flags=launch.flags,
        placement=_placement_message(launch.placement),
        partition=launch.partition,
        gpu_type=launch.gpu_type,
        walltime_s=launch.walltime_s,
        working_directory=launch.working_directory,
        array_index=launch.array_index,
        is_held=launch.is_held,
        array_id=launch.array_id,
        environment=launch.environment,
        slurm_account=launch.slurm_account,
    )


def launch_of(message: pb.Launch) -> Launch:
    """Raises ValueError for a placement that cannot be."""
    return Launch(
        installation=message.installation,
        job_id=message.job_id,
        attempt=message.attempt,
        unix_account=message.unix_account,
        name=message.name,
        script=message.script,
        flags=tuple(message.flags),
        placement=_placement(message.placement),
        partition=message.partition,
        gpu_type=message.gpu_type,
        walltime_s=message.walltime_s,
        working_directory=message.working_directory,
        array_index=message.array_index if message.HasField("array_index") else None,
        is_held=message.is_held,
        array_id=message.array_id if message.HasField("array_id") else None,
        environment=dict(message.environment),
        slurm_account=message.slurm_account,
    )


def submission_messages(submissions: Iterable[Submission]) -> pb.SubmitJobsResponse:
    return pb.SubmitJobsResponse(submissions=map(_submission_message, submissions))


def submissions_of(message: pb.SubmitJobsResponse) -> tuple[Submission, ...]:
    """Raises KeyError for an outcome that no agent of this version knows."""
    return tuple(
        Submission(one.job_id, OUTCOMES[one.outcome], one.slurm_id, one.message)
        for one in message.submissions
    )


def notice_message(notice: Notice) -> pb.Notice:
    return pb.Notice(
        slurm_id=notice.slurm_id,
        signal_name=notice.signal.name,
        to=RECEIVER_NAMES[notice.signal.to],
    )


def notice_of(message: pb.Notice) -> Notice:
    """Raises KeyError for a receiver that no service of this version names."""
    return Notice(message.slurm_id, NoticeSignal(message.signal_name, RECEIVERS[message.to]))


def _submission_message(submission: Submission) -> pb.Submission:
    return pb.Submission(
        job_id=submission.job_id,
        outcome=OUTCOME_NAMES[submission.outcome],
        slurm_id=submission.slurm_id,
        message=submission.message,
    )


def _node_message(node: Node) -> pb.Node:
    return pb.Node(
        name=node.name,
        pool=node.pool,
        capacity=_amount_message(node.capacity),
        used=_amount_message(node.used),
        features=sorted(node.features),
        available=node.available,
    )


def _node(message: pb.Node) -> Node:
    return Node(
        name=message.name,
        pool=message.pool,
        capacity=_amount(message.capacity),
        used=_amount(message.used),
        features=frozenset(message.features),
        available=message.available,
    )


def _job_message(job: BackendJob) -> pb.BackendJob:
    return pb.BackendJob(
        slurm_id=job.slurm_id,
        job_id=job.job_id,
        attempt=job.attempt,
        unix_account=job.unix_account,
        state=STATE_NAMES[job.state],
        reason=job.reason,
        nodes=job.nodes,
        started_at_us=_microseconds(job.started_at) if job.started_at else None,
        ended_at_us=_microseconds(job.ended_at) if job.ended_at else None,
        exit_code=job.exit_code,
        restarts=job.restarts,
        asks=_asked_message(job.asks) if job.asks else None,
        is_sealed=job.is_sealed,
    )


def _job(message: pb.BackendJob) -> BackendJob:
    has = message.HasField
    return BackendJob(
        slurm_id=message.slurm_id,
        job_id=message.job_id,
        attempt=message.attempt,
        unix_account=message.unix_account,
        state=STATES[message.state],
        reason=message.reason,
        nodes=tuple(message.nodes),
        started_at=_moment(message.started_at_us) if has("started_at_us") else None,
        ended_at=_moment(message.ended_at_us) if has("ended_at_us") else None,
        exit_code=message.exit_code if has("exit_code") else None,
        restarts=message.restarts,
        asks=_asked(message.asks) if has("asks") else None,
        is_sealed=message.is_sealed,
    )


def _asked_message(asked: Asked) -> pb.Asked:
    return pb.Asked(
        gpus=asked.amount.gpus,
        cpus=asked.amount.cpus,
        memory_mib=asked.amount.memory_mib,
        nodes=asked.nodes,
        walltime_s=asked.walltime_s,
    )


def _asked(message: pb.Asked) -> Asked:
    amount = _same_amount(message.gpus, message.cpus, message.memory_mib)
    return Asked(amount, tuple(message.nodes), message.walltime_s)


def _placement_message(placement: Placement) -> pb.Placement:
    gang = pb.Gang(nodes=placement.gang.nodes, per_node=_amount_message(placement.gang.per_node))
    return pb.Placement(pool=placement.pool, nodes=placement.nodes, gang=gang)


def _placement(message: pb.Placement) -> Placement:
    gang = Gang(message.gang.nodes, _amount(message.gang.per_node))
    return Placement(message.pool, tuple(message.nodes), gang)


def _amount_message(amount: Amount) -> pb.Amount:
    return pb.Amount(gpus=amount.gpus, cpus=amount.cpus, memory_mib=amount.memory_mib)


def _amount(message: pb.Amount) -> Amount:
    return _same_amount(message.gpus, message.cpus, message.memory_mib)


@lru_cache(maxsize=4096)
def _same_amount(gpus: int, cpus: int, memory_mib: int) -> Amount:
    """Return the amount; thousands of jobs and nodes have one of a few."""
    return Amount(gpus, cpus, memory_mib)


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
