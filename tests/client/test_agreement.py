"""The package agrees with the protos, with the table of exit codes, and with itself."""

from __future__ import annotations

import inspect
import pickle

from scheduler.cli.exit_codes import BY_REASON, BY_STATUS, ExitCode
from scheduler.client import AsyncTendik, Precedence, Problem, Tendik, Unavailable, WaitReason, jobs
from scheduler.client.convert import PRECEDENCES, REASONS, STATES
from scheduler.client.failures import ERRORS
from scheduler.domain.jobs import TERMINAL
from scheduler.v1 import job_service_pb2 as pb


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
