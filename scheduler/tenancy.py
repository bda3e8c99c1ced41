"""Who exists, which policy holds and who was granted what: protocols that stores fulfil."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from scheduler.domain.budgets.grants import Fund, Grant
from scheduler.domain.budgets.ledger import Entry
from scheduler.domain.budgets.settling import OpenCharge
from scheduler.domain.changes.proposals import Proposal
from scheduler.domain.changes.trials import Trial
from scheduler.domain.cluster import EndedRun
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.records import EntryQuery
from scheduler.domain.register import ChangeRecord, Register, RegisterChange
from scheduler.domain.tenants import Endings, Organisation, Project, User


class TenantStore(Protocol):
    """Who exists. Every method may raise StoreUnavailable."""

    def organisations(self) -> tuple[Organisation, ...]: ...

    def projects(self, organisation: str) -> tuple[Project, ...]: ...

    def users(self, organisation: str) -> tuple[User, ...]:
        """Return an organisation's users; all users when it is empty."""
        ...

    def organisation(self, name: str) -> Organisation:
        """Raises NotFound."""
        ...

    def user(self, name: str) -> User:
        """Raises NotFound."""
        ...

    def user_by_token(self, token_sha256: str) -> User | None: ...

    def add_organisation(self, organisation: Organisation) -> None:
        """Raises AlreadyExists."""
        ...

    def add_project(self, project: Project) -> None:
        """Raises AlreadyExists, NotFound (organisation)."""
        ...

    def add_user(self, user: User, token_sha256: str) -> None:
        """Raises AlreadyExists, NotFound (organisation or project)."""
        ...

    def set_token(self, user_name: str, token_sha256: str) -> None:
        """Replace a user's token; the old one names nobody from now on. Raises NotFound."""
        ...

    def register(self) -> Register:
        """Return everybody, who left as well, by name."""
        ...

    def change_register(self, change: RegisterChange) -> int:
        """Write the steps and their history in one transaction; return the new revision.

        Raises StaleVersion when the revision is not the expected one, or an entry is not what its
        step begins with; AlreadyExists when a name or a token is taken; NotFound (organisation,
        project).
        """
        ...

    def register_changes(self, name: str, before: int, limit: int) -> tuple[ChangeRecord, ...]:
        """Return the newest lines of history, numbered below `before` unless that is 0.

        With a name those of the entries of this name, and of an organisation's members.
        """
        ...

    def endings(self, now: datetime) -> Endings:
        """Return all whose access has ended by now."""
        ...


class PolicyStore(Protocol):
    """Policies that were applied, and are proposed. Every method may raise StoreUnavailable."""

    def apply_policy(self, version: PolicyVersion, expected: int) -> PolicyVersion:
        """Store the policy as the next version and return it numbered.

        Raises StaleVersion when the newest version is not `expected` (0: none yet).
        """
        ...

    def policy_versions(self) -> tuple[PolicyVersion, ...]:
        """Return all versions, newest first."""
        ...

    def current_policy(self) -> PolicyVersion | None: ...

    def add_proposal(self, proposal: Proposal) -> Proposal:
        """Store a new proposal and return it numbered."""
        ...

    def proposal(self, number: int) -> Proposal:
        """Raises NotFound."""
        ...

    def proposals(self, base: int | None = None) -> tuple[Proposal, ...]:
        """Return all of them, newest first; given a version, those on top of it."""
        ...

    def change_proposal(self, proposal: Proposal, revision: int) -> None:
        """Store a proposal's new steps.

        Raises NotFound, and StaleVersion when the stored one is not of this revision.
        """
        ...

    def apply_proposal(
        self, proposal: Proposal, revision: int, version: PolicyVersion, expected: int
    ) -> PolicyVersion:
        """Store a proposal's new steps and the version they bring, in one transaction.

        Raises as `change_proposal` and `apply_policy` do.
        """
        ...

    def keep_trial(self, trial: Trial, most: int, epoch: int = 0) -> None:
        """Keep what a cycle did under a proposal on trial; of each the newest `most` are kept.

        Of the newest MOST_TRIED proposals, that is: trials of older ones are let go.

        Raises NotLeading where another has led since the epoch.
        """
        ...

    def trials(self, proposal: int, newest: int) -> tuple[Trial, ...]:
        """Return the newest trials of a proposal, at most so many, the oldest of them first."""
        ...


class BudgetStore(Protocol):
    """Funds, grants and the ledger of what they paid for. All may raise StoreUnavailable.

    What moves of jobs do to the ledger is booked with the moves themselves, in one transaction.
    """

    def funds(self) -> tuple[Fund, ...]: ...

    def add_fund(self, fund: Fund) -> None:
        """Raises AlreadyExists."""
        ...

    def grant(self, number: int) -> Grant:
        """Raises NotFound."""
        ...

    def grants(self, organisation: str = "", project: str = "") -> tuple[Grant, ...]:
        """Return those of an organisation, or of a project of it, newest first; else all."""
        ...

    def add_grant(self, grant: Grant) -> Grant:
        """Store a new request and return it numbered. Raises NotFound (fund, project)."""
        ...

    def change_grant(self, grant: Grant, revision: int) -> Grant:
        """Store a grant's new step, and book an award or a close; return it as it is then.

        Raises NotFound, FundExceeded, and StaleVersion when the stored one has another revision.
        """
        ...

    def expire_grants(self, now: datetime, epoch: int = 0) -> tuple[Grant, ...]:
        """Book the end of those that have expired by now, and return them. Raises NotLeading."""
        ...

    def budget_entries(self, query: EntryQuery) -> tuple[Entry, ...]: ...

    def open_charges(self) -> tuple[OpenCharge, ...]:
        """Return the charges of runs that the accounting is still to tell of, oldest first."""
        ...

    def confirm_charges(
        self, runs: Mapping[OpenCharge, EndedRun | None], at: datetime, epoch: int = 0
    ) -> None:
        """Book what is given back of these, and let none of them be open any more.

        One without a run stays as it was charged, and one that is no longer open changes nothing.
        Some go in a transaction, which refuses an epoch that is not the newest: NotLeading.
        """
        ...


class TenancyStore(TenantStore, BudgetStore, Protocol):
    """Who may ask, and what pays for it."""
