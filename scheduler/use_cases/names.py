"""Which names people and things may have here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scheduler.domain.budgets.grants import HOUR_S, MOST_HOURS, Fund, hours
from scheduler.domain.tenants import Organisation, Project, User
from scheduler.errors import InvalidRequest, Violation
from scheduler.texts import said

MAX_TITLE_LENGTH = 200
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
UNIX_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")

# Accounts that Debian, RHEL and a cluster's own services bring: a job as one of them would not
# be a person's job.
_SYSTEM = (
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc "
    "gnats nobody nogroup _apt messagebus dbus sshd polkitd tss ntp chrony _chrony rpc "
    "rpcuser statd _rpc nfsnobody avahi adm halt shutdown operator ftp postfix dnsmasq "
    "ldap sssd nslcd named apache nginx mysql mariadb postgres prometheus grafana redis "
    "docker slurm slurmrestd munge _munge lightdm tendik admin administrator sudo wheel "
    "staff toor "
)
SYSTEM_ACCOUNTS = frozenset(_SYSTEM.split())
SYSTEM_PREFIXES = ("systemd-", "slurm-", "_systemd")


def check_organisation(organisation: Organisation) -> None:
    """Raise InvalidRequest unless the names are well-formed."""
    _refuse(
        *_slug("organisation.organisation_id", organisation.name),
        *_title("organisation.title", organisation.title),
    )


def check_project(project: Project) -> None:
    """Raise InvalidRequest unless the names are well-formed."""
    _refuse(*_slug("project.project_id", project.name), *_title("project.title", project.title))


def check_user(user: User) -> None:
    """Raise InvalidRequest unless the names are well-formed and no system account's."""
    _refuse(*_slug("user.user_id", user.name), *_account("user.unix_account", user.unix_account))


def system_account(account: str) -> bool:
    """Say whether the account is the system's own: a job as it would not be a person's."""
    return account in SYSTEM_ACCOUNTS or account.startswith(SYSTEM_PREFIXES)


def check_fund(fund: Fund) -> None:
    """Raise InvalidRequest unless the names are well-formed and the numbers in their ranges."""
    _refuse(
        *_slug("fund.fund_id", fund.name),
        *_title("fund.title", fund.title),
        *amount_violations("fund.gpu_seconds", fund.gpu_seconds),
        *_percent("fund.carry_over_percent", fund.carry_over),
    )


def amount_violations(field: str, gpu_seconds: int) -> Iterator[Violation]:
    """Yield what is wrong with an amount of GPU-seconds."""
    if not 0 < gpu_seconds <= MOST_HOURS * HOUR_S:
        yield Violation(
            field,
            said(
                "{given:,.2f} GPU-hours; use more than 0 and at most {most:,}",
                given=hours(gpu_seconds),
                most=MOST_HOURS,
            ),
        )


def _percent(field: str, percent: int) -> Iterator[Violation]:
    if not 0 <= percent <= 100:
        yield Violation(field, said("{percent} %; use 0 to 100", percent=percent))


def _refuse(*violations: Violation) -> None:
    if violations:
        raise InvalidRequest(*violations)


def _slug(field: str, name: str) -> Iterator[Violation]:
    if not SLUG.fullmatch(name):
        yield Violation(
            field,
            said(
                "{name!r} is no id; use 1 to 63 lower-case letters, digits and hyphens, with a "
                "letter or digit at both ends",
                name=name[:64],
            ),
        )


def _title(field: str, title: str) -> Iterator[Violation]:
    if len(title) > MAX_TITLE_LENGTH or not title.isprintable():
        yield Violation(
            field,
            said("use at most {most} printable characters on one line", most=MAX_TITLE_LENGTH),
        )


def _account(field: str, account: str) -> Iterator[Violation]:
    if not UNIX_ACCOUNT.fullmatch(account):
        yield Violation(
            field,
            said(
                "{account!r} is no Unix account; use a lower-case letter or _, then at most 31 "
                "lower-case letters, digits, _ or -",
                account=account[:64],
            ),
        )
    elif system_account(account):
        yield Violation(
            field, said("{account!r} is a system account; use the person's own", account=account)
        )
