import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from scheduler.v1 import job_service_pb2 as _job_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProposalState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROPOSAL_STATE_UNSPECIFIED: _ClassVar[ProposalState]
    PROPOSAL_STATE_PROPOSED: _ClassVar[ProposalState]
    PROPOSAL_STATE_APPROVED: _ClassVar[ProposalState]
    PROPOSAL_STATE_IN_FORCE: _ClassVar[ProposalState]
    PROPOSAL_STATE_WITHDRAWN: _ClassVar[ProposalState]
    PROPOSAL_STATE_ROLLED_BACK: _ClassVar[ProposalState]
    PROPOSAL_STATE_SHADOWED: _ClassVar[ProposalState]
    PROPOSAL_STATE_CANARY: _ClassVar[ProposalState]
PROPOSAL_STATE_UNSPECIFIED: ProposalState
PROPOSAL_STATE_PROPOSED: ProposalState
PROPOSAL_STATE_APPROVED: ProposalState
PROPOSAL_STATE_IN_FORCE: ProposalState
PROPOSAL_STATE_WITHDRAWN: ProposalState
PROPOSAL_STATE_ROLLED_BACK: ProposalState
PROPOSAL_STATE_SHADOWED: ProposalState
PROPOSAL_STATE_CANARY: ProposalState

