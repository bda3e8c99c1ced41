"""Tokens and the memory of whom they name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduler.domain.tenants import Organisation, Project, User
from scheduler.errors import NotAuthenticated
from scheduler.identity import Callers, new_token, token_sha256
from scheduler.store.sql import SqlStore, open_store

TOKEN = new_token()


class Stopwatch:
    """Seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = open_store("sqlite://")
    opened.add_organisation(Organisation("steppe", "Steppe", "universities"))
    opened.add_project(Project("steppe", "main", "Main"))
    opened.add_user(User("aigerim", "steppe", "main", "aigerim"), token_sha256(TOKEN))
    yield opened
    opened.close()


def test_tokens_are_long_and_never_alike() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(token.startswith("tdk_") and len(token) > 40 for token in tokens)


def test_a_caller_is_remembered_until_the_time_is_up(store: SqlStore) -> None:
    clock = Stopwatch()
    callers = Callers(store, ttl_s=10, monotonic_s=clock)
    caller = callers.find(TOKEN)
    clock.now_s = 9.9
    assert callers.known(TOKEN) == caller
    clock.now_s = 10.1

    assert callers.known(TOKEN) is None
    assert (caller.user.name, caller.tenant_class) == ("aigerim", "universities")


def test_a_forgotten_callers_old_token_names_nobody(store: SqlStore) -> None:
    callers = Callers(store)
    callers.find(TOKEN)
    store.set_token("aigerim", token_sha256(new_token()))
    callers.forget("aigerim")

    assert callers.known(TOKEN) is None
    with pytest.raises(NotAuthenticated):
        callers.find(TOKEN)


def test_wrong_tokens_are_not_remembered(store: SqlStore) -> None:
    callers = Callers(store)
    with pytest.raises(NotAuthenticated):
        callers.find("tdk_wrong")

    assert callers.known("tdk_wrong") is None
