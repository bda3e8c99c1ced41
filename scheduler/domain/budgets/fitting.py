"""What of a request a balance would still cover, in words for whoever is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from scheduler.budget_errors import BudgetExceeded
from scheduler.domain.budgets.grants import hours
from scheduler.domain.budgets.ledger import Price
from scheduler.domain.requests import GpuRequest
from scheduler.texts import Said, said, said_of

# Slurm counts walltimes in minutes.
SHORTEST_S = 60


@dataclass(frozen=True, slots=True)
class Bill:
    """What a project's grants are to pay for: so many jobs that are alike."""

    project: str
    request: GpuRequest
    price: Price
    elements: int = 1

    @property
    def cost(self) -> int:
        return self.price.cost * self.elements


def demand_cover(bill: Bill, left: int) -> None:
    """Raise BudgetExceeded where jobs must be paid for and the balance does not cover them."""
    if bill.price.must and bill.cost > left:
        fits = what_fits(bill, left)
        raise BudgetExceeded(bill.project, hours(left), hours(bill.cost), fits)


def what_fits(bill: Bill, left: int) -> Said:
    """Return fewer elements, a shorter walltime, or fewer GPUs that the balance covers."""
    found = list(_fitting(bill, left))
    if not found:
        return said("nothing of it would fit")
    ways = reduce(lambda one, other: said("{one} or {other}", one=one, other=other), found)
    return said("what would fit: {ways}", ways=ways)


def _fitting(bill: Bill, left: int) -> Iterator[Said]:
    cost, request, each = bill.price.cost, bill.request, left // bill.elements
    if bill.elements > 1 and (fewer := left // cost):
        yield said_of(fewer, "{number} element of the array", "{number} elements of the array")
    walltime_s = request.walltime_s * each // cost
    if walltime_s >= SHORTEST_S:
        yield said("a walltime of {walltime}", walltime=_as_slurm_says(walltime_s))
    gpus = request.total_gpus * each // cost
    if 0 < gpus < request.total_gpus:
        yield said_of(gpus, "{number} GPU instead", "{number} GPUs instead")


def _as_slurm_says(seconds: int) -> str:
    """Return whole minutes as --time takes them: D-HH:MM:SS or HH:MM:SS."""
    days, rest = divmod(seconds // 60, 24 * 60)
    clock = f"{rest // 60:02}:{rest % 60:02}:00"
    return f"{days}-{clock}" if days else clock
