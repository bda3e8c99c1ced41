"""The request path's use cases, built over one store, one writer, one view and one clock."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.identity import Callers
from scheduler.ports import Clock, JobWriter, ReceiptReader, Store, ViewReader
from scheduler.use_cases.cluster import Cluster
from scheduler.use_cases.jobs import Jobs
from scheduler.use_cases.policies import Policies
from scheduler.use_cases.receipts import Receipts
from scheduler.use_cases.submission import Submissions
from scheduler.use_cases.tenants import Tenants
from scheduler.use_cases.watching import Watching


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a caller can ask for; a transport needs nothing else."""

    callers: Callers
    submissions: Submissions
    jobs: Jobs
    watching: Watching
    tenants: Tenants
    policies: Policies
    cluster: Cluster
    receipts: Receipts

    async def drain(self) -> None:
        """Take no new submissions and end every watch; calls that run are left to finish."""
        self.submissions.drain()
        await self.watching.drain()


def build_service(
    store: Store,
    writer: JobWriter,
    view: ViewReader,
    clock: Clock,
    receipts: ReceiptReader | None = None,
) -> Service:
    """Return the use cases over these collaborators, which the caller closes."""
    callers = Callers(store)
    jobs = Jobs(store, clock)
    return Service(
        callers,
        Submissions(writer, view, store, clock),
        jobs,
        Watching(store, jobs),
        Tenants(store, callers),
        Policies(store, view, clock),
        Cluster(view),
        Receipts(receipts),
    )
