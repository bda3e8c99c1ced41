"""Logs: a job's bytes as they are, going on where a stream broke, and what an absence means."""

from __future__ import annotations

import grpc
import pytest

from scheduler.cli import logs
from scheduler.v1 import job_service_pb2 as pb
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason
from tests.cli.world import a_job, a_running_job, an_ended_job

PATH = "/home/aliya/slurm-1041.out"
AWAY = fault(grpc.StatusCode.UNAVAILABLE, "stopping", reason("DRAINING"))


def data(offset: int, text: bytes) -> pb.ReadJobOutputResponse:
    return pb.ReadJobOutputResponse(
        status=pb.OUTPUT_STATUS_DATA, path=PATH, offset=offset, data=text
    )


def said(status: pb.OutputStatus, offset: int = 0) -> pb.ReadJobOutputResponse:
    return pb.ReadJobOutputResponse(status=status, path=PATH, offset=offset)


def asked(service: Service) -> list[tuple[int, int]]:
    """Return where each stream was to begin: at which byte, or line from the end."""
    return [(one.offset, one.tail_lines) for one in service.of(pb.ReadJobOutputRequest)]


@pytest.fixture(autouse=True)
def _running(service: Service) -> None:
    service.jobs = [a_running_job(1041)]


def test_piped_bytes_come_as_they_are(tendik: Tendik, service: Service) -> None:
    raw = b"50%\r100%\r\n\x1b[31mred\xff\n"
    service.outputs.append(([data(0, raw), said(pb.OUTPUT_STATUS_READ, len(raw))], None))

    assert tendik("logs", "1041").stdout_bytes == raw


def test_on_a_terminal_nothing_that_could_harm_it_comes(
    tendik: Tendik, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "on_terminal", lambda: True)
    raw = "50%\r100%\r\n\x1b[31mжоғары\n".encode()
    pieces = [data(at, raw[at : at + 1]) for at in range(len(raw))]
    service.outputs.append((pieces, None))

    assert tendik("logs", "1041").stdout == "50%\n100%\n�[31mжоғары\n"


def test_a_stream_that_breaks_goes_on_at_the_byte_where_it_broke(
    tendik: Tendik, service: Service, pauses: list[float]
) -> None:
    service.outputs.append(([data(7, b"one\n"), data(11, b"two\n")], AWAY))
    service.outputs.append(([], AWAY))
    service.outputs.append(([data(15, b"three\n"), said(pb.OUTPUT_STATUS_READ, 21)], None))

    result = tendik("logs", "-f", "--tail", "3", "1041")

    assert result.stdout_bytes == b"one\ntwo\nthree\n"
    assert asked(service) == [(0, 3), (15, 0), (15, 0)]
    assert len(pauses) == 2


def test_an_output_that_is_more_than_one_call_tells_is_asked_for_again(
    tendik: Tendik, service: Service, pauses: list[float]
) -> None:
    service.outputs.append(([data(0, b"one\n"), said(pb.OUTPUT_STATUS_CUT, 4)], None))
    service.outputs.append(([data(4, b"two\n"), said(pb.OUTPUT_STATUS_READ, 8)], None))

    assert tendik("logs", "1041").stdout_bytes == b"one\ntwo\n"
    assert asked(service) == [(0, 0), (4, 0)]
    assert pauses == []


def test_a_file_that_became_shorter_is_told_and_read_anew(tendik: Tendik, service: Service) -> None:
    messages = [data(0, b"old run\n"), said(pb.OUTPUT_STATUS_SHORTER)]
    service.outputs.append((messages, AWAY))
    service.outputs.append(([data(0, b"new\n"), said(pb.OUTPUT_STATUS_READ, 4)], None))

    result = tendik("logs", "-f", "1041")

    assert result.stdout_bytes == b"old run\nnew\n"
    assert f"{PATH} became shorter" in result.stderr
    assert asked(service) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("options", [(), ("-f",)], ids=["once", "followed"])
def test_a_byte_behind_the_end_is_told_as_that(
    tendik: Tendik, service: Service, options: tuple[str, ...]
) -> None:
    shorter = said(pb.OUTPUT_STATUS_SHORTER)
    shorter.size_bytes = 4
    messages = [shorter, data(0, b"all\n"), said(pb.OUTPUT_STATUS_READ, 4)]
    service.outputs.append((messages, None))

    result = tendik("logs", "1041", "--offset", "99", *options)

    assert result.stdout_bytes == b"all\n"
    assert f"{PATH} has 4 bytes, and none at 99: it is read from its beginning" in result.stderr
    assert "shorter" not in result.stderr


def test_a_file_that_became_shorter_is_told_without_following_too(
    tendik: Tendik, service: Service
) -> None:
    messages = [data(90, b"old\n"), said(pb.OUTPUT_STATUS_SHORTER), data(0, b"new\n")]
    service.outputs.append((messages, None))

    assert "became shorter" in tendik("logs", "1041", "--offset", "90").stderr


def test_a_job_that_has_not_started_says_where_it_will_write(
    tendik: Tendik, service: Service
) -> None:
    service.jobs = [a_job(1042)]
    service.outputs.append(([said(pb.OUTPUT_STATUS_NOT_STARTED)], None))

    result = tendik("logs", "1042")

    assert result.exit_code == 4
    assert f"job 1042 has not started; it will write to {PATH}" in result.stderr
    assert "tendik why 1042" in result.stderr


def test_following_it_waits_and_says_so(tendik: Tendik, service: Service) -> None:
    service.jobs = [a_job(1042)]
    began = [said(pb.OUTPUT_STATUS_NOT_STARTED), data(0, b"hello\n")]
    service.outputs.append(([*began, said(pb.OUTPUT_STATUS_READ, 6)], None))

    result = tendik("logs", "-f", "1042")

    assert (result.exit_code, result.stdout_bytes) == (0, b"hello\n")
    assert "Waiting for it" in result.stderr


def test_a_missing_file_is_named_with_what_that_means(tendik: Tendik, service: Service) -> None:
    service.jobs = [an_ended_job(1040)]
    service.outputs.append(([said(pb.OUTPUT_STATUS_NO_FILE)], None))

    result = tendik("logs", "1040")

    assert result.exit_code == 4
    assert f"job 1040 has no file {PATH}" in result.stderr


def test_a_tail_and_an_offset_are_two_beginnings(tendik: Tendik) -> None:
    assert tendik("logs", "1041", "--tail", "3", "--offset", "9").exit_code == 2
