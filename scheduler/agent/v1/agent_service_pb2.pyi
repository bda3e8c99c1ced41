from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BackendState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BACKEND_STATE_UNSPECIFIED: _ClassVar[BackendState]
    BACKEND_STATE_HELD: _ClassVar[BackendState]
    BACKEND_STATE_QUEUED: _ClassVar[BackendState]
    BACKEND_STATE_RUNNING: _ClassVar[BackendState]
    BACKEND_STATE_COMPLETED: _ClassVar[BackendState]
    BACKEND_STATE_FAILED: _ClassVar[BackendState]
    BACKEND_STATE_CANCELLED: _ClassVar[BackendState]
    BACKEND_STATE_TIMED_OUT: _ClassVar[BackendState]
    BACKEND_STATE_OUT_OF_MEMORY: _ClassVar[BackendState]
    BACKEND_STATE_NODE_FAILED: _ClassVar[BackendState]
    BACKEND_STATE_NOT_LAUNCHED: _ClassVar[BackendState]

class SubmissionOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUBMISSION_OUTCOME_UNSPECIFIED: _ClassVar[SubmissionOutcome]
    SUBMISSION_OUTCOME_ACCEPTED: _ClassVar[SubmissionOutcome]
    SUBMISSION_OUTCOME_REFUSED: _ClassVar[SubmissionOutcome]
    SUBMISSION_OUTCOME_UNKNOWN: _ClassVar[SubmissionOutcome]

class Receiver(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECEIVER_UNSPECIFIED: _ClassVar[Receiver]
    RECEIVER_TASKS: _ClassVar[Receiver]
    RECEIVER_SCRIPT: _ClassVar[Receiver]
    RECEIVER_ALL: _ClassVar[Receiver]

class FileProblem(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FILE_PROBLEM_UNSPECIFIED: _ClassVar[FileProblem]
    FILE_PROBLEM_MISSING: _ClassVar[FileProblem]
    FILE_PROBLEM_FORBIDDEN: _ClassVar[FileProblem]
    FILE_PROBLEM_NOT_A_FILE: _ClassVar[FileProblem]
    FILE_PROBLEM_NO_ACCOUNT: _ClassVar[FileProblem]
    FILE_PROBLEM_FAILED: _ClassVar[FileProblem]
BACKEND_STATE_UNSPECIFIED: BackendState
BACKEND_STATE_HELD: BackendState
BACKEND_STATE_QUEUED: BackendState
BACKEND_STATE_RUNNING: BackendState
BACKEND_STATE_COMPLETED: BackendState
BACKEND_STATE_FAILED: BackendState
BACKEND_STATE_CANCELLED: BackendState
BACKEND_STATE_TIMED_OUT: BackendState
BACKEND_STATE_OUT_OF_MEMORY: BackendState
BACKEND_STATE_NODE_FAILED: BackendState
BACKEND_STATE_NOT_LAUNCHED: BackendState
SUBMISSION_OUTCOME_UNSPECIFIED: SubmissionOutcome
SUBMISSION_OUTCOME_ACCEPTED: SubmissionOutcome
SUBMISSION_OUTCOME_REFUSED: SubmissionOutcome
SUBMISSION_OUTCOME_UNKNOWN: SubmissionOutcome
RECEIVER_UNSPECIFIED: Receiver
RECEIVER_TASKS: Receiver
RECEIVER_SCRIPT: Receiver
RECEIVER_ALL: Receiver
FILE_PROBLEM_UNSPECIFIED: FileProblem
FILE_PROBLEM_MISSING: FileProblem
FILE_PROBLEM_FORBIDDEN: FileProblem
FILE_PROBLEM_NOT_A_FILE: FileProblem
FILE_PROBLEM_NO_ACCOUNT: FileProblem
FILE_PROBLEM_FAILED: FileProblem

class GetAgentRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetAgentResponse(_message.Message):
    __slots__ = ("protocol", "version", "run_id", "backend")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    version: str
    run_id: str
    backend: str
    def __init__(self, protocol: _Optional[int] = ..., version: _Optional[str] = ..., run_id: _Optional[str] = ..., backend: _Optional[str] = ...) -> None: ...

class Pairing(_message.Message):
    __slots__ = ("run_id", "installation")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    installation: str
    def __init__(self, run_id: _Optional[str] = ..., installation: _Optional[str] = ...) -> None: ...

class ReadClusterRequest(_message.Message):
    __slots__ = ("pairing", "watched")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    WATCHED_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    watched: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., watched: _Optional[_Iterable[int]] = ...) -> None: ...

class ReadMarkedRequest(_message.Message):
    __slots__ = ("pairing", "since_us")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    SINCE_US_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    since_us: int
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., since_us: _Optional[int] = ...) -> None: ...

