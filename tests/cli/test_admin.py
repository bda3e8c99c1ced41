"""Administration: tenants, policies and the cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.v1.cluster_service_pb2 import GetClusterResponse
from scheduler.v1.policy_service_pb2 import ApplyPolicyRequest, PolicyProblem
from scheduler.v1.tenant_service_pb2 import (
    ROLE_ORGANISATION_ADMIN,
    CreateOrganisationRequest,
    CreateProjectRequest,
    CreateUserRequest,
)
from tests.cli.conftest import Tendik
from tests.cli.service import Service


@pytest.fixture
def policy_file(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text('title = "next"\n')
    return str(path)


def test_an_organisation_is_created_in_a_class(tendik: Tendik, service: Service) -> None:
    result = tendik("admin", "org", "create", "health-agency", "--class", "agencies")

    made = service.last(CreateOrganisationRequest).organisation
    assert result.stdout == "Created organisation health-agency\n"
    assert (made.organisation_id, made.tenant_class) == ("health-agency", "agencies")
    assert "astana-university" in tendik("admin", "org", "list").stdout


def test_a_project_belongs_to_the_callers_organisation_unless_named(
    tendik: Tendik, service: Service
) -> None:
    tendik("admin", "project", "create", "vision")
    assert service.last(CreateProjectRequest).project.organisation_id == "astana-university"

    tendik("admin", "project", "create", "vision", "--org", "health-agency")
    assert service.last(CreateProjectRequest).project.organisation_id == "health-agency"


def test_a_new_users_token_is_all_of_the_output(tendik: Tendik, service: Service) -> None:
    words = ["admin", "user", "create", "dana", "--project", "vision"]

    result = tendik(*words, "--role", "organisation-admin")

    made = service.last(CreateUserRequest).user
    assert result.stdout == "tdk_new\n"
    assert "Created user dana of astana-university" in result.stderr
    assert (made.unix_account, made.role) == ("dana", ROLE_ORGANISATION_ADMIN)
    assert json.loads(tendik(*words, "-o", "json").stdout)["token"] == "tdk_new"


def test_a_rotated_token_is_all_of_the_output(tendik: Tendik) -> None:
    assert tendik("admin", "user", "rotate-token", "dana").stdout == "tdk_rotated\n"


def test_lists_are_tables_or_json(tendik: Tendik, service: Service) -> None:
    service.projects = []
    table = tendik("admin", "user", "list").stdout.splitlines()

    assert table[0].split() == ["USER", "ORGANISATION", "PROJECT", "UNIX", "ACCOUNT", "ROLE"]
    assert json.loads(tendik("admin", "user", "list", "-o", "json").stdout)[0]["user"] == "aliya"
    assert tendik("admin", "project", "list").stderr == "none yet\n"


def test_the_policy_in_force_is_written_verbatim(tendik: Tendik) -> None:
    result = tendik("policy", "show")

    assert result.stdout == 'title = "national default"\n'
    assert "version 3, applied" in result.stderr


def test_a_wrong_policy_is_refused_with_its_keys(
    tendik: Tendik, service: Service, policy_file: str
) -> None:
    service.problems = [PolicyProblem(key="classes.a.shar", message="unknown key; known: share")]

    for command in ("lint", "apply"):
        result = tendik("policy", command, policy_file)

        assert result.exit_code == 3
        assert "classes.a.shar: unknown key; known: share" in result.stderr
    assert service.of(ApplyPolicyRequest) == []


def test_a_right_policy_tells_what_it_would_change(tendik: Tendik, policy_file: str) -> None:
    result = tendik("policy", "lint", policy_file)

    assert (result.exit_code, result.stdout) == (0, "- classes.startups.share: 1 becomes 2\n")


def test_where_a_policy_does_not_fit_the_cluster_is_told_and_does_not_refuse_it(
    tendik: Tendik, service: Service, policy_file: str
) -> None:
    service.warnings = [
        PolicyProblem(key="rates.h2000", message="no pool has such GPUs", kind="unknown_gpu_type")
    ]

    for command in ("lint", "apply"):
        shown = tendik("policy", command, policy_file)
        as_json = tendik("policy", command, policy_file, "-o", "json")

        assert shown.exit_code == 0
        assert shown.stderr.endswith(
            "warning: rates.h2000: no pool has such GPUs [unknown_gpu_type]\n"
        )
        assert json.loads(as_json.stdout)["warnings"] == [
            {
                "key": "rates.h2000",
                "message": "no pool has such GPUs",
                "kind": "unknown_gpu_type",
            }
        ]


def test_a_policy_is_applied_on_top_of_the_version_that_was_read(
    tendik: Tendik, service: Service, policy_file: str
) -> None:
    result = tendik("policy", "apply", policy_file)
    assert service.last(ApplyPolicyRequest).expected_number == 3
    assert result.stdout.endswith("Applied as version 4\n")

    tendik("policy", "apply", policy_file, "--expected", "2")
    assert service.last(ApplyPolicyRequest).expected_number == 2

    service.policies = []
    tendik("policy", "apply", policy_file)
    assert service.last(ApplyPolicyRequest).expected_number == 0


def test_versions_are_listed(tendik: Tendik) -> None:
    assert "national default" in tendik("policy", "history").stdout
    assert json.loads(tendik("policy", "history", "-o", "json").stdout)[0]["version"] == 3


def test_the_cluster_shows_pools_cycle_solver_and_backend(tendik: Tendik) -> None:
    shown = tendik("admin", "cluster").stdout

    assert "alem/h200        64    54        4     6      88" in shown
    assert "simulated, answers" in shown
    assert "cp-sat, optimal, 0.042 s" in shown
    assert json.loads(tendik("admin", "cluster", "-o", "json").stdout)["last_cycle"]["number"] == 77


def test_a_cluster_without_a_cycle_says_so(tendik: Tendik, service: Service) -> None:
    service.cluster = GetClusterResponse(backend="slurm")

    shown = tendik("admin", "cluster").stdout

    assert "slurm, does not answer" in shown
    assert "none yet" in shown
