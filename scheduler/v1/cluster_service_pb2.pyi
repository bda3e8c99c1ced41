import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from scheduler.v1 import job_service_pb2 as _job_service_pb2
from scheduler.v1 import policy_service_pb2 as _policy_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FigureOperation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIGURE_OPERATION_UNSPECIFIED: _ClassVar[FigureOperation]
    FIGURE_OPERATION_GIVEN: _ClassVar[FigureOperation]
    FIGURE_OPERATION_LIST: _ClassVar[FigureOperation]
    FIGURE_OPERATION_SAME: _ClassVar[FigureOperation]
    FIGURE_OPERATION_SUM: _ClassVar[FigureOperation]
    FIGURE_OPERATION_DIFFERENCE: _ClassVar[FigureOperation]
    FIGURE_OPERATION_PRODUCT: _ClassVar[FigureOperation]
    FIGURE_OPERATION_QUOTIENT: _ClassVar[FigureOperation]
    FIGURE_OPERATION_LEAST: _ClassVar[FigureOperation]
    FIGURE_OPERATION_MOST: _ClassVar[FigureOperation]
    FIGURE_OPERATION_ROUNDED_UP: _ClassVar[FigureOperation]
    FIGURE_OPERATION_TO_THOUSANDTHS: _ClassVar[FigureOperation]
FIGURE_OPERATION_UNSPECIFIED: FigureOperation
FIGURE_OPERATION_GIVEN: FigureOperation
FIGURE_OPERATION_LIST: FigureOperation
FIGURE_OPERATION_SAME: FigureOperation
FIGURE_OPERATION_SUM: FigureOperation
FIGURE_OPERATION_DIFFERENCE: FigureOperation
FIGURE_OPERATION_PRODUCT: FigureOperation
FIGURE_OPERATION_QUOTIENT: FigureOperation
FIGURE_OPERATION_LEAST: FigureOperation
FIGURE_OPERATION_MOST: FigureOperation
FIGURE_OPERATION_ROUNDED_UP: FigureOperation
FIGURE_OPERATION_TO_THOUSANDTHS: FigureOperation

class GetClusterRequest(_message.Message):
    __slots__ = ("include_nodes",)
    INCLUDE_NODES_FIELD_NUMBER: _ClassVar[int]
    include_nodes: bool
    def __init__(self, include_nodes: _Optional[bool] = ...) -> None: ...

