"""What the steps of a run come to."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.measured import Measured, MeasuredStep, measured_in

SCRIPT = MeasuredStep(True, 0, 1000, 1, 1, task_cpu_s=10.0, task_memory_mib=100)


def test_a_run_of_a_script_alone_used_what_the_script_did() -> None:
    assert measured_in(10.0, [SCRIPT]) == Measured(10.0, None, 0.01, 100, None)


def test_steps_without_figures_leave_everything_unknown() -> None:
    assert measured_in(0.0, [MeasuredStep(True, 0, 1000, 1, 1)]) == Measured()
    assert measured_in(0.0, []) == Measured()


def test_steps_that_go_on_at_once_add_up_and_others_do_not() -> None:
    first = MeasuredStep(False, 10, 400, 1, 1, 390.0, 2000)
    beside = MeasuredStep(False, 20, 400, 1, 1, 390.0, 3000)
    after = MeasuredStep(False, 500, 900, 1, 1, 1600.0, 4000)

    found = measured_in(2390.0, [SCRIPT, first, beside, after])

    assert found.node_memory_mib == 100 + 2000 + 3000
    assert found.task_cpus == 4.0


def a_step(begin_s: int, end_s: int, memory_mib: int) -> MeasuredStep:
    return MeasuredStep(False, begin_s, end_s, 1, 1, 1.0, memory_mib)


@given(st.lists(st.builds(a_step, *(st.integers(0, 9),) * 3), min_size=1))
def test_a_node_had_no_less_than_at_any_moment(steps: list[MeasuredStep]) -> None:
    """Slurm may have ends before their begins, which are at no moment."""
    at_once = [
        sum(step.node_memory_mib for step in steps if step.begin_s <= at_s <= step.end_s)
        for at_s in range(10)
    ]

    assert measured_in(1.0, steps).node_memory_mib == max(at_once)


def test_a_run_of_as_many_steps_as_slurm_allows_is_measured_at_once() -> None:
    steps = [a_step(begin_s, begin_s + 9, 100) for begin_s in range(40_000)]
    begun_s = time.process_time()

    assert measured_in(1.0, steps).node_memory_mib == 1000
    assert time.process_time() - begun_s < 5


def test_the_tasks_of_a_node_are_counted_as_if_each_used_the_most() -> None:
    gang = MeasuredStep(False, 10, 400, 2, 7, 390.0, 1000)

    assert measured_in(390.0, [gang]).node_memory_mib == 4000


def test_the_busiest_step_tells_how_busy_the_gpus_were() -> None:
    steps = [MeasuredStep(False, 0, 9, 1, 1, 1.0, 1, gpu_percent=n) for n in (40, 57)]

    assert measured_in(1.0, steps).gpu_percent == 57
