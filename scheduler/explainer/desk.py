"""Answers what a job waits for, what a policy would do, and how shares become GPUs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion, policy_forecast
from scheduler.domain.cluster import ClusterState
from scheduler.domain.decisions import Allocation
from scheduler.domain.explaining import Explanation, Question
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.queue import grouped
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.snapshots import Sources, UsageMemory, take_snapshot, under_policy
from scheduler.errors import NotFound

# The engine knows of each run that ends; here all usage is read anew, which costs the store.
USAGE_READ_EVERY = timedelta(seconds=5)
Explain = Callable[[Snapshot, int], Explanation]
Decide = Callable[[Snapshot], Allocation]
Account = Callable[[Snapshot, str, str], Accounts]


class Desk:
    """Answers questions one after the other, from one thread; keeps the live jobs between them."""

    def __init__(
        self, sources: Sources, explain: Explain, decide: Decide, account: Account
    ) -> None:
        self._sources = sources
        self._explain = explain
        self._decide = decide
        self._account = account
        self._live = LiveJobs(sources.store, sources.clock)
        self._usage = UsageMemory(sources)
        self._usage_read_at: datetime | None = None

    def answer(self, question: Question) -> Explanation | None:
        """Return the explanation; None where no such job waits. Raises StoreUnavailable."""
        snapshot = self._snapshot(question.cluster, question.policy)
        if isinstance(question.about, int):
            return self._about_waiting(snapshot, question.about)
        job = question.about
        queue = tuple(sorted((*snapshot.queue, *grouped([job])), key=lambda group: group.oldest))
        return self._explain(replace(snapshot, queue=queue), job.job_id)

    def foresee(self, question: PolicyQuestion) -> PolicyForecast:
        """Return what the next cycle would do otherwise. Raises StoreUnavailable."""
        snapshot = self._snapshot(question.cluster, question.in_force)
        # Another half-life remembers another history.
        usage = UsageMemory(self._sources).buckets(question.proposed)
        proposed = under_policy(snapshot, question.proposed, usage, self._sources)
        return policy_forecast(snapshot, proposed, question.cluster, self._decide)

    def account(self, question: AccountQuestion) -> Accounts:
        """Return an organisation's account as of now. Raises StoreUnavailable."""
        snapshot = self._snapshot(question.cluster, question.policy)
        return self._account(snapshot, question.organisation, question.pool)

    def _about_waiting(self, snapshot: Snapshot, job_id: int) -> Explanation | None:
        """An answer goes to another process, and an error of ours would not arrive whole."""
        with suppress(NotFound):
            return self._explain(snapshot, job_id)
        return None

    def _snapshot(self, cluster: ClusterState, policy: PolicyVersion) -> Snapshot:
        now = self._sources.clock.now()
        if self._usage_read_at is None or now - self._usage_read_at >= USAGE_READ_EVERY:
            self._usage.forget()
            self._usage_read_at = now
        usage = self._usage.buckets(policy)
        return take_snapshot(self._sources, cluster, policy, usage, self._live)
