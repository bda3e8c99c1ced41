"""One schedule: drawn from its seed, run on the real engine, and written down as a history."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from scheduler.clock import ManualClock
from scheduler.domain.history.facts import Fact, FactKind
from scheduler.domain.history.lines import line_of
from scheduler.domain.jobs import TERMINAL
from scheduler.domain.tenants import Organisation, Project, User
from scheduler.policy_files import policy_version
from scheduler.ports import Allocator, Clock, Store
from scheduler.simulation.faulty_slurm.cluster import FaultySlurm, machines
from scheduler.simulation.faulty_slurm.controller import Habits
from scheduler.simulation.faulty_slurm.programs import FaultyPrograms
from scheduler.simulation.proof.faults import FAULTS, Ground, now_or_amid_a_tick
from scheduler.simulation.proof.people import ORGANISATIONS, People
from scheduler.simulation.proof.ports import Interposed
from scheduler.simulation.proof.recorder import Recorder
from scheduler.simulation.proof.replicas import Replica, Site, StoreFaults
from scheduler.simulation.proof.temper import tempered

CEILING_GPUS, NODES, NODE_GPUS = 6, 4, 4
POLICY = f"""
title = "Proof"
[classes.all]
[organisations.default]
ceiling_gpus = {CEILING_GPUS}
"""
STEPS = 200
# What is done at a step where no fault is due, and how often.
HABITS: Mapping[str, int] = {
    "tick": 60,
    "submit": 22,
    "cancel": 4,
    "requeue": 4,
    "others": 4,
    "time": 70,
}
# The same where users requeue more than they cancel.
REQUEUING: Mapping[str, int] = {**HABITS, "requeue": 14}
# How often another replica is the one whose turn it is: now and then for longer than a lease.
CHANGES_OVER = 0.04
# In every second schedule one in so many jobs may get stuck when slurmctld is killed.
INDEXES_LATE = 3
QUIET_TICKS, QUIET_TICK_S = 200, 7.0


@dataclass(frozen=True, slots=True)
class Setup:
    """With what a schedule is run; `store` makes a fresh, empty one of the given clock."""

    allocate: Allocator
    store: Callable[[Clock], Store]
    engines: int = 1
    steps: int = STEPS
    habits: Mapping[str, int] = field(default_factory=lambda: HABITS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The history of one schedule; `digest` is the same for the same seed and code."""

    seed: int
    facts: Sequence[Fact]
    faults: Counter[str]
    steps: int

    @property
    def digest(self) -> str:
        text = "\n".join(map(line_of, self.facts))
        return hashlib.sha256(text.encode()).hexdigest()


def simulate(seed: int, setup: Setup) -> Outcome:
    """Run the seed's schedule to its end, and then without faults until nothing is left to do."""
    clock = ManualClock()
    store = setup.store(clock)
    _found(store, clock)
    recorder = Recorder(clock, store.installation())
    ground = _ground(seed, setup, store, recorder, clock)
    limits = dict.fromkeys(ORGANISATIONS, CEILING_GPUS)
    recorder.tell(FactKind.OPENED, detail="held", limits=limits)
    active = ground.replicas[0]
    for step in _plan(ground, setup):
        if ground.random.random() < CHANGES_OVER:
            active = ground.random.choice(ground.replicas)
        _take(step, ground, recorder, active)
        ground.pass_time(ground.seconds(0.2, 2))
    _to_quiet(ground, store, recorder)
    recorder.close(store, ground.slurm.controller.records)
    store.close()
    return Outcome(seed, recorder.facts, recorder.faults, setup.steps)


def _plan(ground: Ground, setup: Setup) -> Sequence[str]:
    """Return what happens at each step: faults of the schedule's temper amid the usual."""
    random = ground.random
    plan = random.choices([*setup.habits], [*setup.habits.values()], k=setup.steps)
    due = ground.temper.faults(random)
    for place, kind in zip(random.sample(range(10, setup.steps), len(due)), due, strict=True):
        plan[place] = kind
    return plan


def _take(step: str, ground: Ground, recorder: Recorder, active: Replica) -> None:
    if step in FAULTS:
        recorder.fault(step)
        FAULTS[step](ground)
        return
    match step:
        case "tick":
            active.tick()
        case "submit":
            ground.people.ask_again()
            ground.people.submit()
        case "requeue":
            now_or_amid_a_tick(ground, ground.people.requeue, active)
        case "cancel":
            now_or_amid_a_tick(ground, ground.people.cancel, active)
        case "others":
            ground.people.others_work()


def _to_quiet(ground: Ground, store: Store, recorder: Recorder) -> None:
    """Let faults end, and tick until every job has: at most so many cycles."""
    ground.slurm.heal()
    ground.store.heal()
    for replica in ground.replicas:
        replica.heal()
    ground.people.ask_again()
    recorder.tell(FactKind.QUIET)
    for number in range(QUIET_TICKS):
        # Who follows has little to do: it is asked now and then.
        for replica in ground.replicas if number % 5 == 0 else ground.replicas[:1]:
            replica.tick()
        ground.pass_time(QUIET_TICK_S)
        if all(store.job(job_id).state in TERMINAL for job_id in ground.people.jobs):
            break
    # What is left in Slurm may need a look or two more to be swept away.
    for replica in ground.replicas * 3:
        replica.tick()
        ground.pass_time(QUIET_TICK_S)


def _ground(
    seed: int, setup: Setup, store: Store, recorder: Recorder, clock: ManualClock
) -> Ground:
    random = Random(seed)  # noqa: S311 # a simulation must be repeatable
    temper = tempered(seed, random, [*FAULTS])
    unknown_nodes_s = random.choice((2.0, 90.0))
    habits = Habits(
        min_job_age_s=75.0,
        requeues=random.random() < 0.5,
        unknown_nodes_s=unknown_nodes_s,
        indexes_late=INDEXES_LATE if seed % 2 else 0,
    )
    nodes = machines(NODES, NODE_GPUS)
    slurm = FaultySlurm(nodes, clock.now(), recorder.saw, habits, random)
    faults = StoreFaults(store, recorder)
    faulty: Store = Interposed(store, "store", faults)
    programs = FaultyPrograms(slurm, clock)
    site = Site(faulty, programs, clock, setup.allocate, recorder, random)
    replicas = tuple(Replica(f"engine {number + 1}", site) for number in range(setup.engines))
    people = People(faulty, slurm, clock, recorder, random)
    return Ground(slurm, faults, people, replicas, clock, random, temper)


def _found(store: Store, clock: ManualClock) -> None:
    store.apply_policy(policy_version(POLICY, "proof", clock.now()), expected=0)
    for name in ORGANISATIONS:
        store.add_organisation(Organisation(name, name.title(), "all"))
        store.add_project(Project(name, "main", "Main"))
        store.add_user(User(f"{name}-user", name, "main", name), f"sha256-of-{name}")
