"""The package agrees with the protos, with the table of exit codes, and with itself."""

from __future__ import annotations

import inspect
import pickle
import re
from pathlib import Path

from scheduler.cli.exit_codes import BY_REASON, BY_STATUS, ExitCode
from scheduler.client import (
    AsyncTendik,
    Precedence,
    Problem,
    Tendik,
    TendikError,
    Unavailable,
    WaitReason,
    jobs,
)
from scheduler.client.convert import PRECEDENCES, REASONS, STATES
from scheduler.client.failures import ERRORS
from scheduler.domain.jobs import TERMINAL
from scheduler.v1 import job_service_pb2 as pb

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_word_of_the_protos_is_known_and_no_other() -> None:
    for known, words, wire in (
        (STATES, jobs.JobState, pb.JobState),
        (REASONS, WaitReason, pb.WaitReason),
        (PRECEDENCES, Precedence, pb.Precedence),
    ):
        assert set(known) == set(wire.values()) - {0}
        assert {*known.values(), "unknown"} == set(words)


def test_a_job_has_ended_where_the_service_says_so() -> None:
    assert {state.value for state in jobs.ENDED} == {state.value for state in TERMINAL}


def test_whatever_the_service_answers_has_its_error() -> None:
    assert {*BY_REASON.values(), *BY_STATUS.values(), ExitCode.USAGE} == set(ERRORS)


def test_the_page_lists_every_error_and_which_are_safe_to_retry() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)

    assert {name: "safe to retry" in text for name, text in rows} == {
        kind.__name__: kind.safe_to_retry for kind in TendikError.__subclasses__()
    }


def test_errors_travel_between_processes() -> None:
    error = Unavailable("away", "DRAINING", (Problem("--gpus", "wrong", 2),), "id")

    again = pickle.loads(pickle.dumps(error))

    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_both_clients_have_the_same_methods() -> None:
    assert methods(AsyncTendik) == methods(Tendik)


def methods(client: type) -> dict[str, tuple[object, str]]:
    """Return what can be called, with which parameters, and what is said of it."""
    return {
        name: (inspect.signature(method).parameters, inspect.getdoc(method) or "")
        for name, method in inspect.getmembers(client, inspect.isfunction)
        if not name.startswith("_")
    }
