"""Invariants of what is concluded: ends are true, others' jobs untouched, all comes to rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scheduler.domain.history.books import FINAL
from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.story import Breach, RecordStory, Story, broken, own_start
from scheduler.texts import said

# What a run must truly have come to where the store says so. Of other ends Slurm's word may
# differ from what the nodes did: it may have forgotten the end that it had heard of.
PROOFS: Mapping[str, str] = {"completed": "COMPLETED", "timed_out": "TIMEOUT"}
SERVICE = "service"
TOUCHED = (FactKind.SEALED, FactKind.RELEASED, FactKind.CANCELLED, FactKind.SIGNALLED)


def absent_is_not_finished(story: Story) -> Iterator[Breach]:
    """I4: an end is on record only when it is true, and a job is lost only when Slurm forgot it."""
    for move in story.of(FactKind.MOVED):
        if move.state not in FINAL:
            continue
        records = list(story.records_of(move))
        runs = (begun for one in records if (begun := one.running_at(move.number)) is not None)
        if running := [begun for begun in runs if not _is_beside_it(story, begun, move)]:
            yield broken(
                said("job {job_id} is {state} and runs", job_id=move.job_id, state=move.state),
                running[0],
                move,
            )
        elif move.state in PROOFS and not any(_came_to(move, record) for record in records):
            yield broken(
                said(
                    "job {job_id} is {state}, and never was", job_id=move.job_id, state=move.state
                ),
                move,
            )
        elif move.state == "failed" and _was_taken(story, move) and not any(map(_ran, records)):
            yield broken(
                said(
                    "job {job_id} failed, and Slurm took it and did not run it", job_id=move.job_id
                ),
                move,
            )
        elif move.state == "lost" and (kept := [one for one in records if not _forgot(one, move)]):
            yield broken(
                said("job {job_id} is lost, and Slurm knows it", job_id=move.job_id),
                kept[0].facts[0],
                move,
            )


def _is_beside_it(story: Story, begun: Fact, move: Fact) -> bool:
    """Say whether it is another record of the attempt, which its user let go before its seal."""
    return begun.slurm_id != move.slurm_id and own_start(story, begun)


def _came_to(move: Fact, record: RecordStory) -> bool:
    ends = (fact for fact in record.facts if fact.kind is FactKind.ENDED)
    return any(end.state == PROOFS[move.state] and end.number < move.number for end in ends)


def _was_taken(story: Story, move: Fact) -> bool:
    """Say whether Slurm took the attempt at any time: then it did not refuse it."""
    return any(took.attempt == move.attempt for took in story.jobs[move.job_id].took)


def _ran(record: RecordStory) -> bool:
    return any(fact.kind is FactKind.ENDED for fact in record.facts)


def _forgot(record: RecordStory, move: Fact) -> bool:
    return record.last(frozenset({FactKind.FORGOT}), move.number) is not None


def only_own_jobs_are_touched(story: Story) -> Iterator[Breach]:
    """I5: nothing is adopted, released, signalled or cancelled that the service did not submit."""
    for fact in story.of(*TOUCHED):
        if fact.by == SERVICE and not fact.is_ours:
            yield broken(
                said(
                    "{account}'s job {slurm_id} was {value}",
                    account=fact.account,
                    slurm_id=fact.slurm_id,
                    value=fact.kind.value,
                ),
                fact,
            )
    yield from _adopted(story)


def _adopted(story: Story) -> Iterator[Breach]:
    """The newest record of an id is meant: ids are reused.

    What Slurm answered to the submission itself may be forgotten, and the id another's, as it is
    written down: that adopts nothing, and the next look compares the marker.
    """
    newest: dict[int, Fact] = {}
    known: dict[int, int] = {}
    for fact in story.of(FactKind.TOOK, FactKind.MOVED):
        if fact.kind is FactKind.TOOK:
            newest[fact.slurm_id] = fact
            continue
        is_news = fact.slurm_id and known.get(fact.job_id) != fact.slurm_id
        known[fact.job_id] = fact.slurm_id
        took = newest.get(fact.slurm_id)
        others = took is not None and took.job_id != fact.job_id
        if is_news and others and not _was_answered(story, fact):
            words = said(
                "job {job_id} was taken to be another's {slurm_id}",
                job_id=fact.job_id,
                slurm_id=fact.slurm_id,
            )
            yield broken(words, newest[fact.slurm_id], fact)


def _was_answered(story: Story, held: Fact) -> bool:
    """Say whether Slurm gave this id to what the job submitted since it was on its way."""
    job = story.jobs[held.job_id]
    before = job.state_before(held.number)
    return (
        before is not None
        and before.state == "submitting"
        and any(
            took.slurm_id == held.slurm_id and took.attempt == held.attempt
            for took in job.took
            if before.number < took.number < held.number
        )
    )


def all_comes_to_rest(story: Story) -> Iterator[Breach]:
    """I9: at the end every job is final, runs, or waits for one that does; Slurm has no other."""
    if not any(story.of(FactKind.CLOSED)):
        return
    stood = list(story.of(FactKind.STOOD))
    busy = any(fact.state not in FINAL and fact.state != "pending" for fact in stood)
    for fact in stood:
        if fact.state in FINAL or (fact.state == "pending" and busy):
            continue
        if fact.state != "running" or not any(
            record.running_at(fact.number) for record in story.records_of(fact)
        ):
            yield broken(
                said("job {job_id} still is {state}", job_id=fact.job_id, state=fact.state), fact
            )
    for fact in story.of(FactKind.LIVED):
        if not _rewritten(story, fact) and _is_over(story, fact):
            yield broken(
                said(
                    "Slurm still has {slurm_id} for job {job_id}",
                    slurm_id=fact.slurm_id,
                    job_id=fact.job_id,
                ),
                fact,
            )
    for fact in story.of(FactKind.ACKNOWLEDGED):
        if story.jobs[fact.job_id].stood is None:
            yield broken(
                said("job {job_id} was acknowledged and is gone", job_id=fact.job_id), fact
            )


def _rewritten(story: Story, lived: Fact) -> bool:
    """Say whether its owner may have taken the marker from it."""
    return any(fact.kind is FactKind.CHANGED for fact in story.records[lived.record].facts)


def _is_over(story: Story, lived: Fact) -> bool:
    stood = story.jobs[lived.job_id].stood
    return stood is not None and stood.state in FINAL


def ticks_end_as_promised(story: Story) -> Iterator[Breach]:
    """No tick of the engine ends in an error that no port promises."""
    for fact in story.of(FactKind.SURPRISED):
        yield broken(fact.detail, fact)
