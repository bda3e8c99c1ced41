"""Invariants of user code: once, not before its release, as admitted, never after a cancel."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.story import Breach, JobStory, Story, broken

RELEASED_IN_STORE = "releasing"
ADMITTED, WAITS = "submitting", "pending"


def an_attempt_runs_once(story: Story) -> Iterator[Breach]:
    """I1: of an attempt one Slurm job ever runs, and of a job one at a time.

    That Slurm itself starts the same job again is no breach: see `extra_starts`. A further attempt
    may run when the one before was returned to the queue.
    """
    for job_id, job in story.jobs.items():
        for number, begun in enumerate(job.begun):
            for other in job.begun[:number]:
                if other.record != begun.record and (why := _doubled(story, job, other, begun)):
                    yield broken(f"job {job_id} {why}", other, begun)
    yield from _one_job_a_request(story)


def _doubled(story: Story, job: JobStory, first: Fact, second: Fact) -> str:
    if first.attempt == second.attempt:
        return f"ran twice as attempt {first.attempt}: as {first.slurm_id} and {second.slurm_id}"
    if story.records[first.record].runs_at(second.number):
        return f"ran in two attempts at once: {first.attempt} and {second.attempt}"
    between = (one for one in job.moves if first.number < one.number < second.number)
    if not any(move.state == WAITS for move in between):
        return f"ran again as attempt {second.attempt}, and was never returned to the queue"
    return ""


def _one_job_a_request(story: Story) -> Iterator[Breach]:
    first: dict[tuple[str, str], Fact] = {}
    for fact in story.of(FactKind.ACKNOWLEDGED):
        if not fact.detail:
            continue
        known = first.setdefault((fact.by, fact.detail), fact)
        if known.job_id != fact.job_id:
            yield broken(f"{fact.detail} of {fact.by} became two jobs", known, fact)


def none_begins_before_its_release(story: Story) -> Iterator[Breach]:
    """I2: user code begins only when the intent to release it is durable."""
    if not any(fact.detail == "held" for fact in story.of(FactKind.OPENED)):
        return
    for job_id, job in story.jobs.items():
        for begun in job.begun:
            if job.move_to(RELEASED_IN_STORE, begun.attempt, begun.number) is None:
                yield broken(f"job {job_id} began before its release was on record", begun)


def what_runs_was_admitted(story: Story) -> Iterator[Breach]:
    """I7: the account, the nodes, the GPUs and the time limit are those of the decision."""
    for job_id, job in story.jobs.items():
        for begun in job.begun:
            admitted = job.move_to(ADMITTED, begun.attempt, begun.number)
            if admitted is not None and (wrong := _differences(admitted, begun)):
                yield broken(f"job {job_id} runs with other {', '.join(wrong)}", admitted, begun)


def _differences(admitted: Fact, begun: Fact) -> list[str]:
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
                in_time = job.move_to(RELEASED_IN_STORE, begun.attempt, wish.number) is None
                if wish.number < begun.number and in_time:
                    yield broken(f"job {job_id} began though it was cancelled", wish, begun)
                    break


def extra_starts(story: Story) -> int:
    """Return how often Slurm itself began a job's code once more: its own restarts, no breach."""
    return sum(begun.restarts > 0 for begun in story.of(FactKind.BEGAN) if begun.is_ours)
