"""`tendik policy propose` and what follows, as two admins see it."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest

from scheduler.v1.policy_service_pb2 import (
    ActivateProposalRequest,
    ApproveProposalRequest,
    ForecastPolicyRequest,
    PolicyProblem,
    ProposePolicyRequest,
    RollBackPolicyRequest,
)
from tests.cli.conftest import Tendik
from tests.cli.service import Service, fault, reason, violations


@pytest.fixture
def policy_file(tmp_path: Path) -> str:
    path = tmp_path / "policy.toml"
    path.write_text("title = 'more'\n", encoding="utf-8")
    return str(path)


def test_a_file_is_proposed_on_top_of_the_version_that_was_read(
    tendik: Tendik, service: Service, policy_file: str
) -> None:
    result = tendik("policy", "propose", policy_file, "--why", "startups wait too long")

    sent = service.last(ProposePolicyRequest)
    assert (sent.base_number, sent.why, sent.text) == (
        3,
        "startups wait too long",
        "title = 'more'\n",
    )
    assert result.stdout.splitlines() == [
        "- classes.startups.share: 1 becomes 2",
        "Proposed as 1; another admin approves it with: tendik policy approve 1",
    ]


def test_a_proposal_needs_a_reason(tendik: Tendik, policy_file: str) -> None:
    result = tendik("policy", "propose", policy_file)

    assert result.exit_code == 2
    assert "--why" in result.stderr


def test_a_wrong_file_is_not_proposed(tendik: Tendik, service: Service, policy_file: str) -> None:
    service.problems = [PolicyProblem(key="classes.a.shar", message="unknown key; known: share")]

    result = tendik("policy", "propose", policy_file, "--why", "x")

    assert result.exit_code == 3
    assert service.of(ProposePolicyRequest) == []


def test_proposals_are_listed_and_shown_with_all_that_happened(tendik: Tendik) -> None:
    table = tendik("policy", "proposals").stdout
    one = tendik("policy", "proposals", "1")

    assert "approved" in table
    assert "startups wait too long" in table
    assert one.stdout.endswith('title = "more for startups"\n')
    assert one.stderr.splitlines()[0].endswith("by ops: startups wait too long")


def test_the_signer_is_shown_what_he_signs_and_names_what_he_accepts(
    tendik: Tendik, service: Service
) -> None:
    service.warnings = [PolicyProblem(key="classes.x", message="is empty", kind="empty_class")]

    result = tendik("policy", "approve", "1", "--accept", "empty_class")

    sent = service.last(ApproveProposalRequest)
    assert (sent.number, sent.revision, list(sent.accept)) == (1, 2, ["empty_class"])
    assert "- classes.startups.share: 1 becomes 2" in result.stdout
    assert "warning: classes.x: is empty [empty_class]" in result.stderr


def test_an_approved_proposal_is_put_in_force(tendik: Tendik, service: Service) -> None:
    result = tendik("policy", "activate", "1")

    assert service.last(ActivateProposalRequest).revision == 2
    assert result.stdout == "Version 3 is in force from the next cycle on\n"


def test_a_canary_names_its_classes_and_what_is_borne(tendik: Tendik, service: Service) -> None:
    words = ("--canary", "startups, students", "--for", "90m", "--tolerate", "idle=20.5")
    result = tendik("policy", "activate", "1", *words, "--accept", "bars_jobs")

    sent = service.last(ActivateProposalRequest)
    assert list(sent.canary_classes) == ["startups", "students"]
    assert (sent.try_for.seconds, list(sent.accept)) == (5400, ["bars_jobs"])
    assert [(one.objective, one.most) for one in sent.tolerated] == [("idle", 20.5)]
    assert result.stdout == ("Version 3 is in force from the next cycle on, for startups alone\n")
    assert "it goes on until somebody activates it for all" in result.stderr
    assert "not tried before it is in force for all: usage.weight: 1 -> 0" in result.stderr


@pytest.mark.parametrize(
    "words", [("--shadow", "--canary", "x"), ("--tolerate", "idel=2"), ("--for", "long")]
)
def test_what_makes_no_stage_is_a_wrong_call(tendik: Tendik, words: tuple[str, ...]) -> None:
    assert tendik("policy", "activate", "1", *words).exit_code == 2


def test_a_trial_tells_what_each_stage_came_to(tendik: Tendik) -> None:
    told = tendik("policy", "trial", "1").stdout.splitlines()

    assert told[0].startswith("in shadow: 412 cycles, ")
    assert told[1:4] == [
        "- jobs that start sooner or only with it: 31; later or not at all: 12",
        "- running jobs that are recalled only with it: 4; only without it: 0",
        "- waiting jobs that pass a limit of it: 2",
    ]
    assert told[5].split() == ["caspian", "startups", "alem/h200", "8.0", "15.5", "16.0", "24.0"]
    assert told[6].startswith("a canary for startups: 412 cycles, ")
    assert told[10] == (
        "- idle: 3.1 percent of a pool that stand idle and would be used; up to 20 are borne"
    )


def test_a_version_is_rolled_back_with_a_reason(tendik: Tendik, service: Service) -> None:
    result = tendik("policy", "rollback", "--to", "1", "--why", "waits grew")

    sent = service.last(RollBackPolicyRequest)
    assert (sent.to_number, sent.expected_number, sent.why) == (1, 3, "waits grew")
    assert result.stdout.startswith("Version 3 is in force from the next cycle on")


def test_a_refusal_has_an_exit_code_of_its_kind(tendik: Tendik, service: Service) -> None:
    service.faults.append(
        fault(grpc.StatusCode.PERMISSION_DENIED, "ops proposed 1", reason("OWN_PROPOSAL"))
    )

    result = tendik("policy", "approve", "1")

    assert result.exit_code == 5
    assert "OWN_PROPOSAL" in result.stderr


def test_findings_are_told_with_how_they_are_accepted(tendik: Tendik, service: Service) -> None:
    refused = reason("FINDINGS_NOT_ACCEPTED", mend="approve it with --accept and their names")
    found = violations(("forecast", "8 GPUs [over_new_limit]"))
    service.faults.append(fault(grpc.StatusCode.FAILED_PRECONDITION, "odd", refused, found))

    result = tendik("policy", "approve", "1")

    assert result.exit_code == 3
    assert result.stderr.splitlines()[-2:] == [
        "forecast: 8 GPUs [over_new_limit]",
        "approve it with --accept and their names",
    ]


def test_a_diff_tells_jobs_and_gpus_that_change(tendik: Tendik, policy_file: str) -> None:
    told = tendik("policy", "diff", policy_file).stdout.splitlines()

    assert told[:3] == [
        "- classes.startups: share 1 -> 2",
        "start: 1042 (caspian), 16 GPUs",
        "are recalled: 900 (steppe), 901 (steppe), 902 (steppe), 903 "
        "(steppe), 904 (steppe), 905 (steppe), 906 (steppe), 907 (steppe) and 2 more, 80 GPUs",
    ]
    assert told[-1].split() == [
        "caspian", "startups", "alem/h200", "8", "24", "16.0", "24.0", "16.0", "21.3", "-",
    ]  # fmt: skip


def test_a_proposal_is_compared_by_its_number(tendik: Tendik, service: Service) -> None:
    tendik("policy", "diff", "1")

    assert service.last(ForecastPolicyRequest).text == 'title = "more for startups"\n'
