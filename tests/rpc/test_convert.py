"""Conversion between protobuf and domain, without a connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.jobs import TERMINAL, ArrayPlace, JobState
from scheduler.domain.reasons import REASONS, Blocker, Reason
from scheduler.domain.register import Change
from scheduler.domain.requests import GpusPer
from scheduler.domain.tenants import Kind, Role, User
from scheduler.errors import InvalidRequest
from scheduler.rpc.convert import jobs as convert
from scheduler.rpc.convert import tenants
from scheduler.rpc.convert.values import timestamp
from scheduler.v1 import job_service_pb2 as pb
from scheduler.v1 import tenant_service_pb2
from tests.build import NOON, a_job, a_placement, a_spec, at

ENUMS: dict[str, tuple[Iterable[StrEnum], EnumTypeWrapper, str]] = {
    "states": (JobState, pb.JobState, "JOB_STATE"),
    "reasons": (Reason, pb.WaitReason, "WAIT_REASON"),
    "roles": (Role, tenant_service_pb2.Role, "ROLE"),
    "kinds of entries": (Kind, tenant_service_pb2.TenantKind, "TENANT_KIND"),
    "kinds of changes": (Change, tenant_service_pb2.TenantChangeKind, "TENANT_CHANGE_KIND"),
}


@pytest.mark.parametrize(("members", "proto", "prefix"), ENUMS.values(), ids=ENUMS.keys())
def test_domain_and_proto_name_the_same_members(
    members: Iterable[StrEnum], proto: EnumTypeWrapper, prefix: str
) -> None:
    ours = [f"{prefix}_{member.name}" for member in members]

    assert proto.keys() == [f"{prefix}_UNSPECIFIED", *ours]


@pytest.mark.parametrize("reason", Reason)
def test_a_waiting_job_tells_its_reason_in_words(reason: Reason) -> None:
    job = replace(a_job(), reason=reason.value, detail="2 of 4 free")
    waiting = convert.job_message(job).waiting

    assert pb.WaitReason.Name(waiting.reason) == f"WAIT_REASON_{reason.name}"
    assert (waiting.meaning, waiting.advice) == (REASONS[reason].meaning, REASONS[reason].advice)
    assert waiting.detail == "2 of 4 free"


def test_a_waiting_job_tells_all_its_blockers_the_first_among_them() -> None:
    more = (Blocker(Reason.CLASS_CEILING, "8 of 8"), Blocker(Reason.FRAGMENTED, "3 + 5"))
    job = replace(a_job(), reason=Reason.USER_LIMIT.value, detail="4 of 4", more_blockers=more)
    blockers = convert.job_message(job).waiting.blockers

    assert [(pb.WaitReason.Name(one.reason), one.detail) for one in blockers] == [
        ("WAIT_REASON_USER_LIMIT", "4 of 4"),
        ("WAIT_REASON_CLASS_CEILING", "8 of 8"),
        ("WAIT_REASON_FRAGMENTED", "3 + 5"),
    ]
    assert [one.advice for one in blockers][1:] == [REASONS[one.reason].advice for one in more]


def test_a_reason_that_is_no_cycles_is_told_in_its_own_words() -> None:
    waiting = convert.job_message(replace(a_job(), reason="submission refused")).waiting

    assert (waiting.reason, waiting.meaning) == (0, "submission refused")


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_an_ended_job_tells_its_outcome_and_waits_no_more(state: JobState) -> None:
    message = convert.job_message(replace(a_job(state=state), detail="exit code 3", exit_code=3))

    assert (message.outcome, message.exit_code) == ("exit code 3", 3)
    assert not message.HasField("waiting")


def test_a_running_job_tells_what_it_holds_and_not_what_it_asked_for() -> None:
    job = a_job(
        7,
        state=JobState.RUNNING,
        spec=a_spec(8),
        placement=a_placement(4, "n1", "n2"),
        slurm_id=31,
        started_at=at(5),
        array=ArrayPlace(6, 1, 2),
    )
    message = convert.job_message(job)

    resources = message.resources
    assert (resources.gpus, resources.nodes, resources.gpus_per_node) == (8, 2, 4)
    assert list(message.nodes) == ["n1", "n2"]
    assert (message.slurm_job_id, message.array.array_job_id) == (31, 6)
    assert message.start_time == timestamp(at(5))


def test_an_unset_exit_code_and_time_stay_unset() -> None:
    message = convert.job_message(a_job())

    assert not message.HasField("exit_code")
    assert not message.HasField("start_time")
    assert not message.HasField("array")


def test_a_request_per_node_tells_gpus_per_node() -> None:
    spec = a_spec(4, gpus_per=GpusPer.NODE, nodes=2, gpu_type="h200", partitions=("alem",))
    resources = convert.job_message(a_job(spec=spec)).resources

    assert (resources.gpus, resources.nodes, resources.gpus_per_node) == (8, 2, 4)
    assert (resources.gpu_type, list(resources.partitions)) == ("h200", ["alem"])


@given(before=st.integers(1, 2**63 - 1))
def test_a_page_token_reads_back(before: int) -> None:
    assert convert.before_job_id(convert.page_token(before)) == before


@given(token=st.text(min_size=1, max_size=40))
def test_any_other_page_token_is_refused_and_never_breaks(token: str) -> None:
    try:
        before = convert.before_job_id(token)
    except InvalidRequest:
        return
    assert convert.page_token(before) == token


@pytest.mark.parametrize("role", Role)
def test_a_user_reads_back(role: Role) -> None:
    user = User("aigerim", "steppe", "main", "aigerim", role)

    assert tenants.user(tenants.user_message(user)) == user


def test_a_moment_keeps_its_microseconds() -> None:
    moment = NOON.replace(microsecond=123456)
    message = timestamp(moment)

    assert message is not None
    assert message.ToDatetime(NOON.tzinfo) == moment
