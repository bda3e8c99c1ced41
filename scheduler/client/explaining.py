"""Why a job waits: what is in its way, who goes first, and what would start it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WaitReason(StrEnum):
    """Why a job does not start; `UNKNOWN` is one that only its `meaning` tells."""

    NOT_YET_CONSIDERED = "not_yet_considered"
    USER_LIMIT = "user_limit"
    ARRAY_LIMIT = "array_limit"
    ORGANISATION_CEILING = "organisation_ceiling"
    CLASS_CEILING = "class_ceiling"
    BORROWING_LIMIT = "borrowing_limit"
    KEPT_BACK = "kept_back"
    NO_SUITABLE_NODES = "no_suitable_nodes"
    NODES_UNAVAILABLE = "nodes_unavailable"
    ADVANCE_RESERVATION = "advance_reservation"
    NOT_ENOUGH_FREE_GPUS = "not_enough_free_gpus"
    FRAGMENTED = "fragmented"
    RESERVED = "reserved"
    OTHERS_FIRST = "others_first"
    SCHEDULER_PAUSED = "scheduler_paused"
    HELD_BY_USER = "held_by_user"
    DEPENDENCY = "dependency"
    DEPENDENCY_NEVER_SATISFIED = "dependency_never_satisfied"
    ACCESS_ENDED = "access_ended"
    UNKNOWN = "unknown"


class Precedence(StrEnum):
    """By which rule another waiting job goes first; the order is the law's."""

    PLANNED_START = "planned_start"
    FLOOR = "floor"
    CLASS_SHARE = "class_share"
    ORGANISATION_SHARE = "organisation_share"
    PROJECT_SHARE = "project_share"
    USER_SHARE = "user_share"
    LONGER_WAIT = "longer_wait"
    OWN_ORDER = "own_order"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing in a job's way: what it means, the numbers behind it, and what helps."""

    reason: WaitReason
    meaning: str
    detail: str
    advice: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.meaning, self.detail)))


@dataclass(frozen=True, slots=True)
class Ahead:
    """Waiting jobs of one organisation that go first by one rule."""

    precedence: Precedence
    meaning: str
    organisation: str
    jobs: int
    gpus: int


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A change with which the job would start now, or earlier than as asked.

    `flags` are the sbatch options that, added to the job's own, make it; empty where none do.
    `starts_at` is None for a start now; a later one is told for the case that nobody new comes,
    nobody who waits goes first, and what runs ends no later than by its walltime.
    """

    sentence: str
    flags: tuple[str, ...]
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found by deciding about the cluster as it was at `as_of`.

    `starts` says that the job starts in the next cycle; then nothing is in its way, and nobody is
    ahead. `more_ahead` says that there are more ahead than were counted. `sentences` say
    it all in words.
    """

    as_of: datetime
    starts: bool
    blockers: tuple[Blocker, ...]
    planned_start: datetime | None
    ahead: tuple[Ahead, ...]
    more_ahead: bool
    counterfactuals: tuple[Counterfactual, ...]
    sentences: tuple[str, ...]
