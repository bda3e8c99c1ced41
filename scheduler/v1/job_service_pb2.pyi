import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_PENDING: _ClassVar[JobState]
    JOB_STATE_SUBMITTING: _ClassVar[JobState]
    JOB_STATE_HELD: _ClassVar[JobState]
    JOB_STATE_RELEASING: _ClassVar[JobState]
    JOB_STATE_SUBMITTED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_SETTLING: _ClassVar[JobState]
    JOB_STATE_COMPLETED: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]
    JOB_STATE_TIMED_OUT: _ClassVar[JobState]
    JOB_STATE_OUT_OF_MEMORY: _ClassVar[JobState]
    JOB_STATE_NODE_FAILED: _ClassVar[JobState]
    JOB_STATE_LOST: _ClassVar[JobState]

class WaitReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WAIT_REASON_UNSPECIFIED: _ClassVar[WaitReason]
    WAIT_REASON_NOT_YET_CONSIDERED: _ClassVar[WaitReason]
    WAIT_REASON_USER_LIMIT: _ClassVar[WaitReason]
    WAIT_REASON_ARRAY_LIMIT: _ClassVar[WaitReason]
    WAIT_REASON_ORGANISATION_CEILING: _ClassVar[WaitReason]
    WAIT_REASON_CLASS_CEILING: _ClassVar[WaitReason]
    WAIT_REASON_BORROWING_LIMIT: _ClassVar[WaitReason]
    WAIT_REASON_KEPT_BACK: _ClassVar[WaitReason]
    WAIT_REASON_NO_SUITABLE_NODES: _ClassVar[WaitReason]
    WAIT_REASON_NODES_UNAVAILABLE: _ClassVar[WaitReason]
    WAIT_REASON_ADVANCE_RESERVATION: _ClassVar[WaitReason]
    WAIT_REASON_NOT_ENOUGH_FREE_GPUS: _ClassVar[WaitReason]
    WAIT_REASON_FRAGMENTED: _ClassVar[WaitReason]
    WAIT_REASON_RESERVED: _ClassVar[WaitReason]
    WAIT_REASON_OTHERS_FIRST: _ClassVar[WaitReason]
    WAIT_REASON_SCHEDULER_PAUSED: _ClassVar[WaitReason]
    WAIT_REASON_HELD_BY_USER: _ClassVar[WaitReason]
    WAIT_REASON_DEPENDENCY: _ClassVar[WaitReason]
    WAIT_REASON_DEPENDENCY_NEVER_SATISFIED: _ClassVar[WaitReason]
    WAIT_REASON_ACCESS_ENDED: _ClassVar[WaitReason]

class Precedence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRECEDENCE_UNSPECIFIED: _ClassVar[Precedence]
    PRECEDENCE_PLANNED_START: _ClassVar[Precedence]
    PRECEDENCE_FLOOR: _ClassVar[Precedence]
    PRECEDENCE_CLASS_SHARE: _ClassVar[Precedence]
    PRECEDENCE_ORGANISATION_SHARE: _ClassVar[Precedence]
    PRECEDENCE_PROJECT_SHARE: _ClassVar[Precedence]
    PRECEDENCE_USER_SHARE: _ClassVar[Precedence]
    PRECEDENCE_LONGER_WAIT: _ClassVar[Precedence]
    PRECEDENCE_OWN_ORDER: _ClassVar[Precedence]

class OutputStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_STATUS_UNSPECIFIED: _ClassVar[OutputStatus]
    OUTPUT_STATUS_DATA: _ClassVar[OutputStatus]
    OUTPUT_STATUS_NOT_STARTED: _ClassVar[OutputStatus]
    OUTPUT_STATUS_NO_FILE: _ClassVar[OutputStatus]
    OUTPUT_STATUS_SHORTER: _ClassVar[OutputStatus]
    OUTPUT_STATUS_READ: _ClassVar[OutputStatus]
    OUTPUT_STATUS_CUT: _ClassVar[OutputStatus]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_PENDING: JobState
