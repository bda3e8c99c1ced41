"""Sums of variables that can be handed to the solver and evaluated without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ortools.sat.python.cp_model import IntVar, LinearExpr

Values = Mapping[int, int]  # by the variable's index


@dataclass(frozen=True, slots=True)
class Linear:
    """A constant plus coefficients times variables."""

    terms: tuple[tuple[int, IntVar], ...]
    constant: int = 0

    def expr(self) -> LinearExpr:
        """Return the solver's form of the sum."""
        variables = [variable for _, variable in self.terms]
        weights = [times for times, _ in self.terms]
        return LinearExpr.constant(self.constant) + LinearExpr.weighted_sum(variables, weights)

    def value(self, values: Values) -> int:
        return self.constant + sum(times * values[v.index] for times, v in self.terms)
