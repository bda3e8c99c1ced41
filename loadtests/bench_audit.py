"""What the audit costs a cycle at 50,000 pending jobs, against deciding it the cheapest way.

Each world is decided by the greedy allocator and audited five times; medians of processor time.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from statistics import median
from time import process_time

from loadtests.figures import Figure
from loadtests.national_worlds import CLASSES, Size, a_nation
from scheduler.allocator.greedy import allocate_greedily
from scheduler.domain.audit import violations
from scheduler.domain.policies import PerPool, Policy, Quota, WaitRules
from scheduler.domain.snapshot import Snapshot

PENDING = 50_000
TIMES = 5
# A check that costs half of the cheapest decision would be a reason to leave it out; it must not.
LIMIT = 0.5
POLICY = Policy(classes={name: Quota() for name in CLASSES})
# Each organisation is sure of 2 GPUs in each of 16 pools, and a class of 40 (of 512 in a pool).
FLOORS = Policy(
    classes={name: Quota(floor=PerPool(40)) for name in CLASSES},
    organisation_default=Quota(floor=PerPool(2), lending_limit=PerPool(1)),
)
POLICIES: Mapping[str, Policy] = {
    "plain": POLICY,
    "with_planned_starts": replace(POLICY, wait=WaitRules(guard_s=600)),
    "with_floors": FLOORS,
}


def measured(name: str, snapshot: Snapshot) -> Figure:
    """Return the audit's part of what deciding took. Raises RuntimeError for a broken rule."""
    began_s = process_time()
    allocation = allocate_greedily(snapshot)
    decided_s = process_time() - began_s
    audits_s = []
    for _ in range(TIMES):
        began_s = process_time()
        broken = violations(snapshot, allocation)
        audits_s.append(process_time() - began_s)
    if broken:
        raise RuntimeError(f"{name}: {broken[0]}")
    part = median(audits_s) / decided_s
    detail = (
        f"{PENDING:,} pending in {len(snapshot.queue):,} groups: {median(audits_s) * 1000:.0f} ms "
        f"to audit {len(allocation.starts)} starts and {len(allocation.plans)} plans, "
        f"{decided_s * 1000:.0f} ms to decide greedily"
    )
    return Figure(f"audit_{name}", part, "of a cycle", f"<= {LIMIT}", part <= LIMIT, detail)


def main() -> None:
    """Measure each world, and write its figure."""
    world = a_nation(Size(PENDING), seed=1)
    found = [measured(name, replace(world, policy=one)) for name, one in POLICIES.items()]
    for figure in found:
        figure.write()
    sys.exit(not all(figure.holds for figure in found))


if __name__ == "__main__":
    main()