JOB_STATE_SUBMITTING: JobState
JOB_STATE_HELD: JobState
JOB_STATE_RELEASING: JobState
JOB_STATE_SUBMITTED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_SETTLING: JobState
JOB_STATE_COMPLETED: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState
JOB_STATE_TIMED_OUT: JobState
JOB_STATE_OUT_OF_MEMORY: JobState
JOB_STATE_NODE_FAILED: JobState
JOB_STATE_LOST: JobState
WAIT_REASON_UNSPECIFIED: WaitReason
WAIT_REASON_NOT_YET_CONSIDERED: WaitReason
WAIT_REASON_USER_LIMIT: WaitReason
WAIT_REASON_ARRAY_LIMIT: WaitReason
WAIT_REASON_ORGANISATION_CEILING: WaitReason
WAIT_REASON_CLASS_CEILING: WaitReason
WAIT_REASON_BORROWING_LIMIT: WaitReason
WAIT_REASON_KEPT_BACK: WaitReason
WAIT_REASON_NO_SUITABLE_NODES: WaitReason
WAIT_REASON_NODES_UNAVAILABLE: WaitReason
WAIT_REASON_ADVANCE_RESERVATION: WaitReason
WAIT_REASON_NOT_ENOUGH_FREE_GPUS: WaitReason
WAIT_REASON_FRAGMENTED: WaitReason
WAIT_REASON_RESERVED: WaitReason
WAIT_REASON_OTHERS_FIRST: WaitReason
WAIT_REASON_SCHEDULER_PAUSED: WaitReason
WAIT_REASON_HELD_BY_USER: WaitReason
WAIT_REASON_DEPENDENCY: WaitReason
WAIT_REASON_DEPENDENCY_NEVER_SATISFIED: WaitReason
WAIT_REASON_ACCESS_ENDED: WaitReason
PRECEDENCE_UNSPECIFIED: Precedence
PRECEDENCE_PLANNED_START: Precedence
PRECEDENCE_FLOOR: Precedence
PRECEDENCE_CLASS_SHARE: Precedence
PRECEDENCE_ORGANISATION_SHARE: Precedence
PRECEDENCE_PROJECT_SHARE: Precedence
PRECEDENCE_USER_SHARE: Precedence
PRECEDENCE_LONGER_WAIT: Precedence
PRECEDENCE_OWN_ORDER: Precedence
OUTPUT_STATUS_UNSPECIFIED: OutputStatus
OUTPUT_STATUS_DATA: OutputStatus
OUTPUT_STATUS_NOT_STARTED: OutputStatus
OUTPUT_STATUS_NO_FILE: OutputStatus
OUTPUT_STATUS_SHORTER: OutputStatus
OUTPUT_STATUS_READ: OutputStatus
OUTPUT_STATUS_CUT: OutputStatus

