"""The register of who may use the service: what is in it, and the steps that change it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from scheduler.domain.tenants import Access, Kind, Organisation, Project, User
from scheduler.texts import Said, entry, listed, said

Entry = Organisation | Project | User
E = TypeVar("E", Organisation, Project, User)
P = TypeVar("P", Project, User)
B = TypeVar("B", bound=Entry)

NEVER = "-"


class Change(StrEnum):
    """What a step does to an entry."""

    CREATED = "created"
    CHANGED = "changed"
    OFF_BOARDED = "off_boarded"
    RE_BOARDED = "re_boarded"
    TOKEN_REPLACED = "token_replaced"  # noqa: S105 - no secret: the name of a change


@dataclass(frozen=True, slots=True)
class Register:
    """Everybody who is in the register, off-boarded or not.

    `revision` is the number of the newest change, 0 before the first.
    """

    organisations: tuple[Organisation, ...] = ()
    projects: tuple[Project, ...] = ()
    users: tuple[User, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one entry; `before` is None for a new one."""

    before: Entry | None
    after: Entry

    @property
    def what(self) -> Change:
        if self.before is None:
            return Change.CREATED
        was, is_now = self.before.access.off_boarded_at, self.after.access.off_boarded_at
        if was is None and is_now is not None:
            return Change.OFF_BOARDED
        if was is not None and is_now is None:
            return Change.RE_BOARDED
        return Change.TOKEN_REPLACED if self.before == self.after else Change.CHANGED

    @property
    def needs_token(self) -> bool:
        """Say whether it makes a user who has no token that is known to anybody."""
        return isinstance(self.after, User) and self.what in (Change.CREATED, Change.RE_BOARDED)

    @property
    def differences(self) -> tuple[str, ...]:
        """Return each value that differs, as `key: before -> after` in the words of the file."""
        was = values_of(self.before) if self.before else {}
        is_now = values_of(self.after)
        return tuple(
            f"{key}: {was[key]} -> {value}" if key in was else f"{key}: {value}"
            for key, value in is_now.items()
            if was.get(key, NEVER) != value
        )


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """Steps that are written together or not at all.

    `tokens` has the hash of a user's token, by name, for each user who gets a new one.
    `expected` is the revision that they were made for; None where each step's `before` is enough.
    """

    steps: tuple[Step, ...]
    by: str
    at: datetime
    tokens: Mapping[str, str] = field(default_factory=dict)
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A line of the register's history, which is never changed: who did what to whom, and when."""

    number: int
    at: datetime
    by: str
    what: Change
    kind: Kind
    organisation: str
    name: str
    differences: tuple[str, ...] = ()


def kind_of(entry: Entry) -> Kind:
    match entry:
        case Organisation():
            return Kind.ORGANISATION
        case Project():
            return Kind.PROJECT
        case User():
            return Kind.USER


def organisation_of(entry: Entry) -> str:
    return entry.name if isinstance(entry, Organisation) else entry.organisation


def values_of(entry: Entry) -> Mapping[str, str]:
    """Return an entry's values as text, by the keys of the register's file."""
    expires = entry.access.expires.isoformat() if entry.access.expires else NEVER
    match entry:
        case Organisation():
            return {"class": entry.tenant_class, "title": entry.title or NEVER, "expires": expires}
        case Project():
            return {"title": entry.title or NEVER, "expires": expires}
        case User():
            return {
                "project": entry.project,
                "unix_account": entry.unix_account,
                "role": entry.role.value.replace("_", "-"),
                "expires": expires,
            }


def records_of(change: RegisterChange, after: int) -> Iterator[ChangeRecord]:
    """Yield a line of history for each step, numbered from the one after this number."""
    for number, step in enumerate(change.steps, after + 1):
        entry = step.after
        yield ChangeRecord(
            number,
            change.at,
            change.by,
            step.what,
            kind_of(entry),
            organisation_of(entry),
            entry.name,
            step.differences,
        )


def planned(
    register: Register, wanted: Register, off_board_at: datetime | None
) -> tuple[Step, ...]:
    """Return the steps that make the register say what is wanted; none when it does already.

    Who is not among the wanted is left alone; with `off_board_at` the projects and users of the
    wanted organisations that are not wanted themselves leave. Organisations never leave this way.
    """
    leaving = () if off_board_at is None else tuple(_leaving(register, wanted, off_board_at))
    return (
        *_differing(register.organisations, wanted.organisations),
        *_differing(register.projects, wanted.projects),
        *_differing(register.users, wanted.users),
        *leaving,
    )


def off_boarded(entry: B, at: datetime) -> B:
    """Return the entry as one that has left; one that had is unchanged."""
    if entry.access.off_boarded_at is not None:
        return entry
    return replace(entry, access=Access(entry.access.expires, at))


def _differing(known: Sequence[E], wanted: Sequence[E]) -> Iterator[Step]:
    by_key: Mapping[tuple[Kind, str, str], E] = {_key(one): one for one in known}
    for one in wanted:
        before = by_key.get(_key(one))
        if before != one:
            yield Step(before, one)


def _leaving(register: Register, wanted: Register, at: datetime) -> Iterator[Step]:
    theirs = {organisation.name for organisation in wanted.organisations}
    yield from _left_out(register.users, wanted.users, theirs, at)
    yield from _left_out(register.projects, wanted.projects, theirs, at)


def _left_out(
    known: Sequence[P], wanted: Sequence[P], organisations: Collection[str], at: datetime
) -> Iterator[Step]:
    staying = set(map(_key, wanted))
    for one in known:
        is_left_out = one.organisation in organisations and _key(one) not in staying
        if is_left_out and one.access.off_boarded_at is None:
            yield Step(one, off_boarded(one, at))


def _key(entry: Entry) -> tuple[Kind, str, str]:
    """Return what names an entry: a user's name is one for the whole cluster."""
    return kind_of(entry), entry.organisation if isinstance(entry, Project) else "", entry.name


_SENTENCES: Mapping[Change, str] = {
    Change.CREATED: entry("create {name}"),
    Change.CHANGED: entry("change {name}"),
    Change.OFF_BOARDED: entry("off-board {name}"),
    Change.RE_BOARDED: entry("re-board {name}"),
    Change.TOKEN_REPLACED: entry("replace the token of {name}"),
}


def step_in_words(step: Step) -> Said:
    """Return the step as a sentence for whoever must answer for it."""
    sentence = said(_SENTENCES[step.what], name=_named(step.after))
    changes = ", ".join(step.differences)
    return listed((sentence, changes), ": ") if changes else sentence


def _named(entry: Entry) -> Said:
    match entry:
        case Organisation(name=name):
            return said("organisation {name}", name=name)
        case Project(name=name, organisation=organisation):
            return said("project {name} of {organisation}", name=name, organisation=organisation)
        case User(name=name, organisation=organisation):
            return said("user {name} of {organisation}", name=name, organisation=organisation)
