"""What came of one schedule, in brief: counts, and what it broke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.history import check
from scheduler.domain.history.books import FINAL
from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.runs import Exempt, exempt
from scheduler.domain.history.story import Story
from scheduler.simulation.proof.simulation import Outcome, Setup, simulate


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that a schedule broke, in words, and the facts that show it."""

    invariant: str
    words: str
    facts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A schedule's counts; `faults` are those that were injected, by kind."""

    seed: int
    digest: str
    steps: int
    faults: Counter[str]
    jobs: int
    ended: int
    runs: int
    exempt: Exempt
    broken: tuple[Broken, ...]

    def of(self, *invariants: str) -> int:
        """Return how often these invariants were broken."""
        return sum(one.invariant in invariants for one in self.broken)


def verdict_of(outcome: Outcome) -> Verdict:
    """Check the history and count."""
    facts = outcome.facts
    broken = [
        Broken(checked.name, breach.words, breach.facts)
        for checked in check(facts)
        for breach in checked.breaches
    ]
    stood = [fact for fact in facts if fact.kind is FactKind.STOOD]
    return Verdict(
        outcome.seed,
        outcome.digest,
        outcome.steps,
        outcome.faults,
        jobs=len(stood),
        ended=sum(fact.state in FINAL for fact in stood),
        runs=_runs(facts),
        exempt=exempt(Story(facts)),
        broken=tuple(broken),
    )


def judged(seed: int, setup: Setup) -> Verdict:
    """Run the seed's schedule and judge it."""
    return verdict_of(simulate(seed, setup))


def _runs(facts: Sequence[Fact]) -> int:
    """Return how many of Slurm's jobs ran for us, however often Slurm began each."""
    begun = (fact for fact in facts if fact.kind is FactKind.BEGAN and fact.is_ours)
    return len({fact.record for fact in begun})
