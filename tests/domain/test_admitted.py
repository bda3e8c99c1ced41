"""What a user may change of an admitted job, and what not."""

from __future__ import annotations

import pytest

from scheduler.domain.admitted import changes
from scheduler.domain.cluster import Asked
from scheduler.domain.jobs import HoldingJob, JobState, Placement
from scheduler.domain.resources import Amount, Gang
from scheduler.domain.tenants import Tenant

TENANT = Tenant("universities", "alpha", "research", "aigerim")
PLACE = Placement("alem/h200", ("n1", "n2"), Gang(2, Amount(4, 8, 1000)))
JOB = HoldingJob(7, TENANT, JobState.HELD, PLACE, walltime_s=5400)
ALL, NODES = Amount(8, 16, 2000), ("n1", "n2")

ASKED = {
    "what was admitted": (Asked(ALL, NODES, 5400), ""),
    "the nodes in another order": (Asked(ALL, ("n2", "n1"), 5400), ""),
    "less time, CPUs and memory": (Asked(Amount(8, 2, 10), NODES, 60), ""),
    "CPUs and memory of whole cores": (Asked(Amount(8, 32, 4000), NODES, 5400), ""),
    "more GPUs": (Asked(Amount(16, 16, 2000), NODES, 5400), "16 GPUs instead of 8"),
    "fewer GPUs": (Asked(Amount(4, 16, 2000), NODES, 5400), "4 GPUs instead of 8"),
    "more CPUs": (Asked(Amount(8, 33, 2000), NODES, 5400), "33 CPUs instead of 16"),
    "more memory": (Asked(Amount(8, 16, 4001), NODES, 5400), "4001 MiB instead of 2000"),
    "another node": (Asked(ALL, ("n1", "n3"), 5400), "nodes n1,n3 instead of n1,n2"),
    "any nodes": (Asked(ALL, (), 5400), "nodes of any name instead of n1,n2"),
    "more time": (Asked(ALL, NODES, 5460), "91 minutes instead of 90"),
    "all time": (Asked(ALL, NODES, 0), "unlimited minutes instead of 90"),
    "two things": (
        Asked(Amount(9, 16, 2000), NODES, 0),
        "9 GPUs instead of 8, unlimited minutes instead of 90",
    ),
}


@pytest.mark.parametrize(("asks", "said"), ASKED.values(), ids=ASKED.keys())
def test_what_takes_more_than_was_admitted_is_a_change(asks: Asked, said: str) -> None:
    assert changes(JOB, asks) == said


def test_who_is_told_nothing_sees_no_change() -> None:
    assert changes(JOB, None) == ""
