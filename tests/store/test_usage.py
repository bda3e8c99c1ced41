"""The split of a run's GPU-seconds over the hours it touched, and their sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.jobs import JobState
from scheduler.domain.records import UsageBucket
from scheduler.domain.shares.fairshare import mean_gpus
from scheduler.domain.shares.usage import HOUR, charges_of, condensed, hour_of, hourly_gpu_seconds
from tests.build import NOON, POOL, a_job, a_placement, a_policy, a_pool, a_tenant, at

moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis adds the zone
spans = st.timedeltas(timedelta(0), timedelta(days=8))


@given(start=moments, span=spans, gpus=st.integers(1, 64))
def test_no_second_is_lost_or_charged_twice(start: datetime, span: timedelta, gpus: int) -> None:
    parts = hourly_gpu_seconds(start, start + span, gpus)
    hours = [hour for hour, _ in parts]

    assert sum(gpu_seconds for _, gpu_seconds in parts) == round(span.total_seconds()) * gpus
    assert all(0 < gpu_seconds <= 3601 * gpus for _, gpu_seconds in parts)
    assert hours == sorted(set(hours))
    assert all(hour_of(hour) == hour and start - HOUR < hour <= start + span for hour in hours)


def test_a_run_is_charged_to_the_hours_it_touched() -> None:
    assert hourly_gpu_seconds(at(3599.7), at(3600 * 2 + 1), 2) == (
        (at(3600), 2 * 3600),
        (at(7200), 2 * 1),
    )


def test_a_run_that_ends_before_it_starts_used_nothing() -> None:
    assert hourly_gpu_seconds(at(10), at(5), 8) == ()


def test_hours_are_those_of_utc() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    assert hour_of(at(1800).astimezone(kathmandu)) == NOON


def a_bucket(hours_ago: int, gpu_seconds: int, organisation: str = "alpha") -> UsageBucket:
    return UsageBucket(a_tenant(organisation), POOL, NOON - hours_ago * HOUR, gpu_seconds)


@given(ages=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 10**7)), max_size=30))
def test_condensed_usage_decays_to_the_same_means(ages: list[tuple[int, int]]) -> None:
    buckets = [a_bucket(age, amount, "ab"[age % 2]) for age, amount in ages]
    policy, later = a_policy(half_life_s=86_400), NOON + 5 * HOUR
    few = condensed(buckets, policy.half_life_s, at(60))

    assert len(few) <= 4
    assert condensed(few, policy.half_life_s, at(60)) == few
    means = mean_gpus(buckets, (), policy, [a_pool()], later)
    assert mean_gpus(few, (), policy, [a_pool()], later) == pytest.approx(means, abs=1e-4)


def test_the_running_hour_is_not_condensed_because_it_has_not_reached_its_middle() -> None:
    buckets = (a_bucket(0, 50), a_bucket(1, 70))
    assert condensed(buckets, 86_400, at(60)) == buckets


def test_an_ended_job_tells_what_its_run_used() -> None:
    run = a_job(state=JobState.COMPLETED, placement=a_placement(4), started_at=at(3000))
    ended = replace(run, ended_at=at(3700))

    assert [(bucket.hour, bucket.gpu_seconds) for bucket in charges_of(ended)] == [
        (at(0), 600 * 4),
        (at(3600), 100 * 4),
    ]
    assert charges_of(replace(ended, state=JobState.RUNNING)) == ()
    assert charges_of(replace(ended, started_at=None)) == ()