class PolicyVersion(_message.Message):
    __slots__ = ("number", "title", "sha256", "text", "applied_by", "apply_time", "why", "approved_by", "proposal")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    APPLIED_BY_FIELD_NUMBER: _ClassVar[int]
    APPLY_TIME_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BY_FIELD_NUMBER: _ClassVar[int]
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    number: int
    title: str
    sha256: str
    text: str
    applied_by: str
    apply_time: _timestamp_pb2.Timestamp
    why: str
    approved_by: str
    proposal: int
    def __init__(self, number: _Optional[int] = ..., title: _Optional[str] = ..., sha256: _Optional[str] = ..., text: _Optional[str] = ..., applied_by: _Optional[str] = ..., apply_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., why: _Optional[str] = ..., approved_by: _Optional[str] = ..., proposal: _Optional[int] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: PolicyVersion
    def __init__(self, policy: _Optional[_Union[PolicyVersion, _Mapping]] = ...) -> None: ...

class ValidatePolicyRequest(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class ValidatePolicyResponse(_message.Message):
    __slots__ = ("problems", "changes", "warnings")
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[PolicyProblem]
    changes: _containers.RepeatedScalarFieldContainer[str]
    warnings: _containers.RepeatedCompositeFieldContainer[PolicyProblem]
    def __init__(self, problems: _Optional[_Iterable[_Union[PolicyProblem, _Mapping]]] = ..., changes: _Optional[_Iterable[str]] = ..., warnings: _Optional[_Iterable[_Union[PolicyProblem, _Mapping]]] = ...) -> None: ...

class ForecastPolicyRequest(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class ForecastPolicyResponse(_message.Message):
    __slots__ = ("snapshot_time", "base_number", "changes", "standings", "starts", "held_back", "recalled", "spared", "barred")
    SNAPSHOT_TIME_FIELD_NUMBER: _ClassVar[int]
    BASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    STANDINGS_FIELD_NUMBER: _ClassVar[int]
    STARTS_FIELD_NUMBER: _ClassVar[int]
    HELD_BACK_FIELD_NUMBER: _ClassVar[int]
    RECALLED_FIELD_NUMBER: _ClassVar[int]
    SPARED_FIELD_NUMBER: _ClassVar[int]
    BARRED_FIELD_NUMBER: _ClassVar[int]
    snapshot_time: _timestamp_pb2.Timestamp
    base_number: int
    changes: _containers.RepeatedScalarFieldContainer[str]
    standings: _containers.RepeatedCompositeFieldContainer[PolicyStanding]
    starts: _containers.RepeatedCompositeFieldContainer[AffectedJob]
    held_back: _containers.RepeatedCompositeFieldContainer[AffectedJob]
    recalled: _containers.RepeatedCompositeFieldContainer[AffectedJob]
    spared: _containers.RepeatedCompositeFieldContainer[AffectedJob]
    barred: _containers.RepeatedCompositeFieldContainer[AffectedJob]
    def __init__(self, snapshot_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., base_number: _Optional[int] = ..., changes: _Optional[_Iterable[str]] = ..., standings: _Optional[_Iterable[_Union[PolicyStanding, _Mapping]]] = ..., starts: _Optional[_Iterable[_Union[AffectedJob, _Mapping]]] = ..., held_back: _Optional[_Iterable[_Union[AffectedJob, _Mapping]]] = ..., recalled: _Optional[_Iterable[_Union[AffectedJob, _Mapping]]] = ..., spared: _Optional[_Iterable[_Union[AffectedJob, _Mapping]]] = ..., barred: _Optional[_Iterable[_Union[AffectedJob, _Mapping]]] = ...) -> None: ...

class PolicyStanding(_message.Message):
    __slots__ = ("organisation_id", "tenant_class", "pool", "held_gpus", "wanted_gpus", "entitled_gpus_before", "entitled_gpus_after", "even_gpus_before", "even_gpus_after", "over_gpus")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    HELD_GPUS_FIELD_NUMBER: _ClassVar[int]
    WANTED_GPUS_FIELD_NUMBER: _ClassVar[int]
    ENTITLED_GPUS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ENTITLED_GPUS_AFTER_FIELD_NUMBER: _ClassVar[int]
    EVEN_GPUS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    EVEN_GPUS_AFTER_FIELD_NUMBER: _ClassVar[int]
    OVER_GPUS_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    tenant_class: str
    pool: str
    held_gpus: int
    wanted_gpus: int
    entitled_gpus_before: float
    entitled_gpus_after: float
    even_gpus_before: float
    even_gpus_after: float
    over_gpus: int
    def __init__(self, organisation_id: _Optional[str] = ..., tenant_class: _Optional[str] = ..., pool: _Optional[str] = ..., held_gpus: _Optional[int] = ..., wanted_gpus: _Optional[int] = ..., entitled_gpus_before: _Optional[float] = ..., entitled_gpus_after: _Optional[float] = ..., even_gpus_before: _Optional[float] = ..., even_gpus_after: _Optional[float] = ..., over_gpus: _Optional[int] = ...) -> None: ...

class AffectedJob(_message.Message):
    __slots__ = ("job_id", "organisation_id", "user_id", "gpus")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    GPUS_FIELD_NUMBER: _ClassVar[int]
    job_id: int
    organisation_id: str
    user_id: str
    gpus: int
    def __init__(self, job_id: _Optional[int] = ..., organisation_id: _Optional[str] = ..., user_id: _Optional[str] = ..., gpus: _Optional[int] = ...) -> None: ...

class PolicyProblem(_message.Message):
    __slots__ = ("key", "message", "kind")
    KEY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    key: str
    message: str
    kind: str
    def __init__(self, key: _Optional[str] = ..., message: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class ApplyPolicyRequest(_message.Message):
    __slots__ = ("text", "expected_number")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_NUMBER_FIELD_NUMBER: _ClassVar[int]
    text: str
    expected_number: int
    def __init__(self, text: _Optional[str] = ..., expected_number: _Optional[int] = ...) -> None: ...

class ApplyPolicyResponse(_message.Message):
    __slots__ = ("policy", "warnings")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    policy: PolicyVersion
    warnings: _containers.RepeatedCompositeFieldContainer[PolicyProblem]
    def __init__(self, policy: _Optional[_Union[PolicyVersion, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[PolicyProblem, _Mapping]]] = ...) -> None: ...

class ListPolicyVersionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListPolicyVersionsResponse(_message.Message):
    __slots__ = ("policies",)
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[PolicyVersion]
    def __init__(self, policies: _Optional[_Iterable[_Union[PolicyVersion, _Mapping]]] = ...) -> None: ...

class Proposal(_message.Message):
    __slots__ = ("number", "state", "revision", "base_number", "title", "sha256", "text", "steps", "accepted", "canary")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    BASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    CANARY_FIELD_NUMBER: _ClassVar[int]
    number: int
    state: ProposalState
    revision: int
    base_number: int
    title: str
    sha256: str
    text: str
    steps: _containers.RepeatedCompositeFieldContainer[ProposalStep]
    accepted: _containers.RepeatedScalarFieldContainer[str]
    canary: Canary
    def __init__(self, number: _Optional[int] = ..., state: _Optional[_Union[ProposalState, str]] = ..., revision: _Optional[int] = ..., base_number: _Optional[int] = ..., title: _Optional[str] = ..., sha256: _Optional[str] = ..., text: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[ProposalStep, _Mapping]]] = ..., accepted: _Optional[_Iterable[str]] = ..., canary: _Optional[_Union[Canary, _Mapping]] = ...) -> None: ...

class Canary(_message.Message):
    __slots__ = ("classes", "until_time", "tolerated")
    CLASSES_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    TOLERATED_FIELD_NUMBER: _ClassVar[int]
    classes: _containers.RepeatedScalarFieldContainer[str]
    until_time: _timestamp_pb2.Timestamp
    tolerated: _containers.RepeatedCompositeFieldContainer[Tolerance]
    def __init__(self, classes: _Optional[_Iterable[str]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tolerated: _Optional[_Iterable[_Union[Tolerance, _Mapping]]] = ...) -> None: ...

class Tolerance(_message.Message):
    __slots__ = ("objective", "most")
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    objective: str
    most: float
    def __init__(self, objective: _Optional[str] = ..., most: _Optional[float] = ...) -> None: ...

class ProposalStep(_message.Message):
    __slots__ = ("state", "by", "time", "why")
    STATE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    state: ProposalState
    by: str
    time: _timestamp_pb2.Timestamp
    why: str
    def __init__(self, state: _Optional[_Union[ProposalState, str]] = ..., by: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., why: _Optional[str] = ...) -> None: ...

class ProposePolicyRequest(_message.Message):
    __slots__ = ("text", "base_number", "why")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    text: str
    base_number: int
    why: str
    def __init__(self, text: _Optional[str] = ..., base_number: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class ProposePolicyResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: Proposal
    def __init__(self, proposal: _Optional[_Union[Proposal, _Mapping]] = ...) -> None: ...

class GetProposalRequest(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class GetProposalResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: Proposal
    def __init__(self, proposal: _Optional[_Union[Proposal, _Mapping]] = ...) -> None: ...

class ListProposalsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListProposalsResponse(_message.Message):
    __slots__ = ("proposals",)
    PROPOSALS_FIELD_NUMBER: _ClassVar[int]
    proposals: _containers.RepeatedCompositeFieldContainer[Proposal]
    def __init__(self, proposals: _Optional[_Iterable[_Union[Proposal, _Mapping]]] = ...) -> None: ...

class ApproveProposalRequest(_message.Message):
    __slots__ = ("number", "revision", "accept")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    accept: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., accept: _Optional[_Iterable[str]] = ...) -> None: ...

class ApproveProposalResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: Proposal
    def __init__(self, proposal: _Optional[_Union[Proposal, _Mapping]] = ...) -> None: ...

class WithdrawProposalRequest(_message.Message):
    __slots__ = ("number", "revision", "why")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    why: str
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class WithdrawProposalResponse(_message.Message):
    __slots__ = ("proposal",)
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    proposal: Proposal
    def __init__(self, proposal: _Optional[_Union[Proposal, _Mapping]] = ...) -> None: ...

class ActivateProposalRequest(_message.Message):
    __slots__ = ("number", "revision", "shadow", "canary_classes", "try_for", "tolerated", "accept")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    CANARY_CLASSES_FIELD_NUMBER: _ClassVar[int]
    TRY_FOR_FIELD_NUMBER: _ClassVar[int]
    TOLERATED_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    shadow: bool
    canary_classes: _containers.RepeatedScalarFieldContainer[str]
    try_for: _duration_pb2.Duration
    tolerated: _containers.RepeatedCompositeFieldContainer[Tolerance]
    accept: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., shadow: _Optional[bool] = ..., canary_classes: _Optional[_Iterable[str]] = ..., try_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., tolerated: _Optional[_Iterable[_Union[Tolerance, _Mapping]]] = ..., accept: _Optional[_Iterable[str]] = ...) -> None: ...

class ActivateProposalResponse(_message.Message):
    __slots__ = ("proposal", "policy", "not_tried")
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    NOT_TRIED_FIELD_NUMBER: _ClassVar[int]
    proposal: Proposal
    policy: PolicyVersion
    not_tried: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, proposal: _Optional[_Union[Proposal, _Mapping]] = ..., policy: _Optional[_Union[PolicyVersion, _Mapping]] = ..., not_tried: _Optional[_Iterable[str]] = ...) -> None: ...

class RollBackPolicyRequest(_message.Message):
    __slots__ = ("to_number", "expected_number", "why")
    TO_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_NUMBER_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    to_number: int
    expected_number: int
    why: str
    def __init__(self, to_number: _Optional[int] = ..., expected_number: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class RollBackPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: PolicyVersion
    def __init__(self, policy: _Optional[_Union[PolicyVersion, _Mapping]] = ...) -> None: ...

class GetTrialRequest(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class GetTrialResponse(_message.Message):
    __slots__ = ("proposal", "stages")
    PROPOSAL_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    proposal: Proposal
    stages: _containers.RepeatedCompositeFieldContainer[StageSummary]
    def __init__(self, proposal: _Optional[_Union[Proposal, _Mapping]] = ..., stages: _Optional[_Iterable[_Union[StageSummary, _Mapping]]] = ...) -> None: ...

class StageSummary(_message.Message):
    __slots__ = ("stage", "cycles", "since_time", "until_time", "starts", "held_back", "recalled", "spared", "barred", "fared", "measures")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    CYCLES_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    STARTS_FIELD_NUMBER: _ClassVar[int]
    HELD_BACK_FIELD_NUMBER: _ClassVar[int]
    RECALLED_FIELD_NUMBER: _ClassVar[int]
    SPARED_FIELD_NUMBER: _ClassVar[int]
    BARRED_FIELD_NUMBER: _ClassVar[int]
    FARED_FIELD_NUMBER: _ClassVar[int]
    MEASURES_FIELD_NUMBER: _ClassVar[int]
    stage: ProposalState
    cycles: int
    since_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    starts: int
    held_back: int
    recalled: int
    spared: int
    barred: int
    fared: _containers.RepeatedCompositeFieldContainer[Fared]
    measures: _containers.RepeatedCompositeFieldContainer[Measure]
    def __init__(self, stage: _Optional[_Union[ProposalState, str]] = ..., cycles: _Optional[int] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., starts: _Optional[int] = ..., held_back: _Optional[int] = ..., recalled: _Optional[int] = ..., spared: _Optional[int] = ..., barred: _Optional[int] = ..., fared: _Optional[_Iterable[_Union[Fared, _Mapping]]] = ..., measures: _Optional[_Iterable[_Union[Measure, _Mapping]]] = ...) -> None: ...

class Fared(_message.Message):
    __slots__ = ("organisation_id", "tenant_class", "pool", "held_gpus_before", "held_gpus_after", "entitled_gpus_before", "entitled_gpus_after")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    HELD_GPUS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    HELD_GPUS_AFTER_FIELD_NUMBER: _ClassVar[int]
    ENTITLED_GPUS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ENTITLED_GPUS_AFTER_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    tenant_class: str
    pool: str
    held_gpus_before: float
    held_gpus_after: float
    entitled_gpus_before: float
    entitled_gpus_after: float
    def __init__(self, organisation_id: _Optional[str] = ..., tenant_class: _Optional[str] = ..., pool: _Optional[str] = ..., held_gpus_before: _Optional[float] = ..., held_gpus_after: _Optional[float] = ..., entitled_gpus_before: _Optional[float] = ..., entitled_gpus_after: _Optional[float] = ...) -> None: ...

class Measure(_message.Message):
    __slots__ = ("objective", "value")
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    objective: str
    value: float
    def __init__(self, objective: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class ListPastJobsRequest(_message.Message):
    __slots__ = ("since_time", "page_size", "page_token")
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    since_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPastJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token", "history_start_time")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    HISTORY_START_TIME_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[PastJob]
    next_page_token: str
    history_start_time: _timestamp_pb2.Timestamp
    def __init__(self, jobs: _Optional[_Iterable[_Union[PastJob, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., history_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PastJob(_message.Message):
    __slots__ = ("job_id", "tenant_class", "organisation", "project", "user", "request", "ready_time", "recallable", "array", "start_time", "end_time")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    READY_TIME_FIELD_NUMBER: _ClassVar[int]
    RECALLABLE_FIELD_NUMBER: _ClassVar[int]
    ARRAY_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    job_id: int
    tenant_class: str
    organisation: str
    project: str
    user: str
    request: PastRequest
    ready_time: _timestamp_pb2.Timestamp
    recallable: bool
    array: _job_service_pb2.ArrayPlace
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, job_id: _Optional[int] = ..., tenant_class: _Optional[str] = ..., organisation: _Optional[str] = ..., project: _Optional[str] = ..., user: _Optional[str] = ..., request: _Optional[_Union[PastRequest, _Mapping]] = ..., ready_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recallable: _Optional[bool] = ..., array: _Optional[_Union[_job_service_pb2.ArrayPlace, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PastRequest(_message.Message):
    __slots__ = ("gpus", "gpus_per_node", "nodes", "tasks", "tasks_per_node", "cpus_per_task", "memory_mib", "memory_per", "walltime_seconds", "gpu_type", "partitions", "constraint")
    GPUS_FIELD_NUMBER: _ClassVar[int]
    GPUS_PER_NODE_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    TASKS_PER_NODE_FIELD_NUMBER: _ClassVar[int]
    CPUS_PER_TASK_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    MEMORY_PER_FIELD_NUMBER: _ClassVar[int]
    WALLTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    CONSTRAINT_FIELD_NUMBER: _ClassVar[int]
    gpus: int
    gpus_per_node: bool
    nodes: int
    tasks: int
    tasks_per_node: int
    cpus_per_task: int
    memory_mib: int
    memory_per: str
    walltime_seconds: int
    gpu_type: str
    partitions: _containers.RepeatedScalarFieldContainer[str]
    constraint: _containers.RepeatedCompositeFieldContainer[FeatureSet]
    def __init__(self, gpus: _Optional[int] = ..., gpus_per_node: _Optional[bool] = ..., nodes: _Optional[int] = ..., tasks: _Optional[int] = ..., tasks_per_node: _Optional[int] = ..., cpus_per_task: _Optional[int] = ..., memory_mib: _Optional[int] = ..., memory_per: _Optional[str] = ..., walltime_seconds: _Optional[int] = ..., gpu_type: _Optional[str] = ..., partitions: _Optional[_Iterable[str]] = ..., constraint: _Optional[_Iterable[_Union[FeatureSet, _Mapping]]] = ...) -> None: ...

class FeatureSet(_message.Message):
    __slots__ = ("features",)
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, features: _Optional[_Iterable[str]] = ...) -> None: ...
