"""Jobs that wait for other jobs: when they start, when they never do, and through what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.domain.dependencies.rulings import Evidence
from scheduler.domain.dependencies.terms import Condition, Dependency, NamedJob, Term
from scheduler.domain.reasons import Reason
from scheduler.domain.records import NewJobs
from scheduler.domain.sbatch.reading import read_job
from scheduler.domain.tenants import Tenant
from scheduler.engine import dependents
from scheduler.engine.loop import Engine
from scheduler.errors import StoreUnavailable
from scheduler.texts import said
from tests.engine.rig import Rig, a_rig

FAILS = "exit 1"


@pytest.fixture
def rig() -> Iterator[Rig]:
    with a_rig() as made:
        yield made


def depend(rig: Rig, options: str, first: int = 0, last: int = 0, sleep_s: int = 300) -> int:
    """Submit a job with these options; each job that they name is that array, or itself."""
    script = f"#!/bin/bash\n#SBATCH --gpus=1 {options}\nsleep {sleep_s}\n"
    read = read_job(script)
    wanted = read.spec.dependency
    assert wanted is not None
    ids = {name: range(name.number, name.number + 1) for name in wanted.named}
    if first:
        ids[NamedJob(first)] = range(first, last + 1)
    tenant = Tenant("universities", "alpha", "research", "alpha-user")
    spec = replace(read.spec, dependency=wanted.on(ids))
    new = NewJobs(tenant, "alpha", spec, "", "", rig.clock.now(), held=read.held)
    (answer,) = rig.store.add_jobs([new])
    assert not isinstance(answer, Exception), answer
    return answer[0].job_id


def test_a_job_starts_once_what_it_waits_for_has_ended_well(rig: Rig) -> None:
    first = rig.submit("alpha", sleep_s=5)
    then = depend(rig, f"-d afterok:{first}")
    rig.ticks(4)
    early = rig.store.job(then)
    rig.ticks(6)

    assert (early.state.value, early.reason) == ("pending", Reason.DEPENDENCY)
    assert early.detail == f"afterok:{first} (running)"
    assert rig.states(first, then) == ["completed", "running"]
    assert rig.store.job(then).waits_since > early.submitted_at  # type: ignore[operator]  # is set


def test_what_a_job_waits_for_may_have_ended_before_it_was_submitted(rig: Rig) -> None:
    first = rig.submit("alpha", sleep_s=1)
    rig.ticks(5)
    then = depend(rig, f"-d afterok:{first}")
    rig.ticks(3)

    assert rig.states(first, then) == ["completed", "running"]


def test_after_a_failure_one_starts_and_another_waits_for_ever(rig: Rig) -> None:
    first = rig.submit("alpha", sleep_s=2, last=FAILS)
    well = depend(rig, f"-d afterok:{first}")
    badly = depend(rig, f"-d afternotok:{first}")
    anyway = depend(rig, f"-d afterany:{first}")
    either = depend(rig, f"-d 'afterok:{first}?afternotok:{first}'")
    ends = depend(rig, f"-d afterok:{first} --kill-on-invalid-dep=yes")
    after_that = depend(rig, f"-d afterany:{ends}")
    rig.ticks(8)

    never = rig.store.job(well)
    assert rig.states(first, badly, anyway, either) == ["failed", *["running"] * 3]
    assert (never.state.value, never.reason) == ("pending", Reason.DEPENDENCY_NEVER_SATISFIED)
    assert never.detail == f"afterok:{first} (failed)"
    assert rig.states(ends, after_that) == ["cancelled", "running"]
    assert ends in {job.job_id for job in rig.told.moved}


def test_a_job_may_start_some_minutes_after_another(rig: Rig) -> None:
    first = rig.submit("alpha", sleep_s=600)
    then = depend(rig, f"-d after:{first}+2")
    rig.ticks(60, every_s=2)
    early = rig.states(then)
    rig.ticks(10, every_s=2)

    assert (early, rig.states(first, then)) == (["pending"], ["running", "running"])


def test_jobs_of_one_name_run_one_after_the_other(rig: Rig) -> None:
    names = [depend(rig, "-J only -d singleton", sleep_s=5) for _ in range(3)]
    rig.ticks(3)
    first = rig.states(*names)
    waits = rig.store.job(names[2]).detail
    rig.ticks(22)

    assert first == ["running", "pending", "pending"]
    assert "1 more" in waits
    assert rig.states(*names) == ["completed"] * 3
    starts = [rig.store.job(job_id).started_at for job_id in names]
    assert starts == sorted(starts)  # type: ignore[type-var]  # all have started


def test_a_whole_array_must_have_ended(rig: Rig) -> None:
    parts = [rig.submit("alpha", sleep_s=seconds) for seconds in (3, 12, 6)]
    then = depend(rig, f"-d afterok:{parts[0]}", parts[0], parts[-1])
    rig.ticks(9)
    early = rig.store.job(then)
    rig.ticks(8)

    assert early.state.value == "pending"
    assert early.detail.startswith(f"afterok:{parts[0]} (")
    assert rig.states(then) == ["running"]


def test_another_leader_goes_on_where_the_first_one_ended(rig: Rig) -> None:
    first = rig.submit("alpha", sleep_s=5)
    then = depend(rig, f"-d afterany:{first}")
    rig.ticks(3)
    rig.engine = Engine(rig.engine._world)
    rig.ticks(8)

    assert rig.states(first, then) == ["completed", "running"]


def test_a_ruling_that_could_not_be_written_is_made_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rig.submit("alpha", sleep_s=5)
    then = depend(rig, f"-d afterok:{first}")
    rig.ticks(3)

    def fails(*_: object) -> None:
        raise StoreUnavailable(said("the disk is full"))

    with monkeypatch.context() as broken:
        broken.setattr(rig.store, "rule", fails)
        for _ in range(6):
            rig.engine.careful_tick()
            rig.clock.advance(1)
        during = rig.states(first, then)
    rig.ticks(2)

    assert during == ["completed", "pending"]
    assert rig.states(then) == ["running"]


def test_a_held_job_waits_for_its_release_too(rig: Rig) -> None:
    first = rig.submit("alpha", sleep_s=2)
    then = depend(rig, f"-H -d afterany:{first}")
    rig.ticks(8)
    held = rig.store.job(then)
    rig.store.release(then, rig.clock.now())
    rig.ticks(2)

    assert (held.state.value, held.reason) == ("pending", Reason.HELD_BY_USER)
    assert rig.states(then) == ["running"]


def test_a_cancel_frees_those_who_wait_for_any_end(rig: Rig) -> None:
    full = [rig.submit("alpha", gpus=8, sleep_s=50) for _ in range(7)]
    first = rig.submit("alpha", gpus=8)
    blocked = rig.submit("alpha", gpus=8)
    then, gone = depend(rig, f"-d after:{blocked}"), depend(rig, f"-d after:{blocked}")
    rig.ticks(2)
    rig.store.request_cancel(gone, rig.clock.now())
    rig.store.request_cancel(blocked, rig.clock.now())
    rig.store.request_cancel(first, rig.clock.now())
    rig.ticks(6)

    assert len(full) == 7
    assert rig.states(then, gone) == ["running", "cancelled"]


def test_a_quiet_cycle_asks_the_store_nothing_about_dependencies(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rig.submit("alpha", sleep_s=30)
    for _ in range(50):
        depend(rig, f"-d afterok:{first}")
    rig.ticks(5)

    def none(_: object) -> Evidence:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(rig.store, "evidence", none)
    rig.ticks(10)


def test_a_burst_of_long_lists_is_judged_over_some_cycles(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependents, "MOST_TERMS_IN_A_CYCLE", 5)
    first, second = rig.submit("alpha", sleep_s=1), rig.submit("alpha", sleep_s=1)
    rig.ticks(4)
    many = [depend(rig, f"-d afterok:{first}:{second}") for _ in range(4)]
    rig.ticks(1)
    soon = rig.states(*many)
    rig.ticks(3)

    assert soon.count("pending") == 2
    assert "pending" not in rig.states(*many)


def test_a_burst_is_judged_over_some_cycles(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependents, "MOST_IN_A_CYCLE", 3)
    first = rig.submit("alpha", sleep_s=1)
    rig.ticks(4)
    many = [depend(rig, f"-d afterok:{first}") for _ in range(7)]
    rig.ticks(1)
    soon = rig.states(*many)
    rig.ticks(3)

    assert soon.count("pending") == 4
    assert "pending" not in rig.states(*many)


def test_terms_are_shown_as_they_were_written() -> None:
    terms = (Term(Condition.AFTER, NamedJob(7), 5), Term(Condition.SINGLETON))
    assert str(Dependency(terms, any_will_do=True)) == "after:7+5?singleton"
