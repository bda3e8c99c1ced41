"""What became of a job, judged by its own code's proof beside what its submitter says of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from loadtests.chaos.proofs import Proof


class Outcome(StrEnum):
    """What became of a job that somebody answered for."""

    ONCE = "once"
    # Slurm killed a run in its own crash, and the job ran again: never two runs at a time.
    RESTARTED = "restarted by Slurm"
    # Its node died with it, and the submitter was told so.
    NODE_FAILED = "node failed, told"
    # slurmctld crashed after it had heard of the end, and wrote down a failure of the node.
    END_FORGOTTEN = "once, Slurm forgot the end"
    NEVER_STARTED = "cancelled, never started"
    CANCELLED_LATE = "cancelled too late to promise"
    LOST = "lost"
    UNENDED = "not ended in time"
    DOUBLED = "run twice"
    STARTED_THOUGH_CANCELLED = "started though cancelled"
    MISTOLD = "ran to its end, told otherwise"


class Told(StrEnum):
    """What the submitter says of a job in the end."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NODE_FAILED = "node failed"
    OTHER = "other"
    LIVE = "not ended"


FAULTY = frozenset(
    {
        Outcome.LOST,
        Outcome.UNENDED,
        Outcome.DOUBLED,
        Outcome.STARTED_THOUGH_CANCELLED,
        Outcome.MISTOLD,
    }
)


# What the submitter may say of code that came to its end.
ENDED: Mapping[Told, Outcome] = {
    Told.COMPLETED: Outcome.ONCE,
    Told.NODE_FAILED: Outcome.END_FORGOTTEN,
}


def outcome_of(proof: Proof, told: Told) -> Outcome:
    """Judge a job that nobody cancelled.

    Code that began while an earlier run was alive, or after one had come to its end, ran twice.
    Code that never came to its end is lost, unless its node died and the submitter says that very
    thing. A job that its submitter still answers for when the round's patience ends is not lost,
    but neither is the promise kept that all goes on once faults stop.
    """
    if proof.runs_overlap or proof.began_after_its_end:
        return Outcome.DOUBLED
    if told is Told.LIVE:
        return Outcome.UNENDED
    if not proof.has_ended:
        died = proof.starts > 0 and told is Told.NODE_FAILED
        return Outcome.NODE_FAILED if died else Outcome.LOST
    if proof.starts > 1:
        return Outcome.RESTARTED
    return ENDED.get(told, Outcome.MISTOLD)


def outcome_of_cancelled(proof: Proof, *, in_time: bool) -> Outcome:
    """Judge a job whose cancel was acknowledged: `in_time` before its release was on record."""
    if not in_time:
        return Outcome.CANCELLED_LATE
    return Outcome.STARTED_THOUGH_CANCELLED if proof.lines else Outcome.NEVER_STARTED
