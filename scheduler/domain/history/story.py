"""A history, sorted by job and by Slurm's records, as the invariants ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scheduler.domain.history.facts import Fact, FactKind


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was broken: in words, and the numbers of the facts that show it."""

    words: str
    facts: tuple[int, ...]


def broken(words: str, *facts: Fact) -> Breach:
    return Breach(words, tuple(fact.number for fact in facts))


@dataclass(slots=True)
class JobStory:
    """What is told of one job, in its order."""

    moves: list[Fact] = field(default_factory=list)
    took: list[Fact] = field(default_factory=list)
    begun: list[Fact] = field(default_factory=list)
    cancels: list[Fact] = field(default_factory=list)
    stood: Fact | None = None

    def state_before(self, number: int) -> Fact | None:
        """Return the newest move before a fact's number."""
        return next((move for move in reversed(self.moves) if move.number < number), None)

    def move_to(self, states: frozenset[str], attempt: int, before: int) -> Fact | None:
        """Return the attempt's newest move to one of the states before a fact's number."""
        return next(
            (
                move
                for move in reversed(self.moves)
                if move.number < before and move.state in states and move.attempt == attempt
            ),
            None,
        )


@dataclass(slots=True)
class RecordStory:
    """What truly became of one of Slurm's job records, in its order."""

    facts: list[Fact] = field(default_factory=list)

    def last(self, kinds: frozenset[FactKind], before: int) -> Fact | None:
        """Return the newest fact of these kinds before a fact's number."""
        told = (fact for fact in reversed(self.facts) if fact.number < before)
        return next((fact for fact in told if fact.kind in kinds), None)

    def running_at(self, number: int) -> Fact | None:
        """Return the beginning of the run whose code was on nodes just before a fact's number."""
        last = self.last(RUN, number)
        return last if last is not None and last.kind is FactKind.BEGAN else None


RUN = frozenset({FactKind.BEGAN, FactKind.ENDED})
_BEGAN = frozenset({FactKind.BEGAN})
_LET_GO = frozenset({FactKind.RELEASED})
_DECIDED = frozenset({"releasing"})
_REWRITTEN = frozenset({FactKind.CHANGED})


def began_anew(story: Story, begun: Fact) -> bool:
    """Say whether Slurm itself began the record once more; a crash may have lost its count."""
    return begun.restarts > 0 or story.records[begun.record].last(_BEGAN, begun.number) is not None


def own_start(story: Story, begun: Fact) -> bool:
    """Say whether its user let it go: between its submission and its seal Slurm allows that."""
    let_go = story.records[begun.record].last(_LET_GO, begun.number)
    return let_go is not None and let_go.by == begun.account


def own_change(story: Story, begun: Fact) -> bool:
    """Say whether its user rewrote it after the look that its release was decided by.

    Slurm releases by the bare id, and may start it before we look again.
    """
    record = story.records[begun.record]
    changed, let_go = record.last(_REWRITTEN, begun.number), record.last(_LET_GO, begun.number)
    decided = story.jobs[begun.job_id].move_to(_DECIDED, begun.attempt, begun.number)
    looked = [fact.number for fact in (decided, let_go) if fact is not None]
    return changed is not None and bool(looked) and changed.number > min(looked)


class Story:
    """All facts; `jobs` and `records` tell of those that the service has to answer for."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.jobs: dict[int, JobStory] = {}
        self.records: dict[int, RecordStory] = {}
        for fact in facts:
            if fact.record:
                self.records.setdefault(fact.record, RecordStory()).facts.append(fact)
            if fact.job_id:
                self._of_job(self.jobs.setdefault(fact.job_id, JobStory()), fact)

    def of(self, *kinds: FactKind) -> Iterator[Fact]:
        return (fact for fact in self.facts if fact.kind in kinds)

    def records_of(self, move: Fact) -> Iterator[RecordStory]:
        """Yield the records that were submitted for a move's attempt until then."""
        for took in self.jobs[move.job_id].took:
            if took.attempt == move.attempt and took.number < move.number:
                yield self.records[took.record]

    @staticmethod
    def _of_job(job: JobStory, fact: Fact) -> None:
        match fact.kind:
            case FactKind.MOVED:
                job.moves.append(fact)
            case FactKind.TOOK:
                job.took.append(fact)
            case FactKind.BEGAN:
                job.begun.append(fact)
            case FactKind.CANCEL_ACKNOWLEDGED:
                job.cancels.append(fact)
            case FactKind.STOOD:
                job.stood = fact
            case _:
                pass
