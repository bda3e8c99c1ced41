"""What a canary must not make worse, and how much worse of each is borne."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from scheduler.domain.policies import Policy
from scheduler.domain.shares.due_dates import AFTER_NOTICE

# Of an entitlement, or of a pool's GPUs: more than what one gang on its way changes for long.
TOLERATED_POINTS = 10.0
# Without recall a floor comes back only as jobs end; nobody is patient for a walltime of days.
TOLERATED_WITHOUT_RECALL_MIN = 60.0


class Objective(StrEnum):
    """A promise of equal access, measured while a policy is tried.

    FLOORS: for how many minutes anybody who wants it lacks GPUs of a floor. ENTITLEMENTS: by how
    many points anybody's part of the entitlement falls. IDLE: how many percent of a pool stand
    idle that would be used.
    """

    FLOORS = "floors"
    ENTITLEMENTS = "entitlements"
    IDLE = "idle"


def tolerated(policy: Policy) -> Mapping[Objective, float]:
    """Return what is borne unless told; floors are what the policy's recalls promise."""
    recall = policy.recall
    bound_s = recall.min_runtime_s + recall.notice_s + AFTER_NOTICE.total_seconds()
    return {
        Objective.FLOORS: bound_s / 60 if recall.enabled else TOLERATED_WITHOUT_RECALL_MIN,
        Objective.ENTITLEMENTS: TOLERATED_POINTS,
        Objective.IDLE: TOLERATED_POINTS,
    }
