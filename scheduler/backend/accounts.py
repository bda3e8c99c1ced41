"""Which Unix accounts jobs may run as: those that exist and open nothing of the system's."""

from __future__ import annotations

from collections.abc import Callable

from scheduler.backend.programs import Account, account_named
from scheduler.backend.submitting import no_account, refused
from scheduler.domain.cluster import Launch, Submission

ROOT_ID = 0
# Of the account nobody, which stands for everybody that a machine does not know.
NOBODY_ID = 65534


def account_of(
    launch: Launch, find: Callable[[str], Account | None] = account_named
) -> Account | Submission:
    """Return the account to submit as, or the refusal of a launch whose account may not be used."""
    account = find(launch.unix_account)
    if account is None:
        return no_account(launch)
    if fault := unfit(account):
        return refused(
            launch,
            f"the Unix account {account.name!r} {fault}, and no job may run as it; "
            "ask the operators for another account",
        )
    return account


def unfit(account: Account) -> str:
    """Return why no job may run as the account, an empty text when it may.

    Low numbers are no sign of it: sites number their users as they like.
    """
    if account.user_id in {ROOT_ID, NOBODY_ID}:
        return f"has the user id {account.user_id}"
    if ROOT_ID in {account.group_id, *account.groups}:
        return f"is in the group with the id {ROOT_ID}"
    return ""
