"""Policy files: TOML that administrators write, read strictly into the domain's Policy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StringConstraints,
    Tag,
    ValidationError,
)
from pydantic_core import ErrorDetails

from scheduler.domain.known_names import suggestion
from scheduler.domain.policies import (
    OwnJobs,
    PerPool,
    Policy,
    PolicyVersion,
    Quota,
    RecallBy,
    RecallRules,
    SparePlaces,
    UserLimits,
    WaitRules,
)
from scheduler.domain.policy_changes import changes
from scheduler.errors import InvalidPolicy, Violation
from scheduler.texts import Said, said
from scheduler.wrong_values import fault

__all__ = ["changes", "parse_policy", "policy_json_schema", "policy_version", "violation_at"]

MAX_FILE_LENGTH = 1024 * 1024
SHORTEST_HALF_LIFE_S = 3600
SHORTEST_WALLTIME_S = 60
SHORTEST_GUARD_S = 60
LONGEST_NOTICE_S = 24 * 3600
LONGEST_DURATION_S = 3650 * 24 * 3600
DEFAULT_ORGANISATION = "default"
OTHER_POOLS = "other"

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_NAME = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
_POOL = r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|other)$"
_GPU_TYPE = r"^[A-Za-z0-9_.-]+$"
_DURATION = r"^([0-9]{1,6}[smhdw])+$"
_TITLE = r"^[^\x00-\x1f\x7f]+$"
# What each pattern means to people.
_PATTERNS: Mapping[str, Said] = {
    _NAME: said("must be lower-case letters, digits and hyphens, such as astana-university"),
    _POOL: said("must be partition/type, such as alem/h200, or other for the pools not named"),
    _GPU_TYPE: said("must be a GPU type as Slurm names it, such as h200"),
    _DURATION: said("must be a duration such as 90m, 12h, 7d or 1d12h"),
    _TITLE: said("must be one line of text"),
}
_NUMBER_TAG, _TABLE_TAG, _KEY_TAG = "<number>", "<table>", "[key]"

Gpus = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[str, StringConstraints(pattern=_NAME, max_length=63)]
PoolName = Annotated[str, StringConstraints(pattern=_POOL, max_length=200)]
GpuType = Annotated[str, StringConstraints(pattern=_GPU_TYPE, max_length=100)]
Duration = Annotated[str, StringConstraints(pattern=_DURATION, max_length=40)]
Rate = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


def _closed(description: str = "") -> dict[str, JsonValue]:
    """Return the schema's words against keys of no known form."""
    said: dict[str, JsonValue] = {"description": description} if description else {}
    return {**said, "additionalProperties": False}


def _number_or_table(value: object) -> str:
    return _TABLE_TAG if isinstance(value, dict) else _NUMBER_TAG


