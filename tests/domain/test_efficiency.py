"""What a job used, and that advice is never below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.efficiency import NoAdvice, Use, efficiency, no_advice
from scheduler.domain.jobs import Job, JobState, Placement
from scheduler.domain.measured import Measured
from scheduler.domain.requests import Memory, MemoryPer
from scheduler.domain.resources import Amount, Gang
from tests.build import POOL, RequestFields, a_job, a_spec, at

GIB = 1024
DAY_S = 86_400
NODE_MEMORY = Memory(200 * GIB, MemoryPer.NODE)


def ended(
    measured: Measured | None,
    *,
    ran_s: float = 2400,
    memory_gib: int = 200,
    state: JobState = JobState.COMPLETED,
    **request: Unpack[RequestFields],
) -> Job:
    """Return a job of one GPU on each node that has ended, with the CPUs that it asked for."""
    asked: RequestFields = {"walltime_s": DAY_S, "memory": NODE_MEMORY}
    asked.update(request)
    spec = a_spec(1, **asked)
    nodes = spec.request.nodes or 1
    cpus = spec.request.cpus_per_task * (spec.request.tasks_per_node or 1)
    gang = Gang(nodes, Amount(1, cpus, memory_gib * GIB))
    place = Placement(POOL, tuple(f"n{n}" for n in range(nodes)), gang)
    job = a_job(state=state, spec=spec, placement=place, started_at=at(0), ended_at=at(ran_s))
    return replace(job, measured=measured)


def used_of(job: Job) -> tuple[Use, Use, Use, Use]:
    found = efficiency(job)
    assert found is not None
    return found.cpu, found.memory, found.walltime, found.gpu


def test_what_was_used_stands_beside_what_was_held_with_the_option_to_change() -> None:
    measured = Measured(7440.0, None, 3.1, 12 * GIB, 57)
    cpu, memory, walltime, gpu = used_of(ended(measured, cpus_per_task=32))

    assert cpu == Use(3.1, 32, ("--cpus-per-task=4",))
    assert memory == Use(12 * GIB, 200 * GIB, ("--mem=16G",))
    assert walltime == Use(2400, DAY_S, ("--time=1:00:00",))
    assert gpu == Use(57, 100)


def test_what_is_not_known_is_not_advised_on() -> None:
    cpu, memory, walltime, gpu = used_of(ended(None, cpus_per_task=32))

    assert [use.used for use in (cpu, memory, gpu)] == [None] * 3
    assert (cpu.flags, memory.flags) == ((), ())
    assert walltime.flags == ("--time=1:00:00",)


WITHOUT_ADVICE = {
    "one that failed": (JobState.FAILED, 2400.0, NoAdvice.DID_NOT_COMPLETE),
    "one that was cancelled": (JobState.CANCELLED, 2400.0, NoAdvice.DID_NOT_COMPLETE),
    "one without memory": (JobState.OUT_OF_MEMORY, 2400.0, NoAdvice.DID_NOT_COMPLETE),
    "one that ran for 59 s": (JobState.COMPLETED, 59.0, NoAdvice.TOO_SHORT),
}


@pytest.mark.parametrize(
    ("state", "ran_s", "why"), WITHOUT_ADVICE.values(), ids=WITHOUT_ADVICE.keys()
)
def test_some_are_told_what_they_used_and_nothing_else(
    state: JobState, ran_s: float, why: NoAdvice
) -> None:
    job = ended(Measured(10.0, None, 0.1, GIB), ran_s=ran_s, state=state, cpus_per_task=32)

    assert no_advice(job) is why
    assert [use.flags for use in used_of(job)] == [()] * 4
    assert used_of(job)[1].used == GIB


def test_a_job_that_has_not_ended_has_used_nothing_yet() -> None:
    running = replace(ended(None), state=JobState.RUNNING, ended_at=None)

    assert efficiency(running) is None
    assert no_advice(running) is NoAdvice.NOT_ENDED
    assert efficiency(a_job(state=JobState.CANCELLED, ended_at=at(1))) is None


def test_a_gang_is_advised_for_its_busiest_task() -> None:
    """Eight tasks on two nodes use 2.5 CPUs each, but for one that uses 6 of its 16."""
    measured = Measured(8 * 2.5 * 2400, 6.0, 0.0, 150 * GIB)
    cpu, memory, *_ = used_of(ended(measured, nodes=2, tasks_per_node=4, cpus_per_task=16))

    assert cpu == Use(20, 128, ("--cpus-per-task=8",))
    assert memory.flags == ()


def test_a_script_that_starts_its_tasks_by_itself_shares_its_node_among_them() -> None:
    measured = Measured(8 * 2400, None, 8.0, 150 * GIB)
    cpu, *_ = used_of(ended(measured, tasks_per_node=4, cpus_per_task=16))

    assert cpu.flags == ("--cpus-per-task=3",)


def test_memory_that_goes_with_the_cpus_is_advised_along_with_them() -> None:
    """Fewer CPUs of 6 GiB each would be less memory than it used."""
    six_each = Memory(6 * GIB, MemoryPer.CPU)
    measured = Measured(7440.0, None, 3.1, 150 * GIB)
    cpu, memory, *_ = used_of(ended(measured, memory_gib=192, cpus_per_task=32, memory=six_each))
    assert cpu.flags == ("--cpus-per-task=4",)
    assert memory.flags == ("--mem-per-cpu=48G",)

    unknown = replace(measured, node_memory_mib=None)
    assert used_of(ended(unknown, cpus_per_task=32, memory=six_each))[0].flags == ()
    by_default = ended(measured, memory_gib=128, cpus_per_task=32, memory=None)
    assert used_of(by_default)[1].flags == ("--mem=128G",)


def test_memory_is_advised_by_the_gpu_where_it_was_asked_for_so() -> None:
    by_gpu = Memory(200 * GIB, MemoryPer.GPU)
    assert used_of(ended(Measured(0, None, 0, 12 * GIB), memory=by_gpu))[1].flags == (
        "--mem-per-gpu=16G",
    )


@given(
    cpus=st.integers(1, 128),
    tasks=st.integers(1, 8),
    nodes=st.integers(1, 4),
    busy=st.floats(0, 1),
    memory_part=st.floats(0, 1),
    ran_s=st.integers(60, DAY_S),
)
def test_advice_is_never_below_what_was_used(
    *, cpus: int, tasks: int, nodes: int, busy: float, memory_part: float, ran_s: int
) -> None:
    on_node = busy * cpus * tasks
    measured = Measured(on_node * nodes * ran_s, None, on_node, int(memory_part * 200 * GIB))
    cpu, memory, walltime, _ = used_of(
        ended(measured, ran_s=ran_s, nodes=nodes, tasks_per_node=tasks, cpus_per_task=cpus)
    )
    for flag in cpu.flags:
        assert busy * cpus <= int(flag.partition("=")[2]) < cpus
    for flag in memory.flags:
        assert memory_part * 200 <= int(flag.partition("=")[2].removesuffix("G")) < 200
    for flag in walltime.flags:
        hours, minutes, _ = map(int, flag.partition("=")[2].split(":"))
        assert ran_s < hours * 3600 + minutes * 60 < DAY_S
