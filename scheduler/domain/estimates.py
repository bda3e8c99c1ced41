"""When a pending job is expected to start, and how often such words came true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from scheduler.domain.policies import LARGE_PART

SMALL_PART = Fraction(1, 16)


class JobSize(StrEnum):
    """How much of its pool a job takes: waits differ by that more than by anything else."""

    ONE_GPU = "1 GPU"
    SMALL = "< 1/16"
    MIDDLE = "< 1/4"
    LARGE = ">= 1/4"


def size_of(gpus: int, capacity_gpus: int) -> JobSize:
    """Return the size of a gang in a pool of that capacity."""
    if gpus <= 1:
        return JobSize.ONE_GPU
    if gpus < capacity_gpus * SMALL_PART:
        return JobSize.SMALL
    return JobSize.MIDDLE if gpus < capacity_gpus * LARGE_PART else JobSize.LARGE


@dataclass(frozen=True, slots=True)
class StartEstimate:
    """A job starts before `p50` as likely as not, and before `p90` nine times in ten."""

    job_id: int
    made_at: datetime
    p50: datetime
    p90: datetime

    def __post_init__(self) -> None:
        if not self.made_at <= self.p50 <= self.p90:
            raise ValueError(f"an estimate lies ahead, and its P90 not before its P50: {self}")


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How many of the newest estimates for a class of tenants have been judged, and came true."""

    tenant_class: str
    judged: int
    within_p50: int
    within_p90: int
