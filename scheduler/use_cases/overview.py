"""One look for who runs the cluster: from the newest view, and short questions to the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.alerts import ON_ITS_WAY_FOR, Alert, alerts
from scheduler.domain.changes.proposals import Proposal, ProposalState
from scheduler.domain.changes.trials import ON_TRIAL, Watched
from scheduler.domain.jobs import Job
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.records import ClusterView, OrganisationShare
from scheduler.identity import Caller
from scheduler.ports import Clock, Store, ViewReader
from scheduler.use_cases.cluster import PoolAccount, pool_accounts
from scheduler.use_cases.permissions import Act, demand
from scheduler.use_cases.receipts import Receipts

# As many as fit on a screen beside everything else.
NAMED_JOBS = 5
OPEN = frozenset({ProposalState.PROPOSED, ProposalState.APPROVED}) | ON_TRIAL


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool's account with what it lacks: GPUs on nodes that are down, and those kept free.

    `reserved_gpus` are free, wanted, and kept for planned starts.
    """

    account: PoolAccount
    nodes: int
    nodes_down: int
    down_gpus: int
    reserved_gpus: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An organisation's account in a pool, and what is guaranteed to it there."""

    share: OrganisationShare
    floor_gpus: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The cluster as of now; `proposals` wait for a step, or are on trial."""

    at: datetime
    view: ClusterView
    pools: tuple[PoolState, ...]
    standings: tuple[Standing, ...]
    longest_waits: tuple[Job, ...]
    alerts: tuple[Alert, ...]
    policy: PolicyVersion
    proposals: tuple[Proposal, ...]


class Overviews:
    """Gives administrators one look. Every method blocks and may raise StoreUnavailable."""

    def __init__(self, store: Store, view: ViewReader, receipts: Receipts, clock: Clock) -> None:
        self._store = store
        self._view = view
        self._receipts = receipts
        self._clock = clock

    def now(self, caller: Caller) -> Overview:
        """Return the overview; it names everybody's jobs. Raises NotPermitted."""
        demand(caller, Act.SEE_OVERVIEW)
        now, view = self._clock.now(), self._view.latest()
        laggards = self._store.laggards(now, now - ON_ITS_WAY_FOR, NAMED_JOBS)
        proposals = tuple(one for one in self._proposals(view.policy) if one.state in OPEN)
        canary = self._watched(proposals)
        return Overview(
            at=now,
            view=view,
            pools=tuple(_pools(view)),
            standings=tuple(_standings(view)),
            longest_waits=laggards.longest_waits,
            alerts=alerts(view, laggards, self._receipts.head(), now, canary),
            policy=view.policy,
            proposals=proposals,
        )

    def _proposals(self, in_force: PolicyVersion) -> Iterator[Proposal]:
        """Yield those on top of the version in force, and the one that it is a canary of.

        One on top of an older version cannot come into force any more.
        """
        yield from self._store.proposals(base=in_force.number)
        if in_force.proposal:
            yield self._store.proposal(in_force.proposal)

    def _watched(self, proposals: Iterable[Proposal]) -> Watched | None:
        for proposal in proposals:
            if proposal.state is ProposalState.CANARY:
                newest = self._store.trials(proposal.number, newest=1)
                judged = (one.at for one in newest if one.stage is ProposalState.CANARY)
                return Watched(proposal, next(judged, None))
        return None


def _pools(view: ClusterView) -> Iterator[PoolState]:
    for account in pool_accounts(view):
        nodes = [
            node
            for node in (view.cluster.nodes if view.cluster else ())
            if node.pool == account.name
        ]
        down = [node for node in nodes if not node.available]
        yield PoolState(
            account,
            nodes=len(nodes),
            nodes_down=len(down),
            down_gpus=sum(node.capacity.gpus for node in down),
            reserved_gpus=view.report.idled_gpus.get(account.name, 0) if view.report else 0,
        )


def _standings(view: ClusterView) -> Iterator[Standing]:
    policy = view.policy.policy
    for share in view.report.shares if view.report else ():
        quota = policy.organisation(share.tenant_class, share.organisation)
        yield Standing(share, quota.floor.gpus(share.pool) or 0)