class GetClusterResponse(_message.Message):
    __slots__ = ("pools", "last_cycle", "backend", "backend_up", "receipt_head", "nodes")
    POOLS_FIELD_NUMBER: _ClassVar[int]
    LAST_CYCLE_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    BACKEND_UP_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_HEAD_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    pools: _containers.RepeatedCompositeFieldContainer[PoolStatus]
    last_cycle: Cycle
    backend: str
    backend_up: bool
    receipt_head: ReceiptHead
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    def __init__(self, pools: _Optional[_Iterable[_Union[PoolStatus, _Mapping]]] = ..., last_cycle: _Optional[_Union[Cycle, _Mapping]] = ..., backend: _Optional[str] = ..., backend_up: _Optional[bool] = ..., receipt_head: _Optional[_Union[ReceiptHead, _Mapping]] = ..., nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("name", "pool", "gpus", "cpus", "memory_mib", "features", "available")
    NAME_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    GPUS_FIELD_NUMBER: _ClassVar[int]
    CPUS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    pool: str
    gpus: int
    cpus: int
    memory_mib: int
    features: _containers.RepeatedScalarFieldContainer[str]
    available: bool
    def __init__(self, name: _Optional[str] = ..., pool: _Optional[str] = ..., gpus: _Optional[int] = ..., cpus: _Optional[int] = ..., memory_mib: _Optional[int] = ..., features: _Optional[_Iterable[str]] = ..., available: _Optional[bool] = ...) -> None: ...

class ReceiptHead(_message.Message):
    __slots__ = ("cycle", "sha256", "kept", "failed", "skipped")
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    cycle: int
    sha256: str
    kept: int
    failed: int
    skipped: int
    def __init__(self, cycle: _Optional[int] = ..., sha256: _Optional[str] = ..., kept: _Optional[int] = ..., failed: _Optional[int] = ..., skipped: _Optional[int] = ...) -> None: ...

class PoolStatus(_message.Message):
    __slots__ = ("name", "partition", "gpu_type", "capacity_gpus", "held_gpus", "foreign_gpus", "wanted_gpus")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    GPU_TYPE_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_GPUS_FIELD_NUMBER: _ClassVar[int]
    HELD_GPUS_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_GPUS_FIELD_NUMBER: _ClassVar[int]
    WANTED_GPUS_FIELD_NUMBER: _ClassVar[int]
    name: str
    partition: str
    gpu_type: str
    capacity_gpus: int
    held_gpus: int
    foreign_gpus: int
    wanted_gpus: int
    def __init__(self, name: _Optional[str] = ..., partition: _Optional[str] = ..., gpu_type: _Optional[str] = ..., capacity_gpus: _Optional[int] = ..., held_gpus: _Optional[int] = ..., foreign_gpus: _Optional[int] = ..., wanted_gpus: _Optional[int] = ...) -> None: ...

class Cycle(_message.Message):
    __slots__ = ("number", "time", "policy_version", "solver", "status", "started_jobs", "waiting_jobs", "duration_seconds", "violations", "recalled_jobs", "gap")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    SOLVER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STARTED_JOBS_FIELD_NUMBER: _ClassVar[int]
    WAITING_JOBS_FIELD_NUMBER: _ClassVar[int]
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    RECALLED_JOBS_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    number: int
    time: _timestamp_pb2.Timestamp
    policy_version: int
    solver: str
    status: str
    started_jobs: int
    waiting_jobs: int
    duration_seconds: float
    violations: _containers.RepeatedScalarFieldContainer[str]
    recalled_jobs: int
    gap: float
    def __init__(self, number: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_version: _Optional[int] = ..., solver: _Optional[str] = ..., status: _Optional[str] = ..., started_jobs: _Optional[int] = ..., waiting_jobs: _Optional[int] = ..., duration_seconds: _Optional[float] = ..., violations: _Optional[_Iterable[str]] = ..., recalled_jobs: _Optional[int] = ..., gap: _Optional[float] = ...) -> None: ...

class GetReceiptRequest(_message.Message):
    __slots__ = ("cycle",)
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    cycle: int
    def __init__(self, cycle: _Optional[int] = ...) -> None: ...

class GetReceiptResponse(_message.Message):
    __slots__ = ("cycle", "content", "previous_cycle")
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_CYCLE_FIELD_NUMBER: _ClassVar[int]
    cycle: int
    content: bytes
    previous_cycle: int
    def __init__(self, cycle: _Optional[int] = ..., content: _Optional[bytes] = ..., previous_cycle: _Optional[int] = ...) -> None: ...

class ListSharesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSharesResponse(_message.Message):
    __slots__ = ("shares", "time", "policy_version")
    SHARES_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    shares: _containers.RepeatedCompositeFieldContainer[OrganisationShare]
    time: _timestamp_pb2.Timestamp
    policy_version: int
    def __init__(self, shares: _Optional[_Iterable[_Union[OrganisationShare, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_version: _Optional[int] = ...) -> None: ...

class OrganisationShare(_message.Message):
    __slots__ = ("organisation_id", "tenant_class", "pool", "entitled_gpus", "held_gpus", "wanted_gpus", "borrowed_gpus", "lent_gpus", "mean_gpus", "owed_gpus", "owed_since_time", "owed_until_time", "borrowed_until_time")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    ENTITLED_GPUS_FIELD_NUMBER: _ClassVar[int]
    HELD_GPUS_FIELD_NUMBER: _ClassVar[int]
    WANTED_GPUS_FIELD_NUMBER: _ClassVar[int]
    BORROWED_GPUS_FIELD_NUMBER: _ClassVar[int]
    LENT_GPUS_FIELD_NUMBER: _ClassVar[int]
    MEAN_GPUS_FIELD_NUMBER: _ClassVar[int]
    OWED_GPUS_FIELD_NUMBER: _ClassVar[int]
    OWED_SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    OWED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    BORROWED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    tenant_class: str
    pool: str
    entitled_gpus: float
    held_gpus: int
    wanted_gpus: int
    borrowed_gpus: int
    lent_gpus: int
    mean_gpus: float
    owed_gpus: int
    owed_since_time: _timestamp_pb2.Timestamp
    owed_until_time: _timestamp_pb2.Timestamp
    borrowed_until_time: _timestamp_pb2.Timestamp
    def __init__(self, organisation_id: _Optional[str] = ..., tenant_class: _Optional[str] = ..., pool: _Optional[str] = ..., entitled_gpus: _Optional[float] = ..., held_gpus: _Optional[int] = ..., wanted_gpus: _Optional[int] = ..., borrowed_gpus: _Optional[int] = ..., lent_gpus: _Optional[int] = ..., mean_gpus: _Optional[float] = ..., owed_gpus: _Optional[int] = ..., owed_since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., owed_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., borrowed_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListTrackRecordsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTrackRecordsResponse(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[TrackRecord]
    def __init__(self, records: _Optional[_Iterable[_Union[TrackRecord, _Mapping]]] = ...) -> None: ...

class TrackRecord(_message.Message):
    __slots__ = ("tenant_class", "judged", "within_p50", "within_p90")
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    JUDGED_FIELD_NUMBER: _ClassVar[int]
    WITHIN_P50_FIELD_NUMBER: _ClassVar[int]
    WITHIN_P90_FIELD_NUMBER: _ClassVar[int]
    tenant_class: str
    judged: int
    within_p50: int
    within_p90: int
    def __init__(self, tenant_class: _Optional[str] = ..., judged: _Optional[int] = ..., within_p50: _Optional[int] = ..., within_p90: _Optional[int] = ...) -> None: ...

class ListReservationsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListReservationsResponse(_message.Message):
    __slots__ = ("reservations", "time")
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    reservations: _containers.RepeatedCompositeFieldContainer[Reservation]
    time: _timestamp_pb2.Timestamp
    def __init__(self, reservations: _Optional[_Iterable[_Union[Reservation, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Reservation(_message.Message):
    __slots__ = ("name", "pool", "tenant_class", "organisation_id", "project_id", "start_time", "end_time", "gpus", "nodes", "weekly")
    NAME_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    GPUS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    pool: str
    tenant_class: str
    organisation_id: str
    project_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    gpus: int
    nodes: _containers.RepeatedScalarFieldContainer[str]
    weekly: bool
    def __init__(self, name: _Optional[str] = ..., pool: _Optional[str] = ..., tenant_class: _Optional[str] = ..., organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., gpus: _Optional[int] = ..., nodes: _Optional[_Iterable[str]] = ..., weekly: _Optional[bool] = ...) -> None: ...

class GetOverviewRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetOverviewResponse(_message.Message):
    __slots__ = ("time", "backend", "backend_up", "leads", "pools", "organisations", "longest_waits", "cycles", "alerts", "policy", "open_proposals")
    TIME_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    BACKEND_UP_FIELD_NUMBER: _ClassVar[int]
    LEADS_FIELD_NUMBER: _ClassVar[int]
    POOLS_FIELD_NUMBER: _ClassVar[int]
    ORGANISATIONS_FIELD_NUMBER: _ClassVar[int]
    LONGEST_WAITS_FIELD_NUMBER: _ClassVar[int]
    CYCLES_FIELD_NUMBER: _ClassVar[int]
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    OPEN_PROPOSALS_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    backend: str
    backend_up: bool
    leads: bool
    pools: _containers.RepeatedCompositeFieldContainer[PoolOverview]
    organisations: _containers.RepeatedCompositeFieldContainer[OrganisationOverview]
    longest_waits: _containers.RepeatedCompositeFieldContainer[_job_service_pb2.Job]
    cycles: _containers.RepeatedCompositeFieldContainer[Cycle]
    alerts: _containers.RepeatedCompositeFieldContainer[Alert]
    policy: _policy_service_pb2.PolicyVersion
    open_proposals: _containers.RepeatedCompositeFieldContainer[_policy_service_pb2.Proposal]
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., backend: _Optional[str] = ..., backend_up: _Optional[bool] = ..., leads: _Optional[bool] = ..., pools: _Optional[_Iterable[_Union[PoolOverview, _Mapping]]] = ..., organisations: _Optional[_Iterable[_Union[OrganisationOverview, _Mapping]]] = ..., longest_waits: _Optional[_Iterable[_Union[_job_service_pb2.Job, _Mapping]]] = ..., cycles: _Optional[_Iterable[_Union[Cycle, _Mapping]]] = ..., alerts: _Optional[_Iterable[_Union[Alert, _Mapping]]] = ..., policy: _Optional[_Union[_policy_service_pb2.PolicyVersion, _Mapping]] = ..., open_proposals: _Optional[_Iterable[_Union[_policy_service_pb2.Proposal, _Mapping]]] = ...) -> None: ...

class PoolOverview(_message.Message):
    __slots__ = ("pool", "nodes", "nodes_down", "down_gpus", "reserved_gpus")
    POOL_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    NODES_DOWN_FIELD_NUMBER: _ClassVar[int]
    DOWN_GPUS_FIELD_NUMBER: _ClassVar[int]
    RESERVED_GPUS_FIELD_NUMBER: _ClassVar[int]
    pool: PoolStatus
    nodes: int
    nodes_down: int
    down_gpus: int
    reserved_gpus: int
    def __init__(self, pool: _Optional[_Union[PoolStatus, _Mapping]] = ..., nodes: _Optional[int] = ..., nodes_down: _Optional[int] = ..., down_gpus: _Optional[int] = ..., reserved_gpus: _Optional[int] = ...) -> None: ...

class OrganisationOverview(_message.Message):
    __slots__ = ("share", "floor_gpus")
    SHARE_FIELD_NUMBER: _ClassVar[int]
    FLOOR_GPUS_FIELD_NUMBER: _ClassVar[int]
    share: OrganisationShare
    floor_gpus: int
    def __init__(self, share: _Optional[_Union[OrganisationShare, _Mapping]] = ..., floor_gpus: _Optional[int] = ...) -> None: ...

class Alert(_message.Message):
    __slots__ = ("kind", "critical", "message", "since_time", "runbook")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CRITICAL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    RUNBOOK_FIELD_NUMBER: _ClassVar[int]
    kind: str
    critical: bool
    message: str
    since_time: _timestamp_pb2.Timestamp
    runbook: str
    def __init__(self, kind: _Optional[str] = ..., critical: _Optional[bool] = ..., message: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., runbook: _Optional[str] = ...) -> None: ...

class ExplainOrganisationRequest(_message.Message):
    __slots__ = ("organisation_id", "pool")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    pool: str
    def __init__(self, organisation_id: _Optional[str] = ..., pool: _Optional[str] = ...) -> None: ...

class ExplainOrganisationResponse(_message.Message):
    __slots__ = ("snapshot_time", "policy_version", "organisation_id", "accounts")
    SNAPSHOT_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    snapshot_time: _timestamp_pb2.Timestamp
    policy_version: int
    organisation_id: str
    accounts: _containers.RepeatedCompositeFieldContainer[OrganisationAccount]
    def __init__(self, snapshot_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_version: _Optional[int] = ..., organisation_id: _Optional[str] = ..., accounts: _Optional[_Iterable[_Union[OrganisationAccount, _Mapping]]] = ...) -> None: ...

class OrganisationAccount(_message.Message):
    __slots__ = ("pool", "tenant_class", "entitled_gpus", "held_gpus", "wanted_gpus", "figures", "follows")
    POOL_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    ENTITLED_GPUS_FIELD_NUMBER: _ClassVar[int]
    HELD_GPUS_FIELD_NUMBER: _ClassVar[int]
    WANTED_GPUS_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    FOLLOWS_FIELD_NUMBER: _ClassVar[int]
    pool: str
    tenant_class: str
    entitled_gpus: float
    held_gpus: int
    wanted_gpus: int
    figures: _containers.RepeatedCompositeFieldContainer[Figure]
    follows: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pool: _Optional[str] = ..., tenant_class: _Optional[str] = ..., entitled_gpus: _Optional[float] = ..., held_gpus: _Optional[int] = ..., wanted_gpus: _Optional[int] = ..., figures: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ..., follows: _Optional[_Iterable[str]] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ("words", "value", "unit", "operation", "parts")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    words: str
    value: float
    unit: str
    operation: FigureOperation
    parts: _containers.RepeatedCompositeFieldContainer[Figure]
    def __init__(self, words: _Optional[str] = ..., value: _Optional[float] = ..., unit: _Optional[str] = ..., operation: _Optional[_Union[FigureOperation, str]] = ..., parts: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ...) -> None: ...
