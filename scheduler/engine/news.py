"""What an engine in a process of its own tells the process that serves requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.domain.cluster import ClusterState
from scheduler.domain.jobs import Job
from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import ClusterView, CycleReport
from scheduler.ports import ViewReader


@dataclass(frozen=True, slots=True)
class News:
    """The newest view, in brief, and the newest link of the receipts' chain.

    A view without a cluster means: the cluster is the one told before. Nodes seldom change, and
    whoever unpacks a thousand of them keeps requests waiting. `agent` is the address of the
    engine's agent, empty where it has none.
    """

    view: ClusterView
    receipts: ReceiptHead
    agent: str = ""


class Newscaster:
    """A listener that sends the view as often as requests need it: after cycles and outages."""

    def __init__(
        self,
        view: ViewReader,
        receipts: Callable[[], ReceiptHead],
        send: Callable[[News], None],
        agent: str = "",
    ) -> None:
        self._view = view
        self._receipts = receipts
        self._send = send
        self._agent = agent
        self._told: ClusterState | None = None
        self._told_gist: tuple[object, ...] | None = None

    def tell(self) -> None:
        """Send the newest view, without what nobody asks it for."""
        view = self._view.latest()
        cluster = _in_brief(view.cluster)
        report = view.report.in_brief() if view.report else None
        news = None if _is_same(cluster, self._told) else cluster
        self._send(News(replace(view, cluster=news, report=report), self._receipts(), self._agent))
        self._told = cluster
        self._told_gist = _gist(view)

    def on_cycle(self, report: CycleReport) -> None:
        del report  # the view has it
        self.tell()

    def on_moved(self, jobs: Sequence[Job], at: datetime) -> None:
        """Requests read moved jobs in the store."""

    def on_backend(self, name: str, up: bool) -> None:
        """Tell of a change at once: a cycle's end may be long off, or come on another replica."""
        del name, up  # the view has it
        if _gist(self._view.latest()) != self._told_gist:
            self.tell()


def _gist(view: ClusterView) -> tuple[object, ...]:
    """Return what nobody should wait for until a cycle has ended."""
    at = view.report.taken_at if view.report else None
    return view.backend_up, view.leads, view.epoch, view.policy.number, at


def _in_brief(cluster: ClusterState | None) -> ClusterState | None:
    return replace(cluster, jobs=()) if cluster else None


def _is_same(cluster: ClusterState | None, told: ClusterState | None) -> bool:
    """Say whether only the time of the read differs."""
    if cluster is None or told is None:
        return cluster is told
    return (cluster.pools, cluster.nodes) == (told.pools, told.nodes)