GpusInPools = Annotated[
    Annotated[Gpus, Tag(_NUMBER_TAG)]
    | Annotated[dict[PoolName, Gpus], Field(json_schema_extra=_closed()), Tag(_TABLE_TAG)],
    Discriminator(_number_or_table),
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class QuotaTable(_Table):
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


class UsageTable(_Table):
    """How past use counts against a tenant."""

    half_life: Annotated[Duration, Field(description="Time after which use counts half.")] = "7d"
    weight: Annotated[Weight, Field(description="How much past use counts; 0 forgets it.")] = 1.0


class UserLimitsTable(_Table):
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


class OrderTable(_Table):
    """In which order the jobs of one user go, when it is the user's turn."""

    own_jobs: Annotated[
        Literal["oldest", "shortest"],
        Field(description="The oldest first, or the shortest walltime first."),
    ] = "oldest"


class WaitTable(_Table):
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


class RecallTable(_Table):
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


class PolicyFile(_Table):
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
        dict[Name, QuotaTable],
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


_QUOTA_TABLES = ("classes", "organisations")
_TABLES: Mapping[tuple[str, ...], type[_Table]] = {
    (): PolicyFile,
    ("usage",): UsageTable,
    ("user_limits",): UserLimitsTable,
    ("order",): OrderTable,
    ("wait",): WaitTable,
    ("recall",): RecallTable,
}

Path = tuple[str, ...]


def parse_policy(text: str) -> tuple[str, Policy]:
    """Return the file's title and policy. Raises InvalidPolicy naming every wrong key."""
    file = _read(text)
    violations = [violation_at(text, path, message) for path, message in _contradictions(file)]
    if violations:
        raise InvalidPolicy(*violations)
    return file.title, _policy(file)


def policy_version(text: str, applied_by: str, at: datetime) -> PolicyVersion:
    """Return the file as a version that has no number yet (0). Raises InvalidPolicy."""
    title, policy = parse_policy(text)
    digest = sha256(text.encode()).hexdigest()
    return PolicyVersion(0, title, digest, text, applied_by, at.isoformat(), policy)


def policy_json_schema() -> dict[str, object]:
    """Return the JSON Schema of policy files, for editors."""
    schema = PolicyFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _read(text: str) -> PolicyFile:
    if len(text) > MAX_FILE_LENGTH:
        message = said("is longer than {most} characters; shorten it", most=MAX_FILE_LENGTH)
        raise InvalidPolicy(Violation("file", message))
    try:
        return PolicyFile.model_validate(tomllib.loads(text))
    except RecursionError as deep:
        message = said("is nested too deeply; a policy has two levels of tables")
        raise InvalidPolicy(Violation("file", message)) from deep
    except ValidationError as wrong:
        found = [_explained(text, error) for error in wrong.errors()]
        raise InvalidPolicy(*sorted(found, key=lambda violation: violation.line)) from wrong
    except ValueError as wrong:
        place = re.search(r"line (\d+)", str(wrong))
        line = int(place[1]) if place else 0
        raise InvalidPolicy(
            Violation("file", said("is not TOML: {wrong}; mend it there", wrong=wrong), line)
        ) from wrong


def _explained(text: str, error: ErrorDetails) -> Violation:
    tags = (_NUMBER_TAG, _TABLE_TAG, _KEY_TAG)
    path = tuple(str(part) for part in error["loc"] if part not in tags)
    match error["type"]:
        case "extra_forbidden":
            message = _unknown_key(path)
        case "missing":
            message = said("is missing; every policy has a title and at least one [classes.NAME]")
        case "too_short":
            message = said("needs at least one table, such as [classes.universities]")
        case "string_pattern_mismatch":
            message = said(
                "{pattern}, not {given}",
                pattern=_PATTERNS[error["ctx"]["pattern"]],
                given=_shown(error["input"]),
            )
        case _:
            wrong = fault(error["type"], error.get("ctx", {}), error["msg"])
            message = said("{wrong}, not {given}", wrong=wrong, given=_shown(error["input"]))
    return violation_at(text, path, message)


def _unknown_key(path: Path) -> Said:
    table = QuotaTable if path[0] in _QUOTA_TABLES else _TABLES[path[:-1]]
    known = list(table.model_fields)
    hint = suggestion(path[-1], known)
    return said(
        "is not a key of this table; known: {names}{hint}", names=", ".join(known), hint=hint
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def violation_at(text: str, path: Path, message: Said) -> Violation:
    """Return what is wrong with a key of a policy file, with its line in the text."""
    bare = re.compile(r"[A-Za-z0-9_-]+")
    key = ".".join(part if bare.fullmatch(part) else f'"{part}"' for part in path)
    return Violation(key or "file", message, _line_of(text, path))


_LINE_OF_KEY = re.compile(r"\s*(?:\[(?P<table>[^\[\]]+)\]|(?P<key>[^=#\[\]]+)=)")
_PART_OF_KEY = re.compile(r"\"([^\"]*)\"|([A-Za-z0-9_-]+)")


def _line_of(text: str, path: Path) -> int:
    """Return the line of the key, else of the innermost table around it, else 0."""
    table: Path = ()
    found, depth = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE_OF_KEY.match(line)
        if match is None:
            continue
        parts = tuple(quoted or bare for quoted, bare in _PART_OF_KEY.findall(match[0]))
        key = parts if match["table"] else table + parts
        table = key if match["table"] else table
        if len(key) > depth and path[: len(key)] == key:
            found, depth = number, len(key)
    return found


def _contradictions(file: PolicyFile) -> Iterator[tuple[Path, Said]]:
    """Say which values are right alone but not together, or out of bounds."""
    for path, duration, shortest_s, longest_s in _durations(file):
        if not shortest_s <= _seconds(duration) <= longest_s:
            yield (
                path,
                said(
                    "must be from {shortest_s}s to {most}s, not {duration!r}",
                    shortest_s=shortest_s,
                    most=longest_s,
                    duration=duration,
                ),
            )
    for level, tables in (("classes", file.classes), ("organisations", file.organisations)):
        for name, table in tables.items():
            yield from _quota_contradictions((level, name), _quota(table))


def _durations(file: PolicyFile) -> Iterator[tuple[Path, str, int, int]]:
    """Yield each duration with its least and its most seconds."""
    longest_s, walltime = LONGEST_DURATION_S, file.user_limits.max_walltime
    yield ("usage", "half_life"), file.usage.half_life, SHORTEST_HALF_LIFE_S, longest_s
    yield ("user_limits", "max_walltime"), walltime, SHORTEST_WALLTIME_S, longest_s
    yield ("wait", "guard"), file.wait.guard, SHORTEST_GUARD_S, longest_s
    yield ("recall", "notice"), file.recall.notice, 0, LONGEST_NOTICE_S
    yield ("recall", "min_runtime"), file.recall.min_runtime, 0, longest_s


def _quota_contradictions(path: Path, quota: Quota) -> Iterator[tuple[Path, Said]]:
    bounds = (quota.floor, quota.ceiling, quota.lending_limit)
    pools = {pool for bound in bounds for pool in bound.by_pool}
    for pool in (*sorted(pools), OTHER_POOLS):
        floor = quota.floor.gpus(pool) or 0
        ceiling, lent = quota.ceiling.gpus(pool), quota.lending_limit.gpus(pool)
        place = said("other pools") if pool == OTHER_POOLS else pool
        where = said(" in {place}", place=place) if pools else Said()
        if ceiling is not None and floor > ceiling:
            text = said(
                "{floor} is more than ceiling_gpus {ceiling}{where}",
                floor=floor,
                ceiling=ceiling,
                where=where,
            )
            yield (
                (*path, "floor_gpus"),
                said("{text}; lower the floor or raise the ceiling", text=text),
            )
        if lent is not None and lent > floor:
            text = said(
                "{lent} is more than floor_gpus {floor}{where}", lent=lent, floor=floor, where=where
            )
            yield (
                (*path, "lending_limit_gpus"),
                said("{text}; only a floor's idle GPUs are lent", text=text),
            )


def _policy(file: PolicyFile) -> Policy:
    organisations = {name: _quota(table) for name, table in file.organisations.items()}
    return Policy(
        classes={name: _quota(table) for name, table in file.classes.items()},
        organisation_default=organisations.pop(DEFAULT_ORGANISATION, Quota()),
        organisations=organisations,
        rates={gpu_type: _exact(rate) for gpu_type, rate in file.rates.items()},
        half_life_s=_seconds(file.usage.half_life),
        usage_weight=_exact(file.usage.weight),
        user_limits=UserLimits(
            file.user_limits.max_held_gpus,
            file.user_limits.max_pending_jobs,
            _seconds(file.user_limits.max_walltime),
            file.user_limits.max_array_elements,
        ),
        own_jobs=OwnJobs(file.order.own_jobs),
        wait=_wait(file.wait),
        recall=_recall(file.recall),
    )


def _wait(table: WaitTable) -> WaitRules:
    return WaitRules(_seconds(table.guard), table.places, SparePlaces(table.spare_places))


def _recall(table: RecallTable) -> RecallRules:
    notice_s, min_runtime_s = _seconds(table.notice), _seconds(table.min_runtime)
    return RecallRules(table.enabled, notice_s, min_runtime_s, RecallBy(table.by))


def _quota(table: QuotaTable) -> Quota:
    return Quota(
        table.share,
        floor=_per_pool(table.floor_gpus, other=0),
        ceiling=_per_pool(table.ceiling_gpus),
        borrowing_limit=_per_pool(table.borrowing_limit_gpus),
        lending_limit=_per_pool(table.lending_limit_gpus),
    )


def _per_pool(value: int | dict[str, int] | None, other: int | None = None) -> PerPool:
    if not isinstance(value, dict):
        return PerPool(value)
    named = {pool: gpus for pool, gpus in value.items() if pool != OTHER_POOLS}
    return PerPool(value.get(OTHER_POOLS, other), named)


def _exact(number: float) -> Fraction:
    """Return the number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


def _seconds(duration: str) -> int:
    parts = re.findall(r"([0-9]+)([smhdw])", duration)
    return sum(int(number) * _UNITS_S[unit] for number, unit in parts)
