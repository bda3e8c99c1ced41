"""The program speaks the reader's language; what programs read stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2 as details  # type: ignore[import-untyped]  # no stubs

from scheduler.languages import language_of
from tests.cli.conftest import Shell, Tendik
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "kk_KZ.UTF-8"}, "kk"),
        ({"LANG": "kk_KZ.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "kk:ru"}, "kk"),
        ({"LC_ALL": "C", "LANGUAGE": "kk"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "TENDIK_LANGUAGE": "kk"}, "kk"),
        ({"LANG": "ru_RU.UTF-8", "TENDIK_LANGUAGE": "de"}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language


def test_an_error_of_ours_is_said_with_its_code_unchanged(
    tendik: Tendik, environ: dict[str, str]
) -> None:
    environ["TENDIK_LANGUAGE"] = "kk"

    result = tendik("show", "abc")

    assert result.exit_code == 2
    assert result.stderr == (
        "қате: 'abc' тапсырманы атамайды; 1042 немесе 1042_3 сияқты нөмір жазыңыз\n"
    )


def test_the_services_own_words_are_told_with_the_code_beside_them(
    tendik: Tendik, service: Service, environ: dict[str, str]
) -> None:
    environ["TENDIK_LANGUAGE"] = "ru"
    told = details.LocalizedMessage(locale="ru", message="задание занято")
    service.faults.append(fault(grpc.StatusCode.ABORTED, "busy", reason("STALE_VERSION"), told))

    result = tendik("queue")

    assert result.stderr.splitlines()[0] == "ошибка: задание занято (STALE_VERSION)"


def test_tables_are_headed_and_counted_in_the_language(
    tendik: Tendik, service: Service, environ: dict[str, str]
) -> None:
    environ["TENDIK_LANGUAGE"] = "ru"
    service.jobs = [a_job(), a_job(job_id=1043)]

    result = tendik("queue", "--limit", "1")

    assert result.stdout.split()[0] == "ЗАДАНИЕ"
    assert "показано только 1 новейшее задание" in result.stderr


def test_what_programs_read_is_the_same_in_every_language(
    tendik: Tendik, service: Service, environ: dict[str, str]
) -> None:
    service.jobs = [a_job()]
    english = json.loads(tendik("queue", "-o", "json").stdout)
    environ["TENDIK_LANGUAGE"] = "kk"

    assert json.loads(tendik("queue", "-o", "json").stdout) == english
    assert tendik("queue", "-o", "csv").stdout.startswith("job_id,")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--help",), "Опциялар:"),
        (("submit", "--help"), "sbatch сияқты пакеттік скриптті жіберу."),
        (("admin", "org", "--help"), "Ұйымды тіркеу."),
        (("queue", "--what"), "Қате: '--what' деген опция жоқ."),
        (("queue", "--state", "x"), "'x' мыналардың бірі емес"),
    ],
)
def test_help_and_clicks_own_sentences_are_in_the_language(
    shell: Shell, words: tuple[str, ...], says: str
) -> None:
    done = shell("--language", "kk", *words, PYTHONPATH=str(ROOT))

    assert says in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "12m ago"), ("kk", "12 минут бұрын"), ("ru", "12 минут назад")],
)
def test_how_long_ago_is_told_in_the_language(
    tendik: Tendik, service: Service, environ: dict[str, str], language: str, words: str
) -> None:
    service.jobs = [a_job(1042)]
    environ["TENDIK_LANGUAGE"] = language

    assert words in tendik("why", "1042").stdout
