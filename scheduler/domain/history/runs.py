"""Invariants of user code: once, not before its release, as admitted, never after a cancel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.story import (
    Breach,
    JobStory,
    Story,
    began_anew,
    broken,
    own_change,
    own_start,
)
from scheduler.texts import said

# On record as one that may begin: by the service's own decision, or seen as its user let it go.
LET_GO_IN_STORE = frozenset({"releasing", "submitted", "running"})
ADMITTED, WAITS = frozenset({"submitting"}), "pending"


def an_attempt_runs_once(story: Story) -> Iterator[Breach]:
    """I1: of an attempt one Slurm job ever runs, and of a job one at a time.

    That Slurm itself starts the same job again is no breach, nor what its user lets go: both are
    counted, see `Exempt`. A further attempt may run when the one before was returned to the queue.
    """
    for job_id, job in story.jobs.items():
        ours = [begun for begun in job.begun if not own_start(story, begun)]
        for number, begun in enumerate(ours):
            for other in ours[:number]:
                if other.record != begun.record and (why := _doubled(story, job, other, begun)):
                    yield broken(said("job {job_id} {why}", job_id=job_id, why=why), other, begun)
    yield from _one_job_a_request(story)


def _doubled(story: Story, job: JobStory, first: Fact, second: Fact) -> str:
    if first.attempt == second.attempt:
        return said(
            "ran twice as attempt {attempt}: as {slurm_id} and {other_id}",
            attempt=first.attempt,
            slurm_id=first.slurm_id,
            other_id=second.slurm_id,
        )
    if story.records[first.record].running_at(second.number):
        return said(
            "ran in two attempts at once: {attempt} and {other}",
            attempt=first.attempt,
            other=second.attempt,
        )
    between = (one for one in job.moves if first.number < one.number < second.number)
    if not any(move.state == WAITS for move in between):
        return said(
            "ran again as attempt {attempt}, and was never returned to the queue",
            attempt=second.attempt,
        )
    return ""


def _one_job_a_request(story: Story) -> Iterator[Breach]:
    first: dict[tuple[str, str], Fact] = {}
    for fact in story.of(FactKind.ACKNOWLEDGED):
        if not fact.detail:
            continue
        known = first.setdefault((fact.by, fact.detail), fact)
        if known.job_id != fact.job_id:
            yield broken(
                said("{detail} of {by} became two jobs", detail=fact.detail, by=fact.by),
                known,
                fact,
            )


def none_begins_before_its_release(story: Story) -> Iterator[Breach]:
    """I2: user code begins only when the intent to release it is durable."""
    if not any(fact.detail == "held" for fact in story.of(FactKind.OPENED)):
        return
    for job_id, job in story.jobs.items():
        for begun in job.begun:
            released = job.move_to(LET_GO_IN_STORE, begun.attempt, begun.number)
            if released is None and not own_start(story, begun):
                yield broken(
                    said("job {job_id} began before its release was on record", job_id=job_id),
                    begun,
                )


def what_runs_was_admitted(story: Story) -> Iterator[Breach]:
    """I7: the account, the nodes, the GPUs and the time limit are those of the decision."""
    for job_id, job in story.jobs.items():
        for begun in job.begun:
            admitted = job.move_to(ADMITTED, begun.attempt, begun.number)
            wrong = _differences(admitted, begun) if admitted is not None else ()
            own_doing = own_change(story, begun) or own_start(story, begun)
            if admitted is not None and wrong and not own_doing:
                yield broken(
                    said(
                        "job {job_id} runs with other {names}",
                        job_id=job_id,
                        names=", ".join(wrong),
                    ),
                    admitted,
                    begun,
                )


def _differences(admitted: Fact, begun: Fact) -> Sequence[str]:
    pairs = {
        "accounts": (admitted.account, begun.account),
        "nodes": (sorted(admitted.nodes), sorted(begun.nodes)),
        "GPUs": (admitted.gpus, begun.gpus),
        "time": (admitted.minutes, begun.minutes),
    }
    return [name for name, (was, now) in pairs.items() if was != now]


def a_cancelled_job_does_not_begin(story: Story) -> Iterator[Breach]:
    """I11: a cancel that was acknowledged before the release means: the code never starts."""
    for job_id, job in story.jobs.items():
        for begun in job.begun:
            for wish in job.cancels:
                in_time = job.move_to(LET_GO_IN_STORE, begun.attempt, wish.number) is None
                if wish.number < begun.number and in_time and not own_start(story, begun):
                    yield broken(
                        said("job {job_id} began though it was cancelled", job_id=job_id),
                        wish,
                        begun,
                    )
                    break


@dataclass(frozen=True, slots=True)
class Exempt:
    """What no service in front of Slurm can prevent, counted: starts by others than the service.

    `restarts`: Slurm itself began a job once more. `own_starts`: its user let it go in the moment
    before it was sealed. `own_changes`: its user rewrote it once its release was decided.
    """

    restarts: int
    own_starts: int
    own_changes: int


def exempt(story: Story) -> Exempt:
    """Count what `an_attempt_runs_once` and the other rules let pass."""
    begun = [fact for job in story.jobs.values() for fact in job.begun]
    return Exempt(
        restarts=sum(began_anew(story, fact) for fact in begun),
        own_starts=sum(own_start(story, fact) for fact in begun),
        own_changes=sum(own_change(story, fact) for fact in begun),
    )
