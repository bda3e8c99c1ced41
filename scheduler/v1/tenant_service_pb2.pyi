import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_RESEARCHER: _ClassVar[Role]
    ROLE_ORGANISATION_ADMIN: _ClassVar[Role]
    ROLE_CLUSTER_ADMIN: _ClassVar[Role]

class TenantChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TENANT_CHANGE_KIND_UNSPECIFIED: _ClassVar[TenantChangeKind]
    TENANT_CHANGE_KIND_CREATED: _ClassVar[TenantChangeKind]
    TENANT_CHANGE_KIND_CHANGED: _ClassVar[TenantChangeKind]
    TENANT_CHANGE_KIND_OFF_BOARDED: _ClassVar[TenantChangeKind]
    TENANT_CHANGE_KIND_RE_BOARDED: _ClassVar[TenantChangeKind]
    TENANT_CHANGE_KIND_TOKEN_REPLACED: _ClassVar[TenantChangeKind]

class TenantKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TENANT_KIND_UNSPECIFIED: _ClassVar[TenantKind]
    TENANT_KIND_ORGANISATION: _ClassVar[TenantKind]
    TENANT_KIND_PROJECT: _ClassVar[TenantKind]
    TENANT_KIND_USER: _ClassVar[TenantKind]
ROLE_UNSPECIFIED: Role
ROLE_RESEARCHER: Role
ROLE_ORGANISATION_ADMIN: Role
ROLE_CLUSTER_ADMIN: Role
TENANT_CHANGE_KIND_UNSPECIFIED: TenantChangeKind
TENANT_CHANGE_KIND_CREATED: TenantChangeKind
TENANT_CHANGE_KIND_CHANGED: TenantChangeKind
TENANT_CHANGE_KIND_OFF_BOARDED: TenantChangeKind
TENANT_CHANGE_KIND_RE_BOARDED: TenantChangeKind
TENANT_CHANGE_KIND_TOKEN_REPLACED: TenantChangeKind
TENANT_KIND_UNSPECIFIED: TenantKind
TENANT_KIND_ORGANISATION: TenantKind
TENANT_KIND_PROJECT: TenantKind
TENANT_KIND_USER: TenantKind

