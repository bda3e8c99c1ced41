"""No job runs as root, as nobody, or as an account that does not exist."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scheduler.backend.accounts import account_of, unfit
from scheduler.backend.programs import Account
from scheduler.domain.cluster import Submission, SubmissionOutcome
from tests.backend.launches import a_launch


def an_account(user_id: int = 1000, group_id: int = 1000, *groups: int) -> Account:
    return Account("aigerim", user_id, group_id, groups or (group_id,), "/home/aigerim", "/bin/sh")


# Each account, and a word of the reason why it is unfit; none when jobs may run as it.
ACCOUNTS: Mapping[str, tuple[Account, str]] = {
    "a person's": (an_account(), ""),
    "a person's with a low number": (an_account(998, 998), ""),
    "a second root": (an_account(0), "user id 0"),
    "nobody's number": (an_account(65534), "user id 65534"),
    "of root's group": (an_account(1000, 0), "group with the id 0"),
    "also of root's group": (an_account(1000, 1000, 1000, 0), "group with the id 0"),
}


@pytest.mark.parametrize(("account", "reason"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_an_account_is_fit_unless_it_opens_what_is_the_systems(
    account: Account, reason: str
) -> None:
    assert reason in unfit(account)
    assert bool(unfit(account)) is bool(reason)


@pytest.mark.parametrize(
    ("name", "reason"), [("root", "user id 0"), ("no-such-account", "does not exist")]
)
def test_a_launch_for_an_unfit_account_is_refused_with_the_reason(name: str, reason: str) -> None:
    answer = account_of(a_launch(account=name))

    assert isinstance(answer, Submission)
    assert answer.outcome is SubmissionOutcome.REFUSED
    assert name in answer.message
    assert reason in answer.message
