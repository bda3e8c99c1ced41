"""Who exists and which policy holds, kept in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scheduler.domain.changes.proposals import Proposal, demand_revision
from scheduler.domain.changes.trials import MOST_TRIED, Trial
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.register import (
    ChangeRecord,
    Entry,
    Register,
    RegisterChange,
    Step,
    kind_of,
    records_of,
)
from scheduler.domain.tenants import Endings, Organisation, Project, User
from scheduler.errors import AlreadyExists, NotFound, StaleVersion


class MemoryTenants:
    """The part of the store that knows organisations, projects, users and policies."""

    def __init__(self) -> None:
        self._organisations: dict[str, Organisation] = {}
        self._projects: dict[tuple[str, str], Project] = {}
        self._users: dict[str, User] = {}
        self._tokens: dict[str, str] = {}  # of users, by user
        self._policies: list[PolicyVersion] = []
        self._proposals: list[Proposal] = []
        self._trials: dict[int, list[Trial]] = {}
        self._in_order: tuple[Organisation, ...] = ()
        self._changes: list[ChangeRecord] = []

    def organisations(self) -> tuple[Organisation, ...]:
        return self._in_order

    def projects(self, organisation: str) -> tuple[Project, ...]:
        own = (one for one in self._projects.values() if one.organisation == organisation)
        return tuple(sorted(own, key=lambda project: project.name))

    def users(self, organisation: str) -> tuple[User, ...]:
        own = (one for one in self._users.values() if organisation in ("", one.organisation))
        return tuple(sorted(own, key=lambda user: user.name))

    def organisation(self, name: str) -> Organisation:
        if name not in self._organisations:
            raise NotFound("organisation", name)
        return self._organisations[name]

    def user(self, name: str) -> User:
        if name not in self._users:
            raise NotFound("user", name)
        return self._users[name]

    def user_by_token(self, token_sha256: str) -> User | None:
        owners = (name for name, token in self._tokens.items() if token == token_sha256)
        name = next(owners, None)
        return None if name is None else self._users[name]

    def add_organisation(self, organisation: Organisation) -> None:
        if organisation.name in self._organisations:
            raise AlreadyExists("organisation", organisation.name)
        self._organisations[organisation.name] = organisation
        self._order()

    def add_project(self, project: Project) -> None:
        self.organisation(project.organisation)
        if (project.organisation, project.name) in self._projects:
            raise AlreadyExists("project", project.name)
        self._projects[project.organisation, project.name] = project

    def add_user(self, user: User, token_sha256: str) -> None:
        self.organisation(user.organisation)
        if (user.organisation, user.project) not in self._projects:
            raise NotFound("project", user.project)
        if user.name in self._users:
            raise AlreadyExists("user", user.name)
        self._refuse_shared(token_sha256)
        self._users[user.name] = user
        self._tokens[user.name] = token_sha256

    def set_token(self, user_name: str, token_sha256: str) -> None:
        self.user(user_name)
        if self._tokens[user_name] != token_sha256:
            self._refuse_shared(token_sha256)
            self._tokens[user_name] = token_sha256

    def register(self) -> Register:
        projects = tuple(self._projects[place] for place in sorted(self._projects))
        return Register(self._in_order, projects, self.users(""), len(self._changes))

    def change_register(self, change: RegisterChange) -> int:
        revision = len(self._changes)
        if change.expected not in (None, revision):
            raise StaleVersion("register", str(change.expected), str(revision))
        kept = dict(self._organisations), dict(self._projects), dict(self._users)
        tokens = dict(self._tokens)
        try:
            for step in change.steps:
                self._write(step, change.tokens.get(step.after.name, ""))
        except Exception:
            (self._organisations, self._projects, self._users), self._tokens = kept, tokens
            raise
        finally:
            self._order()
        self._changes.extend(records_of(change, revision))
        return len(self._changes)

    def register_changes(self, name: str, before: int, limit: int) -> tuple[ChangeRecord, ...]:
        older = self._changes[: before - 1] if before else self._changes
        wanted = [one for one in reversed(older) if name in ("", one.name, one.organisation)]
        return tuple(wanted[:limit])

    def endings(self, now: datetime) -> Endings:
        return Endings(
            {
                key: one.access
                for key, one in self._organisations.items()
                if one.access.has_ended(now)
            },
            {key: one.access for key, one in self._projects.items() if one.access.has_ended(now)},
            {key: one.access for key, one in self._users.items() if one.access.has_ended(now)},
        )

    def apply_policy(self, version: PolicyVersion, expected: int) -> PolicyVersion:
        if len(self._policies) != expected:
            raise StaleVersion("policy", str(expected), str(len(self._policies)))
        self._policies.append(replace(version, number=expected + 1))
        return self._policies[-1]

    def add_proposal(self, proposal: Proposal) -> Proposal:
        numbered = replace(proposal, number=len(self._proposals) + 1)
        self._proposals.append(numbered)
        return numbered

    def proposal(self, number: int) -> Proposal:
        if not 1 <= number <= len(self._proposals):
            raise NotFound("proposal", str(number))
        return self._proposals[number - 1]

    def proposals(self, base: int | None = None) -> tuple[Proposal, ...]:
        newest_first = reversed(self._proposals)
        return tuple(one for one in newest_first if base in (None, one.base))

    def change_proposal(self, proposal: Proposal, revision: int) -> None:
        demand_revision(self.proposal(proposal.number), revision)
        self._proposals[proposal.number - 1] = proposal

    def apply_proposal(
        self, proposal: Proposal, revision: int, version: PolicyVersion, expected: int
    ) -> PolicyVersion:
        demand_revision(self.proposal(proposal.number), revision)
        applied = self.apply_policy(version, expected)
        self._proposals[proposal.number - 1] = proposal
        return applied

    def keep_trial(self, trial: Trial, most: int, epoch: int = 0) -> None:
        del epoch  # who leads is the whole store's to know
        kept = self._trials.setdefault(trial.proposal, [])
        kept.append(trial)
        del kept[:-most]
        for proposal in sorted(self._trials)[:-MOST_TRIED]:
            del self._trials[proposal]

    def trials(self, proposal: int, newest: int) -> tuple[Trial, ...]:
        return tuple(self._trials.get(proposal, ())[-newest:])

    def policy_versions(self) -> tuple[PolicyVersion, ...]:
        return tuple(reversed(self._policies))

    def current_policy(self) -> PolicyVersion | None:
        return self._policies[-1] if self._policies else None

    def _order(self) -> None:
        names = sorted(self._organisations)
        self._in_order = tuple(self._organisations[name] for name in names)

    def _write(self, step: Step, token_sha256: str) -> None:
        entry = step.after
        if self._stored(entry) != step.before:
            kind = kind_of(entry)
            if step.before is None:
                raise AlreadyExists(kind, entry.name)
            raise StaleVersion(kind, entry.name, entry.name)
        match entry:
            case Organisation():
                self._organisations[entry.name] = entry
            case Project():
                self.organisation(entry.organisation)
                self._projects[entry.organisation, entry.name] = entry
            case User():
                self.organisation(entry.organisation)
                if (entry.organisation, entry.project) not in self._projects:
                    raise NotFound("project", entry.project)
                self._users[entry.name] = entry
        if token_sha256:
            self._refuse_shared(token_sha256)
            self._tokens[entry.name] = token_sha256

    def _stored(self, entry: Entry) -> Entry | None:
        match entry:
            case Organisation():
                return self._organisations.get(entry.name)
            case Project():
                return self._projects.get((entry.organisation, entry.name))
            case User():
                return self._users.get(entry.name)

    def _refuse_shared(self, token_sha256: str) -> None:
        if token_sha256 in self._tokens.values():
            raise AlreadyExists("token", f"{token_sha256[:8]}…")
