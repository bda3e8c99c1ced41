"""An organisation that has left and still holds GPUs breaks no promise to the others."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.domain.policies import PerPool, Quota, RecallBy, RecallRules
from scheduler.domain.queue import jobs_of
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import worlds
from tests.fairness.judging import judge, with_recall

KEEPS_ITS_FLOOR = Quota(floor=PerPool(8), lending_limit=PerPool(0))
RECALLS = st.sampled_from(
    [
        RecallRules(),
        *(RecallRules(enabled=True, notice_s=60, min_runtime_s=0, by=one) for one in RecallBy),
    ]
)


def without(snapshot: Snapshot, organisation: str) -> Snapshot:
    """Return the world as its cycles see it once the organisation has left: it only runs jobs.

    The policy still names it, with a floor of which it lent nothing.
    """
    queue = tuple(one for one in snapshot.queue if one.tenant.organisation != organisation)
    staying = {job.job_id for job in jobs_of(queue)}
    known = {name: of for name, of in snapshot.organisations.items() if name != organisation}
    plans = tuple(plan for plan in snapshot.plans if plan.job_id in staying)
    named = {**snapshot.policy.organisations, organisation: KEEPS_ITS_FLOOR}
    policy = replace(snapshot.policy, organisations=named)
    return replace(snapshot, organisations=known, queue=queue, plans=plans, policy=policy)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds(), st.data(), RECALLS, st.sampled_from((0, 60, 700)))
def test_every_promise_is_kept_while_somebody_leaves(
    snapshot: Snapshot, data: st.DataObject, rules: RecallRules, later_s: int
) -> None:
    holders = sorted({job.tenant.organisation for job in snapshot.holding})
    assume(holders)
    left = without(snapshot, data.draw(st.sampled_from(holders)))

    judge(with_recall(left, rules), later_s)
