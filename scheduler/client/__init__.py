"""Tendik from Python: submit GPU jobs, ask why they wait, wait for them. See docs/python.md."""

from __future__ import annotations

from scheduler.client.aio_tendik import AsyncTendik, connect_async
from scheduler.client.answers import Advice, Why
from scheduler.client.errors import (
    Conflict,
    InvalidRequest,
    LimitReached,
    NotFound,
    NotPermitted,
    Problem,
    ServiceFault,
    TendikError,
    Unavailable,
    WaitTimedOut,
    WrongUse,
)
from scheduler.client.explaining import (
    Ahead,
    Blocker,
    Counterfactual,
    Explanation,
    Precedence,
    WaitReason,
)
from scheduler.client.jobs import (
    ENDED,
    LIVE,
    ArrayPlace,
    GrantHold,
    Job,
    JobState,
    Recall,
    Resources,
    StartEstimate,
)
from scheduler.client.shares import Pool, Share
from scheduler.client.tendik import Tendik, connect

__all__ = [
    "ENDED",
    "LIVE",
    "Advice",
    "Ahead",
    "ArrayPlace",
    "AsyncTendik",
    "Blocker",
    "Conflict",
    "Counterfactual",
    "Explanation",
    "GrantHold",
    "InvalidRequest",
    "Job",
    "JobState",
    "LimitReached",
    "NotFound",
    "NotPermitted",
    "Pool",
    "Precedence",
    "Problem",
    "Recall",
    "Resources",
    "ServiceFault",
    "Share",
    "StartEstimate",
    "Tendik",
    "TendikError",
    "Unavailable",
    "WaitReason",
    "WaitTimedOut",
    "Why",
    "WrongUse",
    "connect",
    "connect_async",
]
