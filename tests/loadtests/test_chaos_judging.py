"""What became of a job is judged by its own code's lines, whatever its submitter says."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests.chaos.judging import Outcome, Told, outcome_of, outcome_of_cancelled
from loadtests.chaos.proofs import Proof, read_proof
from loadtests.chaos.tiny_jobs import TinyJob

ONE_RUN = "begin 7 100 1.0\nalive 7 100 2.0\nend 7 100 2.1\n"
CUT_SHORT = "begin 7 100 1.0\nalive 7 100 2.0\n"
AGAIN_LATER = CUT_SHORT + ONE_RUN.replace("100", "200")
AT_ONCE = "begin 7 100 1.0\nbegin 7 200 1.5\nalive 7 100 2.0\nend 7 200 2.5\n"
AS_ANOTHER_JOB = CUT_SHORT + ONE_RUN.replace("7", "8").replace("100", "200")
AS_TWO_JOBS = ONE_RUN + ONE_RUN.replace("7", "8")

STORIES = {
    "it ran once and is said to have completed": (ONE_RUN, Told.COMPLETED, Outcome.ONCE),
    "it ran once and is said to be lost": (ONE_RUN, Told.OTHER, Outcome.MISTOLD),
    "it ran once and Slurm forgot its end": (ONE_RUN, Told.NODE_FAILED, Outcome.END_FORGOTTEN),
    "it never began though completed": ("", Told.COMPLETED, Outcome.LOST),
    "it was cut short though completed": (CUT_SHORT, Told.COMPLETED, Outcome.LOST),
    "it waits still when patience ends": ("", Told.LIVE, Outcome.UNENDED),
    "it died with its node": (CUT_SHORT, Told.NODE_FAILED, Outcome.NODE_FAILED),
    "its node is said to have died before it began": ("", Told.NODE_FAILED, Outcome.LOST),
    "Slurm ran it again": (AGAIN_LATER, Told.COMPLETED, Outcome.RESTARTED),
    "it was cut short and ran again as another job": (
        AS_ANOTHER_JOB,
        Told.COMPLETED,
        Outcome.RESTARTED,
    ),
    "two runs of it were alive at once": (AT_ONCE, Told.COMPLETED, Outcome.DOUBLED),
    "two Slurm jobs ran it, one after the other": (AS_TWO_JOBS, Told.COMPLETED, Outcome.DOUBLED),
}


def proof_of(text: str, folder: Path) -> Proof:
    (folder / "proof").write_text(text, encoding="ascii")
    return read_proof(folder / "proof")


@pytest.mark.parametrize(("text", "told", "outcome"), STORIES.values(), ids=STORIES.keys())
def test_a_job_is_judged(text: str, told: Told, outcome: Outcome, tmp_path: Path) -> None:
    assert outcome_of(proof_of(text, tmp_path), told) is outcome


def test_a_job_that_was_cancelled_in_time_must_not_begin(tmp_path: Path) -> None:
    began = proof_of(CUT_SHORT, tmp_path)

    assert outcome_of_cancelled(Proof(), in_time=True) is Outcome.NEVER_STARTED
    assert outcome_of_cancelled(began, in_time=True) is Outcome.STARTED_THOUGH_CANCELLED
    assert outcome_of_cancelled(began, in_time=False) is Outcome.CANCELLED_LATE


def test_a_job_that_nobody_ran_has_no_proof(tmp_path: Path) -> None:
    assert read_proof(tmp_path / "none") == Proof()


def test_a_tiny_job_says_when_it_begins_and_ends(tmp_path: Path) -> None:
    script = TinyJob("j1", 3, tmp_path / "j1").script

    assert script.index("say begin") < script.index("say alive") < script.index("say end")
    assert f">> {tmp_path / 'j1'};" in script
