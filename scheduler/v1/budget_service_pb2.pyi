import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GrantState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRANT_STATE_UNSPECIFIED: _ClassVar[GrantState]
    GRANT_STATE_REQUESTED: _ClassVar[GrantState]
    GRANT_STATE_REVIEWED: _ClassVar[GrantState]
    GRANT_STATE_AWARDED: _ClassVar[GrantState]
    GRANT_STATE_DECLINED: _ClassVar[GrantState]
    GRANT_STATE_WITHDRAWN: _ClassVar[GrantState]
    GRANT_STATE_CLOSED: _ClassVar[GrantState]
    GRANT_STATE_EXPIRED: _ClassVar[GrantState]

class EntryKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENTRY_KIND_UNSPECIFIED: _ClassVar[EntryKind]
    ENTRY_KIND_AWARD: _ClassVar[EntryKind]
    ENTRY_KIND_CARRY_IN: _ClassVar[EntryKind]
    ENTRY_KIND_CARRY_OUT: _ClassVar[EntryKind]
    ENTRY_KIND_LAPSE: _ClassVar[EntryKind]
    ENTRY_KIND_HOLD: _ClassVar[EntryKind]
    ENTRY_KIND_RELEASE: _ClassVar[EntryKind]
    ENTRY_KIND_CHARGE: _ClassVar[EntryKind]
    ENTRY_KIND_REFUND: _ClassVar[EntryKind]
GRANT_STATE_UNSPECIFIED: GrantState
GRANT_STATE_REQUESTED: GrantState
GRANT_STATE_REVIEWED: GrantState
GRANT_STATE_AWARDED: GrantState
GRANT_STATE_DECLINED: GrantState
GRANT_STATE_WITHDRAWN: GrantState
GRANT_STATE_CLOSED: GrantState
GRANT_STATE_EXPIRED: GrantState
ENTRY_KIND_UNSPECIFIED: EntryKind
ENTRY_KIND_AWARD: EntryKind
ENTRY_KIND_CARRY_IN: EntryKind
ENTRY_KIND_CARRY_OUT: EntryKind
ENTRY_KIND_LAPSE: EntryKind
ENTRY_KIND_HOLD: EntryKind
ENTRY_KIND_RELEASE: EntryKind
ENTRY_KIND_CHARGE: EntryKind
ENTRY_KIND_REFUND: EntryKind

class Fund(_message.Message):
    __slots__ = ("fund_id", "title", "gpu_seconds", "carry_over_percent", "awarded_gpu_seconds", "left_gpu_seconds")
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CARRY_OVER_PERCENT_FIELD_NUMBER: _ClassVar[int]
    AWARDED_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LEFT_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    fund_id: str
    title: str
    gpu_seconds: int
    carry_over_percent: int
    awarded_gpu_seconds: int
    left_gpu_seconds: int
    def __init__(self, fund_id: _Optional[str] = ..., title: _Optional[str] = ..., gpu_seconds: _Optional[int] = ..., carry_over_percent: _Optional[int] = ..., awarded_gpu_seconds: _Optional[int] = ..., left_gpu_seconds: _Optional[int] = ...) -> None: ...

class CreateFundRequest(_message.Message):
    __slots__ = ("fund",)
    FUND_FIELD_NUMBER: _ClassVar[int]
    fund: Fund
    def __init__(self, fund: _Optional[_Union[Fund, _Mapping]] = ...) -> None: ...

class CreateFundResponse(_message.Message):
    __slots__ = ("fund",)
    FUND_FIELD_NUMBER: _ClassVar[int]
    fund: Fund
    def __init__(self, fund: _Optional[_Union[Fund, _Mapping]] = ...) -> None: ...

class ListFundsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListFundsResponse(_message.Message):
    __slots__ = ("funds",)
    FUNDS_FIELD_NUMBER: _ClassVar[int]
    funds: _containers.RepeatedCompositeFieldContainer[Fund]
    def __init__(self, funds: _Optional[_Iterable[_Union[Fund, _Mapping]]] = ...) -> None: ...

class Grant(_message.Message):
    __slots__ = ("number", "state", "revision", "fund_id", "organisation_id", "project_id", "start_time", "expire_time", "order", "steps", "balance", "warning_percent")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    WARNING_PERCENT_FIELD_NUMBER: _ClassVar[int]
    number: int
    state: GrantState
    revision: int
    fund_id: str
    organisation_id: str
    project_id: str
    start_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    order: int
    steps: _containers.RepeatedCompositeFieldContainer[GrantStep]
    balance: GrantBalance
    warning_percent: int
    def __init__(self, number: _Optional[int] = ..., state: _Optional[_Union[GrantState, str]] = ..., revision: _Optional[int] = ..., fund_id: _Optional[str] = ..., organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order: _Optional[int] = ..., steps: _Optional[_Iterable[_Union[GrantStep, _Mapping]]] = ..., balance: _Optional[_Union[GrantBalance, _Mapping]] = ..., warning_percent: _Optional[int] = ...) -> None: ...

class GrantStep(_message.Message):
    __slots__ = ("state", "by", "time", "why", "gpu_seconds")
    STATE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    state: GrantState
    by: str
    time: _timestamp_pb2.Timestamp
    why: str
    gpu_seconds: int
    def __init__(self, state: _Optional[_Union[GrantState, str]] = ..., by: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., why: _Optional[str] = ..., gpu_seconds: _Optional[int] = ...) -> None: ...

