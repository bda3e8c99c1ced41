"""Gather the snapshot of a cycle from the store and the newest read of the backend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from scheduler.domain.cluster import ClusterState
from scheduler.domain.jobs import HoldingJob, Job
from scheduler.domain.policies import Policy, PolicyVersion
from scheduler.domain.records import UsageBucket
from scheduler.domain.resources import Amount, Node
from scheduler.domain.shares.fairshare import mean_gpus
from scheduler.domain.shares.usage import charges_of, condensed, hour_of
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.endings import open_groups
from scheduler.engine.live_jobs import LiveJobs
from scheduler.ports import Clock, Store

# Usage older than this many half-lives weighs less than a thousandth.
REMEMBERED_HALF_LIVES = 10


class Sources(Protocol):
    """Where a snapshot comes from, beside the cluster."""

    @property
    def store(self) -> Store: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def default_mib_per_cpu(self) -> int: ...


def take_snapshot(
    sources: Sources,
    cluster: ClusterState,
    policy: PolicyVersion,
    usage: tuple[UsageBucket, ...],
    live: LiveJobs,
) -> Snapshot:
    """Read once what one cycle may look at. Raises StoreUnavailable."""
    now = sources.clock.now()
    # First of all: of two who read the same, the second to record the number is then refused.
    cycle = sources.store.last_cycle() + 1
    live.refresh()
    holding = live.holding()
    return Snapshot(
        cycle=cycle,
        taken_at=now,
        policy_version=policy.number,
        policy=policy.policy,
        pools=cluster.pools,
        nodes=with_our_jobs(cluster.nodes, holding),
        queue=open_groups(live.queue(), sources.store.endings(now)),
        holding=holding,
        organisations=organisations_under(policy.policy, sources),
        mean_gpus=mean_gpus(usage, holding, policy.policy, cluster.pools, now),
        default_mib_per_cpu=sources.default_mib_per_cpu,
        plans=tuple(plan for plan in sources.store.plans() if live.is_waiting(plan.job_id)),
    )


def under_policy(
    snapshot: Snapshot, policy: PolicyVersion, usage: tuple[UsageBucket, ...], sources: Sources
) -> Snapshot:
    """Return the snapshot as it would have been taken under another policy, with its usage."""
    at, pools = snapshot.taken_at, snapshot.pools
    return replace(
        snapshot,
        policy_version=policy.number,
        policy=policy.policy,
        organisations=organisations_under(policy.policy, sources),
        mean_gpus=mean_gpus(usage, snapshot.holding, policy.policy, pools, at),
    )


def organisations_under(policy: Policy, sources: Sources) -> Mapping[str, str]:
    """Return the organisations with a share, with their class: they have access, and it has one."""
    now = sources.clock.now()
    return {
        organisation.name: organisation.tenant_class
        for organisation in sources.store.organisations()
        if organisation.tenant_class in policy.classes and not organisation.access.has_ended(now)
    }


def with_our_jobs(nodes: Iterable[Node], holding: Iterable[HoldingJob]) -> tuple[Node, ...]:
    """Return the nodes with our holding gangs added to what other people's jobs use there."""
    ours: dict[str, Amount] = {}
    for job in holding:
        for name in job.placement.nodes:
            ours[name] = ours.get(name, Amount()) + job.placement.gang.per_node
    return tuple(replace(node, used=node.used + ours.get(node.name, Amount())) for node in nodes)


class UsageMemory:
    """Keeps the decayed usage between cycles, condensed, and adds to it what ends.

    Everything is read anew once a day and for another policy: a half-life holds for all history.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._buckets: tuple[UsageBucket, ...] = ()
        self._fresh: list[UsageBucket] = []
        self._condensed_at: datetime | None = None
        self._read_for: tuple[int, date] | None = None

    def forget(self) -> None:
        """Say that runs have ended of which nothing more is known."""
        self._read_for = None

    def add(self, moved: Iterable[Job]) -> None:
        """Take in the runs of the jobs among these that have ended for good."""
        for job in moved:
            self._fresh += charges_of(job)

    def buckets(self, policy: PolicyVersion) -> tuple[UsageBucket, ...]:
        """Return buckets that decay to what the policy's half-life still remembers."""
        now = self._sources.clock.now()
        if self._read_for != (policy.number, now.date()):
            span = timedelta(seconds=REMEMBERED_HALF_LIVES * policy.policy.half_life_s)
            self._buckets, self._fresh = self._sources.store.usage(now - span), []
            self._read_for = (policy.number, now.date())
            self._condensed_at = None
        if self._fresh or self._condensed_at != hour_of(now):
            both = (*self._buckets, *self._fresh)
            self._buckets, self._fresh = condensed(both, policy.policy.half_life_s, now), []
            self._condensed_at = hour_of(now)
        return self._buckets
