"""No job twice, and only a clear no is a no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.backend.known_markers import LOOKED_BACK, KnownMarkers
from scheduler.backend.slurm_state import SlurmJob
from scheduler.backend.submitting import accepted, sbatch_refused, submit_each, unknown
from scheduler.clock import EPOCH, ManualClock
from scheduler.domain.cluster import Launch, Submission, SubmissionOutcome
from tests.backend.launches import INSTALLATION, a_launch

FAILED = "sbatch: error: Batch job submission failed: "
REFUSALS = {
    f"sbatch: error: invalid partition: x\n{FAILED}Invalid partition name specified": True,
    f"{FAILED}Requested node configuration is not available": True,
    f"{FAILED}Invalid account or account/partition combination specified": True,
    "sbatch: unrecognized option '--foo'\nTry \"sbatch --help\" for more information": True,
    "sbatch: error: This does not look like a batch script.  The first": True,
    "sbatch: error: Invalid --time specification": True,
    'sbatch: error: unrecognized --mem-bind argument "foo"': True,
    "sbatch: error: Bad rlimit name: foo": True,
    "sbatch: error: invalid --profile=foo option": True,
    'sbatch: error: Invalid numeric value "foo" for --wait-all-nodes.': True,
    "sbatch: error: Batch script contains DOS line breaks (\\r\\n)": True,
    f"{FAILED}Socket timed out on send/recv operation": False,
    f"{FAILED}Unable to contact slurm controller (connect failure)": False,
    f"{FAILED}Slurm backup controller in standby mode": False,
    f"{FAILED}Some error of a later version": False,
    f"{FAILED}Socket timed out on send/recv operation\nInvalid partition name specified": False,
    "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying": False,
    "Killed": False,
    "": False,
}


@pytest.mark.parametrize(("errors", "is_no"), REFUSALS.items())
def test_only_known_and_lasting_errors_are_refusals(errors: str, is_no: bool) -> None:
    assert sbatch_refused(errors) is is_no


def test_after_an_unclear_answer_nothing_new_is_tried_and_known_jobs_are_still_named() -> None:
    tried: list[int] = []

    def lost(launch: Launch) -> Submission:
        tried.append(launch.job_id)
        return unknown(launch, "time-out")

    known = {(3, 1, "aigerim"): 77}
    answers = submit_each([a_launch(n) for n in (1, 2, 3)], known, lost)

    assert tried == [1]
    assert [answer.outcome for answer in answers] == [
        SubmissionOutcome.UNKNOWN,
        SubmissionOutcome.UNKNOWN,
        SubmissionOutcome.ACCEPTED,
    ]
    assert answers[2].slurm_id == 77


def test_a_marker_is_known_only_with_its_owner() -> None:
    known = {(1, 1, "bolat"): 77}

    (answer,) = submit_each([a_launch(1)], known, lambda launch: accepted(launch, 78))

    assert answer.slurm_id == 78


ENDED = SlurmJob(41, "tendik:0badcafe:7:1", "aigerim", "COMPLETED")


def test_records_are_asked_for_at_the_start_and_after_a_gap_only() -> None:
    clock = ManualClock()
    asked: list[datetime] = []

    def recorded_since(since: datetime) -> Sequence[SlurmJob]:
        asked.append(since)
        return [ENDED] if len(asked) == 1 else []

    markers = KnownMarkers(clock, recorded_since, INSTALLATION)
    for seconds in (0, 30, 30, 3600):
        clock.advance(seconds)
        assert markers.known([]) == {(7, 1, "aigerim"): 41}

    assert len(asked) == 2
    assert asked[0] <= EPOCH - LOOKED_BACK
    assert asked[1] <= EPOCH + timedelta(seconds=60)


def test_a_record_of_a_live_job_proves_nothing() -> None:
    markers = KnownMarkers(ManualClock(), lambda _: [replace(ENDED, state="RUNNING")], INSTALLATION)

    assert markers.known([]) == {}
