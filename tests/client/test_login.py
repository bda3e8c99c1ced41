"""Connecting from Python: the command line's logins, refusals and words."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import grpc
import pytest
from click.testing import CliRunner

from scheduler.cli.contexts import Flags
from scheduler.cli.main import tendik as program
from scheduler.cli.session import Session
from scheduler.client import NotFound, NotPermitted, Unavailable, WrongUse, connect, connect_async
from scheduler.client.login import Login
from tests.cli.service import Service
from tests.cli.world import TOKEN, a_job


def test_the_stored_login_is_used(nowhere: Path, address: str, service: Service) -> None:
    service.jobs = [a_job()]
    words = ["login", "--server", address, "--token", TOKEN]
    logged_in = CliRunner().invoke(program, words, obj=Session(os.environ))
    assert logged_in.exit_code == 0

    with connect() as tendik:
        assert tendik.job(1042).user == "aliya"


def test_what_is_given_goes_before_the_environment(environ: None, service: Service) -> None:
    with connect(token="tdk_wrong") as tendik, pytest.raises(NotPermitted) as refused:
        tendik.pools()

    assert refused.value.reason == "NOT_AUTHENTICATED"


def test_coroutines_connect_alike(environ: None, service: Service) -> None:
    service.jobs = [a_job()]

    async def asked() -> list[int]:
        async with connect_async() as tendik:
            return [(await tendik.job(1042)).id] + [job.id async for job in tendik.jobs()]

    assert asyncio.run(asked()) == [1042, 1042]


def test_everything_that_flags_say_can_be_said() -> None:
    said_of_the_connection = set(Login.__annotations__) - {"language"}

    assert said_of_the_connection == set(Flags.__dataclass_fields__)


def test_without_a_login_it_is_said_what_to_do(nowhere: Path) -> None:
    with pytest.raises(WrongUse, match="tendik login") as wrong:
        connect()

    assert wrong.value.reason == "USAGE"


def test_a_token_does_not_travel_in_clear_text(nowhere: Path) -> None:
    with pytest.raises(WrongUse, match="clear text"):
        connect(server="tendik.example:7443", token="tdk_x")


def test_a_login_that_is_not_stored_is_not_found(nowhere: Path) -> None:
    with pytest.raises(NotFound, match="'work'"):
        connect(context="work")


def test_certificates_that_cannot_be_read_are_named(nowhere: Path) -> None:
    for opened in (connect, connect_async):
        with pytest.raises(WrongUse, match=r"cannot read nowhere\.pem"):
            opened(server="tendik.example", token="tdk_x", tls_ca="nowhere.pem")


def test_nobody_there_is_told_as_unavailable(nowhere: Path) -> None:
    with (
        connect(server="127.0.0.1:1", token="tdk_x") as tendik,
        pytest.raises(Unavailable, match=r"no answer from 127\.0\.0\.1:1") as away,
    ):
        tendik.pools()

    assert away.value.reason == grpc.StatusCode.UNAVAILABLE.name