class Job(_message.Message):
    __slots__ = ("name", "job_id", "display_name", "tenant_class", "organisation", "project", "user", "unix_account", "state", "resources", "submit_time", "start_time", "end_time", "waiting", "outcome", "exit_code", "slurm_job_id", "nodes", "pool", "array", "cancel_requested", "script", "recallable", "recall", "flags", "working_directory", "start_estimate", "dependency", "kill_on_invalid_dependency", "requeue_requested", "grant_holds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    UNIX_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    SLURM_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    ARRAY_FIELD_NUMBER: _ClassVar[int]
    CANCEL_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    RECALLABLE_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    WORKING_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    START_ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCY_FIELD_NUMBER: _ClassVar[int]
    KILL_ON_INVALID_DEPENDENCY_FIELD_NUMBER: _ClassVar[int]
    REQUEUE_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    GRANT_HOLDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    job_id: int
    display_name: str
    tenant_class: str
    organisation: str
    project: str
    user: str
    unix_account: str
    state: JobState
    resources: Resources
    submit_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    waiting: Waiting
    outcome: str
    exit_code: int
    slurm_job_id: int
    nodes: _containers.RepeatedScalarFieldContainer[str]
    pool: str
    array: ArrayPlace
    cancel_requested: bool
    script: str
    recallable: bool
    recall: Recall
    flags: _containers.RepeatedScalarFieldContainer[str]
    working_directory: str
    start_estimate: StartEstimate
    dependency: str
    kill_on_invalid_dependency: bool
    requeue_requested: bool
    grant_holds: _containers.RepeatedCompositeFieldContainer[GrantHold]
    def __init__(self, name: _Optional[str] = ..., job_id: _Optional[int] = ..., display_name: _Optional[str] = ..., tenant_class: _Optional[str] = ..., organisation: _Optional[str] = ..., project: _Optional[str] = ..., user: _Optional[str] = ..., unix_account: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., resources: _Optional[_Union[Resources, _Mapping]] = ..., submit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., waiting: _Optional[_Union[Waiting, _Mapping]] = ..., outcome: _Optional[str] = ..., exit_code: _Optional[int] = ..., slurm_job_id: _Optional[int] = ..., nodes: _Optional[_Iterable[str]] = ..., pool: _Optional[str] = ..., array: _Optional[_Union[ArrayPlace, _Mapping]] = ..., cancel_requested: _Optional[bool] = ..., script: _Optional[str] = ..., recallable: _Optional[bool] = ..., recall: _Optional[_Union[Recall, _Mapping]] = ..., flags: _Optional[_Iterable[str]] = ..., working_directory: _Optional[str] = ..., start_estimate: _Optional[_Union[StartEstimate, _Mapping]] = ..., dependency: _Optional[str] = ..., kill_on_invalid_dependency: _Optional[bool] = ..., requeue_requested: _Optional[bool] = ..., grant_holds: _Optional[_Iterable[_Union[GrantHold, _Mapping]]] = ...) -> None: ...

class GrantHold(_message.Message):
    __slots__ = ("grant_number", "gpu_seconds")
    GRANT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    grant_number: int
    gpu_seconds: int
    def __init__(self, grant_number: _Optional[int] = ..., gpu_seconds: _Optional[int] = ...) -> None: ...

class StartEstimate(_message.Message):
    __slots__ = ("made_time", "p50_time", "p90_time")
    MADE_TIME_FIELD_NUMBER: _ClassVar[int]
    P50_TIME_FIELD_NUMBER: _ClassVar[int]
    P90_TIME_FIELD_NUMBER: _ClassVar[int]
    made_time: _timestamp_pb2.Timestamp
    p50_time: _timestamp_pb2.Timestamp
    p90_time: _timestamp_pb2.Timestamp
    def __init__(self, made_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., p50_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., p90_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Recall(_message.Message):
    __slots__ = ("owed", "request_time", "ended_runs")
    OWED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDED_RUNS_FIELD_NUMBER: _ClassVar[int]
    owed: str
    request_time: _timestamp_pb2.Timestamp
    ended_runs: int
    def __init__(self, owed: _Optional[str] = ..., request_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_runs: _Optional[int] = ...) -> None: ...

class Resources(_message.Message):
    __slots__ = ("gpus", "nodes", "gpus_per_node", "gpu_type", "partitions", "walltime", "cpus", "memory_mib")
    GPUS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    GPUS_PER_NODE_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    WALLTIME_FIELD_NUMBER: _ClassVar[int]
    CPUS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    gpus: int
    nodes: int
    gpus_per_node: int
    gpu_type: str
    partitions: _containers.RepeatedScalarFieldContainer[str]
    walltime: _duration_pb2.Duration
    cpus: int
    memory_mib: int
    def __init__(self, gpus: _Optional[int] = ..., nodes: _Optional[int] = ..., gpus_per_node: _Optional[int] = ..., gpu_type: _Optional[str] = ..., partitions: _Optional[_Iterable[str]] = ..., walltime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cpus: _Optional[int] = ..., memory_mib: _Optional[int] = ...) -> None: ...

class Waiting(_message.Message):
    __slots__ = ("reason", "meaning", "detail", "advice", "blockers")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    BLOCKERS_FIELD_NUMBER: _ClassVar[int]
    reason: WaitReason
    meaning: str
    detail: str
    advice: str
    blockers: _containers.RepeatedCompositeFieldContainer[Blocker]
    def __init__(self, reason: _Optional[_Union[WaitReason, str]] = ..., meaning: _Optional[str] = ..., detail: _Optional[str] = ..., advice: _Optional[str] = ..., blockers: _Optional[_Iterable[_Union[Blocker, _Mapping]]] = ...) -> None: ...

class Blocker(_message.Message):
    __slots__ = ("reason", "meaning", "detail", "advice")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    reason: WaitReason
    meaning: str
    detail: str
    advice: str
    def __init__(self, reason: _Optional[_Union[WaitReason, str]] = ..., meaning: _Optional[str] = ..., detail: _Optional[str] = ..., advice: _Optional[str] = ...) -> None: ...

class ArrayPlace(_message.Message):
    __slots__ = ("array_job_id", "index", "limit")
    ARRAY_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    array_job_id: int
    index: int
    limit: int
    def __init__(self, array_job_id: _Optional[int] = ..., index: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class SubmitJobRequest(_message.Message):
    __slots__ = ("request_id", "script", "flags", "working_directory", "project", "validate_only", "environment")
    class EnvironmentEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    WORKING_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    script: str
    flags: _containers.RepeatedScalarFieldContainer[str]
    working_directory: str
    project: str
    validate_only: bool
    environment: _containers.ScalarMap[str, str]
    def __init__(self, request_id: _Optional[str] = ..., script: _Optional[str] = ..., flags: _Optional[_Iterable[str]] = ..., working_directory: _Optional[str] = ..., project: _Optional[str] = ..., validate_only: _Optional[bool] = ..., environment: _Optional[_Mapping[str, str]] = ...) -> None: ...

class SubmitJobResponse(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ...) -> None: ...

class BatchSubmitJobsRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[SubmitJobRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[SubmitJobRequest, _Mapping]]] = ...) -> None: ...

class BatchSubmitJobsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BatchSubmitJobsResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BatchSubmitJobsResult, _Mapping]]] = ...) -> None: ...

