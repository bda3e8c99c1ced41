"""The register as a whole: shown and changed as one file; who leaves; and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from scheduler.domain.jobs import JobState
from scheduler.domain.records import QueueCount
from scheduler.domain.register import (
    ChangeRecord,
    Entry,
    Register,
    RegisterChange,
    Step,
    off_boarded,
    organisation_of,
    planned,
)
from scheduler.domain.tenants import Kind, Organisation, Project, Role, User
from scheduler.errors import InvalidRequest, NotFound, NotPermitted, Violation
from scheduler.identity import Caller, Callers, new_token, token_sha256
from scheduler.ports import Clock, Store
from scheduler.register_files import parse_register, register_text
from scheduler.texts import said
from scheduler.use_cases.permissions import Act, demand, demand_sight, may, outranks
from scheduler.use_cases.register_checks import checked

MAX_CHANGES = 1000
E = TypeVar("E", Organisation, User)


@dataclass(frozen=True, slots=True)
class Concerned:
    """A step, and how many jobs of whoever leaves by it wait and run as of now."""

    step: Step
    pending_jobs: int = 0
    running_jobs: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file or an off-boarding would do to the register of this revision."""

    steps: tuple[Concerned, ...]
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, and the tokens of those who are new, which are kept nowhere."""

    plan: Plan
    revision: int
    tokens: Mapping[str, str]


class Registers:
    """Changes the register as a whole. Every method blocks and may raise StoreUnavailable.

    Jobs of whoever leaves are dealt with by the engine's next cycle; what runs is left alone.
    """

    def __init__(self, store: Store, callers: Callers, clock: Clock) -> None:
        self._store = store
        self._callers = callers
        self._clock = clock

    def show(self, caller: Caller) -> tuple[str, int]:
        """Return the file of all on board in the caller's reach, and the register's revision.

        Raises NotPermitted.
        """
        demand(caller, Act.MANAGE_PEOPLE, caller.user.organisation)
        register = self._store.register()
        own = [one for one in register.organisations if may(caller, Act.MANAGE_PEOPLE, one.name)]
        return register_text(replace(register, organisations=tuple(own))), register.revision

    def plan(self, caller: Caller, text: str, off_board: bool) -> Plan:
        """Return what the file would do now. Raises InvalidRegister, NotPermitted, NotFound."""
        now = self._clock.now()
        register = self._store.register()
        steps = self._steps_to(register, text, now if off_board else None, caller)
        return self._plan(caller, register, steps, now)

    def apply(self, caller: Caller, text: str, off_board: bool, expected: int) -> Applied:
        """Do what the file says, all of it or nothing.

        Raises as `plan` does, StaleVersion when the register is not of the `expected` revision, and
        AlreadyExists.
        """
        plan = self.plan(caller, text, off_board)
        return self._apply(caller, plan, expected)

    def off_board(
        self, caller: Caller, kind: Kind, organisation: str, name: str, dry_run: bool
    ) -> Applied:
        """Let somebody leave; who left before is left alone. A dry run changes nothing.

        Raises NotFound, NotPermitted, InvalidRequest for the last cluster admin.
        """
        now = self._clock.now()
        register = self._store.register()
        entry = self._entry(caller, register, kind, organisation, name)
        after = off_boarded(entry, now)
        steps = () if after == entry else (Step(entry, after),)
        plan = self._plan(caller, register, steps, now)
        return (
            Applied(plan, plan.revision, {})
            if dry_run
            else self._apply(caller, plan, plan.revision)
        )

    def history(
        self, caller: Caller, name: str, before: int, limit: int
    ) -> tuple[ChangeRecord, ...]:
        """Return who changed what, newest first, in the caller's reach. Raises NotPermitted."""
        own = caller.user.organisation
        demand(caller, Act.MANAGE_PEOPLE, own)
        limit = min(limit, MAX_CHANGES) if limit > 0 else MAX_CHANGES
        before = max(before, 0)
        if may(caller, Act.MANAGE_ORGANISATIONS):
            return self._store.register_changes(name, before, limit)
        theirs = self._store.register_changes(own, before, MAX_CHANGES)
        return tuple(one for one in theirs if name in ("", one.name, own))[:limit]

    def _entry(
        self, caller: Caller, register: Register, kind: Kind, organisation: str, name: str
    ) -> Entry:
        owner = organisation or caller.user.organisation
        by_kind: Mapping[Kind, Sequence[Entry]] = {
            Kind.ORGANISATION: register.organisations,
            Kind.PROJECT: [one for one in register.projects if one.organisation == owner],
            Kind.USER: register.users,
        }
        found = next((one for one in by_kind[kind] if one.name == name), None)
        if found is None:
            raise NotFound(kind, name)
        demand_sight(caller, organisation_of(found), kind, name)
        return found

    def _steps_to(
        self, register: Register, text: str, off_board_at: datetime | None, caller: Caller
    ) -> tuple[Step, ...]:
        wanted = parse_register(text)
        for organisation in wanted.organisations:
            demand_sight(caller, organisation.name, Kind.ORGANISATION, organisation.name)
            demand(caller, Act.MANAGE_PEOPLE, organisation.name)
        steps = planned(register, wanted, off_board_at)
        version = self._store.current_policy()
        classes = sorted(version.policy.classes) if version else []
        checked(text, register, wanted, steps, classes)
        return steps

    def _plan(
        self, caller: Caller, register: Register, steps: tuple[Step, ...], now: datetime
    ) -> Plan:
        for step in steps:
            _demand(caller, step)
        if steps:
            _demand_a_cluster_admin(register, steps, now)
        counts = self._store.counts() if any(_ends(step, now) for step in steps) else ()
        return Plan(tuple(_concerned(step, counts, now) for step in steps), register.revision, now)

    def _apply(self, caller: Caller, plan: Plan, expected: int) -> Applied:
        steps = tuple(one.step for one in plan.steps)
        tokens = {step.after.name: new_token() for step in steps if step.needs_token}
        hashes = {name: token_sha256(token) for name, token in tokens.items()}
        change = RegisterChange(steps, caller.user.name, plan.at, hashes, expected)
        revision = self._store.change_register(change)
        self._callers.forget_all()
        return Applied(plan, revision, tokens)


