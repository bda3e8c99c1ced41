"""What a job wrote to a file of its user's: what is asked for, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.texts import Said, said


class FileProblem(StrEnum):
    """Why a file is not read."""

    MISSING = "missing"
    FORBIDDEN = "forbidden"
    NOT_A_FILE = "not_a_file"
    NO_ACCOUNT = "no_account"
    FAILED = "failed"


MEANINGS: Mapping[FileProblem, Said] = {
    FileProblem.MISSING: said("there is no such file where the cluster's service looks"),
    FileProblem.FORBIDDEN: said("the job's own Unix account may not read it"),
    FileProblem.NOT_A_FILE: said("it is no regular file: nothing is kept there"),
    FileProblem.NO_ACCOUNT: said("the job's Unix account may not be used there"),
    FileProblem.FAILED: said("it could not be read"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of a file, to be read as a Unix account; a relative path begins in its home."""

    unix_account: str
    path: str
    offset: int
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the file at `path`, which is `size_bytes` long now; or why there is none."""

    path: str
    data: bytes = b""
    size_bytes: int = 0
    problem: FileProblem | None = None
    message: str = ""


class OutputStatus(StrEnum):
    """What a message of a stream says; all but DATA come without any."""

    DATA = "data"
    NOT_STARTED = "not_started"
    NO_FILE = "no_file"
    # It is read from its beginning.
    SHORTER = "shorter"
    # To its end, as of now; of a job that is followed: to its last.
    READ = "read"
    # One call tells no more: ask again from here.
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class OutputNews:
    """A message of a stream: bytes that begin at `offset`, or what is so at that place."""

    status: OutputStatus
    path: str
    offset: int = 0
    size_bytes: int = 0
    data: bytes = b""
