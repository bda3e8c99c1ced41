"""Numbers and operations of figures, as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from scheduler.texts import Said, listed, said
from scheduler.v1.cluster_service_pb2 import Figure, FigureOperation

# Of longer sums only their length is told.
MOST_IN_A_LINE = 6

_UNITS: Mapping[str, Callable[[str], Said]] = {
    "gpus_per_share": lambda number: said("{number} GPUs a share", number=number),
    "gpu_hours": lambda number: said("{number} GPU-hours", number=number),
    "hours": lambda number: said("{number} hours", number=number),
}
_SIGNS: Mapping[int, str] = {
    FigureOperation.FIGURE_OPERATION_SUM: " + ",
    FigureOperation.FIGURE_OPERATION_DIFFERENCE: " - ",
    FigureOperation.FIGURE_OPERATION_PRODUCT: " × ",
    FigureOperation.FIGURE_OPERATION_QUOTIENT: " / ",
}


def number_of(value: float, unit: str = "") -> str:
    """Return the number, with three places where it is not whole; GPUs need no unit."""
    number = f"{value:,.3f}".rstrip("0").rstrip(".")
    return _UNITS[unit](number) if unit in _UNITS else number


def formula(figure: Figure) -> str:
    """Return what the figure is of its parts: "= 64 / 3", "= the least of 16 and 24"."""
    numbers = [number_of(part.value) for part in figure.parts]
    match figure.operation:
        case FigureOperation.FIGURE_OPERATION_LEAST:
            return said("= the least of {numbers}", numbers=_several(numbers))
        case FigureOperation.FIGURE_OPERATION_MOST:
            return said("= the greatest of {numbers}", numbers=_several(numbers))
        case FigureOperation.FIGURE_OPERATION_ROUNDED_UP:
            return said("= {number} rounded up", number=numbers[0])
        case FigureOperation.FIGURE_OPERATION_TO_THOUSANDTHS:
            return said("= {number} to thousandths", number=numbers[0])
    if len(numbers) > MOST_IN_A_LINE:
        return said("= the sum of the {count} below", count=len(numbers))
    sign = _SIGNS.get(figure.operation, ", ")
    return listed(("=", sign.join(numbers)), " ") if numbers else Said()


def _several(numbers: Sequence[str]) -> Said:
    return said("{first} and {last}", first=listed(numbers[:-1]), last=numbers[-1])
