"""The one table of reasons for waiting, which API, CLI, metrics and docs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.texts import Said, said


class Reason(StrEnum):
    """Why a pending job does not start in this cycle. API, CLI, metrics and docs share it."""

    NOT_YET_CONSIDERED = "not_yet_considered"
    USER_LIMIT = "user_limit"
    ARRAY_LIMIT = "array_limit"
    ORGANISATION_CEILING = "organisation_ceiling"
    CLASS_CEILING = "class_ceiling"
    BORROWING_LIMIT = "borrowing_limit"
    KEPT_BACK = "kept_back"
    NO_SUITABLE_NODES = "no_suitable_nodes"
    NODES_UNAVAILABLE = "nodes_unavailable"
    ADVANCE_RESERVATION = "advance_reservation"
    NOT_ENOUGH_FREE_GPUS = "not_enough_free_gpus"
    FRAGMENTED = "fragmented"
    RESERVED = "reserved"
    OTHERS_FIRST = "others_first"
    SCHEDULER_PAUSED = "scheduler_paused"
    HELD_BY_USER = "held_by_user"
    DEPENDENCY = "dependency"
    DEPENDENCY_NEVER_SATISFIED = "dependency_never_satisfied"
    ACCESS_ENDED = "access_ended"


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason in words: what it means and what its reader can do."""

    meaning: Said
    advice: Said


REASONS: Mapping[Reason, ReasonText] = {
    Reason.NOT_YET_CONSIDERED: ReasonText(
        said("no cycle has looked at this job yet"), said("wait for the next cycle, a few seconds")
    ),
    Reason.USER_LIMIT: ReasonText(
        said("with this job you would hold more GPUs than one user may"),
        said("it starts when jobs of yours end"),
    ),
    Reason.ARRAY_LIMIT: ReasonText(
        said("as many elements of its array run as the array's own % limit allows"),
        said("submit the array with a higher % limit"),
    ),
    Reason.ORGANISATION_CEILING: ReasonText(
        said("with this job your organisation would hold more GPUs than its ceiling allows"),
        said("it starts when jobs of your organisation end"),
    ),
    Reason.CLASS_CEILING: ReasonText(
        said(
            "with this job your class of organisations would hold more GPUs than its ceiling allows"
        ),
        said("it starts when jobs of your class end"),
    ),
    Reason.BORROWING_LIMIT: ReasonText(
        said("with this job your organisation, or its class, would borrow more GPUs than it may"),
        said("it starts when jobs of your organisation end or others want less"),
    ),
    Reason.KEPT_BACK: ReasonText(
        said("with this job fewer GPUs would stay free than the owners of floors keep back"),
        said("it starts when other GPUs become free"),
    ),
    Reason.NO_SUITABLE_NODES: ReasonText(
        said("the cluster has no nodes, in any state, that this request fits"),
        said("ask for fewer GPUs per node, or drop the constraint"),
    ),
    Reason.NODES_UNAVAILABLE: ReasonText(
        said("nodes that this request fits are down or drained"),
        said("wait for the operators to return them"),
    ),
    Reason.ADVANCE_RESERVATION: ReasonText(
        said(
            "nodes that this request fits are reserved in advance for others, or for maintenance, "
            "when it could still run"
        ),
        said("with a walltime that ends before the reservation starts it may start now"),
    ),
    Reason.NOT_ENOUGH_FREE_GPUS: ReasonText(
        said("fewer GPUs are free on nodes that suit than the gang needs"),
        said("it starts when running jobs end"),
    ),
    Reason.FRAGMENTED: ReasonText(
        said("enough GPUs are free, but not together on nodes as the gang needs them"),
        said("fewer GPUs per node, CPUs or memory may fit now"),
    ),
    Reason.RESERVED: ReasonText(
        said(
            "free GPUs are held for planned starts of gangs that come first, "
            "when it could still run"
        ),
        said("with a walltime that ends before the planned start it may start now"),
    ),
    Reason.OTHERS_FIRST: ReasonText(
        said(
            "free GPUs went to other jobs: floors first, then lower shares in use, "
            "then longer waits"
        ),
        said("it starts as your share of the cluster comes up"),
    ),
    Reason.SCHEDULER_PAUSED: ReasonText(
        said("the scheduler holds new starts back because a check of its own decisions failed"),
        said("wait for the operators; nothing is lost"),
    ),
    Reason.HELD_BY_USER: ReasonText(
        said("its user holds it: no cycle considers it, and it grows no older meanwhile"),
        said("let it go with `tendik release`"),
    ),
    Reason.DEPENDENCY: ReasonText(
        said("it waits for the jobs of its --dependency: no cycle considers it, nor does it age"),
        said("`tendik why` of the jobs that it waits for says what these wait for"),
    ),
    Reason.DEPENDENCY_NEVER_SATISFIED: ReasonText(
        said("jobs that its --dependency names ended otherwise than it asks: it will never start"),
        said("cancel it; with --kill-on-invalid-dep=yes such a job is cancelled by itself"),
    ),
    Reason.ACCESS_ENDED: ReasonText(
        said("the access of its user, project or organisation has ended: no cycle considers it"),
        said("ask your organisation's administrators to prolong it; the job keeps its place"),
    ),
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps a job from starting; `detail` gives its numbers in words."""

    reason: Reason
    detail: str = ""
