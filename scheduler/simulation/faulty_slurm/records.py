"""A job as the pretended slurmctld keeps it, and what a user may ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.domain.history.facts import FactKind
from scheduler.domain.resources import Amount

PENDING, RUNNING, SUSPENDED = "PENDING", "RUNNING", "SUSPENDED"
LIVE = frozenset({PENDING, RUNNING, SUSPENDED})
ON_NODES = frozenset({RUNNING, SUSPENDED})
HELD_BY_USER, HELD_BY_ADMIN = "JobHeldUser", "JobHeldAdmin"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What sbatch was asked for. `is_ours`: by the service, as the truth has it."""

    user: str
    name: str
    comment: str
    script: str
    partition: str
    nodes: tuple[str, ...]
    per_node: Amount
    minutes: int
    is_held: bool = False
    is_ours: bool = False


@dataclass(slots=True)
class JobRecord:
    """What slurmctld knows of one job; `number` is the truth's own, as ids are reused.

    `wanted` is what was submitted. What its owner may rewrite while it waits stands beside it.
    One that `is_stuck` believes its index in slurmdbd to be on its way: it is never changed again.
    """

    number: int
    slurm_id: int
    wanted: Wanted
    submitted_at: datetime
    comment: str
    name: str
    nodes: tuple[str, ...]
    per_node: Amount
    minutes: int
    hold: str = ""
    admin_comment: str = ""
    state: str = PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int = 0
    signal: int = 0
    restarts: int = 0
    not_before: datetime | None = None
    is_stuck: bool = False

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def gpus(self) -> int:
        return len(self.nodes) * self.per_node.gpus


@dataclass(slots=True)
class Run:
    """User code on nodes: the truth, which slurmctld may know nothing of."""

    record: JobRecord
    began_at: datetime
    ends_at: datetime
    state: str
    exit_code: int
    nodes: tuple[str, ...] = field(default=())


# Is told what truly happens: the kind, the record, who did it, and words.
Witness = Callable[[FactKind, JobRecord, str, str], None]
