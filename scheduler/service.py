"""The request path's use cases, built over one store, one writer, one view and one clock."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.identity import Callers
from scheduler.ports import (
    Clock,
    Explainer,
    JobWriter,
    OutputReader,
    ReceiptReader,
    Store,
    ViewReader,
)
from scheduler.use_cases.cluster import Cluster
from scheduler.use_cases.explaining import Explaining
from scheduler.use_cases.jobs import Jobs
from scheduler.use_cases.output import Outputs
from scheduler.use_cases.policies import Policies
from scheduler.use_cases.predecessors import Predecessors
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
    explaining: Explaining
    tenants: Tenants
    policies: Policies
    cluster: Cluster
    receipts: Receipts
    outputs: Outputs

    async def drain(self) -> None:
        """Take no new submissions and end every stream; calls that run are left to finish."""
        self.submissions.drain()
        self.outputs.drain()
        await self.watching.drain()


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Who answers what is seldom asked; a service without them refuses it."""

    receipts: ReceiptReader | None = None
    explainer: Explainer | None = None
    output: OutputReader | None = None


def build_service(
    store: Store,
    writer: JobWriter,
    view: ViewReader,
    clock: Clock,
    on_demand: OnDemand = OnDemand(),
) -> Service:
    """Return the use cases over these collaborators, which the caller closes."""
    callers = Callers(store)
    jobs = Jobs(store, clock)
    submissions = Submissions(writer, view, store, Predecessors(store), clock)
    return Service(
        callers,
        submissions,
        jobs,
        Watching(store, jobs),
        Explaining(jobs, submissions, view, on_demand.explainer),
        Tenants(store, callers),
        Policies(store, view, clock),
        Cluster(view),
        Receipts(on_demand.receipts),
        Outputs(jobs, on_demand.output),
    )
