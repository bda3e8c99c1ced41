"""What a cycle leaves behind: its receipt, and the reasons of the jobs that wait on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from scheduler.domain.decisions import StageResult, Wait
from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import JobState
from scheduler.domain.records import CycleRecord, OrganisationShare
from scheduler.store.bulk import Bulk, bulk_insert
from scheduler.store.on_database import chunked
from scheduler.store.rows import PLANS, Values, blockers_text, estimate_values
from scheduler.store.tables import CYCLES, EVENTS, JOBS
from scheduler.store.told_waits import ToldWaits, is_turn_of

# An hour of cycles a second. Within it every cycle can be looked up; beyond it only those that
# did something: an idle night would otherwise add 30,000 receipts of nothing.
RECENT_CYCLES = 3600
# A reason that flips back and forth for a whole queue must not fill the history. Half of what a
# reader of changes may leave unread, so that one cycle's reasons alone never end a watch.
MAX_REASON_EVENTS = 500

Told = tuple[str, str, str | None]  # reason, detail, the other blockers as JSON

_STAGES = TypeAdapter(tuple[StageResult, ...])
_VIOLATIONS = TypeAdapter(tuple[str, ...])
_SHARES = TypeAdapter(tuple[OrganisationShare, ...])
_STILL_WAITS = and_(
    *(JOBS.c.state == literal_column(f"'{JobState.PENDING.value}'"), JOBS.c.held_at.is_(None)),
    JOBS.c.dependent_since.is_(None),
)
_TOLD = (JOBS.c.reason, JOBS.c.detail, JOBS.c.more_blockers)
_REASONS = select(JOBS.c.job_id, *_TOLD).where(
    JOBS.c.job_id.in_(bindparam("ids", expanding=True)), _STILL_WAITS
)
_UPDATE_REASONS = Bulk(
    update(JOBS)
    .where(JOBS.c.job_id == bindparam("at_job_id"), _STILL_WAITS)
    .values({column: bindparam(column.name) for column in _TOLD})
)
# Of a job as it was just updated; one that left the queue meanwhile is not told of.
_TELL = Bulk(
    insert(EVENTS).from_select(
        ["job_id", "state", "at", "reason", "detail"],
        select(
            *(JOBS.c.job_id, JOBS.c.state, bindparam("at", type_=EVENTS.c.at.type)),
            *(JOBS.c.reason, JOBS.c.detail),
        ).where(JOBS.c.job_id == bindparam("told_job_id"), _STILL_WAITS),
    )
)
_PROMISE = Bulk(
    update(JOBS)
    .where(JOBS.c.job_id == bindparam("at_job_id"), _STILL_WAITS)
    .values(start_by=bindparam("start_by"))
)
_EXPECT = Bulk(
    update(JOBS)
    .where(JOBS.c.job_id == bindparam("at_job_id"), _STILL_WAITS)
    .values({name: bindparam(name) for name in estimate_values(None)})
)
INSERT_EVENTS = bulk_insert(EVENTS, "event_id")
_NONE = "[]"
# Cycles are numbered without gaps, so each number has its turn: one row by its key, not a search.
_FORGET_IF_IDLE = delete(CYCLES).where(
    *(CYCLES.c.number == bindparam("turn"), CYCLES.c.starts == 0, CYCLES.c.violations == _NONE),
    func.coalesce(CYCLES.c.recalls, 0) == 0,
)


@dataclass(frozen=True, slots=True)
class News:
    """What one waiting job is to be told, and whether its history says so."""

    job_id: int
    wait: Wait
    is_event: bool


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


def keep_estimates(connection: Connection, estimates: Sequence[StartEstimate]) -> None:
    """Write when jobs are expected to start, where they still wait; that is no event."""
    _EXPECT.run(
        connection, [{"at_job_id": one.job_id, **estimate_values(one)} for one in estimates]
    )


def news_of(connection: Connection, record: CycleRecord, told: ToldWaits) -> list[News]:
    """Return what waiting jobs are to be told: reasons that changed, and the rest by turns.

    Of 10,000 waiting jobs, most wait for what they did. A detail alone is no event, nor is another
    blocker behind the same first one.
    """
    in_question = list(told.in_question(record))
    stored = _stored_reasons(connection, [job_id for job_id, _ in in_question])
    known = [(job_id, wait) for job_id, wait in in_question if job_id in stored]
    changed = [(job_id, wait) for job_id, wait in known if stored[job_id][0] != wait.reason.value]
    refreshed = [
        (job_id, wait)
        for job_id, wait in known
        if is_turn_of(job_id, record.cycle)
        and stored[job_id][0] == wait.reason.value
        and stored[job_id] != _told(wait)
    ]
    events = (News(*one, True) for one in changed[:MAX_REASON_EVENTS])
    others = (News(*one, False) for one in (*changed[MAX_REASON_EVENTS:], *refreshed))
    return [*events, *others]


def keep_news(connection: Connection, some: Sequence[News], at: datetime) -> None:
    """Write what these jobs are told, where they still wait."""
    _UPDATE_REASONS.run(connection, [_reason_values(one) for one in some])
    _TELL.run(connection, [{"told_job_id": one.job_id, "at": at} for one in some if one.is_event])


def _stored_reasons(connection: Connection, job_ids: Sequence[int]) -> dict[int, Told]:
    """Return what those of these jobs that wait were told."""
    return {
        row.job_id: (row.reason, row.detail, row.more_blockers)
        for some_ids in chunked(job_ids)
        for row in connection.execute(_REASONS, {"ids": some_ids})
    }


def _reason_values(one: News) -> Values:
    reason, detail, more = _told(one.wait)
    return {"at_job_id": one.job_id, "reason": reason, "detail": detail, "more_blockers": more}


def _told(wait: Wait) -> Told:
    return wait.reason.value, wait.detail, blockers_text(wait.blockers[1:])


def _cycle_values(record: CycleRecord) -> Values:
    allocation = record.allocation
    # A row with neither will be let go; the shares are the greater part of its bytes.
    telling = bool(allocation.starts or allocation.recalls or record.violations)
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
        "recalls": len(allocation.recalls),
        "epoch": record.epoch,
        "plans": PLANS.dump_json(allocation.plans).decode(),
    }
