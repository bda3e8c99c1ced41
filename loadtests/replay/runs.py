"""What a replay runs: the service and every other scheduler over one workload."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from time import perf_counter

import structlog
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from scheduler.deciders import FALLBACK, allocator_of, decider
from scheduler.simulation.baselines.machine import Scheduler, simulate
from scheduler.simulation.baselines.simple import FirstCome, LowestShareFirst
from scheduler.simulation.baselines.slurm import SLURM_SETTINGS, Slurm, SlurmSettings
from scheduler.simulation.finished import FinishedJob
from scheduler.simulation.fluid import FluidRun, fluid_run
from scheduler.simulation.measures import Measures, Yardstick, measure
from scheduler.simulation.replay import POLICY, WITH_RECALL, Replayed, Setup, replay
from scheduler.simulation.workload import Workload

TENDIK = "Tendik"
TENDIK_RECALL = "Tendik, recall"
FIRST_COME = "FCFS + EASY"
LOWEST_SHARE = "lowest share first"
# While jobs wait, borrowed GPUs may become recallable by time alone.
RECALL_LOOK_S = 900.0


@dataclass(frozen=True, slots=True)
class Run:
    """One scheduler's schedule of the workload, how it is judged, and the seconds it took."""

    name: str
    jobs: tuple[FinishedJob, ...]
    measures: Measures
    seconds: float
    replayed: Replayed | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is replayed: the workload, and by what the service decides."""

    workload: Workload
    allocator: str = "cp-sat"
    cycle_s: float = 0.0
    node_gpus: int = 0

    @property
    def yardstick(self) -> Yardstick:
        return Yardstick(self.workload.capacity_gpus)

    @property
    def has_recall(self) -> bool:
        return any(job.recallable for job in self.workload.jobs)


def _slurm(settings: SlurmSettings) -> Callable[[Workload], Scheduler]:
    return lambda workload: Slurm(workload, settings)


SLURM_NAMES = tuple(f"Slurm: {name}" for name in SLURM_SETTINGS)
BASELINES: Mapping[str, Callable[[Workload], Scheduler]] = {
    FIRST_COME: lambda _: FirstCome(),
    **{
        name: _slurm(settings)
        for name, settings in zip(SLURM_NAMES, SLURM_SETTINGS.values(), strict=True)
    },
    LOWEST_SHARE: lambda _: LowestShareFirst(),
}


def run_all(plan: Plan) -> Sequence[Run]:
    """Run the service here and the others, one after another, in a second process; show it."""
    quiet()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        Progress(*columns, TimeElapsedColumn()) as progress,
        ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=quiet) as pool,
    ):
        others = [pool.submit(run_baseline, plan, name) for name in BASELINES]
        _show(progress, others)
        own = [_run_tendik(plan, name, progress) for name in _variants(plan)]
        return [*own, *(future.result() for future in others)]


def _show(progress: Progress, others: Sequence[Future[Run]]) -> None:
    task = progress.add_task("other schedulers", total=len(others))
    for future in others:
        future.add_done_callback(lambda _: progress.advance(task))


def _variants(plan: Plan) -> Iterator[str]:
    yield TENDIK
    if plan.has_recall:
        yield TENDIK_RECALL


def _run_tendik(plan: Plan, name: str, progress: Progress) -> Run:
    replayed = replay(
        plan.workload, _setup(plan, name), telling(progress, name, len(plan.workload.jobs))
    )
    measures = measure(replayed.jobs, plan.yardstick, _fluid(plan))
    return Run(name, replayed.jobs, measures, replayed.seconds, replayed)


def telling(progress: Progress, name: str, total: int) -> Callable[[int], None]:
    """Return what shows how many jobs have ended: as a bar, or by tenths where no terminal is."""
    task = progress.add_task(name, total=total)
    tenths = 0

    def tell(ended: int) -> None:
        nonlocal tenths
        progress.update(task, completed=ended)
        if not progress.console.is_terminal and ended * 10 // total > tenths:
            tenths = ended * 10 // total
            progress.console.print(f"{name}: {ended:,} of {total:,} jobs have ended")

    return tell


def _setup(plan: Plan, name: str) -> Setup:
    recall = name == TENDIK_RECALL
    return Setup(
        allocate=allocator_of(decider(plan.allocator)),
        fallback=FALLBACK,
        policy=WITH_RECALL if recall else POLICY,
        cycle_s=plan.cycle_s,
        at_least_every_s=RECALL_LOOK_S if recall else 0.0,
        node_gpus=plan.node_gpus,
    )


def run_baseline(plan: Plan, name: str) -> Run:
    """Run and judge one of the other schedulers."""
    began = perf_counter()
    jobs = simulate(plan.workload, BASELINES[name](plan.workload))
    seconds = perf_counter() - began
    return Run(name, jobs, measure(jobs, plan.yardstick, _fluid(plan)), seconds)


@cache
def _fluid_of(workload: Workload) -> FluidRun:
    at_once = [
        FinishedJob(
            *(job.job_id, job.organisation, job.user, job.gpus),
            submit_s=job.submit_s,
            start_s=job.submit_s,
            end_s=job.submit_s + job.run_s,
            run_s=job.run_s,
        )
        for job in workload.jobs
    ]
    return fluid_run(at_once, workload.capacity_gpus)


def _fluid(plan: Plan) -> FluidRun:
    """Return the fluid run of the workload, once in each process."""
    return _fluid_of(plan.workload)


def quiet() -> None:
    """Keep the engine's log lines, several per job, off the terminal."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
