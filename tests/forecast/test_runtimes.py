"""Runtimes to expect: the user's own, then the organisation's, then everybody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.forecast.runtimes import REMEMBERED_RUNS, Runtimes, runtimes_of
from tests.build import a_job, a_spec, a_tenant, at

HOUR_S = 3600
ALICE = a_tenant("alpha", user="alice")
BOB = a_tenant("alpha", user="bob")
CAROL = a_tenant("beta", user="carol")
PARTS = st.lists(st.floats(0, 1), max_size=40)


def learned(parts: list[float]) -> Runtimes:
    runtimes = Runtimes()
    for part in parts:
        runtimes.ended(ALICE, part * HOUR_S, HOUR_S)
    return runtimes


def test_without_a_history_any_part_of_the_walltime_is_as_likely() -> None:
    assert Runtimes().runtime_s(ALICE, HOUR_S) == HOUR_S / 2
    assert Runtimes().runtime_s(ALICE, HOUR_S, level=0.9) == pytest.approx(0.9 * HOUR_S)


def test_who_always_uses_a_tenth_is_expected_to_do_so_again() -> None:
    assert learned([0.1] * 200).runtime_s(ALICE, HOUR_S) == pytest.approx(360, rel=0.1)


def test_a_new_user_is_taken_for_what_its_organisation_is_before_everybody() -> None:
    runtimes = learned([0.1] * 50)
    for _ in range(50):
        runtimes.ended(CAROL, 0.9 * HOUR_S, HOUR_S)

    assert runtimes.runtime_s(BOB, HOUR_S) < 0.2 * HOUR_S
    assert runtimes.runtime_s(a_tenant("beta", user="new"), HOUR_S) > 0.7 * HOUR_S


def test_few_runs_say_less_than_many() -> None:
    few, many = learned([0.1] * 3), learned([0.1] * 50)

    assert many.runtime_s(ALICE, HOUR_S) < few.runtime_s(ALICE, HOUR_S) < HOUR_S / 2


def test_a_run_that_outlasted_the_usual_lasts_as_the_longer_ones_did() -> None:
    runtimes = learned([0.1] * 90 + [0.8] * 90)

    assert runtimes.runtime_s(ALICE, HOUR_S, 0.2 * HOUR_S) > 0.7 * HOUR_S


def test_what_was_long_ago_is_forgotten() -> None:
    runtimes = learned([0.9] * REMEMBERED_RUNS + [0.1] * REMEMBERED_RUNS)

    assert runtimes.runtime_s(ALICE, HOUR_S) == learned([0.1] * REMEMBERED_RUNS).runtime_s(
        ALICE, HOUR_S
    )


def test_ended_jobs_of_the_store_are_learnt_from_if_they_ran() -> None:
    ran = a_job(1, tenant=ALICE, started_at=at(0), ended_at=at(60), spec=a_spec(walltime_s=HOUR_S))
    never = a_job(2, tenant=ALICE, ended_at=at(60))

    assert runtimes_of([ran] * 50 + [never]).runtime_s(ALICE, HOUR_S) < 600
    assert runtimes_of([never] * 50).runtime_s(ALICE, HOUR_S) == HOUR_S / 2


@given(PARTS, st.floats(0, 0.99), st.floats(0, 1), st.floats(0, 1))
def test_a_runtime_grows_with_what_has_elapsed_and_stays_within_the_walltime(
    parts: list[float], elapsed: float, more: float, level: float
) -> None:
    runtimes, later = learned(parts), elapsed + (0.99 - elapsed) * more
    first = runtimes.runtime_s(ALICE, HOUR_S, elapsed * HOUR_S, level)
    second = runtimes.runtime_s(ALICE, HOUR_S, later * HOUR_S, level)

    assert elapsed * HOUR_S <= first <= second + 1e-6 <= HOUR_S + 2e-6
