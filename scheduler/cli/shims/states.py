"""Our states in Slurm's words: one table for all programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scheduler.cli.job_words import ENDED, LIVE
from scheduler.cli.shims.refusals import Refused
from scheduler.v1.job_service_pb2 import Job, JobState


class Word(NamedTuple):
    """A state of Slurm's: in full, and in two or three letters."""

    full: str
    compact: str


PENDING, RUNNING = Word("PENDING", "PD"), Word("RUNNING", "R")
WORDS: Mapping[JobState, Word] = {
    JobState.JOB_STATE_PENDING: PENDING,
    JobState.JOB_STATE_SUBMITTING: PENDING,
    JobState.JOB_STATE_HELD: PENDING,
    JobState.JOB_STATE_RELEASING: PENDING,
    JobState.JOB_STATE_SUBMITTED: PENDING,
    JobState.JOB_STATE_RUNNING: RUNNING,
    # Its end is not known yet: who waits for it must go on waiting.
    JobState.JOB_STATE_SETTLING: RUNNING,
    JobState.JOB_STATE_COMPLETED: Word("COMPLETED", "CD"),
    JobState.JOB_STATE_FAILED: Word("FAILED", "F"),
    JobState.JOB_STATE_CANCELLED: Word("CANCELLED", "CA"),
    JobState.JOB_STATE_TIMED_OUT: Word("TIMEOUT", "TO"),
    JobState.JOB_STATE_OUT_OF_MEMORY: Word("OUT_OF_MEMORY", "OOM"),
    JobState.JOB_STATE_NODE_FAILED: Word("NODE_FAIL", "NF"),
    # Nobody knows how it ended; Slurm's own word for such a job.
    JobState.JOB_STATE_LOST: Word("NODE_FAIL", "NF"),
}
# States that Slurm has and no job of ours is in.
NEVER = frozenset(
    {
        "BOOT_FAIL",
        "BF",
        "CONFIGURING",
        "CF",
        "COMPLETING",
        "CG",
        "DEADLINE",
        "DL",
        "PREEMPTED",
        "PR",
    }
    | {"REQUEUED", "RQ", "RESIZING", "RS", "REVOKED", "RV", "SUSPENDED", "S", "STOPPED", "ST"}
)


def word_of(job: Job) -> Word:
    return WORDS[job.state]


def states_named(words: Sequence[str]) -> frozenset[JobState]:
    """Return our states of which Slurm's, in either form, are named. Raises Refused."""
    named = {word.upper() for word in words}
    if "ALL" in named:
        return frozenset((*LIVE, *ENDED))
    known = {part for word in WORDS.values() for part in word} | NEVER
    if unknown := sorted(named - known):
        raise Refused(f"Invalid job state specified: {unknown[0]}")
    return frozenset(state for state, word in WORDS.items() if named & set(word))
