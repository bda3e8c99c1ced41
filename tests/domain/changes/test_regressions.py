"""What a canary makes worse is found, and what was so before, or is meant, is not laid to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scheduler.domain.changes.forecast import Standing
from scheduler.domain.changes.objectives import Objective, tolerated
from scheduler.domain.changes.proposals import Canary, ProposalState
from scheduler.domain.changes.regressions import LOOKED_AWAY, WINDOW, measures, regression
from scheduler.domain.changes.trial_summaries import trial_summaries
from scheduler.domain.changes.trials import Trial
from scheduler.domain.policies import RecallRules
from tests.build import NOON, POOL, a_policy, at

TERMS = Canary(("startups",), NOON.isoformat(), tolerated(a_policy()))
CONTENT = Standing("alpha", "universities", POOL, 8, 16, 8.0, 8.0, 8.0, 8.0, 0)


def trials(
    standing: Standing, count: int = WINDOW, *, shadow: bool = False, first: int = 0
) -> list[Trial]:
    """Return a trial each minute in which the standing is always the same."""
    stage = ProposalState.SHADOWED if shadow else ProposalState.CANARY
    return [
        Trial(1, stage, number, at(60 * number), (standing,), {POOL: 64})
        for number in range(first, first + count)
    ]


def worst(found: Sequence[Trial]) -> dict[Objective, float]:
    return {one.objective: one.value for one in measures(found) if one.value}


def test_where_all_is_as_it_would_be_nothing_is_worse() -> None:
    assert worst(trials(CONTENT)) == {}
    assert regression(trials(CONTENT), TERMS) is None


def test_of_few_cycles_nothing_is_said() -> None:
    idle = replace(CONTENT, given_before=32)

    assert worst(trials(idle, WINDOW - 1)) == {}
    assert worst(trials(idle)) == {Objective.IDLE: 50.0}


def test_a_single_cycle_is_no_state_of_affairs() -> None:
    found = [*trials(CONTENT, WINDOW - 1), *trials(replace(CONTENT, given_before=32), 1, first=9)]

    assert worst(found) == {Objective.IDLE: 5.0}
    assert regression(found, TERMS) is None


def test_idle_gpus_of_one_pool_are_not_made_good_by_another() -> None:
    idle, busy = replace(CONTENT, given_before=32), replace(CONTENT, pool="other", given_after=32)

    found = [
        replace(one, standings=(idle, busy), capacity={POOL: 64, "other": 64})
        for one in trials(CONTENT)
    ]

    assert worst(found) == {Objective.IDLE: 50.0}


def test_who_would_have_more_without_it_is_worse_off() -> None:
    kept_out = replace(CONTENT, held=4, given_before=4)

    harm = regression(trials(kept_out), TERMS)

    assert harm is not None
    assert (harm.objective, harm.value) == (Objective.ENTITLEMENTS, 50.0)
    assert harm.why == (
        f"rolled back by itself: alpha had 50 % of its entitlement in {POOL}, and 100 % without it"
    )


def test_who_is_meant_to_have_less_is_measured_by_that() -> None:
    meant = replace(CONTENT, held=4, given_before=4, entitled_after=4.0)

    assert Objective.ENTITLEMENTS not in worst(trials(meant))


def test_what_is_done_already_shows_against_the_shadow_before_it() -> None:
    shadow = trials(CONTENT, shadow=True)
    pushed_out = trials(replace(CONTENT, held=2), first=WINDOW)

    assert worst(pushed_out) == {}
    assert worst([*shadow, *pushed_out]) == {Objective.ENTITLEMENTS: 75.0}


def test_who_wanted_nothing_in_some_cycle_is_not_judged() -> None:
    kept_out = replace(CONTENT, held=4, given_before=4)
    nothing = replace(CONTENT, held=0, wanted=0, entitled_before=0.0, entitled_after=0.0)

    found = [*trials(kept_out, WINDOW - 1), *trials(nothing, 1, first=9)]

    assert Objective.ENTITLEMENTS not in worst(found)


MISSED = replace(CONTENT, missed_after=4)


def test_a_floor_is_missed_for_as_long_as_in_every_cycle() -> None:
    found = [*trials(CONTENT, 1), *trials(MISSED, 62, first=1)]

    harm = regression(found, TERMS)

    assert harm is not None
    assert (harm.objective, harm.value) == (Objective.FLOORS, 61.0)
    assert harm.why == f"rolled back by itself: the floor of alpha in {POOL} was missed for 61 min"
    # An hour of it is borne.
    assert regression(found[:-1], TERMS) is None


def test_a_floor_that_is_whole_again_is_missed_no_more() -> None:
    found = [*trials(MISSED, 90), *trials(CONTENT, 1, first=90), *trials(MISSED, 9, first=91)]

    assert worst(found) == {Objective.FLOORS: 8.0}


def test_a_floor_that_would_be_missed_anyway_as_it_begins_is_not_its_doing() -> None:
    anyway = replace(MISSED, missed_before=4)

    assert worst(trials(anyway, 90)) == {}
    later = [*trials(CONTENT, 1), *trials(anyway, 90, first=1)]
    assert worst(later) == {Objective.FLOORS: 89.0}


@pytest.mark.parametrize(
    ("recall", "minutes"),
    [(RecallRules(), 60.0), (RecallRules(enabled=True, notice_s=120, min_runtime_s=600), 13.0)],
)
def test_floors_are_waited_for_as_long_as_recalls_take(recall: RecallRules, minutes: float) -> None:
    policy = replace(a_policy(), recall=recall)

    assert tolerated(policy)[Objective.FLOORS] == minutes


def test_a_summary_counts_each_job_once_and_tells_means() -> None:
    first, second = trials(replace(CONTENT, given_after=8), 2, shadow=True)
    first, second = replace(first, starts=(1, 2)), replace(second, starts=(2, 3), standings=())

    (told,) = trial_summaries([first, second])

    assert (told.cycles, told.starts, told.held_back) == (2, 3, 0)
    (fared,) = told.fared
    assert (fared.held_before, fared.held_after, fared.entitled_after) == (4.0, 8.0, 4.0)


def test_stages_are_told_apart() -> None:
    found = [*trials(CONTENT, shadow=True), *trials(replace(CONTENT, given_before=8), first=WINDOW)]

    shadow, canary = trial_summaries(found)

    assert (shadow.stage, shadow.measures) == (ProposalState.SHADOWED, ())
    assert canary.stage is ProposalState.CANARY
    assert {one.objective for one in canary.measures} == {Objective.ENTITLEMENTS, Objective.IDLE}


def test_for_how_long_nobody_looked_counts_for_nobody() -> None:
    """The service was stopped overnight: what was so in between nobody knows."""
    evening = trials(CONTENT, 30) + trials(MISSED, 1, first=30)
    morning = trials(MISSED, 1, first=30 + 840)

    assert worst(evening + morning)[Objective.FLOORS] <= LOOKED_AWAY
    assert regression(evening + morning, TERMS) is None


def test_of_few_cycles_no_floor_is_judged_either() -> None:
    assert (
        worst([*trials(CONTENT, 1), *trials(MISSED, 1, first=1), *trials(MISSED, 1, first=500)])
        == {}
    )


def test_a_clock_that_is_set_back_makes_no_time_negative() -> None:
    found = [*trials(CONTENT, 1, first=500), *trials(MISSED, WINDOW)]

    assert all(one.value >= 0 for one in measures(found))
