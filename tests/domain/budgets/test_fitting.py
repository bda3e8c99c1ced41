"""What is paid for is covered as a whole, and who is refused is told what would fit."""

from __future__ import annotations

import pytest

from scheduler.budget_errors import BudgetExceeded
from scheduler.domain.budgets.fitting import Bill, demand_cover, what_fits
from scheduler.domain.budgets.ledger import Price
from tests.build import a_request

HOUR_S = 3600


def a_bill(elements: int = 1, *, gpus: int = 2, must: bool = True) -> Bill:
    request = a_request(gpus, walltime_s=HOUR_S)
    return Bill("main", request, Price(gpus * HOUR_S, must=must), elements)


@pytest.mark.parametrize(("elements", "cost"), [(1, 2 * HOUR_S), (4, 8 * HOUR_S)])
def test_all_of_it_is_covered_or_refused(elements: int, cost: int) -> None:
    demand_cover(a_bill(elements), cost)
    with pytest.raises(BudgetExceeded):
        demand_cover(a_bill(elements), cost - 1)


def test_what_need_not_be_covered_is_not_refused() -> None:
    demand_cover(a_bill(must=False), 0)


@pytest.mark.parametrize(
    ("bill", "left", "told"),
    [
        (a_bill(), HOUR_S, "what would fit: a walltime of 00:30:00 or 1 GPU instead"),
        (
            a_bill(4),
            4 * HOUR_S,
            "what would fit: 2 elements of the array or a walltime of 00:30:00 or 1 GPU instead",
        ),
        (a_bill(gpus=1), 119, "what would fit: a walltime of 00:01:00"),
        (a_bill(gpus=1), 59, "nothing of it would fit"),
    ],
)
def test_what_would_fit_is_told(bill: Bill, left: int, told: str) -> None:
    assert str(what_fits(bill, left)) == told