class Access(_message.Message):
    __slots__ = ("expires", "off_boarded_time")
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    OFF_BOARDED_TIME_FIELD_NUMBER: _ClassVar[int]
    expires: str
    off_boarded_time: _timestamp_pb2.Timestamp
    def __init__(self, expires: _Optional[str] = ..., off_boarded_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Organisation(_message.Message):
    __slots__ = ("organisation_id", "title", "tenant_class", "access")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    title: str
    tenant_class: str
    access: Access
    def __init__(self, organisation_id: _Optional[str] = ..., title: _Optional[str] = ..., tenant_class: _Optional[str] = ..., access: _Optional[_Union[Access, _Mapping]] = ...) -> None: ...

class Project(_message.Message):
    __slots__ = ("organisation_id", "project_id", "title", "access")
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    project_id: str
    title: str
    access: Access
    def __init__(self, organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ..., title: _Optional[str] = ..., access: _Optional[_Union[Access, _Mapping]] = ...) -> None: ...

class User(_message.Message):
    __slots__ = ("user_id", "organisation_id", "project_id", "unix_account", "role", "access")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    UNIX_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    organisation_id: str
    project_id: str
    unix_account: str
    role: Role
    access: Access
    def __init__(self, user_id: _Optional[str] = ..., organisation_id: _Optional[str] = ..., project_id: _Optional[str] = ..., unix_account: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., access: _Optional[_Union[Access, _Mapping]] = ...) -> None: ...

class CreateOrganisationRequest(_message.Message):
    __slots__ = ("organisation",)
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    organisation: Organisation
    def __init__(self, organisation: _Optional[_Union[Organisation, _Mapping]] = ...) -> None: ...

class CreateOrganisationResponse(_message.Message):
    __slots__ = ("organisation",)
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    organisation: Organisation
    def __init__(self, organisation: _Optional[_Union[Organisation, _Mapping]] = ...) -> None: ...

class ListOrganisationsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListOrganisationsResponse(_message.Message):
    __slots__ = ("organisations",)
    ORGANISATIONS_FIELD_NUMBER: _ClassVar[int]
    organisations: _containers.RepeatedCompositeFieldContainer[Organisation]
    def __init__(self, organisations: _Optional[_Iterable[_Union[Organisation, _Mapping]]] = ...) -> None: ...

class CreateProjectRequest(_message.Message):
    __slots__ = ("project",)
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    project: Project
    def __init__(self, project: _Optional[_Union[Project, _Mapping]] = ...) -> None: ...

class CreateProjectResponse(_message.Message):
    __slots__ = ("project",)
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    project: Project
    def __init__(self, project: _Optional[_Union[Project, _Mapping]] = ...) -> None: ...

class ListProjectsRequest(_message.Message):
    __slots__ = ("organisation_id",)
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    def __init__(self, organisation_id: _Optional[str] = ...) -> None: ...

class ListProjectsResponse(_message.Message):
    __slots__ = ("projects",)
    PROJECTS_FIELD_NUMBER: _ClassVar[int]
    projects: _containers.RepeatedCompositeFieldContainer[Project]
    def __init__(self, projects: _Optional[_Iterable[_Union[Project, _Mapping]]] = ...) -> None: ...

class CreateUserRequest(_message.Message):
    __slots__ = ("user",)
    USER_FIELD_NUMBER: _ClassVar[int]
    user: User
    def __init__(self, user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class CreateUserResponse(_message.Message):
    __slots__ = ("user", "token")
    USER_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    user: User
    token: str
    def __init__(self, user: _Optional[_Union[User, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class ListUsersRequest(_message.Message):
    __slots__ = ("organisation_id",)
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    organisation_id: str
    def __init__(self, organisation_id: _Optional[str] = ...) -> None: ...

class ListUsersResponse(_message.Message):
    __slots__ = ("users",)
    USERS_FIELD_NUMBER: _ClassVar[int]
    users: _containers.RepeatedCompositeFieldContainer[User]
    def __init__(self, users: _Optional[_Iterable[_Union[User, _Mapping]]] = ...) -> None: ...

class RotateTokenRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class RotateTokenResponse(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class WhoAmIRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WhoAmIResponse(_message.Message):
    __slots__ = ("user", "tenant_class")
    USER_FIELD_NUMBER: _ClassVar[int]
    TENANT_CLASS_FIELD_NUMBER: _ClassVar[int]
    user: User
    tenant_class: str
    def __init__(self, user: _Optional[_Union[User, _Mapping]] = ..., tenant_class: _Optional[str] = ...) -> None: ...

class GetRegisterRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRegisterResponse(_message.Message):
    __slots__ = ("text", "revision")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    text: str
    revision: int
    def __init__(self, text: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class RegisterStep(_message.Message):
    __slots__ = ("what", "kind", "organisation_id", "name", "differences", "words", "pending_jobs", "running_jobs")
    WHAT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    PENDING_JOBS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_JOBS_FIELD_NUMBER: _ClassVar[int]
    what: TenantChangeKind
    kind: TenantKind
    organisation_id: str
    name: str
    differences: _containers.RepeatedScalarFieldContainer[str]
    words: str
    pending_jobs: int
    running_jobs: int
    def __init__(self, what: _Optional[_Union[TenantChangeKind, str]] = ..., kind: _Optional[_Union[TenantKind, str]] = ..., organisation_id: _Optional[str] = ..., name: _Optional[str] = ..., differences: _Optional[_Iterable[str]] = ..., words: _Optional[str] = ..., pending_jobs: _Optional[int] = ..., running_jobs: _Optional[int] = ...) -> None: ...

class PlanRegisterRequest(_message.Message):
    __slots__ = ("text", "off_board")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    OFF_BOARD_FIELD_NUMBER: _ClassVar[int]
    text: str
    off_board: bool
    def __init__(self, text: _Optional[str] = ..., off_board: _Optional[bool] = ...) -> None: ...

class PlanRegisterResponse(_message.Message):
    __slots__ = ("steps", "revision")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[RegisterStep]
    revision: int
    def __init__(self, steps: _Optional[_Iterable[_Union[RegisterStep, _Mapping]]] = ..., revision: _Optional[int] = ...) -> None: ...

class ApplyRegisterRequest(_message.Message):
    __slots__ = ("text", "off_board", "expected_revision")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    OFF_BOARD_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REVISION_FIELD_NUMBER: _ClassVar[int]
    text: str
    off_board: bool
    expected_revision: int
    def __init__(self, text: _Optional[str] = ..., off_board: _Optional[bool] = ..., expected_revision: _Optional[int] = ...) -> None: ...

class UserToken(_message.Message):
    __slots__ = ("user_id", "token")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    token: str
    def __init__(self, user_id: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class ApplyRegisterResponse(_message.Message):
    __slots__ = ("steps", "revision", "tokens")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[RegisterStep]
    revision: int
    tokens: _containers.RepeatedCompositeFieldContainer[UserToken]
    def __init__(self, steps: _Optional[_Iterable[_Union[RegisterStep, _Mapping]]] = ..., revision: _Optional[int] = ..., tokens: _Optional[_Iterable[_Union[UserToken, _Mapping]]] = ...) -> None: ...

class OffBoardRequest(_message.Message):
    __slots__ = ("kind", "organisation_id", "name", "validate_only")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    kind: TenantKind
    organisation_id: str
    name: str
    validate_only: bool
    def __init__(self, kind: _Optional[_Union[TenantKind, str]] = ..., organisation_id: _Optional[str] = ..., name: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class OffBoardResponse(_message.Message):
    __slots__ = ("steps", "revision")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[RegisterStep]
    revision: int
    def __init__(self, steps: _Optional[_Iterable[_Union[RegisterStep, _Mapping]]] = ..., revision: _Optional[int] = ...) -> None: ...

class ListTenantChangesRequest(_message.Message):
    __slots__ = ("name", "before_number", "page_size")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BEFORE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    name: str
    before_number: int
    page_size: int
    def __init__(self, name: _Optional[str] = ..., before_number: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class TenantChange(_message.Message):
    __slots__ = ("number", "time", "by", "what", "kind", "organisation_id", "name", "differences")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    number: int
    time: _timestamp_pb2.Timestamp
    by: str
    what: TenantChangeKind
    kind: TenantKind
    organisation_id: str
    name: str
    differences: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., by: _Optional[str] = ..., what: _Optional[_Union[TenantChangeKind, str]] = ..., kind: _Optional[_Union[TenantKind, str]] = ..., organisation_id: _Optional[str] = ..., name: _Optional[str] = ..., differences: _Optional[_Iterable[str]] = ...) -> None: ...

class ListTenantChangesResponse(_message.Message):
    __slots__ = ("changes",)
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[TenantChange]
    def __init__(self, changes: _Optional[_Iterable[_Union[TenantChange, _Mapping]]] = ...) -> None: ...
