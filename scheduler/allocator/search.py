"""One search over a model: what is best so far, the time that is left, the stages' results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from time import monotonic

from ortools.sat.python import cp_model
from ortools.sat.python.cp_model import CpModel, CpSolver

from scheduler.allocator.bounds import Room
from scheduler.allocator.linear import Linear
from scheduler.allocator.model import AllocationModel
from scheduler.domain.decisions import SolverStatus, StageResult
from scheduler.domain.shares.quotas import Subject

STATUSES: Mapping[cp_model.CpSolverStatus, SolverStatus] = {
    cp_model.OPTIMAL: SolverStatus.OPTIMAL,
    cp_model.FEASIBLE: SolverStatus.FEASIBLE,
    cp_model.INFEASIBLE: SolverStatus.INFEASIBLE,
    cp_model.MODEL_INVALID: SolverStatus.INVALID,
    cp_model.UNKNOWN: SolverStatus.UNKNOWN,
}
# No one solve may use up the time of the stages after it.
PART_OF_THE_REST = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """When a search ends. `work_limit` counts the solver's own deterministic seconds.

    As long as the work limit ends a search before the clock does, it can be repeated exactly.
    """

    time_limit_s: float = 5.0
    work_limit: float = 2.5
    seed: int = 0
    workers: int = 1


class NoSolution(Exception):
    """The solver gave a clear no, or ran out of time with nothing in hand."""

    def __init__(self, status: SolverStatus) -> None:
        super().__init__(f"the solver found no solution: {status.value}")
        self.status = status


class Search:
    """The best known values of the variables, improved by one objective after another."""

    def __init__(self, model: AllocationModel, limits: Limits, values: dict[int, int]) -> None:
        self.model = model
        self.values = values
        self.results: list[StageResult] = []
        self.room = Room(model.free_amount())
        self._limits = limits
        self._ends_at = monotonic() + limits.time_limit_s
        self._work_left = limits.work_limit
        self.solved = False

    @property
    def status(self) -> SolverStatus:
        """Return OPTIMAL when every stage was proved best, else FEASIBLE."""
        proved = all(result.status is SolverStatus.OPTIMAL for result in self.results)
        return SolverStatus.OPTIMAL if proved else SolverStatus.FEASIBLE

    def maximise(self, stage: str, objective: Linear, most: float) -> None:
        """Reach the highest value of the objective, and hold it from now on.

        Nothing is searched when the best known values reach `most`, which none can exceed.
        """
        status, bound = SolverStatus.OPTIMAL, most
        if objective.value(self.values) < most:
            status, bound = self.improve(self.model.cp.copy(), objective)
        value = objective.value(self.values)
        self.model.cp.add(objective.expr() >= value)
        self.results.append(StageResult(stage, status, value, min(bound, most)))

    def secure(self, path: Subject, amount: Linear, more: int) -> None:
        """Hold a tenant's amount at what it began with and so much more, from now on."""
        if more > self.room.sure(path):
            self.room.secure(path, more)
            self.model.cp.add(amount.expr() >= amount.constant + more)

    def improve(self, cp: CpModel, objective: Linear) -> tuple[SolverStatus, float]:
        """Search for better values from the best known ones; return how it ended and the bound.

        Raises NoSolution when the model is infeasible or invalid.
        """
        cp.maximize(objective.expr())
        cp.proto.solution_hint.vars.extend(self.values.keys())
        cp.proto.solution_hint.values.extend(self.values.values())
        solver = self._solver()
        status = STATUSES[solver.solve(cp)]
        self._work_left -= solver.response_proto.deterministic_time
        if status in (SolverStatus.INFEASIBLE, SolverStatus.INVALID):
            raise NoSolution(status)
        if status is SolverStatus.UNKNOWN:
            return status, inf
        self.solved = True
        solution = solver.response_proto.solution
        self.values = {index: solution[index] for index in self.values}
        return status, solver.best_objective_bound

    def _solver(self) -> CpSolver:
        solver = CpSolver()
        parameters = solver.parameters
        parameters.num_workers = self._limits.workers
        parameters.random_seed = self._limits.seed
        # Measured on queues of 300 to 2,000 jobs: with all constraints in its LP the solver
        # proves in tens of milliseconds what it otherwise does not in seconds.
        parameters.linearization_level = 2
        parameters.search_branching = cp_model.LP_SEARCH
        parameters.symmetry_level = 0
        parameters.cp_model_probing_level = 0
        parameters.max_presolve_iterations = 1
        parameters.max_time_in_seconds = self._part(self._ends_at - monotonic())
        parameters.max_deterministic_time = self._part(self._work_left)
        return solver

    @staticmethod
    def _part(rest: float) -> float:
        return max(0.0, rest * PART_OF_THE_REST)
