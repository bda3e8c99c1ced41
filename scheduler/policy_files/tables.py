"""The tables and keys of a policy file, as pydantic reads them strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StringConstraints,
    Tag,
)

from scheduler.texts import Said, said

_NAME = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
_POOL = r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|other)$"
_ONE_POOL = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
_NODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
_GPU_TYPE = r"^[A-Za-z0-9_.-]+$"
_DURATION = r"^([0-9]{1,6}[smhdw])+$"
_TITLE = r"^[^\x00-\x1f\x7f]+$"
# What each pattern means to people.
PATTERNS: Mapping[str, Said] = {
    _NAME: said("must be lower-case letters, digits and hyphens, such as astana-university"),
    _POOL: said("must be partition/type, such as alem/h200, or other for the pools not named"),
    _ONE_POOL: said("must be one pool as partition/type, such as alem/h200"),
    _NODE: said("must be a node as Slurm names it, such as gpu-01"),
    _GPU_TYPE: said("must be a GPU type as Slurm names it, such as h200"),
    _DURATION: said("must be a duration such as 90m, 12h, 7d or 1d12h"),
    _TITLE: said("must be one line of text"),
}
NUMBER_TAG, TABLE_TAG, KEY_TAG = "<number>", "<table>", "[key]"

Gpus = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=63)]
PoolName = Annotated[str, StringConstraints(pattern=_POOL, max_length=200)]
OnePool = Annotated[str, StringConstraints(pattern=_ONE_POOL, max_length=200)]
NodeName = Annotated[str, StringConstraints(pattern=_NODE, max_length=200)]
GpuType = Annotated[str, StringConstraints(pattern=_GPU_TYPE, max_length=100)]
Duration = Annotated[str, StringConstraints(pattern=_DURATION, max_length=40)]
Rate = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


def _closed(description: str = "") -> dict[str, JsonValue]:
    """Return the schema's words against keys of no known form."""
    said: dict[str, JsonValue] = {"description": description} if description else {}
    return {**said, "additionalProperties": False}


def _number_or_table(value: object) -> str:
    return TABLE_TAG if isinstance(value, dict) else NUMBER_TAG


GpusInPools = Annotated[
    Annotated[Gpus, Tag(NUMBER_TAG)]
    | Annotated[dict[PoolName, Gpus], Field(json_schema_extra=_closed()), Tag(TABLE_TAG)],
    Discriminator(_number_or_table),
]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QuotaTable(Table):
    """A share among siblings, and bounds on what is held: one number for every pool, or a table.

    In a table `other` stands for the pools that it does not name.
    """

    share: Annotated[Count, Field(description="Weight among the tenants of the same level.")] = 1
    floor_gpus: Annotated[
        GpusInPools, Field(description="GPUs that come back within the recall time. Default 0.")
    ] = 0
    ceiling_gpus: Annotated[
        GpusInPools | None, Field(description="Most GPUs held at once. Default: no limit.")
    ] = None
    borrowing_limit_gpus: Annotated[
        GpusInPools | None,
        Field(description="Most GPUs held above the entitlement. Default: no limit."),
    ] = None
    lending_limit_gpus: Annotated[
        GpusInPools | None,
        Field(description="Most idle GPUs of the floor that others hold. Default: all of them."),
    ] = None


class UsageTable(Table):
    """How past use counts against a tenant."""

    half_life: Annotated[Duration, Field(description="Time after which use counts half.")] = "7d"
    weight: Annotated[Weight, Field(description="How much past use counts; 0 forgets it.")] = 1.0


class UserLimitsTable(Table):
    """Bounds on one user."""

    max_held_gpus: Annotated[
        Count | None, Field(description="Most GPUs one user holds. Default: no limit.")
    ] = None
    max_pending_jobs: Annotated[
        Count | None, Field(description="Most jobs of one user that wait. Default: no limit.")
    ] = None
    max_walltime: Annotated[Duration, Field(description="Longest --time.")] = "7d"
    max_array_elements: Annotated[
        int, Field(ge=1, le=100_000, description="Most elements of one array.")
    ] = 1000
    max_job_gpus: Annotated[
        Count | None, Field(description="Most GPUs of one job. Default: no limit.")
    ] = None


class ClassTable(QuotaTable):
    """A class: its own quota, and what holds for its members alone."""

    members: Annotated[
        QuotaTable | None,
        Field(
            description="Holds for the organisations of this class that have no table of their "
            "own, in the place of organisations.default."
        ),
    ] = None
    user_limits: Annotated[
        UserLimitsTable | None,
        Field(description="Holds for the users of this class in the place of [user_limits]."),
    ] = None
    grants: Annotated[
        Literal["optional", "required"],
        Field(
            description="Whether a project's grants must pay for every job, or pay as far as they "
            "go."
        ),
    ] = "optional"