class GrantBalance(_message.Message):
    __slots__ = ("awarded_gpu_seconds", "carried_in_gpu_seconds", "carried_out_gpu_seconds", "lapsed_gpu_seconds", "held_gpu_seconds", "charged_gpu_seconds", "granted_gpu_seconds", "left_gpu_seconds")
    AWARDED_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CARRIED_IN_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CARRIED_OUT_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LAPSED_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    HELD_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CHARGED_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    GRANTED_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LEFT_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    awarded_gpu_seconds: int
    carried_in_gpu_seconds: int
    carried_out_gpu_seconds: int
    lapsed_gpu_seconds: int
    held_gpu_seconds: int
    charged_gpu_seconds: int
    granted_gpu_seconds: int
    left_gpu_seconds: int
    def __init__(self, awarded_gpu_seconds: _Optional[int] = ..., carried_in_gpu_seconds: _Optional[int] = ..., carried_out_gpu_seconds: _Optional[int] = ..., lapsed_gpu_seconds: _Optional[int] = ..., held_gpu_seconds: _Optional[int] = ..., charged_gpu_seconds: _Optional[int] = ..., granted_gpu_seconds: _Optional[int] = ..., left_gpu_seconds: _Optional[int] = ...) -> None: ...

class RequestGrantRequest(_message.Message):
    __slots__ = ("fund_id", "organisation_id", "project_id", "gpu_seconds", "start_time", "expire_time", "order", "why")
    FUND_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    fund_id: str
    organisation_id: str
    project_id: str
    gpu_seconds: int
    start_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    order: int
    why: str
    def __init__(self, fund_id: _Optional[str] = ..., organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ..., gpu_seconds: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., order: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class RequestGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class ListGrantsRequest(_message.Message):
    __slots__ = ("organisation_id", "project_id")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    project_id: str
    def __init__(self, organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ...) -> None: ...

class ListGrantsResponse(_message.Message):
    __slots__ = ("grants",)
    GRANTS_FIELD_NUMBER: _ClassVar[int]
    grants: _containers.RepeatedCompositeFieldContainer[Grant]
    def __init__(self, grants: _Optional[_Iterable[_Union[Grant, _Mapping]]] = ...) -> None: ...

class GetGrantRequest(_message.Message):
    __slots__ = ("number",)
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    number: int
    def __init__(self, number: _Optional[int] = ...) -> None: ...

class GetGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class ReviewGrantRequest(_message.Message):
    __slots__ = ("number", "revision", "comment", "gpu_seconds")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    comment: str
    gpu_seconds: int
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., comment: _Optional[str] = ..., gpu_seconds: _Optional[int] = ...) -> None: ...

class ReviewGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class AwardGrantRequest(_message.Message):
    __slots__ = ("number", "revision", "gpu_seconds", "why")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    gpu_seconds: int
    why: str
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., gpu_seconds: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class AwardGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class DeclineGrantRequest(_message.Message):
    __slots__ = ("number", "revision", "why")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    why: str
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class DeclineGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class WithdrawGrantRequest(_message.Message):
    __slots__ = ("number", "revision", "why")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    why: str
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class WithdrawGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class CloseGrantRequest(_message.Message):
    __slots__ = ("number", "revision", "why")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    number: int
    revision: int
    why: str
    def __init__(self, number: _Optional[int] = ..., revision: _Optional[int] = ..., why: _Optional[str] = ...) -> None: ...

class CloseGrantResponse(_message.Message):
    __slots__ = ("grant",)
    GRANT_FIELD_NUMBER: _ClassVar[int]
    grant: Grant
    def __init__(self, grant: _Optional[_Union[Grant, _Mapping]] = ...) -> None: ...

class BudgetEntry(_message.Message):
    __slots__ = ("entry_id", "grant", "kind", "amount_gpu_seconds", "time", "job_id", "attempt", "used_gpu_seconds")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    USED_GPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    entry_id: int
    grant: int
    kind: EntryKind
    amount_gpu_seconds: int
    time: _timestamp_pb2.Timestamp
    job_id: int
    attempt: int
    used_gpu_seconds: int
    def __init__(self, entry_id: _Optional[int] = ..., grant: _Optional[int] = ..., kind: _Optional[_Union[EntryKind, str]] = ..., amount_gpu_seconds: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., job_id: _Optional[int] = ..., attempt: _Optional[int] = ..., used_gpu_seconds: _Optional[int] = ...) -> None: ...

class ListBudgetEntriesRequest(_message.Message):
    __slots__ = ("organisation_id", "project_id", "since_time", "until_time", "after_entry_id", "page_size")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    AFTER_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    project_id: str
    since_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    after_entry_id: int
    page_size: int
    def __init__(self, organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., after_entry_id: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListBudgetEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_after_entry_id")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_AFTER_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[BudgetEntry]
    next_after_entry_id: int
    def __init__(self, entries: _Optional[_Iterable[_Union[BudgetEntry, _Mapping]]] = ..., next_after_entry_id: _Optional[int] = ...) -> None: ...
