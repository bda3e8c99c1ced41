"""`tendik admin register`, `history` and `off-board`: one file, who changed it, and who leaves."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import pytest

from scheduler.v1.tenant_service_pb2 import (
    TENANT_KIND_PROJECT,
    ApplyRegisterRequest,
    CreateUserRequest,
    OffBoardRequest,
    PlanRegisterRequest,
)
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason
from tests.cli.world import REGISTER_TEXT


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "tenants.toml"
    path.write_text(REGISTER_TEXT)
    return str(path)


def test_the_register_is_written_as_it_is_read(tendik: Tendik) -> None:
    result = tendik("admin", "register", "show")

    assert result.stdout == REGISTER_TEXT
    assert result.stderr == "revision 7\n"


def test_a_diff_tells_each_step_and_what_becomes_of_jobs(tendik: Tendik, file: str) -> None:
    result = tendik("admin", "register", "diff", file)

    assert result.stderr == "against revision 7\n"
    assert result.stdout.splitlines() == [
        "- create user dana of astana-university: project: speech",
        "- off-board user aliya of astana-university (waiting jobs that are cancelled: 3; "
        "running jobs that go on: 2)",
    ]


def test_what_changes_nothing_says_so(tendik: Tendik, service: Service, file: str) -> None:
    service.steps = []

    assert "changes nothing" in tendik("admin", "register", "diff", file).stdout


def test_a_file_is_applied_to_the_revision_that_its_diff_was_made_against(
    tendik: Tendik, service: Service, file: str
) -> None:
    tendik("admin", "register", "apply", file, "--off-board")
    request = service.last(ApplyRegisterRequest)
    assert (request.expected_revision, request.off_board, request.text) == (7, True, REGISTER_TEXT)
    assert service.last(PlanRegisterRequest).off_board

    tendik("admin", "register", "apply", file, "--expected", "5")
    assert service.last(ApplyRegisterRequest).expected_revision == 5


def test_new_tokens_are_all_of_the_output(tendik: Tendik, file: str) -> None:
    result = tendik("admin", "register", "apply", file)

    assert result.stdout == "dana tdk_new\n"
    assert "off-board user aliya" in result.stderr
    assert "only this once" in result.stderr


def test_new_tokens_go_into_a_private_file(tendik: Tendik, file: str, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    result = tendik("admin", "register", "apply", file, "--tokens", str(tokens))

    assert "tdk_new" not in result.output
    assert tokens.read_text() == "dana tdk_new\n"
    assert tokens.stat().st_mode & 0o777 == 0o600

    again = tendik("admin", "register", "apply", file, "--tokens", str(tokens))
    assert again.exit_code == 2
    assert "File exists" in again.stderr


def test_no_file_of_tokens_is_left_where_nothing_was_applied(
    tendik: Tendik, service: Service, file: str, tmp_path: Path
) -> None:
    refusal = fault(grpc.StatusCode.ABORTED, "the register changed", reason("STALE_VERSION"))
    service.faults.extend([None, refusal])
    tokens = tmp_path / "tokens"
    result = tendik("admin", "register", "apply", file, "--tokens", str(tokens))

    assert result.exit_code == 8
    assert not tokens.exists()


def test_tokens_for_programs_are_left_out_where_a_file_keeps_them(
    tendik: Tendik, file: str, tmp_path: Path
) -> None:
    words = ("admin", "register", "apply", file, "-o", "json")

    assert json.loads(tendik(*words).stdout)["tokens"] == [{"user": "dana", "token": "tdk_new"}]
    kept = tendik(*words, "--tokens", str(tmp_path / "tokens")).stdout
    assert "tokens" not in json.loads(kept)


def test_a_dry_run_says_that_it_is_one(tendik: Tendik, service: Service) -> None:
    result = tendik("admin", "project", "off-board", "speech", "--org", "x", "--dry-run")

    request = service.last(OffBoardRequest)
    assert (request.kind, request.organisation_id, request.name) == (
        TENANT_KIND_PROJECT,
        "x",
        "speech",
    )
    assert request.validate_only
    assert result.stderr == "a dry run: nothing is done\n"


def test_history_is_a_table_of_who_did_what(tendik: Tendik) -> None:
    lines = tendik("admin", "history", "aliya").stdout.splitlines()

    assert lines[0].split() == ["CHANGE", "WHEN", "BY", "WHAT", "OF", "DIFFERENCES"]
    assert "root  changed  user aliya of astana-university" in lines[1]
    assert lines[1].endswith("role: researcher -> cluster-admin")


def test_a_last_day_is_passed_on(tendik: Tendik, service: Service) -> None:
    tendik("admin", "user", "create", "dana", "--project", "x", "--expires", "2027-06-30")

    assert service.last(CreateUserRequest).user.access.expires == "2027-06-30"
