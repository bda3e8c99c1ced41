"""What a project is to do about its budget next, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler.cli.budgets.grant_words import in_hours
from scheduler.cli.reader_times import told_clock
from scheduler.domain.budgets.grants import Grant, GrantState, in_draw_down_order
from scheduler.texts import Said, said

SOON = timedelta(days=30)
WARNED_PERCENT = 75
_ASKED = frozenset({GrantState.REQUESTED, GrantState.REVIEWED})


def next_step(project: str, grants: Sequence[Grant], now: datetime) -> Said:
    """Return the one thing to do next; `grants` are the project's, in any order."""
    paying = in_draw_down_order(grants, now)
    left = sum(grant.balance.left for grant in paying)
    granted = sum(grant.balance.granted for grant in paying)
    is_low = 100 * (granted - left) >= WARNED_PERCENT * granted
    if is_low and (further := _further(grants, now)):
        return further
    if not paying:
        return said("No grant pays now. {ask}", ask=_ask(project))
    if not left:
        return said("Nothing is left: wait until jobs end that hold it. {ask}", ask=_ask(project))
    if is_low:
        return said("Little is left, and a review takes its time. {ask}", ask=_ask(project))
    return _expiring(paying, now) or said("Enough is left; there is nothing to do.")


def _further(grants: Sequence[Grant], now: datetime) -> Said | None:
    """Say what comes by itself: a grant that begins later, or a request that others decide."""
    for grant in sorted(grants, key=lambda one: one.starts):
        if grant.state is GrantState.AWARDED and grant.starts > now:
            return said(
                "Grant {number} of {hours} GPU-hours begins {at}; there is nothing to do.",
                number=grant.number,
                hours=in_hours(grant.balance.left),
                at=told_clock(grant.starts, now),
            )
    for grant in grants:
        if grant.state in _ASKED and grant.expires > now:
            return said(
                "Grant {number} is asked for: cluster admins review and award it. See: tendik "
                "grant show {number}",
                number=grant.number,
            )
    return None


def _expiring(paying: Sequence[Grant], now: datetime) -> Said | None:
    first = min(paying, key=lambda grant: grant.expires)
    if not first.balance.left or first.expires - now > SOON:
        return None
    return said(
        "Use grant {number}: {hours} GPU-hours of it lapse {at}, but for what its fund carries "
        "over.",
        number=first.number,
        hours=in_hours(first.balance.left),
        at=told_clock(first.expires, now),
    )


def _ask(project: str) -> Said:
    return said(
        "Ask for more: tendik grant request --project {project} --fund FUND --hours N --until DATE "
        "--why TEXT",
        project=project,
    )
