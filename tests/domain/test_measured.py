"""What the steps of a run come to."""

from __future__ import annotations

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


def test_the_tasks_of_a_node_are_counted_as_if_each_used_the_most() -> None:
    gang = MeasuredStep(False, 10, 400, 2, 7, 390.0, 1000)

    assert measured_in(390.0, [gang]).node_memory_mib == 4000


def test_the_busiest_step_tells_how_busy_the_gpus_were() -> None:
    steps = [MeasuredStep(False, 0, 9, 1, 1, 1.0, 1, gpu_percent=n) for n in (40, 57)]

    assert measured_in(1.0, steps).gpu_percent == 57
