"""What a dashboard is made of: panels in rows, variables, units and thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a panel shows its data."""

    STAT = "stat"
    LINES = "lines"
    STACKED = "stacked"
    BARS = "bars"
    TABLE = "table"
    HEATMAP = "heatmap"
    TIMELINE = "timeline"


class Unit(StrEnum):
    """A unit by Grafana's own name for it."""

    GPUS = "suffix: GPUs"
    GPU_HOURS = "suffix: GPU·h"
    JOBS = "suffix: jobs"
    NODES = "suffix: nodes"
    PLAIN = "none"
    RATIO = "percentunit"
    SECONDS = "s"
    BYTES = "bytes"
    PER_SECOND = "cps"
    YES_NO = "bool_yes_no"


class Colour(StrEnum):
    """Colours with a meaning; lines take theirs from Grafana's palette."""

    GOOD = "green"
    WATCH = "orange"
    BAD = "red"
    NEUTRAL = "blue"


@dataclass(frozen=True, slots=True)
class Query:
    """One expression; `legend` names its series, or its column in a table."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The colour below every step, and each step's colour from its value up."""

    base: Colour = Colour.NEUTRAL
    steps: tuple[tuple[float, Colour], ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `width` is in Grafana's columns, of which there are 24."""

    title: str
    kind: Kind
    unit: Unit
    queries: tuple[Query, ...]
    description: str
    width: int = 8
    thresholds: Thresholds = Thresholds()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading, laid out from left to right."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice offered above the panels: the values that `label` has in `metric`."""

    name: str
    label: str
    metric: str
    all_at_once: bool = False


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One page; `uid` is part of its address and never changes."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()

    @property
    def panels(self) -> tuple[Panel, ...]:
        return tuple(panel for row in self.rows for panel in row.panels)


LESS_IS_WORSE = Thresholds(Colour.BAD, ((0.5, Colour.WATCH), (0.8, Colour.GOOD)))
MUST_BE_ONE = Thresholds(Colour.BAD, ((1, Colour.GOOD),))
MUST_BE_ZERO = Thresholds(Colour.GOOD, ((1, Colour.BAD),))


def one(expression: str, legend: str = "") -> tuple[Query, ...]:
    """Return the queries of a panel that has one."""
    return (Query(expression, legend),)
