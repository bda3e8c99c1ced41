"""What of a request a balance would still cover, in words for whoever is refused."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.budget_errors import BudgetExceeded
from scheduler.domain.budgets import Price
from scheduler.domain.grants import hours
from scheduler.domain.jobs import Job
from scheduler.domain.requests import GpuRequest
from scheduler.texts import Said, listed, said, said_of


def refusal(
    project: str, request: GpuRequest, price: Price, elements: int, left: int
) -> BudgetExceeded:
    """Return the error for jobs that a balance of `left` does not cover."""
    fits = what_fits(request, price, elements, left)
    return BudgetExceeded(project, hours(left), hours(price.cost * elements), fits)


def demand_cover(job: Job, cost: int, left: int) -> None:
    """Raise BudgetExceeded where a job that must be paid for lacks so much for another run."""
    if job.funding is not None and job.funding.price.must and cost > left:
        raise refusal(job.tenant.project, job.spec.request, job.funding.price, 1, left)


def what_fits(request: GpuRequest, price: Price, elements: int, left: int) -> Said:
    """Return fewer elements, a shorter walltime, or fewer GPUs that the balance covers."""
    found = list(_fitting(request, price, elements, left))
    if not found:
        return said("nothing of it would fit")
    return said("what would fit: {ways}", ways=listed(found, said(" or ")))


def _fitting(request: GpuRequest, price: Price, elements: int, left: int) -> Iterator[Said]:
    if elements > 1 and (fewer := left // price.cost):
        yield said_of(fewer, "{number} element of the array", "{number} elements of the array")
    each = left // elements
    walltime_s = request.walltime_s * each // price.cost
    if walltime_s >= 60:
        yield said("a walltime of {walltime}", walltime=_as_slurm_says(walltime_s))
    gpus = request.total_gpus * each // price.cost
    if 0 < gpus < request.total_gpus:
        yield said_of(gpus, "{number} GPU instead", "{number} GPUs instead")


def _as_slurm_says(seconds: int) -> str:
    """Return whole minutes as --time takes them: D-HH:MM:SS or HH:MM:SS."""
    days, rest = divmod(seconds // 60, 24 * 60)
    clock = f"{rest // 60:02}:{rest % 60:02}:00"
    return f"{days}-{clock}" if days else clock