class BatchSubmitJobsResult(_message.Message):
    __slots__ = ("response", "failure")
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    response: SubmitJobResponse
    failure: BatchSubmitJobsFailure
    def __init__(self, response: _Optional[_Union[SubmitJobResponse, _Mapping]] = ..., failure: _Optional[_Union[BatchSubmitJobsFailure, _Mapping]] = ...) -> None: ...

class BatchSubmitJobsFailure(_message.Message):
    __slots__ = ("reason", "message", "violations", "localized_message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    LOCALIZED_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    violations: _containers.RepeatedCompositeFieldContainer[FieldViolation]
    localized_message: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ..., violations: _Optional[_Iterable[_Union[FieldViolation, _Mapping]]] = ..., localized_message: _Optional[str] = ...) -> None: ...

class FieldViolation(_message.Message):
    __slots__ = ("field", "message", "line", "localized_message")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    LOCALIZED_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    field: str
    message: str
    line: int
    localized_message: str
    def __init__(self, field: _Optional[str] = ..., message: _Optional[str] = ..., line: _Optional[int] = ..., localized_message: _Optional[str] = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("name", "include_script")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_SCRIPT_FIELD_NUMBER: _ClassVar[int]
    name: str
    include_script: bool
    def __init__(self, name: _Optional[str] = ..., include_script: _Optional[bool] = ...) -> None: ...

class GetJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "organisation", "project", "user", "states", "array_job_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    ARRAY_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    organisation: str
    project: str
    user: str
    states: _containers.RepeatedScalarFieldContainer[JobState]
    array_job_id: int
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., organisation: _Optional[str] = ..., project: _Optional[str] = ..., user: _Optional[str] = ..., states: _Optional[_Iterable[_Union[JobState, str]]] = ..., array_job_id: _Optional[int] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RequeueJobRequest(_message.Message):
    __slots__ = ("name", "start_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RequeueJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class HoldJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class HoldJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class ReleaseJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ReleaseJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class WatchJobsRequest(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, names: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchJobsResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class ExplainJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ExplainJobResponse(_message.Message):
    __slots__ = ("job", "explanation")
    JOB_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    job: Job
    explanation: Explanation
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., explanation: _Optional[_Union[Explanation, _Mapping]] = ...) -> None: ...

class AdviseJobRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: SubmitJobRequest
    def __init__(self, request: _Optional[_Union[SubmitJobRequest, _Mapping]] = ...) -> None: ...

class AdviseJobResponse(_message.Message):
    __slots__ = ("jobs", "explanation")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    explanation: Explanation
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., explanation: _Optional[_Union[Explanation, _Mapping]] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("snapshot_time", "starts", "blockers", "planned_start_time", "ahead", "more_ahead", "counterfactuals")
    SNAPSHOT_TIME_FIELD_NUMBER: _ClassVar[int]
    STARTS_FIELD_NUMBER: _ClassVar[int]
    BLOCKERS_FIELD_NUMBER: _ClassVar[int]
    PLANNED_START_TIME_FIELD_NUMBER: _ClassVar[int]
    AHEAD_FIELD_NUMBER: _ClassVar[int]
    MORE_AHEAD_FIELD_NUMBER: _ClassVar[int]
    COUNTERFACTUALS_FIELD_NUMBER: _ClassVar[int]
    snapshot_time: _timestamp_pb2.Timestamp
    starts: bool
    blockers: _containers.RepeatedCompositeFieldContainer[Blocker]
    planned_start_time: _timestamp_pb2.Timestamp
    ahead: _containers.RepeatedCompositeFieldContainer[Ahead]
    more_ahead: bool
    counterfactuals: _containers.RepeatedCompositeFieldContainer[Counterfactual]
    def __init__(self, snapshot_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., starts: _Optional[bool] = ..., blockers: _Optional[_Iterable[_Union[Blocker, _Mapping]]] = ..., planned_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ahead: _Optional[_Iterable[_Union[Ahead, _Mapping]]] = ..., more_ahead: _Optional[bool] = ..., counterfactuals: _Optional[_Iterable[_Union[Counterfactual, _Mapping]]] = ...) -> None: ...

class Ahead(_message.Message):
    __slots__ = ("precedence", "meaning", "organisation", "jobs", "gpus")
    PRECEDENCE_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    GPUS_FIELD_NUMBER: _ClassVar[int]
    precedence: Precedence
    meaning: str
    organisation: str
    jobs: int
    gpus: int
    def __init__(self, precedence: _Optional[_Union[Precedence, str]] = ..., meaning: _Optional[str] = ..., organisation: _Optional[str] = ..., jobs: _Optional[int] = ..., gpus: _Optional[int] = ...) -> None: ...

class Counterfactual(_message.Message):
    __slots__ = ("sentence", "flags", "start_time")
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    sentence: str
    flags: _containers.RepeatedScalarFieldContainer[str]
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, sentence: _Optional[str] = ..., flags: _Optional[_Iterable[str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReadJobOutputRequest(_message.Message):
    __slots__ = ("name", "stderr", "offset", "tail_lines", "follow")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    TAIL_LINES_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    name: str
    stderr: bool
    offset: int
    tail_lines: int
    follow: bool
    def __init__(self, name: _Optional[str] = ..., stderr: _Optional[bool] = ..., offset: _Optional[int] = ..., tail_lines: _Optional[int] = ..., follow: _Optional[bool] = ...) -> None: ...

class ReadJobOutputResponse(_message.Message):
    __slots__ = ("status", "path", "offset", "data", "size_bytes")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    status: OutputStatus
    path: str
    offset: int
    data: bytes
    size_bytes: int
    def __init__(self, status: _Optional[_Union[OutputStatus, str]] = ..., path: _Optional[str] = ..., offset: _Optional[int] = ..., data: _Optional[bytes] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class GetJobEfficiencyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetJobEfficiencyResponse(_message.Message):
    __slots__ = ("job", "efficiency", "no_advice")
    JOB_FIELD_NUMBER: _ClassVar[int]
    EFFICIENCY_FIELD_NUMBER: _ClassVar[int]
    NO_ADVICE_FIELD_NUMBER: _ClassVar[int]
    job: Job
    efficiency: Efficiency
    no_advice: str
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., efficiency: _Optional[_Union[Efficiency, _Mapping]] = ..., no_advice: _Optional[str] = ...) -> None: ...

class Efficiency(_message.Message):
    __slots__ = ("cpu", "memory", "walltime", "gpu")
    CPU_FIELD_NUMBER: _ClassVar[int]
    MEMORY_FIELD_NUMBER: _ClassVar[int]
    WALLTIME_FIELD_NUMBER: _ClassVar[int]
    GPU_FIELD_NUMBER: _ClassVar[int]
    cpu: Use
    memory: Use
    walltime: Use
    gpu: Use
    def __init__(self, cpu: _Optional[_Union[Use, _Mapping]] = ..., memory: _Optional[_Union[Use, _Mapping]] = ..., walltime: _Optional[_Union[Use, _Mapping]] = ..., gpu: _Optional[_Union[Use, _Mapping]] = ...) -> None: ...

class Use(_message.Message):
    __slots__ = ("used", "held", "flags")
    USED_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    used: float
    held: float
    flags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, used: _Optional[float] = ..., held: _Optional[float] = ..., flags: _Optional[_Iterable[str]] = ...) -> None: ...
