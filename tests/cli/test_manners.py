"""Manners: where words go, whose clock they show, what was meant, and what is safe to repeat."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.v1.job_service_pb2 import SubmitJobRequest
from tests.cli.conftest import Shell, Tendik, started
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job, a_running_job

AWAY = fault(grpc.StatusCode.UNAVAILABLE, "the store is away", reason("STORE_UNAVAILABLE"))
# 09:30 in UTC.
MORNING = Timestamp(seconds=1_769_851_800)

MEANT = {
    "a command": (["histroy"], "history"),
    "a command of a group": (["context", "lst"], "list"),
    "a command of administrators": (["admin", "user", "crate"], "create"),
    "an option": (["queue", "--stat", "any"], "--state"),
    "a state": (["queue", "--state", "runing"], "running"),
    "how it ended": (["history", "--state", "timeout"], "timed_out"),
    "a form": (["queue", "-o", "jsn"], "json"),
    "a role": (["admin", "user", "create", "x", "--project", "y", "--role", "admin"], None),
    "a schema": (["schema", "jobs"], "job"),
}


@pytest.mark.parametrize(("words", "meant"), MEANT.values(), ids=MEANT.keys())
def test_a_mistyped_word_gets_a_suggestion(
    tendik: Tendik, words: list[str], meant: str | None
) -> None:
    result = tendik(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert meant is None or f"Did you mean '{meant}'?" in result.stderr


def test_a_pool_that_is_none_gets_a_suggestion_and_the_list(tendik: Tendik) -> None:
    result = tendik("share", "--pool", "alem/h20")

    assert (result.exit_code, result.stdout) == (4, "")
    assert "no pool 'alem/h20'; known: alem/h200. Did you mean 'alem/h200'?" in result.stderr


READS = ["queue", "history", "show 1042", "why 1042", "share", "gpus", "whoami", "admin cluster"]


@pytest.mark.parametrize("command", READS)
def test_a_question_without_an_answer_is_safe_to_ask_again(
    tendik: Tendik, service: Service, command: str
) -> None:
    service.faults.extend([AWAY] * 20)

    result = tendik(*command.split())

    assert (result.exit_code, result.stdout) == (7, "")
    assert result.stderr.splitlines() == [
        "error: the store is away (STORE_UNAVAILABLE)",
        "Nothing was changed: it is safe to try again.",
    ]


CHANGES = {
    "admin org create x --class agencies": "look with `tendik admin org list`",
    "admin project create x --org o": "look with `tendik admin project list`",
    "admin user create x --project p --org o": "look with `tendik admin user list`",
    "admin user rotate-token x": "it is safe to rotate it again",
}


@pytest.mark.parametrize(("command", "advice"), CHANGES.items(), ids=CHANGES.keys())
def test_a_change_without_an_answer_says_how_to_find_out(
    tendik: Tendik, service: Service, command: str, advice: str
) -> None:
    service.faults.append(AWAY)

    result = tendik(*command.split())

    assert result.exit_code == 7
    assert "It is not known whether" in result.stderr
    assert advice in result.stderr


def test_a_policy_without_an_answer_says_how_to_find_out(
    tendik: Tendik, service: Service, script: str
) -> None:
    service.faults.extend([None, None, AWAY])

    assert "look with `tendik policy history`" in tendik("policy", "apply", script).stderr


def test_a_cancel_without_an_answer_is_safe_to_repeat(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job()]
    service.faults.extend([None, None, *[AWAY] * 20])

    assert "it is safe to cancel it again." in tendik("cancel", "1042").stderr


def test_a_refusal_says_nothing_of_trying_again(tendik: Tendik, service: Service) -> None:
    service.faults.append(fault(grpc.StatusCode.NOT_FOUND, "no such", reason("NOT_FOUND")))

    assert "again" not in tendik("show", "7").stderr


def test_people_see_their_own_clock_and_programs_utc(shell: Shell, service: Service) -> None:
    service.jobs = [a_job(submit_time=MORNING)]

    shown = shell("show", "1042", TZ="XYZ-5").stdout
    wide = shell("queue", "-o", "wide", TZ="XYZ-5").stdout
    found = json.loads(shell("show", "1042", "-o", "json", TZ="XYZ-5").stdout)

    assert "2026-01-31 14:30:00 XYZ" in shown
    assert "2026-01-31 14:30:00 XYZ" in wide
    assert found["submit_time"] == "2026-01-31T09:30:00Z"


def test_nothing_moves_where_nobody_watches(shell: Shell, service: Service) -> None:
    service.changes = [a_job(), a_running_job(1042)]

    result = shell("watch")

    assert "\x1b" not in result.stdout + result.stderr
    assert len(result.stdout.splitlines()) == 2


def test_ctrl_c_in_a_submit_tells_how_to_repeat_it(
    service: Service, environ: dict[str, str], script: str
) -> None:
    service.delay_s = 20.0
    process = started("submit", script, environ=environ)
    while not service.requests:
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)

    output, errors = process.communicate(timeout=30)
    request_id = service.last(SubmitJobRequest).request_id
    assert (process.returncode, output) == (130, b"")
    assert f"--request-id {request_id} never submits it twice" in errors.decode()


def test_ctrl_c_in_a_login_stores_nothing(
    service: Service, environ: dict[str, str], address: str
) -> None:
    service.delay_s = 20.0
    process = started("login", "--server", address, "--token", "tdk_x", environ=environ)
    while not service.requests:
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)

    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(Path(environ["HOME"]).rglob("config.toml*")) == []


def test_a_file_that_cannot_be_replaced_leaves_no_rest(
    tendik: Tendik, environ: dict[str, str], address: str
) -> None:
    folder = Path(environ["HOME"], ".config", "tendik", "config.toml")
    folder.mkdir(parents=True)

    result = tendik("login", "--server", address, "--token", "tdk_of-aliya")

    assert result.exit_code == 2
    assert list(folder.parent.iterdir()) == [folder]
