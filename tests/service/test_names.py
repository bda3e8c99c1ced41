"""Which names are taken, and which are refused by their field."""

from __future__ import annotations

import pytest

from scheduler.domain.tenants import Organisation, Project, User
from scheduler.errors import InvalidRequest
from scheduler.use_cases.names import (
    SYSTEM_ACCOUNTS,
    check_organisation,
    check_project,
    check_user,
)


def a_user(unix_account: str, name: str = "aigerim") -> User:
    return User(name, "steppe", "main", unix_account)


@pytest.mark.parametrize("account", ["aigerim", "a", "_guest", "a1-b_c", "a" * 32])
def test_a_persons_account_is_taken(account: str) -> None:
    check_user(a_user(account))


@pytest.mark.parametrize(
    "account",
    ["", "Aigerim", "1a", "-a", "a b", "a\n", "a\0", "a/b", "а", "a" * 33, "root", "systemd-x"],
)
def test_any_other_account_is_refused(account: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_user(a_user(account))

    assert [wrong.field for wrong in refused.value.violations] == ["user.unix_account"]


@pytest.mark.parametrize("account", ["root", "slurm", "daemon", "nobody", "munge", "www-data"])
def test_system_accounts_are_known(account: str) -> None:
    assert account in SYSTEM_ACCOUNTS


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a.b", "a\n", "a" * 64, "ә"])
def test_an_id_that_is_no_slug_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        check_organisation(Organisation(name, "", "universities"))
    with pytest.raises(InvalidRequest):
        check_project(Project("steppe", name, ""))
    with pytest.raises(InvalidRequest):
        check_user(a_user("aigerim", name))


@pytest.mark.parametrize("name", ["a", "7", "a-b", "a" * 63, "astana-university"])
def test_slugs_are_taken(name: str) -> None:
    check_organisation(Organisation(name, "Қазақ университеті", "universities"))


@pytest.mark.parametrize("title", ["a\nb", "a" * 201, "a\0"])
def test_a_title_is_one_short_line(title: str) -> None:
    with pytest.raises(InvalidRequest):
        check_project(Project("steppe", "main", title))
