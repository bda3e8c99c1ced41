"""Sentences come in the reader's language, whoever of the service and the client says them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from scheduler.client import TendikError, Unavailable, WrongUse, connect, connect_async
from scheduler.client.login import Login
from tests.cli.service import Service
from tests.cli.world import a_job

# What is given, what the environment says, and what is sent.
WISHES: list[tuple[Login, str, str]] = [
    ({}, "", ""),
    ({}, "kk", "kk"),
    ({"language": "ru"}, "kk", "ru"),
    ({"language": "en"}, "kk", ""),
    ({"language": "de"}, "kk", ""),
]


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("wish", WISHES)
def test_the_service_is_asked_in_the_language_that_is_given_or_set(
    environ: None,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    wish: tuple[Login, str, str],
) -> None:
    login, variable, sent = wish
    monkeypatch.setenv("TENDIK_LANGUAGE", variable)
    service.jobs = [a_job()]

    async def asked() -> None:
        async with connect_async(**login) as tendik:
            await tendik.job(1042)
            assert [job.id async for job in tendik.jobs()] == [1042]

    with connect(**login) as tendik:
        tendik.job(1042)
        assert [job.id for job in tendik.jobs()] == [1042]
    asyncio.run(asked())

    assert set(service.languages) == {sent}


def test_what_the_client_itself_says_is_said_in_it_too(environ: None, service: Service) -> None:
    service.submitted = [a_job(), a_job(1043)]

    with connect(language="ru") as tendik, pytest.raises(WrongUse) as wrong:
        tendik.submit("#!/bin/sh\n#SBATCH --array=1-2\n")

    assert wrong.value.message == "это массив, его отправляет submit_array"
    assert (str(wrong.value), wrong.value.reason) == (f"{wrong.value.message} (USAGE)", "USAGE")


def test_a_service_that_is_away_is_told_of_in_it(nowhere: Path) -> None:
    with pytest.raises(WrongUse) as unset:
        connect(language="ru")
    away_from = connect(server="localhost:1", token="t", language="ru")
    with away_from as tendik, pytest.raises(Unavailable) as away:
        tendik.why(1042)

    assert unset.value.message.startswith("служба не указана")
    assert away.value.message.startswith("нет ответа от localhost:1")


def test_a_coroutine_is_told_alike(nowhere: Path) -> None:
    async def refused() -> TendikError:
        async with connect_async(server="localhost:1", token="t", language="kk") as tendik:
            with pytest.raises(Unavailable) as away:
                await tendik.why(1042)
        return away.value

    assert "localhost:1" in asyncio.run(refused()).message
    assert "no answer" not in asyncio.run(refused()).message
