"""The allocator that searches with CP-SAT, and falls back where a search fails."""

from __future__ import annotations

from collections import Counter

from scheduler.allocator.explain import concluded
from scheduler.allocator.greedy import fill
from scheduler.allocator.model import AllocationModel, build, deal
from scheduler.allocator.search import Limits, NoSolution, Search
from scheduler.allocator.shapes import Candidate, Problem, Progress, candidates, problem_of
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
        began = Progress(problem)
        found = candidates(began)
        if not found:
            return concluded(began, Allocation((), NAME, SolverStatus.NOT_RUN))
        try:
            return self._searched(began, found)
        except NoSolution as error:
            return _fell_back(problem, error.status, str(error))
        except Exception as error:  # a fault in the solver must not stop the scheduler
            return _fell_back(problem, SolverStatus.INVALID, f"{type(error).__name__}: {error}")

    def _searched(self, began: Progress, found: tuple[Candidate, ...]) -> Allocation:
        model = build(began, found)
        even = Progress(began.problem)
        fill(even, smallest_first=True)
        search = Search(model, self._limits, planned(model, even))
        for stage in STAGES:
            stage(search)
        if not search.solved and search.status is not SolverStatus.OPTIMAL:
            raise NoSolution(SolverStatus.UNKNOWN)
        end = carried_out(began.problem, model, search.values)
        # A search that a limit ended may leave gangs waiting that fit; nobody should.
        fill(end)
        stages = tuple(search.results)
        return concluded(end, Allocation((), NAME, search.status, stages))


def _fell_back(problem: Problem, status: SolverStatus, why: str) -> Allocation:
    progress = Progress(problem)
    fill(progress)
    return concluded(progress, Allocation((), "greedy", status, fell_back_because=why))


def planned(model: AllocationModel, progress: Progress) -> dict[int, int]:
    """Return the values of the model's variables that stand for these starts."""
    starts = Counter(progress.options)
    values = {
        variable.index: starts[candidate.group, candidate.option]
        for candidate, variable in model.starts.items()
    }
    parts: Counter[int] = Counter()
    for (_, option), start in zip(progress.options, progress.starts, strict=True):
        parts.update(model.chunks[option][name].index for name in start.placement.nodes)
    for variables in model.chunks.values():
        values.update((variable.index, parts[variable.index]) for variable in variables.values())
    for key, variable in model.started.items():
        values[variable.index] = model.sum_of(*key).value(values)
    return values


def carried_out(problem: Problem, model: AllocationModel, values: dict[int, int]) -> Progress:
    """Return the starts that these values stand for, the oldest groups first."""
    end = Progress(problem)
    for option, variables in model.chunks.items():
        groups = [
            candidate.group
            for candidate, variable in model.starts.items()
            if candidate.option is option
            for _ in range(values[variable.index])
        ]
        parts = Counter({name: values[variable.index] for name, variable in variables.items()})
        for group, nodes in zip(groups, deal(option.gang.nodes, len(groups), parts), strict=True):
            end.start(group, option, nodes)
    return end
