"""What every store promises about the register: changes as a whole, their history, and endings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.domain.register import Change, Register, RegisterChange, Step, off_boarded
from scheduler.domain.tenants import (
    Access,
    Ending,
    Endings,
    Kind,
    Organisation,
    Project,
    Role,
    Tenant,
    User,
)
from scheduler.errors import AlreadyExists, NotFound, StaleVersion
from scheduler.ports import Store
from tests.build import at

ALPHA = Organisation("alpha", "Alpha University", "universities")
MAIN = Project("alpha", "main", "Main", Access(date(2027, 6, 30)))
ADA = User("ada", "alpha", "main", "ada_unix", Role.ORGANISATION_ADMIN)
NOW = at(0)
BEGINNING = RegisterChange(
    tuple(Step(None, entry) for entry in (ALPHA, MAIN, ADA)), "root", NOW, {"ada": "sha-of-ada"}
)


@pytest.fixture
def peopled(store: Store) -> Store:
    """A store whose register begins with Alpha's Ada."""
    assert store.change_register(BEGINNING) == 3
    return store


def changed(store: Store, *steps: Step, expected: int | None = None) -> int:
    return store.change_register(RegisterChange(steps, "root", NOW, expected=expected))


def test_entries_come_back_as_they_were_written(peopled: Store) -> None:
    assert peopled.register() == Register((ALPHA,), (MAIN,), (ADA,), 3)
    assert peopled.user_by_token("sha-of-ada") == ADA
    assert peopled.projects("alpha") == (MAIN,)


def test_an_entry_is_changed_in_its_place(peopled: Store) -> None:
    promoted = replace(ADA, role=Role.CLUSTER_ADMIN, access=Access(date(2028, 1, 31)))

    assert changed(peopled, Step(ADA, promoted), expected=3) == 4
    assert peopled.user("ada") == promoted
    assert peopled.user_by_token("sha-of-ada") == promoted


def test_history_says_who_did_what_newest_first(peopled: Store) -> None:
    changed(peopled, Step(ADA, replace(ADA, role=Role.CLUSTER_ADMIN)))

    newest, *older = peopled.register_changes("", 0, 10)
    assert (newest.number, newest.by, newest.at, newest.what) == (4, "root", NOW, Change.CHANGED)
    assert (newest.kind, newest.organisation, newest.name) == (Kind.USER, "alpha", "ada")
    assert newest.differences == ("role: organisation-admin -> cluster-admin",)
    assert [one.what for one in older] == [Change.CREATED] * 3
    assert [one.number for one in peopled.register_changes("ada", 0, 10)] == [4, 3]
    assert [one.number for one in peopled.register_changes("alpha", 4, 2)] == [3, 2]
    assert peopled.register_changes("beta", 0, 10) == ()


def test_nothing_is_half_written(peopled: Store) -> None:
    before = peopled.register()
    beta = Organisation("beta", "Beta", "startups")
    eve = User("eve", "beta", "lab", "eve")
    with pytest.raises(NotFound, match="no project 'lab'"):
        changed(peopled, Step(None, beta), Step(None, eve))

    assert peopled.register() == before
    assert len(peopled.register_changes("", 0, 10)) == 3


def test_what_was_made_for_another_state_is_refused(peopled: Store) -> None:
    with pytest.raises(StaleVersion) as caught:
        changed(peopled, Step(MAIN, replace(MAIN, title="Other")), expected=2)
    assert (caught.value.expected, caught.value.found) == ("2", "3")
    with pytest.raises(StaleVersion):
        changed(peopled, Step(replace(ADA, project="old"), ADA))
    with pytest.raises(AlreadyExists, match="organisation 'alpha'"):
        changed(peopled, Step(None, ALPHA))


def test_a_token_that_is_taken_is_refused(peopled: Store) -> None:
    bob = User("bob", "alpha", "main", "bob")
    with pytest.raises(AlreadyExists, match="token"):
        peopled.change_register(
            RegisterChange((Step(None, bob),), "root", NOW, {"bob": "sha-of-ada"})
        )
    assert peopled.users("alpha") == (ADA,)


def test_endings_are_those_who_left_and_those_whose_last_day_is_over(peopled: Store) -> None:
    gone = off_boarded(ADA, NOW)
    changed(peopled, Step(ADA, gone))
    assert peopled.endings(NOW) == Endings(users={"ada": gone.access})

    after = NOW.replace(year=2027, month=7, day=1, hour=0, minute=0)
    endings = peopled.endings(after)
    assert endings == Endings(projects={("alpha", "main"): MAIN.access}, users={"ada": gone.access})
    tenant = Tenant("universities", "alpha", "main", "ada")
    assert endings.of(tenant) == Ending(Kind.USER, "ada", gone.access)
    assert endings.of(replace(tenant, user="bob")) == Ending(Kind.PROJECT, "main", MAIN.access)
    assert endings.of(replace(tenant, user="bob", project="lab")) is None


def test_the_last_day_itself_is_open(peopled: Store) -> None:
    last = NOW.replace(year=2027, month=6, day=30, hour=23, minute=59)
    assert not peopled.endings(last)
