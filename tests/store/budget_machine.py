"""A state machine over the lives of jobs and grants; after each step the ledger is counted anew.

It knows nothing of how amounts are worked out by the store: it keeps the runs as they happened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scheduler.budget_errors import BudgetExceeded, FundExceeded
from scheduler.domain.budgets.grants import Fund, Grant, GrantState, GrantStep, stepped
from scheduler.domain.budgets.ledger import Balance, Entry, EntryKind, price_of
from scheduler.domain.cluster import EndedRun
from scheduler.domain.jobs import TERMINAL, Job, JobState
from scheduler.domain.records import EntryQuery, JobQuery, Transition
from scheduler.ports import Store
from tests.build import NOON, POOL, a_spec
from tests.store.budgets import a_request_for, awarded, with_projects
from tests.store.build import a_new, recall, start

FUNDS = (
    Fund("base", "Base quota", 400_000, carry_over=0),
    Fund("ai-fund", "AI Fund", 200_000, carry_over=50),
)
USERS_ENDS = (
    JobState.COMPLETED,
    JobState.FAILED,
    JobState.TIMED_OUT,
    JobState.OUT_OF_MEMORY,
    JobState.CANCELLED,
)
MACHINES_ENDS = (JobState.NODE_FAILED, JobState.LOST)
RUNS = frozenset({JobState.RUNNING, JobState.SETTLING})
FEW_GRANTS = 3
RATES = {"h200": Fraction(3, 2)}


@dataclass(slots=True)
class Run:
    """A run that has ended: what it used, what was held for it, and whether it is to be paid.

    What a later confirmation knows better is `in_fact`.
    """

    job_id: int
    began: datetime
    used: int
    most: int
    refunded: bool
    in_fact: int

    @property
    def charged(self) -> int:
        return min(self.most, _weighed(self.used))

    @property
    def due(self) -> int:
        return 0 if self.refunded else min(self.most, _weighed(self.in_fact))


class Budgets(RuleBasedStateMachine):
    """Jobs of two projects live and die, grants come and go, and the service dies in between."""

    def __init__(self) -> None:
        super().__init__()
        self.store = self.opened()
        self._passed_s = 0
        self._runs: list[Run] = []

    def opened(self) -> Store:
        """Return the store as the service finds it that is begun next."""
        raise NotImplementedError

    @property
    def now(self) -> datetime:
        return NOON + timedelta(seconds=self._passed_s)

    def teardown(self) -> None:
        self.store.close()

    @initialize()
    def found(self) -> None:
        with_projects(self.store, *FUNDS)
        for fund, project in (("base", "main"), ("base", "other"), ("ai-fund", "main")):
            awarded(self.store, a_request_for(90_000, fund=fund, project=project))

    @rule(seconds=st.integers(1, 3000))
    def wait(self, seconds: int) -> None:
        self._passed_s += seconds

    @rule(
        fund=st.sampled_from([fund.name for fund in FUNDS]),
        project=st.sampled_from(["main", "other"]),
        gpu_seconds=st.integers(1, 150_000),
        lasts_s=st.integers(1, 30_000),
        order=st.integers(0, 3),
    )
    def award(self, fund: str, project: str, gpu_seconds: int, lasts_s: int, order: int) -> None:
        expires = self.now + timedelta(seconds=lasts_s)
        request = a_request_for(
            *(gpu_seconds,),
            fund=fund,
            project=project,
            starts=self.now,
            expires=expires,
            order=order,
        )
        grant = self._stepped(self.store.add_grant(request), GrantState.REVIEWED)
        granted = sum(one.balance.granted for one in self.store.grants() if one.fund == fund)
        total = next(one.gpu_seconds for one in FUNDS if one.name == fund)
        try:
            self._stepped(grant, GrantState.AWARDED, gpu_seconds)
        except FundExceeded:
            assert granted + gpu_seconds > total
        else:
            assert granted + gpu_seconds <= total

    @precondition(lambda self: len(self._of_state(GrantState.AWARDED)) > FEW_GRANTS)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        grant = data.draw(st.sampled_from(self._of_state(GrantState.AWARDED)))
        self._stepped(grant, GrantState.CLOSED)

    @rule()
    def expire(self) -> None:
        self.store.expire_grants(self.now)

    @rule(
        project=st.sampled_from(["main", "other"]),
        gpus=st.integers(1, 8),
        walltime_s=st.integers(60, 4000),
        elements=st.integers(0, 4),
        must=st.booleans(),
    )
    def submit(self, project: str, gpus: int, walltime_s: int, elements: int, must: bool) -> None:
        spec = replace(a_spec(gpus, walltime_s=walltime_s), recallable=True)
        new = a_new(spec=spec, indices=range(elements), submitted_at=self.now)
        price = price_of(spec.request, ["h200"], RATES, must=must)
        tenant = replace(new.tenant, project=project)
        left = self._left(project)
        (answer,) = self.store.add_jobs([replace(new, tenant=tenant, price=price)])
        needed = price.cost * (elements or 1)
        note(f"{needed} needed of {left}: {answer}")
        assert isinstance(answer, BudgetExceeded) == (must and needed > left)
        if isinstance(answer, tuple):
            assert all((job.funding is not None) == (needed <= left) for job in answer)

    @precondition(lambda self: self._jobs(JobState.PENDING))
    @rule()
    def start(self) -> None:
        for job in self._jobs(JobState.PENDING):
            start(self.store, job, gpus=job.spec.request.total_gpus, seconds=self._passed_s)
            self._move(job, JobState.RUNNING)

    @precondition(lambda self: self._jobs(*RUNS))
    @rule(data=st.data(), state=st.sampled_from((*USERS_ENDS, *MACHINES_ENDS)))
    def end(self, data: st.DataObject, state: JobState) -> None:
        job = data.draw(st.sampled_from(self._jobs(*RUNS)))
        self._ends(job, state, refunded=state in MACHINES_ENDS)

    @precondition(lambda self: self._jobs(*RUNS))
    @rule(data=st.data())
    def vanish(self, data: st.DataObject) -> None:
        self._move(data.draw(st.sampled_from(self._jobs(*RUNS))), JobState.SETTLING)

    @precondition(lambda self: self._jobs(JobState.RUNNING))
    @rule(data=st.data())
    def requeue(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self._jobs(JobState.RUNNING)))
        left = self._left(job.tenant.project)
        try:
            wished = self.store.request_requeue(job.job_id, self.now)
        except BudgetExceeded:
            assert job.funding is not None
            assert job.funding.price.must
            assert job.funding.price.cost > left
        else:
            funding = wished.funding
            if wished.requeue_requested_at is not None and funding and funding.price.must:
                assert funding.held >= funding.price.cost * 2 - self._lacked(job)

    @precondition(lambda self: self._jobs(JobState.RUNNING))
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        recall(self.store, data.draw(st.sampled_from(self._jobs(JobState.RUNNING))), self._passed_s)

    @precondition(lambda self: self._jobs(*RUNS))
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """The run ends and the job waits: requeued by its user, recalled, or by no wish of his."""
        job = data.draw(st.sampled_from(self._jobs(*RUNS)))
        wished = job.requeue_requested_at is not None and job.recall_requested_at is None
        cancelled = job.cancel_requested_at is not None
        self._ends(job, JobState.PENDING, refunded=not wished and not cancelled)

    @precondition(lambda self: self._jobs(JobState.RUNNING))
    @rule(data=st.data())
    def begin_anew(self, data: st.DataObject) -> None:
        """Slurm itself requeues the job, and nobody knows who told it to."""
        job = data.draw(st.sampled_from(self._jobs(JobState.RUNNING)))
        self._ends(job, JobState.SUBMITTED, refunded=False)
        self._move(job, JobState.RUNNING)

    @precondition(lambda self: self.store.open_charges())
    @rule(
        data=st.data(),
        sooner_s=st.integers(-20, 300),
        node_failed=st.booleans(),
        known=st.integers(0, 4),
        times=st.integers(1, 2),
    )
    def confirm(
        self, *, data: st.DataObject, sooner_s: int, node_failed: bool, known: int, times: int
    ) -> None:
        """Slurm's accounting tells when and why it cut runs short; of some it never does."""
        charge = data.draw(st.sampled_from(self.store.open_charges()))
        ours = (charge.slurm_id, charge.job_id, charge.attempt, charge.started_at)
        ended_at = max(charge.started_at, charge.at - timedelta(seconds=sooner_s))
        told = EndedRun(*ours, ended_at, node_failed) if known else None
        for _ in range(times):
            self.store.confirm_charges({charge: told}, self.now)
        (run,) = (
            one
            for one in self._runs
            if one.used and (one.job_id, one.began) == (charge.job_id, charge.started_at)
        )
        if told is not None:
            seconds = round((ended_at - charge.started_at).total_seconds())
            run.in_fact = min(run.used, seconds * charge.gpus)
            run.refunded = node_failed

    @precondition(lambda self: self._jobs(JobState.PENDING, *RUNS))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(self._jobs(JobState.PENDING, *RUNS)))
        self.store.request_cancel(job.job_id, self.now)

    @rule()
    def die(self) -> None:
        """The service dies, and another goes on."""
        self.store.close()
        self.store = self.opened()

    @invariant()
    def every_second_is_paid_once(self) -> None:
        entries = self._entries()
        expected = Counter[int]()
        refunds = Counter[int]()
        used = Counter[int]()
        for run in self._runs:
            expected[run.job_id] += run.charged
            refunds[run.job_id] += run.charged - run.due
            used[run.job_id] += run.in_fact if run.charged else 0
        assert _by_job(entries, EntryKind.CHARGE) == +expected
        assert _by_job(entries, EntryKind.REFUND) == +refunds
        assert _used_by_job(entries) == +used

    @invariant()
    def balances_are_sums_and_never_negative(self) -> None:
        balances = {grant.number: Balance() for grant in self.store.grants()}
        for entry in self._entries():
            balances[entry.grant] = after = balances[entry.grant].after(entry)
            assert min(after.left, after.held, after.charged, after.lapsed) >= 0, entry
        assert balances == {grant.number: grant.balance for grant in self.store.grants()}

    @invariant()
    def jobs_hold_what_the_ledger_says(self) -> None:
        entries = self._entries()
        held = _by_job(entries, EntryKind.HOLD)
        held.subtract(_by_job(entries, EntryKind.RELEASE))
        for job in self.store.jobs(JobQuery(limit=10_000)):
            assert held[job.job_id] == (job.funding.held if job.funding else 0), job
            assert job.state not in TERMINAL or job.funding is None

    @invariant()
    def no_fund_gives_more_than_it_has(self) -> None:
        for fund in FUNDS:
            ours = [grant for grant in self.store.grants() if grant.fund == fund.name]
            assert sum(grant.balance.granted for grant in ours) <= fund.gpu_seconds

    def _ends(self, job: Job, state: JobState, *, refunded: bool) -> None:
        if job.funding is not None and job.started_at is not None:
            used = round((self.now - job.started_at).total_seconds()) * job.gpus
            most = min(job.funding.price.cost, job.funding.held)
            self._runs.append(Run(job.job_id, job.started_at, used, most, refunded, used))
        self._move(job, state)
        after = self.store.job(job.job_id)
        waits_as_before = after.state is JobState.PENDING and job.requeue_requested_at is None
        if refunded and waits_as_before and not self._lacked(job):
            assert after.funding == job.funding

    @staticmethod
    def _lacked(job: Job) -> int:
        """Return what a job lacked of its cost: Slurm began it anew, and little was left."""
        return max(0, job.funding.price.cost - job.funding.held) if job.funding else 0

    def _move(self, job: Job, to: JobState) -> None:
        self.store.apply([Transition(job.job_id, to, self.now)])

    def _stepped(self, grant: Grant, state: GrantState, gpu_seconds: int = 0) -> Grant:
        taken = stepped(grant, GrantStep(state, "bek", self.now, "", gpu_seconds))
        return self.store.change_grant(taken, grant.revision)

    def _jobs(self, *states: JobState) -> list[Job]:
        return list(self.store.jobs(JobQuery(states=frozenset(states), limit=10_000)))

    def _of_state(self, state: GrantState) -> list[Grant]:
        return [grant for grant in self.store.grants() if grant.state is state]

    def _left(self, project: str) -> int:
        ours = self.store.grants("alpha", project)
        return sum(grant.balance.left for grant in ours if grant.is_in_use(self.now))

    def _entries(self) -> tuple[Entry, ...]:
        numbers = tuple(grant.number for grant in self.store.grants())
        return self.store.budget_entries(EntryQuery(numbers, limit=1_000_000))


def _weighed(used: int) -> int:
    """Return what so many GPU-seconds cost: half a one is a whole one."""
    _, _, gpu_type = POOL.partition("/")
    return int(used * RATES[gpu_type] + Fraction(1, 2))


def _by_job(entries: tuple[Entry, ...], kind: EntryKind) -> Counter[int]:
    sums = Counter[int]()
    for entry in entries:
        if entry.kind is kind:
            sums[entry.job_id] += entry.amount
    return sums


def _used_by_job(entries: tuple[Entry, ...]) -> Counter[int]:
    """Return the GPU-seconds that each job is said to have used."""
    sums = Counter[int]()
    for entry in entries:
        given_back = entry.kind is EntryKind.REFUND
        sums[entry.job_id] += -entry.gpu_seconds if given_back else entry.gpu_seconds
    return +sums
