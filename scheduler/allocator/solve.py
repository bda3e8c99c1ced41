"""The allocator that searches with CP-SAT, and falls back where a search fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from math import floor

from scheduler.allocator.divisible import Divisible
from scheduler.allocator.explain import concluded
from scheduler.allocator.filling import fill, smallest_first
from scheduler.allocator.model import AllocationModel, build, deal
from scheduler.allocator.plans import planned, serve_due
from scheduler.allocator.search import Limits, NoSolution, Search
from scheduler.allocator.shapes import Progress, candidates, problem_of
from scheduler.allocator.stages import STAGES
from scheduler.allocator.standings import LEVELS, PER_GPU
from scheduler.domain.decisions import Allocation, SolverStatus, StageResult
from scheduler.domain.shares.quotas import Subject
from scheduler.domain.snapshot import Snapshot

NAME = "cp-sat"
# Beyond these a search no longer ends within a cycle; measured on two cores.
MOST_GROUPS, MOST_CHUNKS = 2000, 2000
MOST_ROUNDS = 8
WHOLE = 1e-4  # forgives the last bits of a linear program's sum of GPUs

# How a cycle ends, and what is to be said of the search beside its decisions.
Decided = tuple[Progress, Allocation]


class CpSatAllocator:
    """Decides by the law's stages, each solved and then held.

    With one worker the same snapshot gets the same answer, as long as the solver's work limit
    ends a stage before the clock does. A search that fails in any way leaves the decision to the
    greedy allocator, and says why.
    """

    def __init__(self, time_limit_s: float = 5.0, seed: int = 0, workers: int = 1) -> None:
        self._limits = Limits(time_limit_s, time_limit_s / 2, seed, workers)

    def __call__(self, snapshot: Snapshot) -> Allocation:
        end, allocation = self._decided(snapshot, _bounded)
        return concluded(end, planned(end, allocation))

    def end_of(self, snapshot: Snapshot) -> Progress:
        """Return how the cycle ends: the same starts and plans, neither proved nor explained."""
        return self._decided(snapshot, _filled)[0]

    def _decided(self, snapshot: Snapshot, large: Callable[[Progress], Decided]) -> Decided:
        beginning = Progress(problem_of(snapshot))
        serve_due(beginning)
        try:
            return self._searched(beginning) if is_small(beginning) else large(beginning)
        except NoSolution as error:
            return _fell_back(beginning, error.status, str(error))
        except Exception as error:  # a fault in the solver must not stop the scheduler
            return _fell_back(beginning, SolverStatus.INVALID, f"{type(error).__name__}: {error}")

    def _searched(self, beginning: Progress) -> Decided:
        end, even = beginning.copy(), beginning.copy()
        found = candidates(end)
        if not found and not end.starts:
            return _without_search(end)
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
        return end, Allocation((), NAME, search.status, stages)


def is_small(progress: Progress) -> bool:
    """Say whether gangs and nodes are few enough to be searched exactly."""
    groups = progress.problem.groups
    options = {option for group in groups for option in group.options}
    return len(groups) <= MOST_GROUPS and sum(len(o.nodes) for o in options) <= MOST_CHUNKS


def _bounded(beginning: Progress) -> Decided:
    """Fill by shares, and tell the gap to what leximin would give if gangs could be divided.

    With very many gangs, one more or less matters little, and filling by shares comes out within
    a gang of each tenant's due; the stages say how far from it.
    """
    guide = beginning.copy()
    fill(guide)
    if not guide.starts:
        return _without_search(guide)
    divisible = Divisible(beginning, MOST_ROUNDS)
    owners = {group.tenant.path(2) for group in guide.problem.groups if group.options}
    rivals = {depth: len({owner[:depth] for owner in owners}) for depth in (1, 2)}
    stages = [_level(guide, depth, divisible.levels(depth), rivals[depth]) for depth in (1, 2)]
    started = sum(start.placement.gang.gpus for start in guide.starts)
    most = max(
        started, min(floor(divisible.most_gpus() + WHOLE), started + guide.nodes.idle_gpus())
    )
    status = SolverStatus.OPTIMAL if started == most else SolverStatus.FEASIBLE
    stages.append(StageResult("gpus", status, started, most))
    proved = all(stage.status is SolverStatus.OPTIMAL for stage in stages)
    status = SolverStatus.OPTIMAL if proved else SolverStatus.FEASIBLE
    return guide, Allocation((), "lp-bound", status, tuple(stages))


def _level(
    guide: Progress, depth: int, amounts: Mapping[Subject, float], rivals: int
) -> StageResult:
    """Return the tenant that is furthest below its share of divisible gangs."""
    standings = guide.standings
    pairs = [
        (standings.amount(path) / standings.share(path), amount / standings.share(path))
        for path, amount in amounts.items()
    ]
    got, bound = max(pairs, key=lambda pair: pair[1] - pair[0], default=(0.0, 0.0))
    proved = bound - got <= 1 and len(amounts) >= rivals
    status = SolverStatus.OPTIMAL if proved else SolverStatus.FEASIBLE
    return StageResult(LEVELS[depth], status, got / PER_GPU, max(got, bound) / PER_GPU)


def _filled(beginning: Progress) -> Decided:
    """Fill as `_bounded` does, and leave out the bounds."""
    fill(beginning)
    return _without_search(beginning)


def _without_search(end: Progress) -> Decided:
    return end, Allocation((), NAME, SolverStatus.NOT_RUN)


def _fell_back(beginning: Progress, status: SolverStatus, why: str) -> Decided:
    fill(beginning)
    return beginning, Allocation((), "greedy", status, fell_back_because=why)


def values_of(model: AllocationModel, progress: Progress, since: int = 0) -> dict[int, int]:
    """Return the values of the model's variables that stand for the starts since so many."""
    options, made = progress.options[since:], progress.starts[since:]
    known = {(group, c.option): c for c in model.starts for group in c.bundle.groups}
    values = {variable.index: 0 for variable in model.starts.values()}
    parts: Counter[int] = Counter()
    for key, start in zip(options, made, strict=True):
        candidate = known[key]
        values[model.starts[candidate].index] += 1
        chunks = model.chunks[model.shelf(candidate)]
        parts.update(chunks[name].index for name in start.placement.nodes)
    for variables in model.chunks.values():
        values.update((variable.index, parts[variable.index]) for variable in variables.values())
    for (path, pool), variable in model.started.items():
        values[variable.index] = model.sum_of(path, pool).value(values)
    return values


def carry_out(end: Progress, model: AllocationModel, values: dict[int, int]) -> None:
    """Make the starts that these values stand for, the oldest groups first."""
    for shelf, variables in model.chunks.items():
        bundles = [
            candidate.bundle
            for candidate in model.by_shelf[shelf]
            for _ in range(values[model.starts[candidate].index])
        ]
        parts = Counter({name: values[variable.index] for name, variable in variables.items()})
        option = shelf[0]
        dealt = deal(option.gang.nodes, len(bundles), parts)
        for bundle, nodes in zip(bundles, dealt, strict=True):
            end.start(end.first_of(bundle), option, nodes)
