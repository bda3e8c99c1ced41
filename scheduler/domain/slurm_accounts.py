"""The register as Slurm's accounts and associations: what is to be there, and the steps to it.

Nothing is ever deleted: Slurm deletes no association before its jobs are cancelled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.domain.register import Register
from scheduler.domain.tenants import Project, User
from scheduler.texts import Said, entry, said

ROOT = "root"
Association = tuple[str, str]  # an account and a Unix account


@dataclass(frozen=True, slots=True)
class SlurmAccount:
    """An account as it is to be: an organisation's under the root, a project's under that."""

    name: str
    parent: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What Slurm is to have, in the order in which it is made.

    A user's first association is the default account of who is new to Slurm: it is that with the
    own project. `known_users` are all Unix accounts of the register, also of who left.
    """

    accounts: tuple[SlurmAccount, ...]
    associations: tuple[Association, ...]
    known_users: frozenset[str]


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account that Slurm has; `is_ours` says that it was made from the register."""

    parent: str
    is_ours: bool
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What Slurm has; of each association whether we stopped submissions to it."""

    accounts: Mapping[str, FoundAccount] = field(default_factory=dict)
    associations: Mapping[Association, bool] = field(default_factory=dict)


class Act(StrEnum):
    """What is done to an account, or to a user's association with it."""

    ADD_ACCOUNT = "add_account"
    ADD_USER = "add_user"
    STOP_ACCOUNT = "stop_account"
    STOP_USER = "stop_user"
    RESUME_ACCOUNT = "resume_account"
    RESUME_USER = "resume_user"


_WORDS: Mapping[Act, str] = {
    Act.ADD_ACCOUNT: entry("add account {account} under {parent}"),
    Act.ADD_USER: entry("add user {user} to account {account}"),
    Act.STOP_ACCOUNT: entry("stop submissions to account {account}"),
    Act.STOP_USER: entry("stop submissions of user {user} to account {account}"),
    Act.RESUME_ACCOUNT: entry("allow submissions to account {account} again"),
    Act.RESUME_USER: entry("allow submissions of user {user} to account {account} again"),
}


@dataclass(frozen=True, slots=True)
class SlurmStep:
    """One thing to be done; `parent` and `organisation` are a new account's."""

    act: Act
    account: str
    user: str = ""
    parent: str = ""
    organisation: str = ""

    @property
    def words(self) -> Said:
        values = {"account": self.account, "user": self.user, "parent": self.parent}
        return said(_WORDS[self.act], **values)


@dataclass(frozen=True, slots=True)
class SlurmPlan:
    """What is to be done, and which accounts are in the way and left as they are."""

    steps: tuple[SlurmStep, ...]
    others: tuple[str, ...] = ()


def account_of(organisation: str, project: str) -> str:
    """Return the name of a project's account; no other organisation's project has the same.

    Names in the register have no underscore.
    """
    return f"{organisation}_{project}"


def wanted_in_slurm(register: Register, classes: Collection[str], now: datetime) -> Wanted:
    """Return an account for each organisation and project with access, and who may charge it.

    An organisation of none of the policy's classes submits nothing, and has none. Everybody may
    charge every project of the own organisation.
    """
    names = {
        one.name
        for one in register.organisations
        if one.tenant_class in classes and not one.access.has_ended(now)
    }
    projects = [
        one
        for one in register.projects
        if one.organisation in names and not one.access.has_ended(now)
    ]
    users = [
        one for one in register.users if one.organisation in names and not one.access.has_ended(now)
    ]
    tops = (SlurmAccount(name, ROOT, name) for name in sorted(names))
    below = (
        SlurmAccount(account_of(one.organisation, one.name), one.organisation, one.organisation)
        for one in projects
    )
    pairs = (pair for user in users for pair in _charged_by(user, projects))
    return Wanted(
        (*tops, *below),
        tuple(dict.fromkeys(pairs)),
        frozenset(user.unix_account for user in register.users),
    )


def slurm_plan(wanted: Wanted, found: Found) -> SlurmPlan:
    """Return the steps to what is wanted; none when Slurm has it already.

    An account that is not ours is left alone, with all below it. Of our own accounts' users only
    those whom the register knows are touched, and no limit that is not as we set it.
    """
    others = sorted(_in_the_way(wanted, found))
    steps = (*_accounts(wanted, found, others), *_associations(wanted, found, others))
    return SlurmPlan(steps, tuple(others))


def _charged_by(user: User, projects: list[Project]) -> Iterator[Association]:
    theirs = [one for one in projects if one.organisation == user.organisation]
    for project in sorted(theirs, key=lambda one: one.name != user.project):
        yield account_of(project.organisation, project.name), user.unix_account


def _in_the_way(wanted: Wanted, found: Found) -> Iterator[str]:
    for account in wanted.accounts:
        there = found.accounts.get(account.name)
        if there is not None and not (there.is_ours and there.parent == account.parent):
            yield account.name


def _accounts(wanted: Wanted, found: Found, others: list[str]) -> Iterator[SlurmStep]:
    names = {account.name for account in wanted.accounts}
    for account in wanted.accounts:
        if account.name in others or account.parent in others:
            continue
        there = found.accounts.get(account.name)
        if there is None:
            yield SlurmStep(
                Act.ADD_ACCOUNT,
                account.name,
                parent=account.parent,
                organisation=account.organisation,
            )
        elif there.is_stopped:
            yield SlurmStep(Act.RESUME_ACCOUNT, account.name)
    for name, there in sorted(found.accounts.items()):
        if there.is_ours and not there.is_stopped and name not in names:
            yield SlurmStep(Act.STOP_ACCOUNT, name)


def _associations(wanted: Wanted, found: Found, others: list[str]) -> Iterator[SlurmStep]:
    parents = {account.name: account.parent for account in wanted.accounts}
    for account, user in wanted.associations:
        if account in others or parents[account] in others:
            continue
        is_stopped = found.associations.get((account, user))
        if is_stopped is None:
            yield SlurmStep(Act.ADD_USER, account, user)
        elif is_stopped:
            yield SlurmStep(Act.RESUME_USER, account, user)
    staying = set(wanted.associations)
    for (account, user), is_stopped in sorted(found.associations.items()):
        there = found.accounts.get(account)
        is_ours = there is not None and there.is_ours and user in wanted.known_users
        if is_ours and not is_stopped and (account, user) not in staying:
            yield SlurmStep(Act.STOP_USER, account, user)
