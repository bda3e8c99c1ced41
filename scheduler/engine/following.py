"""What an engine does while another one leads: it shows what it sees, and acts on nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.engine.cycle import describe, policy_in_force, with_moments
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.snapshots import UsageMemory, take_snapshot
from scheduler.engine.world import World

# Requests are checked against nodes and policy, which seldom change, and every look costs Slurm
# and the store as much as the leader's does.
LOOK_EVERY = timedelta(seconds=5)
NOTHING = Allocation((), "the leader", SolverStatus.NOT_RUN)


class Follower:
    """Looks at cluster and store from time to time: the newest shares, and nobody's decision."""

    def __init__(self, world: World, live: LiveJobs, usage: UsageMemory) -> None:
        self._world = world
        self._live = live
        self._usage = usage
        self._looked_at: datetime | None = None

    def follow(self) -> None:
        """Look, where the last look is old enough. Raises BackendUnavailable, StoreUnavailable."""
        now = self._world.clock.now()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            self._look()

    def _look(self) -> None:
        """The newest cycle is the leader's; its shares were those before its starts."""
        world = self._world
        cluster = world.backend.read(())
        policy = policy_in_force(world)
        self._usage.forget()  # runs end by the leader's hand, of which nothing is told here
        snapshot = take_snapshot(world, cluster, policy, self._usage.buckets(policy), self._live)
        waiting = sum(len(group.jobs) for group in snapshot.queue)
        report = replace(
            describe(snapshot, cluster, NOTHING, ()),
            cycle=snapshot.cycle - 1,
            waiting_jobs=waiting,
        )
        report = with_moments(report, snapshot, world.view.latest().report)
        world.view.backend_answered(cluster)
        world.view.followed(policy, report)
        world.tell_backend(up=True)
