"""Times in sentences are the reader's language's; tables and programs keep one form."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from scheduler.cli import reader_times
from scheduler.cli.reader_times import told_ago, told_clock, told_time
from tests.cli.conftest import Tendik
from tests.cli.service import Service
from tests.cli.world import a_job, a_running_job

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def speak(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(reader_times, "language", lambda: language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2026-01-31 12:00:00 UTC"),
        ("kk", "2026 ж. 31 қаң., 12:00:00 UTC"),
        ("ru", "31 янв. 2026 г., 12:00:00 UTC"),
    ],
)
def test_a_time_in_a_sentence_is_dated_as_the_language_dates(
    monkeypatch: pytest.MonkeyPatch, language: str, text: str
) -> None:
    speak(monkeypatch, language)

    assert told_time(stamp(NOON)) == text
    assert told_time(Timestamp()) == ""


@pytest.mark.parametrize(
    ("language", "days", "text"),
    [
        ("en", 0, "12:00"),
        ("kk", 0, "12:00"),
        ("en", 1, "02-01 12:00"),
        ("kk", 1, "1 ақп. 12:00"),
        ("ru", 1, "1 февр. 12:00"),
        ("en", 365, "2027-01-31 12:00"),
        ("kk", 365, "2027 ж. 31 қаң. 12:00"),
        ("ru", 365, "31 янв. 2027 г. 12:00"),
    ],
)
def test_a_near_time_says_its_day_only_if_it_is_another(
    monkeypatch: pytest.MonkeyPatch, language: str, days: int, text: str
) -> None:
    speak(monkeypatch, language)

    assert told_clock(NOON + timedelta(days=days), NOON) == text


@pytest.mark.parametrize(
    ("seconds", "english", "kazakh", "russian"),
    [
        (0, "1s ago", "1 секунд бұрын", "1 секунду назад"),
        (45, "45s ago", "45 секунд бұрын", "45 секунд назад"),
        (722, "12m ago", "12 минут бұрын", "12 минут назад"),
        (6000, "1h40m ago", "100 минут бұрын", "100 минут назад"),
        (2 * 3600, "2h00m ago", "2 сағат бұрын", "2 часа назад"),
        (3 * 86400, "3d00h ago", "3 күн бұрын", "3 дня назад"),
        (21 * 86400, "21d00h ago", "3 апта бұрын", "3 недели назад"),
    ],
)
def test_how_long_ago_is_said_in_whole_words(
    monkeypatch: pytest.MonkeyPatch, seconds: int, english: str, kazakh: str, russian: str
) -> None:
    since = stamp(NOON - timedelta(seconds=seconds))
    for language, text in (("en", english), ("kk", kazakh), ("ru", russian)):
        speak(monkeypatch, language)

        assert told_ago(since, NOON) == text
    assert told_ago(Timestamp(), NOON) == ""


@given(seconds=st.integers(1, 400 * 86400))
def test_what_is_said_is_within_a_quarter_of_the_truth(seconds: int) -> None:
    units = {"секунд": 1, "минут": 60, "сағат": 3600, "күн": 86400, "апта": 604800}
    units |= {"ай": 2629800, "жыл": 31557600}
    with pytest.MonkeyPatch.context() as patched:
        speak(patched, "kk")
        number, unit, ago = told_ago(stamp(NOON - timedelta(seconds=seconds)), NOON).split()

    assert ago == "бұрын"
    assert abs(int(number) * units[unit] - seconds) <= seconds / 4 + 1


def test_show_and_why_say_it_so(tendik: Tendik, service: Service, environ: dict[str, str]) -> None:
    environ["TENDIK_LANGUAGE"] = "ru"
    service.jobs = [a_job(), a_running_job(1041, start_time=stamp(NOON))]

    assert "16 GPU (2 узла), 12 минут назад" in tendik("why", "1042").stdout
    assert "31 янв. 2026 г., 12:00:00 UTC" in tendik("show", "1041").stdout
    shown = json.loads(tendik("show", "1041", "-o", "json").stdout)
    assert shown["start_time"] == "2026-01-31T12:00:00Z"


def test_english_and_the_start_of_the_program_load_no_babel() -> None:
    program = """
import sys
import scheduler.cli.main, scheduler.cli.queue, scheduler.cli.why, scheduler.cli.jobs
from datetime import UTC, datetime, timedelta
from scheduler.cli.reader_times import told_clock
told_clock(datetime.now(UTC) + timedelta(days=2), datetime.now(UTC))
sys.exit("babel" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
