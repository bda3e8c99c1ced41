"""What a person must look at now, by what the service itself knows at this moment.

Prometheus's rules watch the same things over time, and the service from outside: see
docs/operators.md, whose pages these alerts name. An alert here says what is so now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.changes.proposals import came_back_by_itself
from scheduler.domain.changes.trials import Watched
from scheduler.domain.changes.warnings import WarningKind, policy_warnings
from scheduler.domain.policies import Policy
from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import ClusterView, Laggards, OrganisationShare
from scheduler.domain.shares.due_dates import AFTER_NOTICE
from scheduler.domain.stored_words import known_again
from scheduler.texts import Said, said, said_of

NO_CYCLE_FOR = timedelta(seconds=60)
SLOW_CYCLE_S = 10.0
# A job is on its way for as long as two looks of the engine; lost ones are given up much later.
ON_ITS_WAY_FOR = timedelta(minutes=10)
OWED_FOR = timedelta(hours=6)
TOLD_OF_A_RETURN_FOR = timedelta(days=1)
# At the longest that may be between two cycles of a trial, two were lost.
NOT_JUDGED_FOR = timedelta(minutes=30)
UNAVAILABLE_PART = 0.1


class AlertKind(StrEnum):
    """What is wrong."""

    CLUSTER_UNREAD = "cluster_unread"
    NO_CYCLE = "no_cycle"
    AUDIT_VIOLATION = "audit_violation"
    FALLBACK_DECIDES = "fallback_decides"
    CYCLES_SLOW = "cycles_slow"
    NODES_UNAVAILABLE = "nodes_unavailable"
    FLOOR_UNMET = "floor_unmet"
    OWED_FOR_LONG = "owed_for_long"
    WAIT_BOUND_BROKEN = "wait_bound_broken"
    STUCK_RECORDS = "stuck_records"
    POLICY_DOES_NOT_FIT = "policy_does_not_fit"
    POLICY_CAME_BACK = "policy_came_back"
    CANARY_NOT_JUDGED = "canary_not_judged"
    CANARY_OVER = "canary_over"
    RECEIPTS_MISSING = "receipts_missing"


CRITICAL = frozenset({AlertKind.CLUSTER_UNREAD, AlertKind.NO_CYCLE, AlertKind.AUDIT_VIOLATION})
# The pages of docs/operators.md; what is not there is told in full by its sentence.
RUNBOOKS: Mapping[AlertKind, str] = {
    AlertKind.CLUSTER_UNREAD: "tendikbackenddown",
    AlertKind.NO_CYCLE: "tendiknocycle",
    AlertKind.AUDIT_VIOLATION: "tendikauditviolation",
    AlertKind.FALLBACK_DECIDES: "tendiksolverfallsback",
    AlertKind.CYCLES_SLOW: "tendikcyclesslow",
    AlertKind.NODES_UNAVAILABLE: "tendiknodesunavailable",
    AlertKind.OWED_FOR_LONG: "tendikorganisationbelowentitlement",
    AlertKind.POLICY_DOES_NOT_FIT: "tendikpolicydoesnotfit",
    AlertKind.POLICY_CAME_BACK: "tendikpolicycameback",
    AlertKind.RECEIPTS_MISSING: "tendikreceiptsmissing",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """What is wrong, in words; `since` where that is known."""

    kind: AlertKind
    words: Said
    since: datetime | None = None

    @property
    def is_critical(self) -> bool:
        """Say whether nothing is scheduled, or something wrong may have been."""
        return self.kind in CRITICAL


def alerts(
    view: ClusterView,
    laggards: Laggards,
    receipts: ReceiptHead | None,
    now: datetime,
    canary: Watched | None = None,
) -> tuple[Alert, ...]:
    """Return what a person must look at, what is critical first."""
    found = (
        *_of_engine(view, now),
        *_of_cycles(view),
        *_of_nodes(view),
        *_of_shares(view, now),
        *_of_jobs(laggards),
        *_of_policy(view),
        *_of_returns(view, now),
        *_of_canary(canary, now),
        *_of_receipts(receipts),
    )
    return tuple(sorted(found, key=lambda alert: not alert.is_critical))


def _of_engine(view: ClusterView, now: datetime) -> Iterator[Alert]:
    """While the backend is down there are no cycles: then one alert says it."""
    if not view.backend_up:
        since = view.cluster.read_at if view.cluster else None
        yield Alert(
            AlertKind.CLUSTER_UNREAD,
            said(
                "{backend} does not answer: nothing starts, and no end is seen",
                backend=view.backend,
            ),
            since,
        )
    elif view.report is None or now - view.report.taken_at > NO_CYCLE_FOR:
        since = view.report.taken_at if view.report else None
        yield Alert(AlertKind.NO_CYCLE, said("no cycle has ended: nothing is decided"), since)


def _of_cycles(view: ClusterView) -> Iterator[Alert]:
    cycles = view.cycles
    if broken := sum(bool(cycle.violations) for cycle in cycles):
        words = said("the audit refused {broken} of {of} cycles", broken=broken, of=len(cycles))
        yield Alert(AlertKind.AUDIT_VIOLATION, words)
    if fell := sum(bool(cycle.fell_back_because) for cycle in cycles):
        words = said("the fall-back decided {fell} of {of} cycles", fell=fell, of=len(cycles))
        yield Alert(AlertKind.FALLBACK_DECIDES, words)
    longest_s = max((cycle.duration_s for cycle in cycles), default=0.0)
    if longest_s > SLOW_CYCLE_S:
        words = said("a cycle took {seconds:.0f} s: freed GPUs stay idle", seconds=longest_s)
        yield Alert(AlertKind.CYCLES_SLOW, words)


def _of_nodes(view: ClusterView) -> Iterator[Alert]:
    nodes = view.cluster.nodes if view.cluster else ()
    of_pool = Counter(node.pool for node in nodes)
    down = Counter(node.pool for node in nodes if not node.available)
    for pool in sorted(down):
        if down[pool] > UNAVAILABLE_PART * of_pool[pool]:
            words = said_of(
                down[pool],
                "{number} node of {of} in {pool} takes no jobs",
                "{number} nodes of {of} in {pool} take no jobs",
                of=of_pool[pool],
                pool=pool,
            )
            yield Alert(AlertKind.NODES_UNAVAILABLE, words)


def _of_shares(view: ClusterView, now: datetime) -> Iterator[Alert]:
    for share in view.report.shares if view.report else ():
        if share.owed_since is None:
            continue
        waited, floor = now - share.owed_since, _unmet_floor(share, view.policy.policy)
        if floor and waited > _recall_bound(view.policy.policy):
            words = said(
                "{organisation} holds {held} of the {floor} GPUs of its floor in {pool}",
                organisation=share.organisation,
                held=share.held,
                floor=floor,
                pool=share.pool,
            )
            yield Alert(AlertKind.FLOOR_UNMET, words, share.owed_since)
        elif waited > OWED_FOR:
            words = said(
                "{owed} GPUs are owed to {organisation} in {pool}",
                owed=share.owed,
                organisation=share.organisation,
                pool=share.pool,
            )
            yield Alert(AlertKind.OWED_FOR_LONG, words, share.owed_since)


def _unmet_floor(share: OrganisationShare, policy: Policy) -> int:
    """Return the floor as far as it is wanted, 0 where it is held."""
    floor = policy.organisation(share.tenant_class, share.organisation).floor.gpus(share.pool) or 0
    wanted = min(floor, share.wanted)
    return wanted if share.held < wanted else 0


def _recall_bound(policy: Policy) -> timedelta:
    """Return within what time a floor comes back; where nothing is recalled, jobs have to end."""
    if not policy.recall.enabled:
        return OWED_FOR
    return timedelta(seconds=policy.recall.notice_s) + AFTER_NOTICE


def _of_jobs(laggards: Laggards) -> Iterator[Alert]:
    if laggards.past_bound:
        words = said_of(
            laggards.past_bound,
            "{number} job waits longer than it was promised",
            "{number} jobs wait longer than they were promised",
        )
        yield Alert(AlertKind.WAIT_BOUND_BROKEN, words)
    if laggards.stuck_jobs:
        first = laggards.stuck[0]
        words = said_of(
            laggards.stuck_jobs,
            "{number} job is stuck on its way: job {job_id}, {state}",
            "{number} jobs are stuck on their way, the first of them job {job_id}, {state}",
            job_id=first.job_id,
            state=first.state.value,
        )
        yield Alert(AlertKind.STUCK_RECORDS, words, first.changed_at)


def _of_policy(view: ClusterView) -> Iterator[Alert]:
    """Yield what does not fit; what nodes that are down bring about is told of the nodes."""
    if view.cluster is None or view.report is None:
        return
    organisations = {share.organisation: share.tenant_class for share in view.report.shares}
    found = policy_warnings(view.policy.policy, view.cluster, organisations)
    wrong = [one for one in found if one.kind is not WarningKind.FLOORS_OVER_NODES_UP]
    if wrong:
        words = said_of(
            len(wrong),
            "the policy does not fit in {number} place: {key}",
            "the policy does not fit in {number} places, first {key}",
            key=".".join(wrong[0].key),
        )
        yield Alert(AlertKind.POLICY_DOES_NOT_FIT, words)


def _of_returns(view: ClusterView, now: datetime) -> Iterator[Alert]:
    """Yield for a day that a canary did harm, so that whoever tried it hears of it."""
    applied_at = datetime.fromisoformat(view.policy.applied_at)
    if came_back_by_itself(view.policy) and now - applied_at < TOLD_OF_A_RETURN_FOR:
        words = said(
            "version {number} of the policy came into force by itself: {why}",
            number=view.policy.number,
            why=known_again(view.policy.why),
        )
        yield Alert(AlertKind.POLICY_CAME_BACK, words, applied_at)


def _of_canary(canary: Watched | None, now: datetime) -> Iterator[Alert]:
    """Yield that nobody would take it back, and that somebody is to decide about it."""
    if canary is None or canary.proposal.canary is None:
        return
    number, until = canary.proposal.number, datetime.fromisoformat(canary.proposal.canary.until)
    since = canary.judged_at or datetime.fromisoformat(canary.proposal.steps[-1].at)
    if now - since > NOT_JUDGED_FOR:
        words = said(
            "the canary of proposal {number} is not judged: it is not taken back by itself",
            number=number,
        )
        yield Alert(AlertKind.CANARY_NOT_JUDGED, words, since)
    if now >= until:
        words = said(
            "the canary of proposal {number} was tried for as long as was meant: put it in force "
            "for all, or roll it back",
            number=number,
        )
        yield Alert(AlertKind.CANARY_OVER, words, until)


def _of_receipts(head: ReceiptHead | None) -> Iterator[Alert]:
    if head is not None and (lost := head.failed + head.skipped):
        words = said_of(
            lost,
            "{number} cycle went without a receipt since the service began",
            "{number} cycles went without a receipt since the service began",
        )
        yield Alert(AlertKind.RECEIPTS_MISSING, words)
