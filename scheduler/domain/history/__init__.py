"""What happened, one fact each, and whether the promises of submitting were kept in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.history.books import (
    every_move_is_on_record,
    final_is_final,
    old_leaders_write_nothing,
    quotas_hold,
)
from scheduler.domain.history.evidence import (
    TOUCHED,
    absent_is_not_finished,
    all_comes_to_rest,
    only_own_jobs_are_touched,
    ticks_end_as_promised,
)
from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.runs import (
    a_cancelled_job_does_not_begin,
    an_attempt_runs_once,
    none_begins_before_its_release,
    what_runs_was_admitted,
)
from scheduler.domain.history.story import Breach, Story
from scheduler.texts import said

Rule = Callable[[Story], Iterator[Breach]]
_BEGAN, _MOVED = FactKind.BEGAN, FactKind.MOVED


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise in words, the rule that checks it, and the kinds of fact that it looks at."""

    words: str
    rule: Rule
    looks_at: tuple[FactKind, ...]


INVARIANTS: Mapping[str, Invariant] = {
    "I1": Invariant(said("an attempt runs once"), an_attempt_runs_once, (_BEGAN,)),
    "I2": Invariant(
        said("code begins after its release is on record"),
        none_begins_before_its_release,
        (_BEGAN,),
    ),
    "I3": Invariant(said("charged GPUs stay under quotas"), quotas_hold, (_MOVED, _BEGAN)),
    "I4": Invariant(said("absent is not finished"), absent_is_not_finished, (_MOVED,)),
    "I5": Invariant(
        said("others' jobs are left alone"), only_own_jobs_are_touched, (*TOUCHED, _MOVED)
    ),
    "I6": Invariant(said("old leaders write nothing"), old_leaders_write_nothing, (FactKind.LED,)),
    "I7": Invariant(said("what runs was admitted"), what_runs_was_admitted, (_BEGAN,)),
    "I8": Invariant(said("final is final"), final_is_final, (_MOVED,)),
    "I9": Invariant(said("all comes to rest"), all_comes_to_rest, (FactKind.STOOD, FactKind.LIVED)),
    "I10": Invariant(
        said("every move is on record"), every_move_is_on_record, (_MOVED, FactKind.STOOD)
    ),
    "I11": Invariant(
        said("cancelled code never begins"),
        a_cancelled_job_does_not_begin,
        (FactKind.CANCEL_ACKNOWLEDGED,),
    ),
    "ticks": Invariant(
        said("ticks end as promised"), ticks_end_as_promised, (FactKind.MOVED, FactKind.SURPRISED)
    ),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """One invariant's verdict over a history: how many facts it looked at, and what broke it."""

    name: str
    words: str
    looked_at: int
    breaches: tuple[Breach, ...]


def check(facts: Sequence[Fact]) -> tuple[Checked, ...]:
    """Return the verdict of every invariant."""
    story = Story(facts)
    return tuple(
        Checked(name, one.words, _looked_at(story, one), tuple(one.rule(story)))
        for name, one in INVARIANTS.items()
    )


def _looked_at(story: Story, one: Invariant) -> int:
    """Count the facts; what strangers' jobs do is looked at where they might be touched only."""
    seen = story.of(*one.looks_at)
    return sum(fact.job_id > 0 or not fact.record or fact.kind in TOUCHED for fact in seen)
