"""Grants that pay now are served with what is left to see of them; others are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.domain.budgets.grants import Grant, GrantState, GrantStep
from scheduler.domain.budgets.ledger import Balance
from tests.exporters.world import Queue, Scrape, a_view, an_exporter

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
HOUR_S = 3600
SPEECH = {"fund": "ai-fund", "organisation": "steppe", "project": "speech"}


def a_grant(
    number: int = 1,
    *,
    project: str = "speech",
    state: GrantState = GrantState.AWARDED,
    starts: timedelta = -DAY,
    expires: timedelta = DAY,
    charged: int = 10,
) -> Grant:
    balance = Balance(awarded=100 * HOUR_S, held=65 * HOUR_S, charged=charged * HOUR_S)
    step = GrantStep(state, "saule", NOW)
    place = ("ai-fund", "steppe", project)
    return Grant(number, *place, NOW + starts, NOW + expires, (step,), balance=balance)


def scraped(*grants: Grant, broken: bool = False) -> Scrape:
    queue = Queue()
    queue.given, queue.broken = grants, broken
    registry, _ = an_exporter(a_view(), queue)
    return Scrape(registry)


def test_a_grant_in_use_is_served() -> None:
    scrape = scraped(a_grant())

    values = {
        column: scrape.value(f"tendik_grant_gpu_hours_{column}", **SPEECH)
        for column in ("granted", "held", "charged")
    }
    assert values == {"granted": 100, "held": 65, "charged": 10}
    assert scrape.value("tendik_grant_used_ratio", **SPEECH) == 0.75


def test_two_grants_of_a_project_and_fund_are_served_as_one() -> None:
    scrape = scraped(a_grant(), a_grant(2, charged=35))

    assert scrape.value("tendik_grant_gpu_hours_granted", **SPEECH) == 200
    assert scrape.value("tendik_grant_used_ratio", **SPEECH) == 0.875


def test_a_grant_that_pays_for_nothing_new_is_not_served() -> None:
    scrape = scraped(
        a_grant(1, starts=DAY, expires=2 * DAY),
        a_grant(2, expires=-DAY / 2),
        a_grant(3, state=GrantState.CLOSED),
        a_grant(4, state=GrantState.REVIEWED),
        a_grant(5, project="vision"),
    )

    assert scrape.value("tendik_grant_used_ratio", **SPEECH) is None
    assert scrape.value("tendik_grant_used_ratio", **SPEECH | {"project": "vision"}) == 0.75


def test_grants_that_cannot_be_read_are_counted_as_an_error() -> None:
    scrape = scraped(a_grant(), broken=True)

    assert scrape.value("tendik_grant_used_ratio", **SPEECH) is None
    assert scrape.value("tendik_exporter_errors_total", source="grants") == 1
