"""What a metric is: its kind, its labels and what bounds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric's values behave, in Prometheus' words."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


class Label(StrEnum):
    """The only labels in use. A user or a job is never one: see `BOUNDS`."""

    CLASS = "class"
    ORGANISATION = "organisation"
    POOL = "pool"
    STATE = "state"
    REASON = "reason"
    STATUS = "status"
    SOLVER = "solver"
    OUTCOME = "outcome"
    BACKEND = "backend"
    SOURCE = "source"
    VERSION = "version"
    PYTHON = "python"
    WARNING = "warning"
    QUANTILE = "quantile"
    FUND = "fund"
    PROJECT = "project"


# Each label multiplies the number of series, for years: what keeps it small is said here.
BOUNDS: Mapping[Label, str] = {
    Label.CLASS: "classes of the policy in force",
    Label.ORGANISATION: "organisations that a cluster administrator registered",
    Label.POOL: "partitions × GPU types of the cluster",
    Label.STATE: "job states, or available and unavailable for nodes",
    Label.REASON: "reasons for waiting, and `other` for any text that is none of them",
    Label.STATUS: "statuses of a solver",
    Label.SOLVER: "allocators in the code",
    Label.OUTCOME: "outcomes of a submission, or of a cycle's receipt",
    Label.BACKEND: "one backend per process",
    Label.SOURCE: "what a scrape reads: view, receipts, fairness figures, store, grants",
    Label.VERSION: "one version per process",
    Label.PYTHON: "one Python per process",
    Label.WARNING: "kinds of warnings about a policy in the code",
    Label.QUANTILE: "0.5 and 0.9",
    Label.FUND: "funds that a cluster administrator created",
    Label.PROJECT: "projects with a grant in use: cluster administrators award each",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `unit` is what one step of its value means to a reader."""

    name: str
    kind: Kind
    help: str
    unit: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is Kind.COUNTER) != self.name.endswith("_total"):
            raise ValueError(f"a counter, and nothing else, ends in _total: {self.name}")
        if (self.kind is Kind.HISTOGRAM) != bool(self.buckets):
            raise ValueError(f"a histogram, and nothing else, has buckets: {self.name}")
