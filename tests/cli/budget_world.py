"""The canned grants that the tests' service tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.v1 import budget_service_pb2 as v1

HOUR_S = 3600
AI_FUND = v1.Fund(
    fund_id="ai-fund",
    title="AI Fund",
    gpu_seconds=10_000 * HOUR_S,
    carry_over_percent=25,
    awarded_gpu_seconds=1_200 * HOUR_S,
    left_gpu_seconds=8_800 * HOUR_S,
)


def in_days(days: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.now(UTC) + timedelta(days=days))
    return stamp


def a_step(
    state: v1.GrantState, by: str, hours: float = 0, why: str = "", days: float = -3
) -> v1.GrantStep:
    amount = round(hours * HOUR_S)
    return v1.GrantStep(state=state, by=by, time=in_days(days), why=why, gpu_seconds=amount)


REQUESTED = a_step(v1.GRANT_STATE_REQUESTED, "aliya", 1000, "a model of Kazakh speech", -9)
REVIEWED = a_step(v1.GRANT_STATE_REVIEWED, "saule", 800, "sound, a little large", -8)
AWARDED = a_step(v1.GRANT_STATE_AWARDED, "daniyar", 800, days=-7)
DECLINED = a_step(v1.GRANT_STATE_DECLINED, "saule", why="no plan", days=-6)
WAY = (REQUESTED, REVIEWED, AWARDED)


def a_grant(
    number: int = 1,
    *,
    charged: float = 0,
    held: float = 0,
    steps: Sequence[v1.GrantStep] = WAY,
    starts: float = -7,
    expires: float = 83,
    order: int = 100,
    fund: str = "ai-fund",
) -> v1.Grant:
    """Return a grant of 800 GPU-hours; `starts` and `expires` are days from now."""
    is_awarded = any(step.state == v1.GRANT_STATE_AWARDED for step in steps)
    granted = 800 if is_awarded else 0
    left = granted - charged - held
    return v1.Grant(
        number=number,
        state=steps[-1].state,
        revision=len(steps),
        fund_id=fund,
        organisation_id="astana-university",
        project_id="speech",
        start_time=in_days(starts),
        expire_time=in_days(expires),
        order=order,
        steps=steps,
        balance=v1.GrantBalance(
            awarded_gpu_seconds=granted * HOUR_S,
            held_gpu_seconds=round(held * HOUR_S),
            charged_gpu_seconds=round(charged * HOUR_S),
            granted_gpu_seconds=granted * HOUR_S,
            left_gpu_seconds=round(left * HOUR_S),
        ),
    )


def an_entry(
    entry_id: int,
    kind: v1.EntryKind,
    hours: float,
    *,
    grant: int = 1,
    job: int = 0,
    days: float = -5,
    used: float = 0,
) -> v1.BudgetEntry:
    return v1.BudgetEntry(
        entry_id=entry_id,
        grant=grant,
        kind=kind,
        amount_gpu_seconds=round(hours * HOUR_S),
        time=in_days(days),
        job_id=job,
        attempt=1 if used else 0,
        used_gpu_seconds=round(used * HOUR_S),
    )


LEDGER = (
    an_entry(1, v1.ENTRY_KIND_AWARD, 800, days=-7),
    an_entry(4, v1.ENTRY_KIND_HOLD, 640, job=1042, days=-6),
    an_entry(7, v1.ENTRY_KIND_RELEASE, 640, job=1042, days=-4),
    an_entry(8, v1.ENTRY_KIND_CHARGE, 500.5, job=1042, days=-4, used=500.5),
    an_entry(9, v1.ENTRY_KIND_HOLD, 100, job=1043, days=-2),
)
