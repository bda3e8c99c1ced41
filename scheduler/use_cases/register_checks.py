"""What is wrong with a register file against the policy, and against what is registered already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from scheduler.domain.register import Change, Register, Step
from scheduler.domain.tenants import Organisation, Project, User
from scheduler.errors import InvalidRegister
from scheduler.policy_files import violation_at
from scheduler.texts import Said, said
from scheduler.use_cases.names import system_account

Path = tuple[str, ...]
Fault = tuple[Path, Said]


def checked(
    text: str, register: Register, wanted: Register, steps: Sequence[Step], classes: Collection[str]
) -> None:
    """Return when the steps to the wanted register can be taken.

    Only what a step changes is looked at: what is registered already was right when it came.
    Raises InvalidRegister that names every fault with its line.
    """
    entries = [step.after for step in steps if step.what is not Change.OFF_BOARDED]
    users = [entry for entry in entries if isinstance(entry, User)]
    faults = [
        *_twice(wanted),
        *_without_class(steps, classes),
        *_elsewhere(register, users),
        *_without_project(register, steps, users),
        *_with_others_account(register, wanted, users),
    ]
    if faults:
        found = [violation_at(text, path, message) for path, message in faults]
        raise InvalidRegister(*sorted(found, key=lambda violation: violation.line))


def _twice(wanted: Register) -> Iterator[Fault]:
    first: dict[str, User] = {}
    for user in wanted.users:
        other = first.setdefault(user.name, user)
        if other is not user:
            yield (
                _path(user),
                said(
                    "is a member of {organisation} too; a name is one user's in the whole cluster",
                    organisation=other.organisation,
                ),
            )


def _without_class(steps: Sequence[Step], classes: Collection[str]) -> Iterator[Fault]:
    for step in steps:
        match step.before, step.after:
            case Organisation(tenant_class=known), Organisation(tenant_class=wanted) if (
                known == wanted
            ):
                continue
            case _, Organisation(name=name, tenant_class=wanted) if wanted not in classes:
                yield (
                    ("organisations", name, "class"),
                    said(
                        "the policy names no class {tenant_class!r}; it names {classes}",
                        tenant_class=wanted,
                        classes=", ".join(classes),
                    ),
                )


def _elsewhere(register: Register, users: Sequence[User]) -> Iterator[Fault]:
    known = {user.name: user.organisation for user in register.users}
    for user in users:
        if known.get(user.name, user.organisation) != user.organisation:
            yield _path(user), said("is another organisation's user; choose another name")


def _without_project(
    register: Register, steps: Sequence[Step], users: Sequence[User]
) -> Iterator[Fault]:
    projects = {(one.organisation, one.name): one for one in register.projects}
    for step in steps:
        if isinstance(step.after, Project):
            projects[step.after.organisation, step.after.name] = step.after
    for user in users:
        project = projects.get((user.organisation, user.project))
        if project is None or project.access.off_boarded_at is not None:
            yield (
                (*_path(user), "project"),
                said(
                    "{organisation} has no project {project!r}; list it under projects",
                    organisation=user.organisation,
                    project=user.project,
                ),
            )


def _with_others_account(
    register: Register, wanted: Register, users: Sequence[User]
) -> Iterator[Fault]:
    """Refuse another organisation's account: its jobs could read that one's files."""
    owners: dict[str, set[str]] = {}
    for one in (*register.users, *wanted.users):
        owners.setdefault(one.unix_account, set()).add(one.organisation)
    known = {one.name: one.unix_account for one in register.users}
    for user in users:
        account = user.unix_account
        if known.get(user.name) == account:
            continue
        path = (*_path(user), "unix_account")
        if system_account(account):
            yield (
                path,
                said("{account!r} is a system account; use the person's own", account=account),
            )
        elif owners[account] - {user.organisation}:
            yield (
                path,
                said(
                    "{unix_account!r} belongs to another organisation; use another account",
                    unix_account=account,
                ),
            )


def _path(user: User) -> Path:
    return "organisations", user.organisation, "members", user.name
