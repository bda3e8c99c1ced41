"""When a dependency is met, waits, or never can be met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from scheduler.domain.dependencies.rulings import (
    RULES,
    DependentJob,
    Evidence,
    Live,
    Tally,
    Verdict,
    ruling_on,
    standing_of,
)
from scheduler.domain.dependencies.terms import Condition, Dependency, NamedJob, Term
from scheduler.domain.jobs import HOLDING, TERMINAL, JobState
from scheduler.domain.sbatch.dependency import dependency
from tests.build import a_tenant, at

MET, WAITING, NEVER = Verdict
BEGUN = TERMINAL | {JobState.RUNNING, JobState.SETTLING}


def a_dependent(text: str, arrays: Mapping[int, int] | None = None) -> DependentJob:
    """Return job 100 that waits so; `arrays` are the numbers of elements by array."""
    read = dependency(text)
    assert read is not None
    sizes = arrays or {}
    ids = {name: range(name.number, name.number + sizes.get(name.number, 1)) for name in read.named}
    return DependentJob(100, a_tenant(), "train", read.on(ids))


def tally(job_id: int, state: JobState, jobs: int = 1) -> Tally:
    return Tally(state, jobs, job_id, at(job_id) if state in BEGUN else None)


def evidence(*tallies: Tally) -> Evidence:
    """Return what is known of single jobs."""
    ids = (range(one.greatest_id, one.greatest_id + 1) for one in tallies)
    return Evidence(
        {span: standing_of([one]) for span, one in zip(ids, tallies, strict=True)},
    )


def of_array(*tallies: Tally, first: int = 1, elements: int = 3) -> Evidence:
    return Evidence({range(first, first + elements): standing_of(tallies)})


def verdict(condition: str, state: JobState) -> Verdict:
    return ruling_on(a_dependent(f"{condition}:1"), evidence(tally(1, state)), at(60)).verdict


def test_every_condition_on_a_job_has_its_rule() -> None:
    assert set(RULES) == set(Condition) - {Condition.SINGLETON}


@pytest.mark.parametrize("state", JobState)
def test_what_a_job_came_to_decides(state: JobState) -> None:
    ended, well = state in TERMINAL, state is JobState.COMPLETED

    assert verdict("after", state) is (MET if state in BEGUN else WAITING)
    assert verdict("afterany", state) is (MET if ended else WAITING)
    assert verdict("afterok", state) is (MET if well else NEVER if ended else WAITING)
    assert verdict("aftercorr", state) is verdict("afterok", state)
    assert verdict("afternotok", state) is (NEVER if well else MET if ended else WAITING)


@pytest.mark.parametrize("state", sorted(HOLDING - BEGUN))
def test_the_steps_to_a_start_are_told_as_one(state: JobState) -> None:
    ruling = ruling_on(a_dependent("afterok:1"), evidence(tally(1, state)), at(60))
    assert (ruling.words, *ruling.watched) == ("afterok:1 (starting)", 1)


RUNS, WAITS = tally(1, JobState.RUNNING), tally(2, JobState.PENDING)
DONE, FAILED = tally(3, JobState.COMPLETED), tally(4, JobState.FAILED)
TOGETHER = {
    "all have to be met": ("afterok:3,afterany:4", MET, ""),
    "all wait for the last": ("afterok:1:2:3", WAITING, "afterok:1 (running), afterok:2 (pending)"),
    "one of all is lost": ("afterok:1:4", NEVER, "afterok:4 (failed)"),
    "any is enough": ("afterok:1?afterok:3", MET, ""),
    "any other may come": ("afterok:4?afterok:2", WAITING, "afterok:2 (pending)"),
    "all of any are lost": ("afterok:4?afternotok:3", NEVER, None),
}


@pytest.mark.parametrize(("text", "wanted", "words"), TOGETHER.values(), ids=TOGETHER.keys())
def test_together(text: str, wanted: Verdict, words: str | None) -> None:
    ruling = ruling_on(a_dependent(text), evidence(RUNS, WAITS, DONE, FAILED), at(60))

    assert ruling.verdict is wanted
    assert words is None or ruling.words == words


def test_each_open_term_is_watched_and_a_list_is_cut() -> None:
    known = evidence(*map(_pending, range(5, 10)))
    ruling = ruling_on(a_dependent("afterany:5:6:7:8:9"), known, at())

    assert ruling.watched == {5, 6, 7, 8, 9}
    assert ruling.words.endswith("afterany:7 (pending) and 2 more")


def _pending(job_id: int) -> Tally:
    return tally(job_id, JobState.PENDING)


def test_minutes_count_from_the_start() -> None:
    job, known = a_dependent("after:1+5"), evidence(RUNS)
    early = ruling_on(job, known, at(300))

    assert (early.verdict, early.due_at, early.watched) == (WAITING, at(301), frozenset())
    assert ruling_on(job, known, at(301)).verdict is MET


def test_all_of_several_minutes_are_judged_anew_when_the_last_are_over() -> None:
    known = evidence(tally(1, JobState.RUNNING), tally(2, JobState.RUNNING))

    both = ruling_on(a_dependent("after:1+5,after:2+9"), known, at(60))
    either = ruling_on(a_dependent("after:1+5?after:2+9"), known, at(60))

    assert (both.due_at, either.due_at) == (at(542), at(301))


def test_an_array_is_judged_once_all_of_it_has_ended() -> None:
    job = a_dependent("afterok:1", {1: 3})
    failed, done = tally(1, JobState.FAILED), tally(3, JobState.COMPLETED, jobs=2)
    runs = tally(2, JobState.RUNNING)
    waiting = ruling_on(job, of_array(failed, runs, tally(3, JobState.COMPLETED)), at(60))

    assert (waiting.verdict, *waiting.watched) == (WAITING, 2)
    assert waiting.words == "afterok:1 (1 running, 1 completed, 1 failed)"
    assert ruling_on(job, of_array(failed, done), at(60)).verdict is NEVER
    assert ruling_on(job, of_array(tally(3, JobState.COMPLETED, jobs=3)), at(60)).verdict is MET
    badly = a_dependent("afternotok:1", {1: 3})
    assert ruling_on(badly, of_array(failed, done), at(60)).verdict is MET


def test_an_array_has_begun_with_its_last_element() -> None:
    job = a_dependent("after:1+1", {1: 3})
    two = tally(2, JobState.RUNNING, jobs=2)

    assert ruling_on(job, of_array(two, _pending(3)), at(600)).watched == {3}
    assert ruling_on(job, of_array(two, tally(3, JobState.RUNNING)), at(62)).due_at == at(63)


ALONE = {
    "nobody else": (Live((100,)), MET, frozenset()),
    "one before": (Live((90, 100)), WAITING, frozenset({90})),
    "several before": (Live((80, 90, 100)), WAITING, frozenset({90})),
    "one behind that waits": (Live((100, 110)), MET, frozenset()),
    "one behind that has begun": (Live((100, 110), frozenset({110})), WAITING, frozenset({110})),
}


@pytest.mark.parametrize(("live", "wanted", "watched"), ALONE.values(), ids=ALONE.keys())
def test_a_singleton_has_before_it(live: Live, wanted: Verdict, watched: frozenset[int]) -> None:
    job = a_dependent("singleton")
    ruling = ruling_on(job, Evidence(live={job.namesake: live}), at())

    assert (ruling.verdict, ruling.watched) == (wanted, watched)


def test_jobs_of_another_name_or_user_are_nothing_to_a_singleton() -> None:
    job = a_dependent("singleton")
    others = {(job.tenant.user, "other"): Live((1,)), ("other", job.name): Live((2,))}

    assert ruling_on(job, Evidence(live=others), at()).verdict is MET


def test_an_element_waits_for_its_corresponding_one() -> None:
    array = NamedJob(50)
    wanted = Dependency((Term(Condition.AFTER_CORRESPONDING, array, 0, 50, 53),))
    element = wanted.of_element(4, {NamedJob(50, 4): range(52, 53)})
    job = replace(a_dependent("singleton"), dependency=element)

    assert ruling_on(job, evidence(tally(52, JobState.COMPLETED)), at(60)).verdict is MET
