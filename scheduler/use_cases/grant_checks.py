"""What a request for a grant, and an award, must keep to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.domain.budgets.grants import Grant, GrantState, GrantStep, hours
from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import said
from scheduler.use_cases.given_reasons import given_reason
from scheduler.use_cases.names import amount_violations

LOWEST_ORDER, USUAL_ORDER, HIGHEST_ORDER = 1, 100, 1000
# A day that has begun is one to start from, wherever on the globe.
BEGUN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WantedGrant:
    """A grant as it is asked for; an empty organisation is the caller's.

    Without `starts` it is from now on, and with `order` 0 it pays in the usual order.
    """

    fund: str
    organisation: str
    project: str
    gpu_seconds: int
    expires: datetime | None
    why: str
    starts: datetime | None = None
    order: int = 0


def requested(wanted: WantedGrant, organisation: str, by: str, now: datetime) -> Grant:
    """Return the request. Raises InvalidRequest, with all that is wrong with it."""
    why = given_reason(wanted.why, said("is empty; say what the GPU-hours are for"))
    starts, expires = wanted.starts or now, wanted.expires
    order = wanted.order or USUAL_ORDER
    violations = [
        *amount_violations("gpu_seconds", wanted.gpu_seconds),
        *_dates(starts, expires, now),
        *_order(order),
    ]
    if violations or expires is None:
        raise InvalidRequest(*violations)
    step = GrantStep(GrantState.REQUESTED, by, now, why, wanted.gpu_seconds)
    return Grant(0, wanted.fund, organisation, wanted.project, starts, expires, (step,), order)


def check_award(grant: Grant, gpu_seconds: int, now: datetime | None = None) -> None:
    """Raise InvalidRequest for more than was asked for, or for what has expired by `now`."""
    violations = list(amount_violations("gpu_seconds", gpu_seconds))
    if gpu_seconds > grant.asked:
        message = said(
            "{given:,.2f} GPU-hours, and {asked:,.2f} were asked for; give at most these",
            given=hours(gpu_seconds),
            asked=hours(grant.asked),
        )
        violations.append(Violation("gpu_seconds", message))
    if now is not None and grant.expires <= now:
        expired = said("has passed; decline it, and let it be requested anew")
        violations.append(Violation("expire_time", expired))
    if violations:
        raise InvalidRequest(*violations)


def recommended(grant: Grant) -> int:
    """Return what the last review recommends; what was asked for where there was none."""
    reviews = [step for step in grant.steps if step.state is GrantState.REVIEWED]
    return reviews[-1].gpu_seconds if reviews else grant.asked


def _dates(starts: datetime, expires: datetime | None, now: datetime) -> Iterator[Violation]:
    if starts < now - BEGUN:
        yield Violation("start_time", said("is long past; use today, or a later time"))
    if expires is None:
        yield Violation("expire_time", said("is missing; say until when"))
    elif expires <= now:
        yield Violation("expire_time", said("has passed; use a later time"))
    elif expires <= starts:
        yield Violation("expire_time", said("is not after the start; use a later time"))


def _order(order: int) -> Iterator[Violation]:
    if not LOWEST_ORDER <= order <= HIGHEST_ORDER:
        yield Violation(
            "order",
            said(
                "{order}; use {lowest} to {highest}",
                order=order,
                lowest=LOWEST_ORDER,
                highest=HIGHEST_ORDER,
            ),
        )
