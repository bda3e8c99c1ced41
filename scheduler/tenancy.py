"""Who exists and which policy holds, as the core needs it kept: protocols that stores fulfil."""

from __future__ import annotations

from typing import Protocol

from scheduler.domain.policies import PolicyVersion
from scheduler.domain.proposals import Proposal
from scheduler.domain.tenants import Organisation, Project, User
from scheduler.domain.trials import Trial


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

    def proposals(self) -> tuple[Proposal, ...]:
        """Return all of them, newest first."""
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

        Raises NotLeading where another has led since the epoch.
        """
        ...

    def trials(self, proposal: int, newest: int) -> tuple[Trial, ...]:
        """Return the newest trials of a proposal, at most so many, the oldest of them first."""
        ...
