"""The split of a run's GPU-seconds over the hours it touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.usage import HOUR, hour_of, hourly_gpu_seconds
from tests.build import NOON, at

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