class ReadMarkedResponse(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[BackendJob]
    def __init__(self, jobs: _Optional[_Iterable[_Union[BackendJob, _Mapping]]] = ...) -> None: ...

class ReadMeasuredRequest(_message.Message):
    __slots__ = ("pairing", "slurm_ids")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    SLURM_IDS_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    slurm_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., slurm_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class ReadMeasuredResponse(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[MeasuredRun]
    def __init__(self, runs: _Optional[_Iterable[_Union[MeasuredRun, _Mapping]]] = ...) -> None: ...

class MeasuredRun(_message.Message):
    __slots__ = ("slurm_id", "job_id", "attempt", "cpu_s", "task_cpus", "script_cpus", "node_memory_mib", "gpu_percent")
    SLURM_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CPU_S_FIELD_NUMBER: _ClassVar[int]
    TASK_CPUS_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_CPUS_FIELD_NUMBER: _ClassVar[int]
    NODE_MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    GPU_PERCENT_FIELD_NUMBER: _ClassVar[int]
    slurm_id: int
    job_id: int
    attempt: int
    cpu_s: float
    task_cpus: float
    script_cpus: float
    node_memory_mib: int
    gpu_percent: int
    def __init__(self, slurm_id: _Optional[int] = ..., job_id: _Optional[int] = ..., attempt: _Optional[int] = ..., cpu_s: _Optional[float] = ..., task_cpus: _Optional[float] = ..., script_cpus: _Optional[float] = ..., node_memory_mib: _Optional[int] = ..., gpu_percent: _Optional[int] = ...) -> None: ...

class ReadClusterResponse(_message.Message):
    __slots__ = ("pools", "nodes", "jobs", "read_at_us", "records_are_complete")
    POOLS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    JOBS_FIELD_NUMBER: _ClassVar[int]
    READ_AT_US_FIELD_NUMBER: _ClassVar[int]
    RECORDS_ARE_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    pools: _containers.RepeatedCompositeFieldContainer[Pool]
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    jobs: _containers.RepeatedCompositeFieldContainer[BackendJob]
    read_at_us: int
    records_are_complete: bool
    def __init__(self, pools: _Optional[_Iterable[_Union[Pool, _Mapping]]] = ..., nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., jobs: _Optional[_Iterable[_Union[BackendJob, _Mapping]]] = ..., read_at_us: _Optional[int] = ..., records_are_complete: _Optional[bool] = ...) -> None: ...

class SubmitJobsRequest(_message.Message):
    __slots__ = ("pairing", "launches")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    LAUNCHES_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    launches: _containers.RepeatedCompositeFieldContainer[Launch]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., launches: _Optional[_Iterable[_Union[Launch, _Mapping]]] = ...) -> None: ...

class SubmitJobsResponse(_message.Message):
    __slots__ = ("submissions",)
    SUBMISSIONS_FIELD_NUMBER: _ClassVar[int]
    submissions: _containers.RepeatedCompositeFieldContainer[Submission]
    def __init__(self, submissions: _Optional[_Iterable[_Union[Submission, _Mapping]]] = ...) -> None: ...

class ReleaseJobsRequest(_message.Message):
    __slots__ = ("pairing", "slurm_ids")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    SLURM_IDS_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    slurm_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., slurm_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class ReleaseJobsResponse(_message.Message):
    __slots__ = ("refused_slurm_ids",)
    REFUSED_SLURM_IDS_FIELD_NUMBER: _ClassVar[int]
    refused_slurm_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, refused_slurm_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class SignalJobsRequest(_message.Message):
    __slots__ = ("pairing", "notices")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    notices: _containers.RepeatedCompositeFieldContainer[Notice]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., notices: _Optional[_Iterable[_Union[Notice, _Mapping]]] = ...) -> None: ...

class SignalJobsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CancelJobsRequest(_message.Message):
    __slots__ = ("pairing", "slurm_ids")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    SLURM_IDS_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    slurm_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., slurm_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class CancelJobsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Amount(_message.Message):
    __slots__ = ("gpus", "cpus", "memory_mib")
    GPUS_FIELD_NUMBER: _ClassVar[int]
    CPUS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    gpus: int
    cpus: int
    memory_mib: int
    def __init__(self, gpus: _Optional[int] = ..., cpus: _Optional[int] = ..., memory_mib: _Optional[int] = ...) -> None: ...

class Gang(_message.Message):
    __slots__ = ("nodes", "per_node")
    NODES_FIELD_NUMBER: _ClassVar[int]
    PER_NODE_FIELD_NUMBER: _ClassVar[int]
    nodes: int
    per_node: Amount
    def __init__(self, nodes: _Optional[int] = ..., per_node: _Optional[_Union[Amount, _Mapping]] = ...) -> None: ...

class Placement(_message.Message):
    __slots__ = ("pool", "nodes", "gang")
    POOL_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    GANG_FIELD_NUMBER: _ClassVar[int]
    pool: str
    nodes: _containers.RepeatedScalarFieldContainer[str]
    gang: Gang
    def __init__(self, pool: _Optional[str] = ..., nodes: _Optional[_Iterable[str]] = ..., gang: _Optional[_Union[Gang, _Mapping]] = ...) -> None: ...