def _demand(caller: Caller, step: Step) -> None:
    """Raise NotPermitted unless the caller may take the step, also for a user above the caller."""
    entry = step.after
    if isinstance(entry, Organisation):
        demand(caller, Act.MANAGE_ORGANISATIONS)
        return
    demand(caller, Act.MANAGE_PEOPLE, entry.organisation)
    if not isinstance(entry, User):
        return
    before = step.before.role if isinstance(step.before, User) else Role.RESEARCHER
    for role in (entry.role, before):
        if outranks(caller, role):
            who = f"{caller.user.role} {caller.user.name!r}"
            raise NotPermitted(who, said("create or change a {role}", role=role))


def _demand_a_cluster_admin(register: Register, steps: Sequence[Step], now: datetime) -> None:
    """Refuse what would leave nobody who may do everything."""
    organisations = {one.name: one for one in _after(register.organisations, steps, Organisation)}
    if any(
        user.role is Role.CLUSTER_ADMIN
        and not user.access.has_ended(now)
        and not organisations[user.organisation].access.has_ended(now)
        for user in _after(register.users, steps, User)
    ):
        return
    message = said("this would leave no cluster admin; make another one first")
    raise InvalidRequest(Violation("role", message))


def _after(known: Iterable[E], steps: Iterable[Step], of: type[E]) -> Iterable[E]:
    """Return the entries of this kind as the steps leave them."""
    changed = {step.after.name: step.after for step in steps if isinstance(step.after, of)}
    entries = {one.name: one for one in known} | changed
    return entries.values()


def _ends(step: Step, now: datetime) -> bool:
    was_open = step.before is not None and not step.before.access.has_ended(now)
    return was_open and step.after.access.has_ended(now)


def _concerned(step: Step, counts: Iterable[QueueCount], now: datetime) -> Concerned:
    if not _ends(step, now):
        return Concerned(step)
    theirs = [count for count in counts if _is_of(count, step.after)]
    waiting = sum(count.jobs for count in theirs if count.state is JobState.PENDING)
    return Concerned(step, waiting, sum(count.jobs for count in theirs) - waiting)


def _is_of(count: QueueCount, entry: Entry) -> bool:
    tenant = count.tenant
    match entry:
        case Organisation(name=name):
            return tenant.organisation == name
        case Project(organisation=organisation, name=name):
            return (tenant.organisation, tenant.project) == (organisation, name)
        case User(name=name):
            return tenant.user == name
