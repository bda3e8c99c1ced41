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
from scheduler.use_cases.accounting import Accounting
from scheduler.use_cases.budgets import Budgets
from scheduler.use_cases.cluster import Cluster
from scheduler.use_cases.explaining import Explaining
from scheduler.use_cases.foreseeing import Foreseeing
from scheduler.use_cases.jobs import Jobs
from scheduler.use_cases.output import Outputs
from scheduler.use_cases.overview import Overviews
from scheduler.use_cases.past_jobs import PastJobs
from scheduler.use_cases.policies import Policies
from scheduler.use_cases.policy_checks import PolicyChecks
from scheduler.use_cases.predecessors import Predecessors
from scheduler.use_cases.proposals import Proposals
from scheduler.use_cases.receipts import Receipts
from scheduler.use_cases.registers import Registers
from scheduler.use_cases.stages import Stages
from scheduler.use_cases.submission import Submissions
from scheduler.use_cases.tenants import Tenants
from scheduler.use_cases.trying import Trials
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
    registers: Registers
    policies: Policies
    proposals: Proposals
    stages: Stages
    trials: Trials
    foreseeing: Foreseeing
    cluster: Cluster
    receipts: Receipts
    outputs: Outputs
    past_jobs: PastJobs
    budgets: Budgets
    accounting: Accounting
    overviews: Overviews

    async def drain(self) -> None:
        """Take no new submissions and end every stream; calls that run are left to finish."""
        self.submissions.drain()
        self.outputs.drain()
        await self.watching.drain()


@dataclass(frozen=True, slots=True)
class Options:
    """In what one service differs from another.

    What is seldom asked has answerers of its own; a service without them refuses it.
    `policy_signatures` is how many people must stand for a change of the policy, 1 or 2.
    """

    receipts: ReceiptReader | None = None
    explainer: Explainer | None = None
    output: OutputReader | None = None
    policy_signatures: int = 2


def build_service(
    store: Store,
    writer: JobWriter,
    view: ViewReader,
    clock: Clock,
    options: Options = Options(),
) -> Service:
    """Return the use cases over these collaborators, which the caller closes."""
    checks = PolicyChecks(store, view, clock)
    foreseeing = Foreseeing(store, view, clock, checks, options.explainer)
    callers = Callers(store, now=clock.now)
    jobs = Jobs(store, clock)
    receipts = Receipts(options.receipts)
    submissions = Submissions(writer, view, store, Predecessors(store), clock)
    return Service(
        callers,
        submissions,
        jobs,
        Watching(store, jobs),
        Explaining(jobs, submissions, view, options.explainer),
        Tenants(store, callers, clock),
        Registers(store, callers, clock),
        Policies(store, checks, clock, options.policy_signatures),
        Proposals(store, checks, foreseeing, clock),
        Stages(store, checks, foreseeing, clock),
        Trials(store),
        foreseeing,
        Cluster(view),
        receipts,
        Outputs(jobs, options.output),
        PastJobs(store),
        Budgets(store, clock),
        Accounting(store, view, options.explainer),
        Overviews(store, view, receipts, clock),
    )
