"""Whether a job's dependency is met, may be, or never can be: judged by what its jobs came to."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.dependencies.terms import Condition, Dependency, Term
from scheduler.domain.dependencies.words import began, namesake, namesakes, terms_in_words
from scheduler.domain.jobs import HOLDING, TERMINAL, JobState
from scheduler.domain.tenants import Tenant

_STARTING = HOLDING - {JobState.RUNNING, JobState.SETTLING}


@dataclass(frozen=True, slots=True)
class DependentJob:
    """A pending job whose dependency is not met yet."""

    job_id: int
    tenant: Tenant
    name: str
    dependency: Dependency

    @property
    def namesake(self) -> Namesake:
        return self.tenant.user, self.name

    @property
    def is_singleton(self) -> bool:
        return any(term.condition is Condition.SINGLETON for term in self.dependency.terms)


Namesake = tuple[str, str]  # a user, and the name of jobs of theirs


@dataclass(frozen=True, slots=True)
class Standing:
    """What a job, or the elements of an array together, have come to.

    `unfinished` and `not_begun` are the greatest ids among those, 0 when there are none.
    `begun_at` is when the last of those that began or ended did so.
    """

    states: Mapping[JobState, int]
    unfinished: int = 0
    not_begun: int = 0
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Jobs that stand alike: how many, the greatest id, and when the last began; None: none did."""

    state: JobState
    jobs: int
    greatest_id: int
    begun_at: datetime | None = None


def standing_of(tallies: Iterable[Tally]) -> Standing:
    """Return what all of them together have come to."""
    alike = list(tallies)
    states: Counter[JobState] = Counter()
    for tally in alike:
        states[tally.state] += tally.jobs
    return Standing(
        states,
        max((tally.greatest_id for tally in alike if tally.state not in TERMINAL), default=0),
        max((tally.greatest_id for tally in alike if tally.begun_at is None), default=0),
        max((tally.begun_at for tally in alike if tally.begun_at is not None), default=None),
    )


@dataclass(frozen=True, slots=True)
class Live:
    """The jobs of one user and name that have not ended, by id; `begun` are those not pending."""

    job_ids: tuple[int, ...] = ()
    begun: frozenset[int] = frozenset()

    def before(self, job_id: int) -> tuple[int, int]:
        """Return how many stand before a singleton, and the last of them (0: none)."""
        earlier = bisect_left(self.job_ids, job_id)
        later = [other for other in self.begun if other > job_id]
        last = self.job_ids[earlier - 1] if earlier else 0
        return earlier + len(later), max((last, *later))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of all jobs that the dependencies in question turn on."""

    standings: Mapping[range, Standing] = field(default_factory=dict)
    live: Mapping[Namesake, Live] = field(default_factory=dict)


class Verdict(StrEnum):
    """How a dependency, or one term of it, stands."""

    MET = "met"
    WAITING = "waiting"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict and its grounds in words.

    A verdict of waiting holds until one of the `watched` jobs changes, or until `due_at`.
    """

    verdict: Verdict
    words: str = ""
    watched: frozenset[int] = frozenset()
    due_at: datetime | None = None


MET = Ruling(Verdict.MET)


def ruling_on(job: DependentJob, evidence: Evidence, now: datetime) -> Ruling:
    """Return how the job's dependency stands by now."""
    terms = {term: _rule(term, job, evidence, now) for term in job.dependency.terms}
    verdict = _verdict(job.dependency, {ruling.verdict for ruling in terms.values()})
    if verdict is Verdict.MET:
        return MET
    open_terms = {term: ruling for term, ruling in terms.items() if ruling.verdict is verdict}
    told = [(str(term), ruling.words) for term, ruling in open_terms.items()]
    # Kept and sent as plain text, and known again where it is read.
    words = str(terms_in_words(told, job.dependency.any_will_do))
    if verdict is Verdict.NEVER:
        return Ruling(verdict, words)
    watched = frozenset().union(*(ruling.watched for ruling in open_terms.values()))
    moments = [ruling.due_at for ruling in open_terms.values() if ruling.due_at is not None]
    # All of them must have come: until the last has, nothing is to be judged anew.
    decisive = min if job.dependency.any_will_do else max
    return Ruling(verdict, words, watched, decisive(moments, default=None))


def _verdict(dependency: Dependency, found: set[Verdict]) -> Verdict:
    decisive, other = Verdict.NEVER, Verdict.MET
    if dependency.any_will_do:
        decisive, other = other, decisive
    if decisive in found:
        return decisive
    return Verdict.WAITING if Verdict.WAITING in found else other


def _rule(term: Term, job: DependentJob, evidence: Evidence, now: datetime) -> Ruling:
    if term.condition is Condition.SINGLETON:
        return _alone(job, evidence.live.get(job.namesake, Live()))
    return RULES[term.condition](evidence.standings[term.job_ids], term, now)


def _alone(job: DependentJob, live: Live) -> Ruling:
    """Jobs of the same user and name that were submitted before, or have begun, go first."""
    count, last = live.before(job.job_id)
    if not count:
        return MET
    words = namesakes(last, count - 1, job.name) if count > 1 else namesake(last, job.name)
    return Ruling(Verdict.WAITING, words, frozenset({last}))


def _begun(standing: Standing, term: Term, now: datetime) -> Ruling:
    if standing.not_begun:
        return Ruling(Verdict.WAITING, in_words(standing), frozenset({standing.not_begun}))
    begun_at = standing.begun_at or now
    due_at = begun_at + timedelta(minutes=term.delay_min)
    if due_at <= now:
        return MET
    words = began(f"{begun_at:%Y-%m-%d %H:%M:%S}")
    return Ruling(Verdict.WAITING, words, due_at=due_at)


def _ended(standing: Standing, _term: Term, _now: datetime) -> Ruling:
    if standing.unfinished:
        return Ruling(Verdict.WAITING, in_words(standing), frozenset({standing.unfinished}))
    return MET


def _ended_well(standing: Standing, term: Term, now: datetime) -> Ruling:
    ended = _ended(standing, term, now)
    if ended is not MET or not _failed(standing):
        return ended
    return Ruling(Verdict.NEVER, in_words(standing))


def _ended_badly(standing: Standing, term: Term, now: datetime) -> Ruling:
    ended = _ended(standing, term, now)
    if ended is not MET or _failed(standing):
        return ended
    return Ruling(Verdict.NEVER, in_words(standing))


def _failed(standing: Standing) -> bool:
    """Say whether one of them ended otherwise than well; an array is judged whole, as by Slurm."""
    return any(state is not JobState.COMPLETED for state in standing.states)


Rule = Callable[[Standing, Term, datetime], Ruling]
RULES: Mapping[Condition, Rule] = {
    Condition.AFTER: _begun,
    Condition.AFTER_ANY: _ended,
    Condition.AFTER_OK: _ended_well,
    Condition.AFTER_NOT_OK: _ended_badly,
    Condition.AFTER_CORRESPONDING: _ended_well,
}


def in_words(standing: Standing) -> str:
    """Return the states: "running", or of an array "4 pending, 12 completed".

    The steps between an admission and a run are one: who waits for them is told once.
    """
    counts: Counter[str] = Counter()
    for state in JobState:
        counts["starting" if state in _STARTING else state.value] += standing.states.get(state, 0)
    if counts.total() == 1:
        return next(word for word, count in counts.items() if count)
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)
