"""Releases by scontrol: what slurmctld will not change is told apart from what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from scheduler.backend.programs import Answer, Programs
from scheduler.backend.slurm_cli import release_held
from scheduler.errors import BackendUnavailable

# As scontrol of Slurm 22.05 says it of jobs 1 and 3, and of one that slurmctld does not know.
STUCK = (
    "Job update not available right now, the DB index is being set, try again in a bit for job 1\n"
    "Job update not available right now, the DB index is being set, try again in a bit for job 3\n"
)
UNKNOWN = "Invalid job id specified for job 9\nslurm_suspend error: Invalid job id specified\n"


@dataclass
class Scontrol(Programs):
    """Gives one answer."""

    answers: Answer

    def ask(self, name: str, *arguments: str) -> Answer:
        assert (name, *arguments) == ("scontrol", "release", "1,2,3")
        return self.answers


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        (Answer(0, "", ""), set()),
        (Answer(1, "", STUCK), {1, 3}),
        (Answer(1, "", STUCK + UNKNOWN), {1, 3}),
        (Answer(None, "", STUCK), {1, 3}),
    ],
    ids=["all let go", "two refused", "one unknown besides", "killed at the time limit"],
)
def test_the_refused_are_named(answer: Answer, refused: set[int]) -> None:
    assert release_held(Scontrol(answer), [1, 2, 3]) == refused


def test_after_a_call_with_refusals_no_more_is_asked() -> None:
    many = Many()

    assert release_held(many, range(1, 1201)) == {501}
    assert many.calls == 2


class Many(Programs):
    """Refuses one job of the second call."""

    def __init__(self) -> None:
        self.calls = 0

    def ask(self, name: str, *arguments: str) -> Answer:
        self.calls += 1
        refused = STUCK.splitlines()[0].replace("job 1", "job 501")
        return Answer(0, "", "") if self.calls == 1 else Answer(1, "", f"{refused}\n")


@pytest.mark.parametrize("answer", [Answer(1, "", UNKNOWN), Answer(None, "", "")])
def test_any_other_failure_is_no_answer(answer: Answer) -> None:
    with pytest.raises(BackendUnavailable):
        release_held(Scontrol(answer), [1, 2, 3])


def test_what_a_program_said_until_its_time_was_over_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scheduler.backend.programs.ANSWER_LIMIT_S", 0.5)

    answer = Programs(["sh"], "").ask("sh", "-c", "echo no >&2; exec sleep 9")

    assert (answer.status, answer.errors) == (None, "no\n")
