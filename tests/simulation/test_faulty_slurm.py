"""The pretended Slurm fails as the real one was seen to: by the numbers of the measured facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from scheduler.backend.slurm_cli import SlurmCliBackend, sbatch
from scheduler.clock import ManualClock
from scheduler.domain.cluster import BackendState, SubmissionOutcome
from scheduler.domain.history.facts import FactKind
from scheduler.domain.resources import Amount
from scheduler.errors import BackendUnavailable
from scheduler.simulation.faulty_slurm.cluster import FaultySlurm, LostChange, machines
from scheduler.simulation.faulty_slurm.controller import Habits
from scheduler.simulation.faulty_slurm.programs import FaultyPrograms
from scheduler.simulation.faulty_slurm.records import JobRecord
from tests.backend.launches import INSTALLATION, a_launch


@dataclass
class Slurm:
    """A cluster whose time a test moves, the backend on it, and what truly happened."""

    clock: ManualClock = field(default_factory=ManualClock)
    seen: list[tuple[FactKind, int]] = field(default_factory=list)
    indexes_late: int = 0

    def __post_init__(self) -> None:
        habits = Habits(unknown_nodes_s=2.0, indexes_late=self.indexes_late)
        nodes = machines(4, 8)
        self.cluster = FaultySlurm(nodes, self.clock.now(), self._saw, habits, Random(1))
        self.programs = FaultyPrograms(self.cluster, self.clock)
        self.backend = SlurmCliBackend(self.clock, INSTALLATION, programs=self.programs)

    def _saw(self, kind: FactKind, record: JobRecord, by: str, detail: str) -> None:
        self.seen.append((kind, record.number))

    def submit(self, job_id: int = 1, *, held: bool = True, script: str = "sleep 30") -> int:
        (answer,) = self.backend.submit([a_launch(job_id, script=script, is_held=held)])
        assert answer.outcome is SubmissionOutcome.ACCEPTED, answer.message
        return answer.slurm_id

    def wait(self, seconds: float) -> None:
        self.cluster.move_to(self.clock.advance(seconds))

    def crash(self) -> None:
        """Kill slurmctld and wait until it is back and has heard of its nodes."""
        self.cluster.crash(1)
        self.wait(1)
        self.wait(3)

    def states(self, *watched: int) -> list[BackendState]:
        return [job.state for job in self.backend.read(watched).jobs]

    def began(self) -> int:
        return sum(kind is FactKind.BEGAN for kind, _ in self.seen)


@pytest.fixture
def slurm() -> Slurm:
    return Slurm()


def test_f1_a_job_is_forgotten_in_a_crash_until_it_was_saved(slurm: Slurm) -> None:
    slurm.submit(1)
    slurm.wait(6)
    slurm.submit(2)
    slurm.crash()

    assert [job.job_id for job in slurm.backend.read(()).jobs] == [1]
    assert FactKind.FORGOT in dict(slurm.seen)


def test_f2_its_id_is_then_given_to_another_job(slurm: Slurm) -> None:
    slurm_id = slurm.submit()
    slurm.crash()

    assert slurm.cluster.foreign_job("bolat", "n1", Amount(1, 1, 100)).slurm_id == slurm_id


def test_f3_user_code_that_slurmctld_forgot_is_killed_on_its_node(slurm: Slurm) -> None:
    slurm.submit(held=False)
    assert slurm.began() == 1
    slurm.crash()

    assert slurm.cluster.controller.machines.runs == {}


@pytest.mark.parametrize("lands_after_s", [0, 20])
def test_f4_f5_a_time_out_is_no_refusal_and_a_good_read_may_not_show_it_yet(
    slurm: Slurm, lands_after_s: int
) -> None:
    slurm.cluster.lose_answers([slurm.cluster.land_after(lands_after_s)])
    (answer,) = slurm.backend.submit([a_launch(1, is_held=True)])
    at_once = slurm.states()
    slurm.wait(lands_after_s)

    assert answer.outcome is SubmissionOutcome.UNKNOWN
    assert (at_once, slurm.states()) == (
        [BackendState.HELD] * (not lands_after_s),
        [BackendState.HELD],
    )


def test_f4_what_lay_in_the_socket_of_a_stalled_slurmctld_is_taken_when_it_wakes(
    slurm: Slurm,
) -> None:
    slurm.cluster.stall(30)
    answer = sbatch(slurm.programs, a_launch(1, is_held=True))
    with pytest.raises(BackendUnavailable):
        slurm.backend.read(())
    slurm.wait(30)

    assert answer.outcome is SubmissionOutcome.UNKNOWN
    assert slurm.states() == [BackendState.HELD]


def test_f6_after_an_outage_slurmdbd_says_nothing_at_first_and_tells_later(slurm: Slurm) -> None:
    slurm_id = slurm.submit(held=False, script="sleep 1")
    slurm.cluster.lose_database(150)
    slurm.wait(2)
    slurm.wait(145)
    assert not slurm.backend.read({slurm_id}).records_are_complete
    slurm.wait(5)
    first = slurm.backend.read({slurm_id})
    slurm.wait(20)

    assert (first.jobs, first.records_are_complete) == ((), False)
    assert slurm.states(slurm_id) == [BackendState.COMPLETED]


def test_f8_a_release_that_was_not_saved_is_forgotten_and_what_ran_is_held_again(
    slurm: Slurm,
) -> None:
    slurm_id = slurm.submit()
    slurm.wait(6)
    slurm.backend.release([slurm_id])
    assert slurm.states() == [BackendState.RUNNING]
    slurm.crash()

    assert slurm.states() == [BackendState.HELD]


def test_f9_a_seal_that_was_lost_leaves_the_hold_to_the_user(slurm: Slurm) -> None:
    slurm.cluster.lose_changes([LostChange(is_done=False)])
    slurm.backend.submit([a_launch(1, is_held=True)])

    (job,) = slurm.backend.read(()).jobs

    assert (job.state, job.is_sealed) == (BackendState.HELD, False)


def _longer(job: JobRecord) -> None:
    job.minutes += 60


def _unmarked(job: JobRecord) -> None:
    job.comment = "mine"


@pytest.mark.parametrize("change", [_longer, _unmarked])
def test_f10_a_user_may_rewrite_a_job_that_waits_and_its_marker_stays(
    slurm: Slurm, change: Callable[[JobRecord], None]
) -> None:
    slurm_id = slurm.submit()
    record = slurm.cluster.controller.records[slurm_id]
    slurm.cluster.controller.rewrite(record, change)

    (job,) = slurm.backend.read(()).jobs

    assert (job.job_id, job.is_sealed) == (1, True)
    assert job.asks is not None
    assert job.asks.walltime_s == timedelta(minutes=record.minutes).total_seconds()


def test_nodes_are_unknown_for_a_while_after_a_restart(slurm: Slurm) -> None:
    slurm.wait(6)
    slurm.cluster.crash(1)
    slurm.wait(1)
    assert not any(node.available for node in slurm.backend.read(()).nodes)
    slurm.wait(3)

    assert all(node.available for node in slurm.backend.read(()).nodes)


def test_a_job_that_was_saved_while_its_index_was_on_its_way_is_never_changed_again() -> None:
    slurm = Slurm(indexes_late=2)
    other, stuck = slurm.submit(1), slurm.submit(2)
    slurm.wait(6)
    slurm.crash()

    assert slurm.backend.release([other, stuck]) == {stuck}
    assert slurm.states() == [BackendState.RUNNING, BackendState.HELD]
    slurm.backend.cancel([stuck])
    assert slurm.states(stuck) == [BackendState.RUNNING, BackendState.CANCELLED]


def test_a_job_whose_index_came_before_the_crash_is_changed_as_any() -> None:
    slurm = Slurm(indexes_late=1)
    job = slurm.submit()
    slurm.wait(6)
    slurm.cluster.foreign_job("bolat", "n2", Amount(1, 1, 100))
    slurm.wait(6)
    slurm.crash()

    assert slurm.backend.release([job]) == frozenset()
