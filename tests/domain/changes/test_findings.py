"""What a forecast says is harmful is told with numbers, and whom it hits."""

from __future__ import annotations

from dataclasses import replace

from scheduler.domain.changes.findings import ForecastKind, forecast_findings, shadow_findings
from scheduler.domain.changes.forecast import Affected, PolicyForecast, Standing
from scheduler.domain.changes.proposals import ProposalState
from scheduler.domain.changes.trial_summaries import trial_summaries
from scheduler.domain.changes.trials import Trial
from tests.build import NOON, POOL, a_tenant

FORECAST = PolicyForecast(NOON, ())
SAME = Standing("alpha", "universities", POOL, 8, 8, 8.0, 8.0, 32.0, 32.0, 0)


def told(forecast: PolicyForecast) -> dict[ForecastKind, str]:
    return {one.kind: str(one.message) for one in forecast_findings(forecast)}


def jobs(*organisations: str) -> tuple[Affected, ...]:
    return tuple(Affected(n, a_tenant(name), 8) for n, name in enumerate(organisations))


def test_jobs_that_start_or_wait_are_no_harm() -> None:
    moved = replace(FORECAST, starts=jobs("alpha"), held_back=jobs("beta"), spared=jobs("gamma"))

    assert told(replace(moved, standings=(SAME,))) == {}


def test_recalled_jobs_are_told_with_whose_they_are() -> None:
    found = told(replace(FORECAST, recalled=jobs("alpha", "beta", "beta")))

    assert found == {
        ForecastKind.RECALLS_JOBS: "3 running jobs are recalled that would run on; GPUs: beta 16, "
        "alpha 8"
    }


def test_of_many_those_hit_most_are_named() -> None:
    found = told(replace(FORECAST, barred=jobs(*(f"org-{n}" for n in range(7)))))

    assert found[ForecastKind.BARS_JOBS].endswith("org-4 8 and 2 more")


def test_who_is_over_a_new_limit_is_told_by_how_much() -> None:
    over = (replace(SAME, over=3), replace(SAME, organisation="beta", over=5), SAME)

    assert told(replace(FORECAST, standings=over)) == {
        ForecastKind.OVER_NEW_LIMIT: "more is held than the new limits allow, and nothing of "
        "theirs starts until it is less; GPUs: beta 5, alpha 3"
    }


def test_who_keeps_less_than_a_third_is_told_and_who_keeps_it_is_not() -> None:
    third, less = replace(SAME, even_after=32 / 3), replace(SAME, even_after=10.0)

    assert told(replace(FORECAST, standings=(third,))) == {}
    assert told(replace(FORECAST, standings=(less,))) == {
        ForecastKind.LOSES_SHARE: "less than a third is left of what is had while everybody wants "
        f"everything; GPUs: alpha 32.0 -> 10.0 ({POOL})"
    }


def test_a_shadow_tells_of_the_jobs_that_it_would_recall_or_bar_and_of_no_others() -> None:
    harmless = Trial(1, ProposalState.SHADOWED, 1, NOON, (SAME,), {POOL: 64}, spared=(4,))
    first = replace(harmless, recalled=(7,), barred=(8,))
    second = replace(harmless, recalled=(7,), barred=(8, 9))

    (harm,), (none,) = trial_summaries([first, second]), trial_summaries([harmless])

    assert list(shadow_findings(none)) == []
    assert [(one.kind, str(one.message)) for one in shadow_findings(harm)] == [
        (
            ForecastKind.RECALLED_IN_SHADOW,
            f"1 running job was to be recalled in 2 cycles in shadow since {NOON:%F %T} UTC, "
            "that ran on",
        ),
        (
            ForecastKind.BARRED_IN_SHADOW,
            "2 waiting jobs would have passed a limit in 2 cycles in shadow since "
            f"{NOON:%F %T} UTC",
        ),
    ]
