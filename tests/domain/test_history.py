"""Each invariant: a history that keeps it, and the smallest one that breaks it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scheduler.domain.history import INVARIANTS, check
from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.lines import facts_in, line_of
from scheduler.domain.history.runs import exempt
from scheduler.domain.history.story import Story
from scheduler.errors import InvalidRequest
from tests.build import at

OURS = Fact(
    *(0, at(), FactKind.TOOK, "service"),
    job_id=1,
    attempt=1,
    record=1,
    slurm_id=101,
    state="PENDING",
    account="alpha",
    gpus=4,
    nodes=("n1",),
    minutes=5,
    is_ours=True,
)
MOVE = Fact(
    *(0, at(), FactKind.MOVED, "engine"),
    job_id=1,
    attempt=1,
    organisation="alpha",
    account="alpha",
    gpus=4,
    nodes=("n1",),
    minutes=5,
    epoch=1,
)
OPENED = Fact(0, at(), FactKind.OPENED, detail="held", limits={"alpha": 6})
LED = Fact(0, at(), FactKind.LED, "engine", epoch=1)
QUEUED = replace(MOVE, state="pending", attempt=0, epoch=0)
ADMITTED = replace(MOVE, state="submitting")
HELD = replace(MOVE, state="held", slurm_id=101)
RELEASING = replace(MOVE, state="releasing", slurm_id=101)
RELEASED = replace(OURS, kind=FactKind.RELEASED)
BEGAN = replace(OURS, kind=FactKind.BEGAN)
RUNNING = replace(MOVE, state="running", slurm_id=101)
ENDED = replace(OURS, kind=FactKind.ENDED, state="COMPLETED")
COMPLETED = replace(MOVE, state="completed", slurm_id=101)
STOOD = replace(COMPLETED, kind=FactKind.STOOD)
CLOSED = Fact(0, at(), FactKind.CLOSED)
BEFORE = (OPENED, LED, QUEUED, ADMITTED, OURS, HELD, RELEASING, RELEASED)
AFTER = (RUNNING, ENDED, COMPLETED, STOOD, CLOSED)
GOOD = (*BEFORE, BEGAN, *AFTER)
WISH = Fact(0, at(), FactKind.CANCEL_ACKNOWLEDGED, job_id=1)
TWIN = replace(OURS, record=2, slurm_id=102)
_BEGAN, _ENDED = FactKind.BEGAN, FactKind.ENDED
FOREIGN = replace(OURS, job_id=0, attempt=0, record=9, slurm_id=109, is_ours=False)


def numbered(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    return tuple(replace(fact, number=number) for number, fact in enumerate(facts, start=1))


def broken(*facts: Fact) -> list[str]:
    return [one.name for one in check(numbered(facts)) if one.breaches]


BROKEN = {
    "I1": (*BEFORE, BEGAN, TWIN, *(replace(TWIN, kind=one) for one in (_BEGAN, _ENDED)), *AFTER),
    "I2": (*BEFORE[:6], BEGAN, RUNNING, ENDED, COMPLETED, STOOD, CLOSED),
    "I3": (*GOOD[:3], replace(ADMITTED, gpus=7), replace(OURS, gpus=7)),
    "I4": (*BEFORE, BEGAN, RUNNING, COMPLETED, ENDED, STOOD, CLOSED),
    "I5": (FOREIGN, replace(FOREIGN, kind=FactKind.CANCELLED, by="service")),
    "I6": (*BEFORE, replace(LED, epoch=2), BEGAN, *AFTER),
    "I7": (*BEFORE, replace(BEGAN, minutes=60), *AFTER),
    "I8": (*GOOD[:-2], RUNNING, COMPLETED, STOOD, CLOSED),
    "I9": (*BEFORE, replace(RELEASING, kind=FactKind.STOOD), CLOSED),
    "I10": (OPENED, LED, QUEUED, HELD),
    "I11": (*BEFORE[:6], WISH, *BEFORE[6:], BEGAN, *AFTER),
    "ticks": (Fact(0, at(), FactKind.SURPRISED, detail="KeyError: 7"),),
}


def test_a_good_history_breaks_nothing() -> None:
    assert broken(*GOOD) == []


def test_every_invariant_has_a_history_that_breaks_it() -> None:
    assert BROKEN.keys() == INVARIANTS.keys()


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_an_invariant_is_told_by_its_name_alone(name: str) -> None:
    assert broken(*BROKEN[name]) == [name]


MORE = {
    "two jobs of one request": (
        "I1",
        (
            Fact(0, at(), FactKind.ACKNOWLEDGED, "ada", job_id=1, detail="r1"),
            Fact(0, at(), FactKind.ACKNOWLEDGED, "ada", job_id=2, detail="r1"),
        ),
    ),
    "a run that nobody is charged for": (
        "I3",
        (*BEFORE, replace(MOVE, state="cancelled", slurm_id=101), BEGAN),
    ),
    "GPUs returned where Slurm took the job and did not answer": (
        "I3",
        (OPENED, LED, QUEUED, ADMITTED, OURS, replace(QUEUED, attempt=1)),
    ),
    "a job lost that Slurm knows": ("I4", (*BEFORE, replace(MOVE, state="lost", slurm_id=101))),
    "a failure of what Slurm took and did not run": (
        "I4",
        (OPENED, LED, QUEUED, ADMITTED, OURS, replace(MOVE, state="failed")),
    ),
    "another's id taken for ours": (
        "I5",
        (OPENED, QUEUED, ADMITTED, FOREIGN, replace(HELD, slurm_id=109)),
    ),
    "a job that Slurm keeps of one that is over": (
        "I9",
        (*GOOD[:-1], replace(OURS, kind=FactKind.LIVED, record=1), CLOSED),
    ),
    "an event that is missing": ("I10", (*GOOD[:-2], replace(STOOD, state="failed"), CLOSED)),
}


@pytest.mark.parametrize(("name", "facts"), MORE.values(), ids=MORE.keys())
def test_an_invariant_is_broken_by(name: str, facts: Sequence[Fact]) -> None:
    assert broken(*facts) == [name]


def test_an_answer_that_slurm_forgot_before_it_was_written_down_adopts_nothing() -> None:
    reused = replace(FOREIGN, slurm_id=OURS.slurm_id)
    forgot = replace(OURS, kind=FactKind.FORGOT)
    before_its_submission = (OPENED, LED, QUEUED, OURS, forgot, ADMITTED, reused, HELD)

    assert broken(OPENED, LED, QUEUED, ADMITTED, OURS, forgot, reused, HELD) == []
    assert broken(*before_its_submission) == ["I5"]


def test_what_slurm_and_users_start_themselves_is_counted_and_no_breach() -> None:
    again = replace(BEGAN, restarts=1)
    by_slurm = numbered((*BEFORE, BEGAN, replace(ENDED, state="REQUEUED"), again, *AFTER))
    let_go = replace(RELEASED, by="alpha")
    by_user = numbered((*BEFORE[:5], let_go, BEGAN, RUNNING, ENDED, COMPLETED, STOOD, CLOSED))
    changed = replace(OURS, kind=FactKind.CHANGED, by="alpha")
    rewritten = numbered((*BEFORE, changed, replace(BEGAN, minutes=60), *AFTER))

    assert [broken(*facts) for facts in (by_slurm, by_user, rewritten)] == [[], [], []]
    assert exempt(Story(by_slurm)).restarts == 1
    assert exempt(Story(by_user)).own_starts == 1
    assert exempt(Story(rewritten)).own_changes == 1


def test_a_start_whose_forerunner_slurm_forgot_is_counted_as_its_own_doing() -> None:
    over = (*BEFORE, BEGAN, RUNNING, ENDED, COMPLETED)
    forgotten = numbered((*over, BEGAN, ENDED, STOOD, CLOSED))

    assert broken(*forgotten) == []
    assert exempt(Story(forgotten)).restarts == 1
    assert broken(*BEFORE, replace(COMPLETED, state="cancelled"), BEGAN) == ["I3"]


def test_a_job_on_record_as_running_was_let_go_before_slurm_begins_it_again() -> None:
    let_go = replace(RELEASED, by="alpha")
    held_again = (replace(RUNNING, state="submitted"), RELEASED, BEGAN, *AFTER)

    assert broken(*BEFORE[:5], let_go, BEGAN, RUNNING, ENDED, *held_again) == []
    assert broken(*BEFORE[:5], RELEASED, BEGAN, *AFTER) == ["I2"]


def test_what_is_rewritten_between_the_decision_and_the_release_is_its_users_doing() -> None:
    changed = replace(OURS, kind=FactKind.CHANGED, by="alpha")
    larger = replace(BEGAN, minutes=60)
    decided, released = BEFORE[:-1], BEFORE[-1]

    assert broken(*decided, changed, released, larger, *AFTER) == []
    assert broken(*decided[:-1], changed, decided[-1], released, larger, *AFTER) == ["I7"]


def test_a_history_is_read_as_it_was_written() -> None:
    facts = numbered(GOOD)

    assert tuple(facts_in(map(line_of, facts))) == facts


WRONG = {
    "no JSON": "{",
    "no object": "[1]",
    "an unknown key": '{"number": 1, "at": "2026-01-01T00:00:00+00:00", "kind": "took", "x": 1}',
    "an unknown kind": '{"number": 1, "at": "2026-01-01T00:00:00+00:00", "kind": "guessed"}',
    "no time": '{"number": 1, "kind": "took"}',
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG.keys())
def test_a_line_that_is_no_fact_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(InvalidRequest, match="line 2: history: not a fact"):
        list(facts_in((line_of(OPENED), line)))
