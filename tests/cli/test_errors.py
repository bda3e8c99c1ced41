"""Whatever goes wrong ends in words and the documented exit code, never in a traceback."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import grpc
import pytest

from scheduler.cli.exit_codes import BY_REASON, MEANINGS, ExitCode
from scheduler.errors import TendikError
from scheduler.v1.cluster_service_pb2 import GetClusterResponse
from tests.cli.conftest import Shell, Tendik, started
from tests.cli.service import Service, fault, reason, violations
from tests.cli.world import an_element

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_violations_are_written_with_the_scripts_line(
    tendik: Tendik, service: Service, script: str
) -> None:
    wrong = violations(
        ("script:2 --gpus", "line 2: --gpus: 'lots' is no number of GPUs; write --gpus=4"),
        ("--time", "--time: longer than 7 days; ask for less"),
    )
    service.faults.append(
        fault(grpc.StatusCode.INVALID_ARGUMENT, "wrong", reason("INVALID_REQUEST"), wrong)
    )

    result = tendik("submit", script)

    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        f"error: the service refused {script} (INVALID_REQUEST)",
        f"{script}:2: --gpus: 'lots' is no number of GPUs; write --gpus=4",
        "--time: longer than 7 days; ask for less",
    ]


STATUSES = {
    "a quota": (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED", 6),
    "a role": (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED", 5),
    "a taken name": (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS", 8),
    "a store that is away": (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE", 7),
    "a mistake of the service": (grpc.StatusCode.INTERNAL, "INTERNAL", 9),
    "a reason from the future": (grpc.StatusCode.ABORTED, "NEVER_HEARD_OF", 8),
    "no reason": (grpc.StatusCode.UNKNOWN, "", 9),
}


@pytest.mark.parametrize(("code", "name", "exit_code"), STATUSES.values(), ids=STATUSES.keys())
def test_a_refusal_becomes_its_words_and_exit_code(
    tendik: Tendik, service: Service, code: grpc.StatusCode, name: str, exit_code: int
) -> None:
    service.faults.append(fault(code, "what happened", *([reason(name)] if name else [])))

    result = tendik("whoami")

    assert result.exit_code == exit_code
    assert "what happened" in result.stderr
    assert not name or f"({name})" in result.stderr


def test_every_reason_of_the_service_has_an_exit_code() -> None:
    kinds, reasons = [TendikError], set()
    while kinds:
        kind = kinds.pop()
        reasons.add(kind.reason)
        kinds += kind.__subclasses__()

    assert reasons == set(BY_REASON)


def test_the_docs_list_the_same_exit_codes() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", DOCS.read_text(), re.MULTILINE)

    assert {int(code): text for code, text in rows} == {
        code.value: meaning for code, meaning in MEANINGS.items()
    }
    assert set(MEANINGS) == set(ExitCode)


def test_a_dead_service_is_named_with_what_to_try(shell: Shell) -> None:
    result = shell("queue", TENDIK_SERVER="127.0.0.1:1")

    assert result.returncode == 7
    assert result.stderr.splitlines()[0] == "error: no answer from 127.0.0.1:1: Connection refused"
    assert "tendik context show" in result.stderr


def test_a_mistyped_command_gets_a_suggestion(tendik: Tendik) -> None:
    for words, meant in ((["cancle"], "cancel"), (["admin", "backp"], "backup")):
        result = tendik(*words)

        assert result.exit_code == 2
        assert f"Did you mean '{meant}'?" in result.stderr


def test_a_mistake_of_this_program_is_owned_up_to(
    tendik: Tendik, service: Service, environ: dict[str, str]
) -> None:
    # No service answers with a time that no calendar has.
    service.cluster = GetClusterResponse()
    service.cluster.last_cycle.time.seconds = 10**12

    result = tendik("admin", "cluster")
    assert result.exit_code == 9
    assert "a mistake in this program" in result.stderr

    environ["TENDIK_DEBUG"] = "1"
    assert isinstance(tendik("admin", "cluster").exception, ValueError)


def test_an_interrupt_ends_quietly(service: Service, environ: dict[str, str]) -> None:
    service.holds_streams = True
    process = started("watch", environ=environ)
    while not service.requests:
        time.sleep(0.01)

    process.send_signal(signal.SIGINT)

    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_a_reader_that_goes_away_ends_it_quietly(service: Service, environ: dict[str, str]) -> None:
    service.jobs = [an_element(index) for index in range(5000, 0, -1)]
    with started("queue", "--limit", "5000", "-o", "json", environ=environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == ExitCode.BROKEN_PIPE
