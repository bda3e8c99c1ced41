"""Every kind of fault that a schedule may hold, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from scheduler.clock import ManualClock
from scheduler.simulation.faulty_slurm.cluster import FaultySlurm, LostAnswer, LostChange
from scheduler.simulation.faulty_slurm.records import RUNNING, JobRecord
from scheduler.simulation.proof.interruptions import CHANGES, Interruption
from scheduler.simulation.proof.people import People
from scheduler.simulation.proof.replicas import Replica, StoreFaults
from scheduler.simulation.proof.temper import Temper

# About as many calls as a tick makes to its ports.
CALLS_OF_A_TICK = 20
# So many go by before a new leader writes for the first time.
CALLS_BEFORE_A_WRITE = 8


@dataclass(frozen=True, slots=True)
class Ground:
    """What faults are put into, and how they fall in this schedule."""

    slurm: FaultySlurm
    store: StoreFaults
    people: People
    replicas: tuple[Replica, ...]
    clock: ManualClock
    random: Random
    temper: Temper

    def seconds(self, least: float, most: float) -> float:
        return round(self.random.uniform(least, most), 1)

    def pass_time(self, seconds: float) -> None:
        self.slurm.move_to(self.clock.advance(seconds))


def _crash_of_slurmctld(ground: Ground) -> None:
    """It comes back within a minute."""
    seconds = ground.seconds(1, 40)
    now_or_amid_a_tick(ground, lambda: _kill_slurmctld(ground, seconds))


def _stall_of_slurmctld(ground: Ground) -> None:
    seconds = ground.seconds(5, 40)
    now_or_amid_a_tick(ground, lambda: ground.slurm.stall(seconds))


def _kill_slurmctld(ground: Ground, seconds: float) -> None:
    """Who else waited to submit is served first when it is back: with ids that it forgot."""
    if not ground.slurm.controller.is_up:
        return
    waiting = ground.people.wait_to_submit(ground.random.randint(0, 3))
    ground.slurm.crash(seconds)
    ground.slurm.agenda.after(seconds, waiting)


def now_or_amid_a_tick(
    ground: Ground, event: Callable[[], None], whose: Replica | None = None
) -> None:
    """Let it happen between ticks, or around a call of one: soon after an acknowledgement."""
    if ground.random.random() < 0.5:
        event()
    else:
        _amid_a_tick(ground, event, whose or ground.random.choice(ground.replicas))


def _amid_a_tick(ground: Ground, event: Callable[[], None], whose: Replica) -> None:
    """Let it happen around any call of a tick, or around one that changes something for good."""
    if ground.random.random() >= ground.temper.close:
        whose.interrupt(Interruption(event, ground.random.randint(1, CALLS_OF_A_TICK)))
    else:
        moment = ground.random.choice(CHANGES)
        whose.interrupt(Interruption(event, ground.random.randint(1, 3), moment))


def _lost_answers(ground: Ground) -> None:
    """F4: the submission went through, or did not, or will (F5)."""
    lands = (0.0, 0.0, ground.seconds(0, 5), ground.seconds(5, 40))
    lost = [ground.slurm.land_after(ground.random.choice(lands)) for _ in range(2)]
    if ground.random.random() < 0.3:
        lost[0] = LostAnswer(lambda _: None)
    ground.slurm.lose_answers(lost)


def _lost_changes(ground: Ground) -> None:
    done = [ground.random.random() < 0.5 for _ in range(ground.random.randint(1, 3))]
    ground.slurm.lose_changes([LostChange(is_done) for is_done in done])


def _outage_of_slurmdbd(ground: Ground) -> None:
    ground.slurm.lose_database(ground.seconds(10, 150))


def _maintenance(ground: Ground) -> None:
    """The records are away, and so is the service: for longer than slurmctld remembers an end."""
    ground.slurm.lose_database(ground.seconds(220, 300))
    ground.pass_time(ground.seconds(80, 140))


def _outage_of_the_store(ground: Ground) -> None:
    ground.store.fail(ground.random.randint(1, 6), when_done=ground.random.random() < 0.4)


def _death_of_the_service(ground: Ground) -> None:
    one = ground.random.choice(ground.replicas)
    _amid_a_tick(ground, one.die, one)


def _pause_of_the_service(ground: Ground) -> None:
    """A process stands still between two calls, while the other goes on, and then goes on too."""
    one = ground.random.choice(ground.replicas)
    _amid_a_tick(ground, lambda: _stand_still(ground, one, lambda: _meanwhile(ground)), one)


def _stand_still(ground: Ground, one: Replica, meanwhile: Callable[[], None]) -> None:
    """Let the process go on afterwards, unless slurmctld has restarted.

    Then an id that it was about to seal or to cancel may be another's job by now. Slurm changes a
    job by its bare id, so no service can close that gap: it is a limit, and not looked for here.
    """
    restarts = ground.slurm.controller.restarts
    meanwhile()
    if ground.slurm.controller.restarts != restarts:
        one.die()


def _meanwhile(ground: Ground) -> None:
    """Let the rest of the world go on for about two leases, often with a misfortune of its own.

    Now and then the others come to lead and no further: what stood still then finds all as it was.
    """
    others_fall = ground.random.random() < 0.25
    if ground.random.random() < 0.5:
        FAULTS[ground.random.choice(ground.temper.kinds)](ground)
    for _ in range(ground.random.randint(4, 14)):
        ground.pass_time(ground.seconds(2, 8))
        _another_ticks(ground, others_fall)
        if ground.random.random() < 0.2:
            ground.people.submit()
        if ground.random.random() < 0.2:
            ground.people.cancel()


def _another_ticks(ground: Ground, is_killed: bool) -> None:
    others = [one for one in ground.replicas if not one.is_inside]
    if not others:
        return
    one = ground.random.choice(others)
    if is_killed:
        one.interrupt(Interruption(one.die, ground.random.randint(2, CALLS_BEFORE_A_WRITE)))
    one.tick()


def _node_failure(ground: Ground) -> None:
    ground.slurm.lose_node(f"n{ground.random.randint(1, 4)}", ground.seconds(5, 60))


def _jump_of_the_clock(ground: Ground) -> None:
    """Nothing of the service ran for so long, or a tick took it."""
    seconds = ground.seconds(20, 200)
    one = ground.random.choice(ground.replicas)
    if ground.random.random() < 0.5:
        ground.pass_time(seconds)
    else:
        _amid_a_tick(
            ground, lambda: _stand_still(ground, one, lambda: ground.pass_time(seconds)), one
        )


def _running(ground: Ground) -> JobRecord | None:
    found = [job for job in ground.slurm.controller.live() if job.state == RUNNING]
    return ground.random.choice(found) if found and ground.slurm.is_answering else None


def _requeue(ground: Ground) -> None:
    if (job := _running(ground)) is not None:
        ground.slurm.controller.requeue(job)


def _suspension(ground: Ground) -> None:
    if (job := _running(ground)) is not None:
        ground.slurm.controller.suspend(job, ground.seconds(5, 40))


FAULTS: Mapping[str, Callable[[Ground], None]] = {
    "slurmctld killed": _crash_of_slurmctld,
    "slurmctld stalls": _stall_of_slurmctld,
    "submissions time out": _lost_answers,
    "changes time out": _lost_changes,
    "slurmdbd away": _outage_of_slurmdbd,
    "slurmdbd and service away": _maintenance,
    "store away": _outage_of_the_store,
    "service killed": _death_of_the_service,
    "service pauses": _pause_of_the_service,
    "node fails": _node_failure,
    "clock jumps": _jump_of_the_clock,
    "job requeued": _requeue,
    "job suspended": _suspension,
    "user cancels in Slurm": lambda ground: ground.people.scancel(),
    "user rewrites a job": lambda ground: ground.people.rewrite(),
    "user releases a job": lambda ground: ground.people.release(),
    "stranger imitates a marker": lambda ground: ground.people.imitate(),
}
