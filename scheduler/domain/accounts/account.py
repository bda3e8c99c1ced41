"""An organisation's whole account in a pool: how its GPUs follow from the shares, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.domain.accounts.arithmetic import Figure
from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import PolicyVersion
from scheduler.texts import Said


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """Whose account is asked for, in which pool; in all of them where it is empty.

    `cluster` and `policy` are the newest that the engine has told.
    """

    cluster: ClusterState
    policy: PolicyVersion
    organisation: str
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One organisation in one pool: the figures from what there is to what it may start.

    `follows` says in sentences what comes of them.
    """

    pool: str
    tenant_class: str
    entitled: float
    held: int
    wanted: int
    figures: tuple[Figure, ...]
    follows: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one organisation as of one snapshot; none where no share is its own."""

    taken_at: datetime
    policy_version: int
    organisation: str
    accounts: tuple[Account, ...]
