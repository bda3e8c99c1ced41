"""What every store promises about tenants, tokens and policies."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from scheduler.domain.policies import PerPool, PolicyVersion
from scheduler.domain.tenants import Organisation, Project, Role, User
from scheduler.errors import AlreadyExists, NotFound, StaleVersion
from scheduler.ports import Store
from tests.build import a_policy, a_quota

ALPHA = Organisation("alpha", "Alpha University", "universities")
MAIN = Project("alpha", "main", "Main")
ADA = User("ada", "alpha", "main", "ada_unix", Role.ORGANISATION_ADMIN)


@pytest.fixture
def peopled(store: Store) -> Store:
    """A store that knows Alpha's Ada."""
    store.add_organisation(ALPHA)
    store.add_project(MAIN)
    store.add_user(ADA, "token-of-ada")
    return store


def test_tenants_come_back_as_they_were_added(peopled: Store) -> None:
    assert peopled.organisation("alpha") == ALPHA
    assert peopled.organisations() == (ALPHA,)
    assert peopled.projects("alpha") == (MAIN,)
    assert peopled.user("ada") == ADA


def test_users_are_listed_by_organisation_or_all(peopled: Store) -> None:
    peopled.add_organisation(Organisation("beta", "Beta", "startups"))
    peopled.add_project(Project("beta", "main", "Main"))
    bob = User("bob", "beta", "main", "bob")
    peopled.add_user(bob, "token-of-bob")

    assert peopled.users("beta") == (bob,)
    assert peopled.users("") == (ADA, bob)
    assert peopled.users("gamma") == ()
    assert peopled.projects("gamma") == ()


def test_a_name_is_taken_once(peopled: Store) -> None:
    with pytest.raises(AlreadyExists, match="organisation 'alpha'"):
        peopled.add_organisation(ALPHA)
    with pytest.raises(AlreadyExists, match="project 'main'"):
        peopled.add_project(MAIN)
    with pytest.raises(AlreadyExists, match="user 'ada'"):
        peopled.add_user(ADA, "another-token")


def test_what_belongs_nowhere_is_refused(peopled: Store) -> None:
    with pytest.raises(NotFound, match="no organisation 'gamma'"):
        peopled.add_project(Project("gamma", "main", "Main"))
    with pytest.raises(NotFound, match="no organisation 'gamma'"):
        peopled.add_user(replace(ADA, name="eve", organisation="gamma"), "t")
    with pytest.raises(NotFound, match="no project 'lab'"):
        peopled.add_user(replace(ADA, name="eve", project="lab"), "t")
    with pytest.raises(NotFound, match="no user 'eve'"):
        peopled.user("eve")
    with pytest.raises(NotFound, match="no organisation 'gamma'"):
        peopled.organisation("gamma")


def test_a_token_names_its_user_until_it_is_replaced(peopled: Store) -> None:
    assert peopled.user_by_token("token-of-ada") == ADA
    peopled.set_token("ada", "newer")

    assert peopled.user_by_token("token-of-ada") is None
    assert peopled.user_by_token("newer") == ADA
    with pytest.raises(NotFound):
        peopled.set_token("eve", "x")


def test_one_token_cannot_name_two_users(peopled: Store) -> None:
    bob = User("bob", "alpha", "main", "bob")
    with pytest.raises(AlreadyExists, match="token"):
        peopled.add_user(bob, "token-of-ada")
    peopled.add_user(bob, "token-of-bob")
    with pytest.raises(AlreadyExists, match="token"):
        peopled.set_token("bob", "token-of-ada")
    peopled.set_token("bob", "token-of-bob")


def a_version(name: str = "equal") -> PolicyVersion:
    policy = a_policy(
        {"alpha": a_quota(2, floor=8, ceiling=64)},
        default=replace(a_quota(), ceiling=PerPool(None, {"gpu/h200": 16})),
        rates={"a100": Fraction(1, 3)},
        max_held_gpus=32,
    )
    return PolicyVersion(0, name, "0" * 64, "half_life = '7d'\n", "ada", "2026-03-02", policy)


def test_policies_are_numbered_and_the_newest_holds(store: Store) -> None:
    assert store.current_policy() is None
    first = store.apply_policy(a_version("first"), expected=0)
    second = store.apply_policy(a_version("second"), expected=1)

    assert (first.number, second.number) == (1, 2)
    assert first == replace(a_version("first"), number=1)
    assert store.current_policy() == second
    assert store.policy_versions() == (second, first)


def test_a_policy_that_was_drawn_up_on_an_older_one_is_refused(store: Store) -> None:
    store.apply_policy(a_version(), expected=0)

    with pytest.raises(StaleVersion) as caught:
        store.apply_policy(a_version(), expected=0)
    assert (caught.value.expected, caught.value.found) == ("0", "1")
    assert len(store.policy_versions()) == 1


def test_a_healthy_store_is_ready(store: Store) -> None:
    store.ready()
