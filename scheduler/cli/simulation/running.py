"""Runs the old and the new policy at the same time, each in a process of its own."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic

from scheduler.allocator.greedy import GreedyStarts
from scheduler.cli.errors import CliError
from scheduler.cli.exit_codes import ExitCode
from scheduler.domain.placement import Layouts
from scheduler.domain.policies import Policy
from scheduler.domain.recalls.recall import recalling
from scheduler.ports import Allocator
from scheduler.simulation.site import Site
from scheduler.simulation.site_replay import SiteSchedule, replay_site
from scheduler.texts import said

TELL_EVERY_S = 0.25
# With fewer nodes a cycle costs so little that a minute between two is no burden.
FEW_NODES = 256
SHORT_CYCLE_S, LONG_CYCLE_S = 60, 300
ALLOCATOR = "greedy"

Progress = Callable[[int, float], None]  # which policy, seconds of the window that are over


@dataclass(frozen=True, slots=True)
class Task:
    """A site, a policy, and the least seconds from one cycle to the next."""

    site: Site
    policy: Policy
    cycle_s: float


def usual_cycle_s(site: Site) -> int:
    """Return how far apart cycles lie unless it is said: longer where each costs more."""
    return SHORT_CYCLE_S if len(site.nodes) <= FEW_NODES else LONG_CYCLE_S


def run_side_by_side(tasks: Sequence[Task], progress: Progress) -> list[SiteSchedule]:
    """Return the schedule of each task, in their order. Raises CliError if a process dies."""
    context = get_context("spawn")
    running: dict[Connection, int] = {}
    processes: list[BaseProcess] = []
    for number, task in enumerate(tasks):
        ours, theirs = context.Pipe(duplex=False)
        processes.append(context.Process(target=_work, args=(theirs, task), daemon=True))
        processes[-1].start()
        theirs.close()
        running[ours] = number
    try:
        found = _collected(running, progress)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return [found[number] for number in range(len(tasks))]


def _collected(running: dict[Connection, int], progress: Progress) -> Mapping[int, SiteSchedule]:
    found: dict[int, SiteSchedule] = {}
    while running:
        for one in wait(list(running)):
            if not isinstance(one, Connection):
                continue
            number = running[one]
            try:
                told = one.recv()
            except EOFError:
                raise _died() from None
            if isinstance(told, SiteSchedule):
                found[number] = told
                del running[one]
            else:
                progress(number, told)
    return found


def _died() -> CliError:
    message = said("a simulation ended before its time, maybe for want of memory; ask for less")
    return CliError(message, ExitCode.INTERNAL)


def _work(answers: Connection, task: Task) -> None:
    """Simulate, telling every now and then how far it has come, and the schedule in the end."""
    # Ctrl-C is the parent's to hear.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What was handed in lives as long as the process, and what a cycle makes is gone after it.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    told_at = monotonic()

    def tell(seconds: float) -> None:
        nonlocal told_at
        if monotonic() - told_at >= TELL_EVERY_S:
            told_at = monotonic()
            answers.send(seconds)

    answers.send(replay_site(task.site, task.policy, allocator_of(task.site), task.cycle_s, tell))


def allocator_of(site: Site) -> Allocator:
    """Return the service's greedy allocator for the site's nodes, recalls included."""
    layouts = Layouts(site.pools, site.nodes, site.default_mib_per_cpu)
    return recalling(GreedyStarts(layouts))
