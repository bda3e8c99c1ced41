"""Invariants of what is written: quotas, final states, whole chains of moves, the newest leader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.story import Breach, JobStory, Story, began_anew, broken, own_start
from scheduler.domain.jobs import MOVES, JobState
from scheduler.texts import said

# Restated, not imported: what is charged and what is final is the law, whatever the code says.
CHARGED = frozenset({"submitting", "held", "releasing", "submitted", "running", "settling"})
FINAL = frozenset(
    {"completed", "failed", "cancelled", "timed_out", "out_of_memory", "node_failed", "lost"}
)
_GONE = frozenset({FactKind.CANCELLED, FactKind.FORGOT, FactKind.ENDED})


def quotas_hold(story: Story) -> Iterator[Breach]:
    """I3: what an organisation is charged never passes its ceiling, and only who is charged begins.

    Jobs without an answer and held ones are charged, too.
    """
    limits = {name: gpus for one in story.of(FactKind.OPENED) for name, gpus in one.limits.items()}
    charged: dict[int, Fact] = {}
    for fact in story.of(FactKind.MOVED):
        charged.pop(fact.job_id, None)
        if fact.state not in CHARGED:
            continue
        charged[fact.job_id] = fact
        totals = Counter[str]()
        for one in charged.values():
            totals[one.organisation] += one.gpus
        held = totals[fact.organisation]
        if held > limits.get(fact.organisation, held):
            yield broken(
                said(
                    "{organisation} is charged {held} GPUs, over its ceiling",
                    organisation=fact.organisation,
                    held=held,
                ),
                fact,
            )
    yield from _begun_without_charge(story)
    yield from _returned_without_an_answer(story)


def _begun_without_charge(story: Story) -> Iterator[Breach]:
    """Slurm's own restarts may come at any time; the first start may not."""
    for job_id, job in story.jobs.items():
        for begun in job.begun:
            move = job.state_before(begun.number)
            free = move is not None and move.state not in CHARGED
            others_doing = began_anew(story, begun) or own_start(story, begun)
            if move is not None and free and not others_doing:
                yield broken(
                    said(
                        "job {job_id} began while it was {state}", job_id=job_id, state=move.state
                    ),
                    move,
                    begun,
                )


def _returned_without_an_answer(story: Story) -> Iterator[Breach]:
    """What may be in Slurm stays charged: only what Slurm refused goes back to the queue."""
    for job_id, job in story.jobs.items():
        for before, after in pairwise(job.moves):
            if (before.state, after.state) != ("submitting", "pending"):
                continue
            for record in story.records_of(after):
                if record.last(_GONE, after.number) is None:
                    words = said(
                        "job {job_id} was returned to the queue, and Slurm had it", job_id=job_id
                    )
                    yield broken(words, record.facts[0], after)


def old_leaders_write_nothing(story: Story) -> Iterator[Breach]:
    """I6: no move is written with an epoch older than the newest that was taken."""
    newest: Fact | None = None
    for fact in story.of(FactKind.LED, FactKind.MOVED):
        if fact.kind is FactKind.LED:
            newest = fact if newest is None or fact.epoch > newest.epoch else newest
        elif newest is not None and 0 < fact.epoch < newest.epoch:
            yield broken(
                said("{by} wrote with epoch {epoch}", by=fact.by, epoch=fact.epoch), newest, fact
            )


def final_is_final(story: Story) -> Iterator[Breach]:
    """I8: from a final state nothing moves."""
    for job_id, job in story.jobs.items():
        for before, after in zip(job.moves, job.moves[1:], strict=False):
            if before.state in FINAL:
                yield broken(
                    said(
                        "job {job_id} was {state} and became {next_state}",
                        job_id=job_id,
                        state=before.state,
                        next_state=after.state,
                    ),
                    after,
                )


def every_move_is_on_record(story: Story) -> Iterator[Breach]:
    """I10: a job's events lead, by moves that exist, from pending to where it stands."""
    for job_id, job in story.jobs.items():
        yield from _gaps(job_id, job)
        if job.stood is not None and job.moves and job.moves[-1].state != job.stood.state:
            words = said(
                "job {job_id} stands {state}, its last event is another",
                job_id=job_id,
                state=job.stood.state,
            )
            yield broken(words, job.moves[-1], job.stood)


def _gaps(job_id: int, job: JobStory) -> Iterator[Breach]:
    """A final state that is left is another invariant's business."""
    if job.moves and job.moves[0].state != "pending":
        yield broken(
            said("job {job_id} begins as {state}", job_id=job_id, state=job.moves[0].state),
            job.moves[0],
        )
    for before, after in zip(job.moves, job.moves[1:], strict=False):
        known = before.state in FINAL or JobState(after.state) in MOVES[JobState(before.state)]
        if not known:
            words = said(
                "job {job_id} went from {state} to {next_state}, which is no move",
                job_id=job_id,
                state=before.state,
                next_state=after.state,
            )
            yield broken(words, before, after)
