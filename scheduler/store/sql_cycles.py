"""What a cycle leaves behind: its receipt, and the reasons of the jobs that wait on."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from scheduler.domain.decisions import StageResult, Wait
from scheduler.domain.jobs import JobState
from scheduler.domain.records import CycleRecord, OrganisationShare
from scheduler.store.bulk import Bulk, bulk_insert, bulk_update
from scheduler.store.rows import PLANS, Values
from scheduler.store.tables import CYCLES, EVENTS, JOBS

# An hour of cycles a second. Within it every cycle can be looked up; beyond it only those that
# did something: an idle night would otherwise add 30,000 receipts of nothing.
RECENT_CYCLES = 3600
# In a full queue nearly every detail holds numbers that move each second. Spread over so many
# cycles, a cycle rewrites a tenth of the queue, and no detail is older than ten cycles.
CYCLES_PER_DETAIL = 10
# A reason that flips back and forth for a whole queue must not fill the history. Half of what a
# reader of changes may leave unread, so that one cycle's reasons alone never end a watch.
MAX_REASON_EVENTS = 500

_STAGES = TypeAdapter(tuple[StageResult, ...])
_VIOLATIONS = TypeAdapter(tuple[str, ...])
_SHARES = TypeAdapter(tuple[OrganisationShare, ...])
_UPDATE_REASONS = bulk_update(JOBS, "job_id", "reason", "detail")
_STILL_WAITS = JOBS.c.state == literal_column(f"'{JobState.PENDING.value}'")
_PROMISE = Bulk(
    update(JOBS)
    .where(JOBS.c.job_id == bindparam("at_job_id"), _STILL_WAITS)
    .values(start_by=bindparam("start_by"))
)
INSERT_EVENTS = bulk_insert(EVENTS, "event_id")
_NONE = "[]"
# Cycles are numbered without gaps, so each number has its turn: one row by its key, not a search.
_FORGET_IF_IDLE = delete(CYCLES).where(
    CYCLES.c.number == bindparam("turn"), CYCLES.c.starts == 0, CYCLES.c.violations == _NONE
)


def keep_cycle(connection: Connection, record: CycleRecord) -> None:
    """Store the cycle's receipt, and let go of the one that is no longer recent if it was idle."""
    connection.execute(insert(CYCLES), _cycle_values(record))
    connection.execute(_FORGET_IF_IDLE, {"turn": record.cycle - RECENT_CYCLES})


def keep_bounds(connection: Connection, record: CycleRecord) -> None:
    """Write the bounds on waits that were promised to jobs which still wait."""
    bounds: list[Values] = [
        {"at_job_id": job_id, "start_by": moment} for job_id, moment in record.start_bys.items()
    ]
    _PROMISE.run(connection, bounds)


def keep_reasons(connection: Connection, record: CycleRecord) -> None:
    """Write the reasons that changed, with an event for each, and the details whose turn it is.

    Of 10,000 waiting jobs, most wait for what they did. A detail alone is no event.
    """
    stored = _stored_reasons(connection)
    waits = [
        (job_id, wait)
        for wait in record.allocation.waits
        for job_id in wait.job_ids
        if job_id in stored
    ]
    changed = [(job_id, wait) for job_id, wait in waits if stored[job_id][0] != wait.reason.value]
    refreshed = [
        (job_id, wait)
        for job_id, wait in waits
        if (job_id + record.cycle) % CYCLES_PER_DETAIL == 0
        and stored[job_id][0] == wait.reason.value
        and stored[job_id][1] != wait.detail
    ]
    _UPDATE_REASONS.run(connection, [_reason_values(*one) for one in (*changed, *refreshed)])
    told = [_event_values(*one, record.taken_at) for one in changed[:MAX_REASON_EVENTS]]
    INSERT_EVENTS.run(connection, told)


def _stored_reasons(connection: Connection) -> dict[int, tuple[str, str]]:
    pending = select(JOBS.c.job_id, JOBS.c.reason, JOBS.c.detail).where(
        JOBS.c.state == JobState.PENDING.value
    )
    return {row.job_id: (row.reason, row.detail) for row in connection.execute(pending)}


def _reason_values(job_id: int, wait: Wait) -> Values:
    return {"at_job_id": job_id, "reason": wait.reason.value, "detail": wait.detail}


def _event_values(job_id: int, wait: Wait, at: datetime) -> Values:
    return {
        "job_id": job_id,
        "state": JobState.PENDING.value,
        "at": at,
        "reason": wait.reason.value,
        "detail": wait.detail,
    }


def _cycle_values(record: CycleRecord) -> Values:
    allocation = record.allocation
    # A row with neither will be let go; the shares are the greater part of its bytes.
    telling = bool(allocation.starts or record.violations)
    return {
        "number": record.cycle,
        "taken_at": record.taken_at,
        "policy_version": record.policy_version,
        "solver": allocation.solver,
        "status": allocation.status.value,
        "fell_back_because": allocation.fell_back_because,
        "stages": _STAGES.dump_json(allocation.stages).decode(),
        "violations": _VIOLATIONS.dump_json(record.violations).decode(),
        "shares": _SHARES.dump_json(record.shares if telling else ()).decode(),
        "starts": len(allocation.starts),
        "plans": PLANS.dump_json(allocation.plans).decode(),
    }
