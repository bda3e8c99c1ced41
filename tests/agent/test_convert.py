"""Whatever the port can say arrives as it was said, fields of a later day included."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.agent.convert import (
    cluster_message,
    cluster_state,
    ended_message,
    ended_runs,
    launch_message,
    launch_of,
    measured_message,
    measured_runs,
    notice_message,
    notice_of,
    submission_messages,
    submissions_of,
)
from scheduler.agent.v1 import agent_service_pb2 as pb
from scheduler.domain.cluster import Asked, BackendJob, ClusterState, EndedRun, Launch, Submission
from scheduler.domain.measured import Measured, MeasuredRun
from scheduler.domain.recalls.notices import Notice
from scheduler.domain.resources import Amount, Gang, Node, Pool

# Values are many and small; how long a busy machine takes to make them says nothing.
CHECKED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
COUNTS = st.integers(0, 2**31 - 1)
IDS = st.integers(0, 2**63 - 1)
TEXTS = st.text(max_size=8)
NAMES = st.lists(TEXTS, max_size=3).map(tuple)
MOMENTS = st.datetimes(timezones=st.just(UTC))
AMOUNTS = st.builds(Amount, gpus=COUNTS, cpus=COUNTS, memory_mib=IDS)
LARGE = {"slurm_id": IDS, "job_id": IDS, "attempt": COUNTS}

st.register_type_strategy(
    Gang,
    st.builds(Gang, st.integers(1, 99), AMOUNTS.filter(lambda amount: amount.gpus > 0)),
)
NODES = st.builds(Node, capacity=AMOUNTS, used=AMOUNTS, features=st.frozensets(TEXTS, max_size=3))
JOBS = st.builds(
    BackendJob,
    **LARGE,
    nodes=NAMES,
    started_at=st.none() | MOMENTS,
    ended_at=st.none() | MOMENTS,
    exit_code=st.none() | st.integers(0, 255),
    restarts=COUNTS,
    asks=st.none() | st.builds(Asked, AMOUNTS, NAMES, IDS),
    is_sealed=st.booleans(),
)
FIGURES = st.none() | st.floats(0, 1e9)
MEASURED = st.builds(
    Measured, FIGURES, FIGURES, FIGURES, st.none() | IDS, st.none() | st.integers(0, 100)
)
STATES = st.builds(
    ClusterState,
    pools=st.lists(st.builds(Pool, TEXTS, TEXTS), max_size=2).map(tuple),
    nodes=st.lists(NODES, max_size=2).map(tuple),
    jobs=st.lists(JOBS, max_size=2).map(tuple),
    read_at=MOMENTS,
    records_are_complete=st.booleans(),
)
LAUNCHES = st.builds(
    Launch,
    job_id=IDS,
    attempt=COUNTS,
    flags=NAMES,
    walltime_s=IDS,
    working_directory=TEXTS,
    array_index=st.none() | COUNTS,
    is_held=st.booleans(),
    array_id=st.none() | IDS,
    environment=st.dictionaries(TEXTS, TEXTS, max_size=3),
)
SUBMISSIONS = st.builds(Submission, job_id=IDS, slurm_id=IDS, message=TEXTS)


@CHECKED
@given(STATES)
def test_a_state_of_the_cluster_arrives_whole(state: ClusterState) -> None:
    sent = cluster_message(state).SerializeToString()

    assert cluster_state(pb.ReadClusterResponse.FromString(sent)) == state


@CHECKED
@given(LAUNCHES)
def test_a_launch_arrives_whole(launch: Launch) -> None:
    assert launch_of(pb.Launch.FromString(launch_message(launch).SerializeToString())) == launch


@CHECKED
@given(st.lists(SUBMISSIONS, max_size=3).map(tuple))
def test_the_answers_to_launches_arrive_whole(submissions: tuple[Submission, ...]) -> None:
    assert submissions_of(submission_messages(submissions)) == submissions


@CHECKED
@given(st.builds(Notice, slurm_id=IDS))
def test_a_notice_arrives_whole(notice: Notice) -> None:
    assert notice_of(notice_message(notice)) == notice


@CHECKED
@given(st.lists(st.builds(MeasuredRun, **LARGE, measured=MEASURED), max_size=3).map(tuple))
def test_what_runs_used_arrives_as_it_was_said(runs: tuple[MeasuredRun, ...]) -> None:
    sent = measured_message(runs).SerializeToString()

    assert measured_runs(pb.ReadMeasuredResponse.FromString(sent)) == runs


@CHECKED
@given(
    st.lists(st.builds(EndedRun, **LARGE, started_at=MOMENTS, ended_at=MOMENTS), max_size=3).map(
        tuple
    )
)
def test_when_runs_ended_arrives_as_it_was_said(runs: tuple[EndedRun, ...]) -> None:
    sent = ended_message(runs).SerializeToString()

    assert ended_runs(pb.ReadEndedRunsResponse.FromString(sent)) == runs


def test_a_state_that_is_no_word_of_this_version_is_no_state() -> None:
    with pytest.raises(KeyError):
        cluster_state(pb.ReadClusterResponse(jobs=[pb.BackendJob(slurm_id=1)]))
