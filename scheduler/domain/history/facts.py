"""What happened, one fact each: what the service wrote, and what Slurm truly did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FactKind(StrEnum):
    """What a fact tells of, and whose word it is."""

    # The recorder's, first and last.
    OPENED = "opened"  # `limits`: the ceiling of each organisation; `detail`: held first or not
    CLOSED = "closed"  # nothing more will happen
    FAULT = "fault"  # `detail` names a fault that was injected
    QUIET = "quiet"  # from here on no fault is injected
    # The service's word to its users.
    ACKNOWLEDGED = "acknowledged"  # a request became a job; `detail` is its request_id
    CANCEL_ACKNOWLEDGED = "cancel acknowledged"
    # The store's.
    LED = "led"  # `by` took the lease with `epoch`
    MOVED = "moved"  # an event of a job, with its attempt
    STOOD = "stood"  # a job's state as the history closed
    SURPRISED = "surprised"  # a tick ended in an error that no port promises
    # The cluster's: what truly happened there, whoever asked for it.
    TOOK = "took"  # a job record came to be
    SEALED = "sealed"  # marked and held where its user can change neither
    RELEASED = "released"
    CANCELLED = "cancelled"
    SIGNALLED = "signalled"
    CHANGED = "changed"  # its owner rewrote it
    FORGOT = "forgot"  # slurmctld lost the record
    BEGAN = "began"  # user code began on nodes
    ENDED = "ended"  # user code ended there
    LIVED = "lived"  # a job record of ours that was live as the history closed


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a history; `number` is its place in it.

    `record` tells Slurm's jobs apart as long as the history goes: Slurm's own ids are reused.
    `job_id` and `attempt` of a record are those that it was truly submitted for, whatever its
    comment says now; `is_ours` says whether the service submitted it. `detail` is for readers,
    save where the kind says otherwise.
    """

    number: int
    at: datetime
    kind: FactKind
    by: str = ""
    job_id: int = 0
    attempt: int = 0
    record: int = 0
    slurm_id: int = 0
    state: str = ""
    organisation: str = ""
    account: str = ""
    gpus: int = 0
    nodes: tuple[str, ...] = ()
    minutes: int = 0
    restarts: int = 0
    epoch: int = 0
    is_ours: bool = False
    detail: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