class OrderTable(Table):
    """In which order the jobs of one user go, when it is the user's turn."""

    own_jobs: Annotated[
        Literal["oldest", "shortest"],
        Field(description="The oldest first, or the shortest walltime first."),
    ] = "oldest"


class WaitTable(Table):
    """When a job that waits comes before the shares."""

    guard: Annotated[
        Duration, Field(description="Wait after which a job is due a planned start.")
    ] = "1d"
    places: Annotated[
        int, Field(ge=1, le=64, description="Most jobs that have planned starts at once.")
    ] = 64
    spare_places: Annotated[
        Literal["nobody", "gangs"],
        Field(description="Who gets the places that no due job takes."),
    ] = "nobody"


class RecallTable(Table):
    """How borrowed GPUs come back to who is owed them: from jobs that said --requeue."""

    enabled: Annotated[bool, Field(description="Whether borrowed GPUs are recalled at all.")] = (
        False
    )
    notice: Annotated[
        Duration, Field(description="Time from the signal to the end of the run; at most a day.")
    ] = "2m"
    min_runtime: Annotated[
        Duration, Field(description="Time that every run has before it may be recalled.")
    ] = "1h"
    by: Annotated[
        Literal["entitlements", "shares"],
        Field(description="Take what is above entitlements, or from who has the higher share."),
    ] = "entitlements"


class ReservationTable(Table):
    """Whole nodes of a pool that are for some alone, or for nobody, from one time to another."""

    pool: Annotated[OnePool, Field(description="The pool whose nodes are reserved.")]
    gpus: Annotated[
        Count | None, Field(description="So many GPUs, on as few whole nodes as have them.")
    ] = None
    nodes: Annotated[Count | None, Field(description="So many whole nodes.")] = None
    node_names: Annotated[
        tuple[NodeName, ...] | None, Field(strict=False, description="These nodes.")
    ] = None
    whole_pool: Annotated[bool, Field(description="Every node of the pool.")] = False
    starts: Annotated[AwareDatetime, Field(description="When it starts, with the offset.")]
    ends: Annotated[
        AwareDatetime | None, Field(description="When it ends, with the offset; or duration.")
    ] = None
    duration: Annotated[Duration | None, Field(description="How long it lasts; or ends.")] = None
    every: Annotated[
        Literal["week"] | None, Field(description="Whether it begins anew each week.")
    ] = None
    until: Annotated[
        AwareDatetime | None,
        Field(description="The last moment at which a weekly one begins. Default: no end."),
    ] = None
    for_class: Annotated[Name | None, Field(description="The class that it is for.")] = None
    for_organisation: Annotated[
        Name | None, Field(description="The organisation that it is for.")
    ] = None
    for_project: Annotated[
        Name | None, Field(description="The one project of that organisation that it is for.")
    ] = None
    maintenance: Annotated[
        bool, Field(description="Whether it is for nobody: its GPUs are kept empty.")
    ] = False


class PolicyFile(Table):
    """A policy of equal access for Tendik."""

    title: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
        Field(description="The policy's name, for people."),
    ]
    usage: UsageTable = UsageTable()
    rates: Annotated[
        dict[GpuType, Rate],
        Field(json_schema_extra=_closed("What a GPU of each type counts. Default 1.")),
    ] = {}
    classes: Annotated[
        dict[Name, ClassTable],
        Field(min_length=1, json_schema_extra=_closed("The classes of tenants, by name.")),
    ]
    organisations: Annotated[
        dict[Name, QuotaTable],
        Field(
            json_schema_extra=_closed(
                "Organisations, by name; `default` holds for all that are not named."
            )
        ),
    ] = {}
    user_limits: UserLimitsTable = UserLimitsTable()
    order: OrderTable = OrderTable()
    wait: WaitTable = WaitTable()
    recall: RecallTable = RecallTable()
    reservations: Annotated[
        dict[Name, ReservationTable],
        Field(json_schema_extra=_closed("GPUs that are set apart for a time, by name.")),
    ] = {}


def known_keys(path: tuple[str, ...]) -> list[str]:
    """Return the keys of the table at the path, in the order of the documentation."""
    return list(_table_at(path).model_fields)


def _table_at(path: tuple[str, ...]) -> type[Table]:
    match path:
        case ("organisations", _) | ("classes", _, "members"):
            return QuotaTable
        case ("classes", _):
            return ClassTable
        case ("classes", _, "user_limits"):
            return UserLimitsTable
        case ("reservations", _):
            return ReservationTable
        case _:
            return _TABLES[path]


_TABLES: Mapping[tuple[str, ...], type[Table]] = {
    (): PolicyFile,
    ("usage",): UsageTable,
    ("user_limits",): UserLimitsTable,
    ("order",): OrderTable,
    ("wait",): WaitTable,
    ("recall",): RecallTable,
}


def policy_json_schema() -> dict[str, object]:
    """Return the JSON Schema of policy files, for editors."""
    schema = PolicyFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
