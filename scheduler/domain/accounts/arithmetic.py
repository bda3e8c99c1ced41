"""Numbers that say where they come from: figures made of figures, each an operation on its parts.

A figure is made by the operation that it names, so what stands above is what stands below, added
up; `holds` says so again for whoever got it from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, isclose, prod
from operator import itemgetter

from scheduler.texts import Said, said

# Half of the thousandths of a GPU to which standings are rounded.
HALF_A_THOUSANDTH = 0.0005
NEARLY = 1e-9
# An entitlement is rounded up to whole GPUs as `quotas.whole_gpus` does.
FORGIVEN = 1e-6


class Operation(StrEnum):
    """What a figure's value is of its parts' values."""

    GIVEN = "given"  # nothing: it was read, or found elsewhere in the tree
    LIST = "list"  # it has none: the parts stand side by side
    SAME = "same"
    SUM = "sum"
    DIFFERENCE = "difference"  # the first less all others
    PRODUCT = "product"
    QUOTIENT = "quotient"
    LEAST = "least"
    MOST = "most"
    ROUNDED_UP = "rounded_up"
    TO_THOUSANDTHS = "to_thousandths"


class Unit(StrEnum):
    """What a figure counts."""

    NONE = ""
    GPUS = "gpus"
    GPUS_PER_SHARE = "gpus_per_share"
    GPU_HOURS = "gpu_hours"
    HOURS = "hours"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, in words, and what it is made of; None is no number, such as no limit."""

    words: Said
    value: float | None
    unit: Unit = Unit.GPUS
    operation: Operation = Operation.GIVEN
    parts: tuple[Figure, ...] = ()

    @property
    def number(self) -> float:
        """Return the value of a figure that has one."""
        if self.value is None:
            raise ValueError(f"no number: {self.words}")
        return self.value

    def all_parts(self) -> Iterator[Figure]:
        """Yield this figure and everything below it."""
        yield self
        for part in self.parts:
            yield from part.all_parts()


def given(words: Said, value: float | None, unit: Unit = Unit.GPUS) -> Figure:
    """Return a number that is made of nothing here."""
    return Figure(words, None if value is None else float(value), unit)


def listed_figures(words: Said, *parts: Figure) -> Figure:
    """Return figures side by side under one head."""
    return Figure(words, None, Unit.NONE, Operation.LIST, parts)


def made(
    operation: Operation, words: Said, parts: Sequence[Figure], unit: Unit = Unit.GPUS
) -> Figure:
    """Return what the operation makes of the parts' values."""
    value = result(operation, [part.number for part in parts])
    return Figure(words, value, unit, operation, tuple(parts))


def least_of(words: Said, *parts: Figure) -> Figure:
    """Return the least of the parts, or the only one under these words."""
    if len(parts) == 1:
        return replace(parts[0], words=words)
    return made(Operation.LEAST, words, parts)


def left_of(words: Said, first: Figure, *others: Figure) -> Figure:
    """Return what the others leave of the first, and nothing where they are more."""
    left = made(Operation.DIFFERENCE, said("difference"), (first, *others))
    if left.number >= 0:
        return replace(left, words=words)
    return made(Operation.MOST, words, (given(said("never less than nothing"), 0), left))


def result(operation: Operation, values: Sequence[float]) -> float:
    """Return what the operation makes of these values."""
    return _MAKES[operation](values)


_MAKES: Mapping[Operation, Callable[[Sequence[float]], float]] = {
    Operation.SAME: itemgetter(0),
    Operation.SUM: sum,
    Operation.DIFFERENCE: lambda values: values[0] - sum(values[1:]),
    Operation.PRODUCT: prod,
    Operation.QUOTIENT: lambda values: values[0] / prod(values[1:]),
    Operation.LEAST: min,
    Operation.MOST: max,
    Operation.ROUNDED_UP: lambda values: float(ceil(values[0] - FORGIVEN)),
    Operation.TO_THOUSANDTHS: lambda values: round(values[0] * 1000) / 1000,
}


def holds(figure: Figure) -> bool:
    """Say whether the figure is what its operation makes of its parts; not whether they are."""
    match figure.operation:
        case Operation.GIVEN:
            return not figure.parts
        case Operation.LIST:
            return figure.value is None
    values = [part.number for part in figure.parts]
    if figure.operation is Operation.TO_THOUSANDTHS:
        return abs(figure.number - values[0]) <= HALF_A_THOUSANDTH + NEARLY
    if figure.operation is Operation.ROUNDED_UP:
        return 0 <= figure.number - values[0] + FORGIVEN < 1 + FORGIVEN
    made_of = result(figure.operation, values)
    return isclose(figure.number, made_of, rel_tol=NEARLY, abs_tol=NEARLY)
