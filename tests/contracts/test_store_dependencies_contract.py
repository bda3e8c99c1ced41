"""What every store promises of dependencies: who waits, on what evidence, what a ruling does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.domain.decisions import Start
from scheduler.domain.dependencies.rulings import MET, Live, Ruling, Standing, Verdict
from scheduler.domain.dependencies.terms import Condition, Dependency, NamedJob, Term
from scheduler.domain.jobs import Job, JobState
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.records import NewJobs
from scheduler.errors import NotLeading, QuotaExceeded
from scheduler.ports import Store
from tests.build import a_placement, a_spec, a_wait, at
from tests.store.build import a_new, add, decide, move, recall, start

WAITING = Ruling(Verdict.WAITING, "afterok:1 (running)")
NEVER = Ruling(Verdict.NEVER, "afterok:1 (failed)")


def after(*job_ids: int, cancels: bool = False) -> Dependency:
    terms = (Term(Condition.AFTER_OK, NamedJob(one), 0, one, one) for one in job_ids)
    return Dependency(tuple(terms), cancels=cancels)


def a_dependent(on: Dependency, **new: object) -> NewJobs:
    made = a_new(spec=replace(a_spec(), dependency=on))
    return replace(made, **new)  # type: ignore[arg-type]  # any field


def add_dependent(store: Store, *job_ids: int, cancels: bool = False, held: bool = False) -> Job:
    return add(store, a_dependent(after(*job_ids, cancels=cancels), held=held))


def test_a_dependent_job_is_in_no_queue_and_says_what_it_waits_for(store: Store) -> None:
    first = add(store)
    before = store.last_event_id()
    job = add_dependent(store, first.job_id)

    kept = store.job(job.job_id)
    assert (kept.reason, kept.detail) == (Reason.DEPENDENCY, f"afterok:{first.job_id}")
    assert (kept.is_considered, kept.dependent_since) == (False, kept.submitted_at)
    assert [one.job_id for one in store.pending()] == [first.job_id]
    (known,) = store.dependents()
    assert (known.job_id, known.dependency) == (job.job_id, after(first.job_id))
    changes = store.live_changes(before)
    assert (changes.gone, changes.dependents) == ((job.job_id,), (known,))
    assert list(changes.job_ids) == [job.job_id]


def test_who_waits_for_nothing_more_has_waited_for_its_turn_since_then(store: Store) -> None:
    job = add_dependent(store, add(store).job_id)
    before = store.last_event_id()
    assert store.rule({job.job_id: MET}, at(300)) == ()

    assert store.dependents() == ()
    waiting = store.pending()[-1]
    assert (waiting.job_id, waiting.submitted_at) == (job.job_id, at(300))
    assert store.job(job.job_id).reason == Reason.NOT_YET_CONSIDERED
    assert store.live_changes(before).pending == (waiting,)


def test_a_ruling_is_told_and_only_news_are_events(store: Store) -> None:
    job = add_dependent(store, add(store).job_id)
    before = store.last_event_id()
    store.rule({job.job_id: WAITING}, at(1))
    assert (store.job(job.job_id).detail, store.last_event_id()) == (WAITING.words, before)

    store.rule({job.job_id: NEVER}, at(2))
    (event,) = store.events(before, 10)
    assert (event.reason, event.detail) == (Reason.DEPENDENCY_NEVER_SATISFIED, NEVER.words)
    store.rule({job.job_id: NEVER}, at(3))
    assert store.last_event_id() == event.event_id


def test_a_job_that_can_never_start_is_cancelled_where_it_asks_for_that(store: Store) -> None:
    job = add_dependent(store, add(store).job_id, cancels=True)
    (cancelled,) = store.rule({job.job_id: NEVER}, at(5))

    assert (cancelled.state, cancelled.ended_at) == (JobState.CANCELLED, at(5))
    assert NEVER.words in store.job(job.job_id).detail
    assert store.dependents() == ()


def test_a_ruling_that_comes_late_changes_nothing(store: Store) -> None:
    first = add(store)
    job = add_dependent(store, first.job_id)
    store.request_cancel(job.job_id, at(1))
    store.rule({job.job_id: MET, first.job_id: NEVER}, at(2))

    assert store.job(job.job_id).state is JobState.CANCELLED
    assert store.job(first.job_id).is_considered


def test_nobody_rules_whose_term_is_over(store: Store) -> None:
    job = add_dependent(store, add(store).job_id)
    first = store.take_lease("one", 60)
    store.give_up_lease(first or 0)
    assert store.take_lease("two", 60) is not None

    with pytest.raises(NotLeading):
        store.rule({job.job_id: MET}, at(1), first or 0)


def test_no_cycle_starts_a_dependent_job_or_tells_it_anything(store: Store) -> None:
    job, other = (add_dependent(store, add(store).job_id) for _ in range(2))
    decide(store, Start(job.job_id, a_placement()), a_wait(other.job_id), taken_at=at(2))

    assert {store.job(one.job_id).reason for one in (job, other)} == {Reason.DEPENDENCY}
    assert store.holding() == ()


def test_a_job_may_be_held_from_its_submission_on(store: Store) -> None:
    job = add(store, replace(a_new(), held=True))

    assert (job.held_at, job.reason) == (job.submitted_at, Reason.HELD_BY_USER)
    assert store.pending() == ()
    store.release(job.job_id, at(60))
    (waiting,) = store.pending()
    assert waiting.submitted_at == at(60)


@pytest.mark.parametrize("order", ["met first", "released first"])
def test_a_job_that_is_held_and_dependent_is_both_until_neither(store: Store, order: str) -> None:
    job = add_dependent(store, add(store).job_id)
    held = store.hold(job.job_id, at(10))
    assert held.reason == Reason.HELD_BY_USER
    assert [one.reason for one in held.more_blockers] == [Reason.DEPENDENCY]
    store.rule({job.job_id: WAITING}, at(20))
    assert store.job(job.job_id).more_blockers == (Blocker(Reason.DEPENDENCY, WAITING.words),)
    if order == "met first":
        store.rule({job.job_id: MET}, at(30))
        assert (now := store.job(job.job_id)).reason == Reason.HELD_BY_USER
        assert now.more_blockers == ()
        store.release(job.job_id, at(50))
    else:
        now = store.release(job.job_id, at(30))
        assert (now.reason, now.detail) == (Reason.DEPENDENCY, WAITING.words)
        store.rule({job.job_id: MET}, at(50))

    assert store.pending()[-1].submitted_at == job.submitted_at + timedelta(seconds=50)


def test_evidence_tells_what_one_job_came_to(store: Store) -> None:
    waits, ran = add(store), add(store)
    start(store, ran)
    move(store, ran, JobState.RUNNING, seconds=20)
    job = add_dependent(store, waits.job_id, ran.job_id)
    standings = store.evidence(store.dependents()).standings

    one, other = (standings[term.job_ids] for term in after(waits.job_id, ran.job_id).terms)
    assert one == Standing({JobState.PENDING: 1}, waits.job_id, waits.job_id, None)
    assert other == Standing({JobState.RUNNING: 1}, ran.job_id, 0, at(20))
    assert job.job_id not in {ids[0] for ids in standings}


def test_evidence_tells_what_the_elements_of_an_array_came_to_together(store: Store) -> None:
    first = add(store, a_new(indices=[0, 1, 2]))
    second = store.job(first.job_id + 1)
    start(store, second)
    move(store, second, JobState.RUNNING, seconds=20)
    move(store, second, JobState.FAILED, seconds=30)
    term = Term(Condition.AFTER_OK, NamedJob(first.job_id), 0, first.job_id, first.job_id + 2)
    add(store, a_dependent(Dependency((term,))))
    (standing,) = store.evidence(store.dependents()).standings.values()

    assert standing.states == {JobState.PENDING: 2, JobState.FAILED: 1}
    assert (standing.unfinished, standing.not_begun) == (first.job_id + 2,) * 2
    assert standing.begun_at == at(20)


def test_a_recalled_job_has_begun_and_has_not_ended(store: Store) -> None:
    ran = add(store, a_new(spec=replace(a_spec(), recallable=True)))
    start(store, ran)
    move(store, ran, JobState.RUNNING, seconds=20)
    recall(store, store.job(ran.job_id), seconds=30)
    move(store, ran, JobState.PENDING, seconds=40)
    add_dependent(store, ran.job_id)
    (standing,) = store.evidence(store.dependents()).standings.values()

    assert standing == Standing({JobState.PENDING: 1}, ran.job_id, 0, at(40))


def test_a_requeued_job_has_begun_and_has_not_ended(store: Store) -> None:
    ran = start(store, add(store))
    move(store, ran, JobState.RUNNING, seconds=20)
    store.request_requeue(ran.job_id, at(30))
    move(store, ran, JobState.PENDING, seconds=40)
    add_dependent(store, ran.job_id)
    (standing,) = store.evidence(store.dependents()).standings.values()

    assert standing == Standing({JobState.PENDING: 1}, ran.job_id, 0, at(40))


def test_singletons_are_judged_by_the_live_jobs_of_their_name(store: Store) -> None:
    ended, ran, waits = add(store), add(store), add(store)
    other = add(store, a_new(spec=a_spec(name="other")))
    store.request_cancel(ended.job_id, at(1))
    start(store, ran)
    alone = add(store, a_dependent(Dependency((Term(Condition.SINGLETON),))))
    evidence = store.evidence(store.dependents())

    namesake = alone.tenant.user, "train"
    ids = (ran.job_id, waits.job_id, alone.job_id)
    assert evidence.live[namesake] == Live(ids, frozenset({ran.job_id}))
    assert other.job_id not in ids
    assert evidence.standings == {}


def test_elements_of_an_array_may_wait_for_different_jobs(store: Store) -> None:
    first = add(store, a_new(indices=[0, 1]))
    waits = tuple(after(first.job_id + number) for number in range(2))
    one = add(store, a_dependent(waits[0], array_indices=(0, 1), dependencies=waits))

    assert [job.dependency for job in store.dependents()] == list(waits)
    assert store.job(one.job_id + 1).spec.dependency == waits[1]


def test_dependent_jobs_count_as_pending(store: Store) -> None:
    add(store, a_dependent(after(add(store).job_id), max_pending_jobs=2))
    (refusal,) = store.add_jobs([a_new(max_pending=2)])

    assert isinstance(refusal, QuotaExceeded)
    assert {count.reason: count.jobs for count in store.counts()} == {
        Reason.NOT_YET_CONSIDERED: 1,
        Reason.DEPENDENCY: 1,
    }


def test_names_of_jobs_arrays_and_elements_are_found_together(store: Store) -> None:
    first = add(store, a_new(indices=[3, 5, 9])).job_id
    alone = add(store).job_id
    array, element = NamedJob(first), NamedJob(first, 5)
    missing = (
        NamedJob(first, 4),
        NamedJob(first + 1, 5),
        NamedJob(alone, 5),
        NamedJob(alone + 1),
        NamedJob(2**63 - 1, 1),
    )
    # The second element's own number is that of one job.
    inner = NamedJob(first + 1)

    found = store.found([array, element, inner, NamedJob(alone), *missing])

    assert {name: jobs.job_ids for name, jobs in found.items()} == {
        array: range(first, first + 3),
        element: range(first + 1, first + 2),
        inner: range(first + 1, first + 2),
        NamedJob(alone): range(alone, alone + 1),
    }
    tenant = store.job(alone).tenant
    owners = {(jobs.organisation, jobs.user) for jobs in found.values()}
    assert owners == {(tenant.organisation, tenant.user)}
    assert store.found([]) == {}
