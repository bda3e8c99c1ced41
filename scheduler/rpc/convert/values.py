"""Values that all services share: times, names of enum members, and resource names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import said

Member = TypeVar("Member", bound=StrEnum)

JOB_NAME = re.compile(r"jobs/([1-9][0-9]{0,17})", re.ASCII)


def timestamp(at: datetime | None) -> Timestamp | None:
    """Return the moment as a message; None stays unset."""
    if at is None:
        return None
    return Timestamp(seconds=int(at.timestamp()), nanos=at.microsecond * 1000)


def moment(stamp: Timestamp, field: str = "start_time") -> datetime:
    """Return the moment of a message. Raises InvalidRequest for one that no calendar has."""
    try:
        return stamp.ToDatetime(UTC)
    except ValueError:
        message = said("not a moment; send back what the service answered, or leave it empty")
        raise InvalidRequest(Violation(field, message)) from None


def names_by_member(members: type[Member], prefix: str) -> Mapping[Member, str]:
    """Return how the protobuf enum spells each member: `PREFIX_MEMBER`."""
    return {member: f"{prefix}_{member.name}" for member in members}


def members_by_number(names: Mapping[Member, str], proto: EnumTypeWrapper) -> Mapping[int, Member]:
    """Return which member each number of the protobuf enum stands for."""
    return {proto.Value(name): member for member, name in names.items()}


def job_id_of(name: str) -> int:
    """Read "jobs/1042". Raises InvalidRequest."""
    match = JOB_NAME.fullmatch(name)
    if match is None:
        raise InvalidRequest(
            Violation("name", said('{name!r} names no job; write "jobs/1042"', name=name[:64]))
        )
    return int(match[1])


def job_ids_of(names: Iterable[str]) -> tuple[int, ...]:
    """Read several names, each once. Raises InvalidRequest."""
    return tuple(dict.fromkeys(map(job_id_of, names)))
