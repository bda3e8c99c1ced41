"""The allocator that searches with CP-SAT, and falls back where a search fails."""

from __future__ import annotations

from collections import Counter

from scheduler.allocator.explain import concluded
from scheduler.allocator.greedy import fill, smallest_first
from scheduler.allocator.model import AllocationModel, build, deal
from scheduler.allocator.plans import Planner, planned
from scheduler.allocator.search import Limits, NoSolution, Search
from scheduler.allocator.shapes import Progress, candidates, problem_of
from scheduler.allocator.stages import STAGES
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.snapshot import Snapshot

NAME = "cp-sat"


class CpSatAllocator:
    """Decides by the law's stages, each solved and then held.

    With one worker the same snapshot gets the same answer, as long as the solver's work limit
    ends a stage before the clock does. A search that fails in any way leaves the decision to the
    greedy allocator, and says why.
    """

    def __init__(self, time_limit_s: float = 5.0, seed: int = 0, workers: int = 1) -> None:
        self._limits = Limits(time_limit_s, time_limit_s / 2, seed, workers)

    def __call__(self, snapshot: Snapshot) -> Allocation:
        problem = problem_of(snapshot)
        guide = Progress(problem)
        planner = Planner(guide)
        planner.serve_due()
        fill(guide, planner)
        if not guide.starts:
            return _concluded(guide, Allocation((), NAME, SolverStatus.NOT_RUN))
        try:
            return self._searched(guide)
        except NoSolution as error:
            return _fell_back(guide, error.status, str(error))
        except Exception as error:  # a fault in the solver must not stop the scheduler
            return _fell_back(guide, SolverStatus.INVALID, f"{type(error).__name__}: {error}")

    def _searched(self, guide: Progress) -> Allocation:
        end, even = _as_planned(guide), _as_planned(guide)
        found = candidates(end)
        model = build(end, found)
        fill(even, order=smallest_first(even))
        search = Search(model, self._limits, values_of(model, even, since=len(end.starts)))
        for stage in STAGES if found else ():
            stage(search)
        if not search.solved and search.status is not SolverStatus.OPTIMAL:
            raise NoSolution(SolverStatus.UNKNOWN)
        carry_out(end, model, search.values)
        # A search that a limit ended may leave gangs waiting that fit; nobody should.
        fill(end)
        stages = tuple(search.results)
        return _concluded(end, Allocation((), NAME, search.status, stages))


def _concluded(progress: Progress, allocation: Allocation) -> Allocation:
    return concluded(progress, planned(progress, allocation))


def _as_planned(guide: Progress) -> Progress:
    """Return a beginning with the same jobs served for their wait and the same plans as there."""
    progress = Progress(guide.problem)
    Planner(progress).serve_due()
    for plan in guide.timeline.plans:
        if not plan.due:
            progress.timeline.keep(plan)
    return progress


def _fell_back(guide: Progress, status: SolverStatus, why: str) -> Allocation:
    return _concluded(guide, Allocation((), "greedy", status, fell_back_because=why))


def values_of(model: AllocationModel, progress: Progress, since: int = 0) -> dict[int, int]:
    """Return the values of the model's variables that stand for the starts since so many."""
    options, made = progress.options[since:], progress.starts[since:]
    starts = Counter(options)
    values = {
        variable.index: starts[candidate.group, candidate.option]
        for candidate, variable in model.starts.items()
    }
    parts: Counter[int] = Counter()
    shelves = {(c.group, c.option): model.shelf(c) for c in model.starts}
    for key, start in zip(options, made, strict=True):
        chunks = model.chunks[shelves[key]]
        parts.update(chunks[name].index for name in start.placement.nodes)
    for variables in model.chunks.values():
        values.update((variable.index, parts[variable.index]) for variable in variables.values())
    for (path, pool), variable in model.started.items():
        values[variable.index] = model.sum_of(path, pool).value(values)
    return values


def carry_out(end: Progress, model: AllocationModel, values: dict[int, int]) -> None:
    """Make the starts that these values stand for, the oldest groups first."""
    for shelf, variables in model.chunks.items():
        groups = [
            candidate.group
            for candidate, variable in model.starts.items()
            if model.shelf(candidate) == shelf
            for _ in range(values[variable.index])
        ]
        parts = Counter({name: values[variable.index] for name, variable in variables.items()})
        option = shelf[0]
        for group, nodes in zip(groups, deal(option.gang.nodes, len(groups), parts), strict=True):
            end.start(group, option, nodes)