class Pool(_message.Message):
    __slots__ = ("partition", "gpu_type")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    partition: str
    gpu_type: str
    def __init__(self, partition: _Optional[str] = ..., gpu_type: _Optional[str] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("name", "pool", "capacity", "used", "features", "available")
    NAME_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    pool: str
    capacity: Amount
    used: Amount
    features: _containers.RepeatedScalarFieldContainer[str]
    available: bool
    def __init__(self, name: _Optional[str] = ..., pool: _Optional[str] = ..., capacity: _Optional[_Union[Amount, _Mapping]] = ..., used: _Optional[_Union[Amount, _Mapping]] = ..., features: _Optional[_Iterable[str]] = ..., available: _Optional[bool] = ...) -> None: ...

class BackendJob(_message.Message):
    __slots__ = ("slurm_id", "job_id", "attempt", "unix_account", "state", "reason", "nodes", "started_at_us", "ended_at_us", "exit_code", "restarts", "asks", "is_sealed")
    SLURM_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    UNIX_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_US_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_US_FIELD_NUMBER: _ClassVar[int]
    EXIT_CODE_FIELD_NUMBER: _ClassVar[int]
    RESTARTS_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    IS_SEALED_FIELD_NUMBER: _ClassVar[int]
    slurm_id: int
    job_id: int
    attempt: int
    unix_account: str
    state: BackendState
    reason: str
    nodes: _containers.RepeatedScalarFieldContainer[str]
    started_at_us: int
    ended_at_us: int
    exit_code: int
    restarts: int
    asks: Asked
    is_sealed: bool
    def __init__(self, slurm_id: _Optional[int] = ..., job_id: _Optional[int] = ..., attempt: _Optional[int] = ..., unix_account: _Optional[str] = ..., state: _Optional[_Union[BackendState, str]] = ..., reason: _Optional[str] = ..., nodes: _Optional[_Iterable[str]] = ..., started_at_us: _Optional[int] = ..., ended_at_us: _Optional[int] = ..., exit_code: _Optional[int] = ..., restarts: _Optional[int] = ..., asks: _Optional[_Union[Asked, _Mapping]] = ..., is_sealed: _Optional[bool] = ...) -> None: ...

class Asked(_message.Message):
    __slots__ = ("gpus", "cpus", "memory_mib", "nodes", "walltime_s")
    GPUS_FIELD_NUMBER: _ClassVar[int]
    CPUS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    WALLTIME_S_FIELD_NUMBER: _ClassVar[int]
    gpus: int
    cpus: int
    memory_mib: int
    nodes: _containers.RepeatedScalarFieldContainer[str]
    walltime_s: int
    def __init__(self, gpus: _Optional[int] = ..., cpus: _Optional[int] = ..., memory_mib: _Optional[int] = ..., nodes: _Optional[_Iterable[str]] = ..., walltime_s: _Optional[int] = ...) -> None: ...

class Launch(_message.Message):
    __slots__ = ("installation", "job_id", "attempt", "unix_account", "name", "script", "flags", "placement", "partition", "gpu_type", "walltime_s", "working_directory", "array_index", "is_held", "array_id", "environment", "slurm_account")
    class EnvironmentEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    INSTALLATION_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    UNIX_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    WALLTIME_S_FIELD_NUMBER: _ClassVar[int]
    WORKING_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    ARRAY_INDEX_FIELD_NUMBER: _ClassVar[int]
    IS_HELD_FIELD_NUMBER: _ClassVar[int]
    ARRAY_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    SLURM_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    installation: str
    job_id: int
    attempt: int
    unix_account: str
    name: str
    script: str
    flags: _containers.RepeatedScalarFieldContainer[str]
    placement: Placement
    partition: str
    gpu_type: str
    walltime_s: int
    working_directory: str
    array_index: int
    is_held: bool
    array_id: int
    environment: _containers.ScalarMap[str, str]
    slurm_account: str
    def __init__(self, installation: _Optional[str] = ..., job_id: _Optional[int] = ..., attempt: _Optional[int] = ..., unix_account: _Optional[str] = ..., name: _Optional[str] = ..., script: _Optional[str] = ..., flags: _Optional[_Iterable[str]] = ..., placement: _Optional[_Union[Placement, _Mapping]] = ..., partition: _Optional[str] = ..., gpu_type: _Optional[str] = ..., walltime_s: _Optional[int] = ..., working_directory: _Optional[str] = ..., array_index: _Optional[int] = ..., is_held: _Optional[bool] = ..., array_id: _Optional[int] = ..., environment: _Optional[_Mapping[str, str]] = ..., slurm_account: _Optional[str] = ...) -> None: ...

class Submission(_message.Message):
    __slots__ = ("job_id", "outcome", "slurm_id", "message")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SLURM_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    job_id: int
    outcome: SubmissionOutcome
    slurm_id: int
    message: str
    def __init__(self, job_id: _Optional[int] = ..., outcome: _Optional[_Union[SubmissionOutcome, str]] = ..., slurm_id: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("slurm_id", "signal_name", "to")
    SLURM_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_NAME_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    slurm_id: int
    signal_name: str
    to: Receiver
    def __init__(self, slurm_id: _Optional[int] = ..., signal_name: _Optional[str] = ..., to: _Optional[_Union[Receiver, str]] = ...) -> None: ...

class ReadOutputRequest(_message.Message):
    __slots__ = ("pairing", "unix_account", "path", "offset", "limit_bytes")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    UNIX_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LIMIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    unix_account: str
    path: str
    offset: int
    limit_bytes: int
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., unix_account: _Optional[str] = ..., path: _Optional[str] = ..., offset: _Optional[int] = ..., limit_bytes: _Optional[int] = ...) -> None: ...

class ReadOutputResponse(_message.Message):
    __slots__ = ("path", "data", "size_bytes", "problem", "message")
    PATH_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    path: str
    data: bytes
    size_bytes: int
    problem: FileProblem
    message: str
    def __init__(self, path: _Optional[str] = ..., data: _Optional[bytes] = ..., size_bytes: _Optional[int] = ..., problem: _Optional[_Union[FileProblem, str]] = ..., message: _Optional[str] = ...) -> None: ...

class ReadEndedRunsRequest(_message.Message):
    __slots__ = ("pairing", "slurm_ids")
    PAIRING_FIELD_NUMBER: _ClassVar[int]
    SLURM_IDS_FIELD_NUMBER: _ClassVar[int]
    pairing: Pairing
    slurm_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, pairing: _Optional[_Union[Pairing, _Mapping]] = ..., slurm_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class ReadEndedRunsResponse(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[EndedRun]
    def __init__(self, runs: _Optional[_Iterable[_Union[EndedRun, _Mapping]]] = ...) -> None: ...

class EndedRun(_message.Message):
    __slots__ = ("slurm_id", "job_id", "attempt", "started_at_us", "ended_at_us", "node_failed")
    SLURM_ID_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_US_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_US_FIELD_NUMBER: _ClassVar[int]
    NODE_FAILED_FIELD_NUMBER: _ClassVar[int]
    slurm_id: int
    job_id: int
    attempt: int
    started_at_us: int
    ended_at_us: int
    node_failed: bool
    def __init__(self, slurm_id: _Optional[int] = ..., job_id: _Optional[int] = ..., attempt: _Optional[int] = ..., started_at_us: _Optional[int] = ..., ended_at_us: _Optional[int] = ..., node_failed: _Optional[bool] = ...) -> None: ...
