"""Administrators' views: one look at the cluster, and an organisation's arithmetic as a tree."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scheduler.cli.figures import formula, number_of
from scheduler.cli.reader_times import told_clock
from scheduler.v1 import cluster_service_pb2 as cluster
from tests.cli.conftest import Tendik
from tests.cli.overview_world import ACCOUNT, OVERVIEW, Op, a_figure
from tests.cli.service import Service
from tests.cli.test_terminal import on_a_terminal


def test_one_look_begins_with_what_is_wrong(tendik: Tendik) -> None:
    lines = tendik("admin", "overview").stdout.splitlines()
    head, policy, critical, warning, signature, step, shadow, canary, *_ = lines

    assert "slurm-cli, answers" in head
    assert policy == 'policy 3 "national default" by ops'
    since = told_clock(OVERVIEW.alerts[0].since_time.ToDatetime(UTC), datetime.now(UTC))
    page = "docs/operators.md#tendikbackenddown"
    assert critical == f"CRITICAL: slurm-cli does not answer, since {since}, {page}"
    assert warning == "! 3 jobs wait longer than promised"
    assert signature == 'proposal 4 "more for startups" waits for a signature'
    assert step == 'proposal 3 "more for startups" is signed and waits to be put in force'
    assert shadow == 'proposal 2 "more for startups" is in shadow'
    assert canary.startswith('proposal 1 "more for startups" is tried on startups until 20')


def test_pools_tell_what_is_up_down_held_and_kept_free(tendik: Tendik) -> None:
    shown = tendik("admin", "overview").stdout

    row = next(line.split() for line in shown.splitlines() if line.startswith("alem/h200 "))
    assert row == ["alem/h200", "64", "8", "54", "4", "2", "6", "88"]


def test_those_furthest_from_their_entitlement_come_first(tendik: Tendik) -> None:
    lines = tendik("admin", "overview").stdout.splitlines()

    first = next(n for n, line in enumerate(lines) if line.startswith("ORGANISATION")) + 1
    names = [line.split()[0] for line in lines[first : first + 4]]
    assert names == ["steppe-robotics", "astana-university", "almaty-institute", "health-agency"]
    assert lines[first + 1].split()[2:9] == ["16", "16.0", "12", "28", "-", "-", "4"]


def test_who_borrows_from_whom_and_what_is_owed_is_said(tendik: Tendik) -> None:
    lines = tendik("admin", "overview").stdout.splitlines()

    assert "alem/h200: borrowed by steppe-robotics 9" in lines
    assert "alem/h200: lent by health-agency 13, of their even shares" in lines
    assert "alem/h200: owed to astana-university 4" in lines


def test_the_longest_waits_come_with_reason_and_expected_start(tendik: Tendik) -> None:
    lines = tendik("admin", "overview").stdout.splitlines()

    row = next(line for line in lines if line.startswith("1042 "))
    assert "others first" in row
    assert ", by " in row


def test_cycles_tell_whether_the_best_was_proved(tendik: Tendik) -> None:
    lines = tendik("admin", "overview").stdout.splitlines()

    results = [line.split("cp-sat")[1].strip() for line in lines if "cp-sat" in line]
    assert results == ["within 3.0% of the best", "proved the best", "nothing to search"]


def test_a_quiet_cluster_says_that_nothing_is_wrong(tendik: Tendik, service: Service) -> None:
    service.overview = cluster.GetOverviewResponse(backend="simulated", backend_up=True)

    shown = tendik("admin", "overview").stdout
    assert "no alerts" in shown
    assert "another replica decides" in shown


def test_the_screen_fits_a_hundred_columns(environ: dict[str, str]) -> None:
    shown = on_a_terminal("admin", "overview", environ=environ | {"NO_COLOR": "1"})

    assert max(len(line) for line in shown.splitlines()) <= 100


def test_the_tree_stands_each_number_on_what_it_is_made_of(tendik: Tendik) -> None:
    result = tendik("admin", "explain", "astana-university")

    assert result.stdout.splitlines() == [
        "astana-university (universities) in alem/h200: entitled to 21.333 GPUs, holds 12, "
        "wants 28",
        "├── entitlement of astana-university: 21.333 = the least of 28 and 21.333",
        "│   ├── wanted: 28",
        "│   └── what each share gets: 21.333 GPUs a share = 64 / 3",
        "│       ├── GPUs left for those who are left: 64",
        "│       └── their shares together: 3",
        "└── what the policy says",
        "    ├── ceiling: no limit",
        "    └── floor: 4",
        "- it may start 10 more GPUs by its entitlement",
        "",
    ]
    assert "by version 3 of the policy" in result.stderr


def test_long_lists_are_cut_but_for_who_asks_for_all(tendik: Tendik, service: Service) -> None:
    many = [a_figure(f"organisation {n}", 1) for n in range(15)]
    total = a_figure("together", 15, *many, operation=Op.FIGURE_OPERATION_SUM)
    account = cluster.OrganisationAccount(figures=[total])
    service.account = cluster.ExplainOrganisationResponse(accounts=[account])

    cut = tendik("admin", "explain", "x").stdout
    assert "together: 15 = the sum of the 15 below" in cut
    assert "organisation 11" in cut
    assert "organisation 12" not in cut
    assert "and 3 more" in cut
    assert "organisation 14" in tendik("admin", "explain", "x", "-o", "wide").stdout


def test_without_a_share_there_is_nothing_to_explain(tendik: Tendik, service: Service) -> None:
    service.account = cluster.ExplainOrganisationResponse()

    assert "gives its class no share" in tendik("admin", "explain", "operations").stderr


def test_pools_of_no_use_to_it_are_only_named(tendik: Tendik, service: Service) -> None:
    idle = cluster.OrganisationAccount(pool="alem/a100")
    service.account = cluster.ExplainOrganisationResponse(accounts=[idle, *ACCOUNT.accounts])

    result = tendik("admin", "explain", "x")
    assert "alem/a100" not in result.stdout
    assert "it holds and wants nothing in alem/a100" in result.stderr
    assert "alem/a100" in tendik("admin", "explain", "x", "-o", "wide").stdout


def test_the_question_names_organisation_and_pool(tendik: Tendik, service: Service) -> None:
    tendik("admin", "explain", "astana-university", "--pool", "alem/h200")

    asked = service.last(cluster.ExplainOrganisationRequest)
    assert (asked.organisation_id, asked.pool) == ("astana-university", "alem/h200")


def test_figures_are_nested_in_json(tendik: Tendik) -> None:
    told = json.loads(tendik("admin", "explain", "astana-university", "-o", "json").stdout)

    (first, policy) = told["accounts"][0]["figures"]
    assert (first["operation"], policy["operation"]) == ("least", "list")
    level = first["parts"][1]
    assert [part["value"] for part in level["parts"]] == [64, 3]
    assert policy["parts"][0]["value"] is None


@pytest.mark.parametrize(
    ("operation", "told"),
    {
        Op.FIGURE_OPERATION_SAME: "= 64",
        Op.FIGURE_OPERATION_SUM: "= 64 + 3",
        Op.FIGURE_OPERATION_DIFFERENCE: "= 64 - 3",
        Op.FIGURE_OPERATION_PRODUCT: "= 64 × 3",
        Op.FIGURE_OPERATION_QUOTIENT: "= 64 / 3",
        Op.FIGURE_OPERATION_LEAST: "= the least of 64 and 3",
        Op.FIGURE_OPERATION_MOST: "= the greatest of 64 and 3",
        Op.FIGURE_OPERATION_ROUNDED_UP: "= 64 rounded up",
        Op.FIGURE_OPERATION_TO_THOUSANDTHS: "= 64 to thousandths",
    }.items(),
)
def test_an_operation_is_told_in_words(operation: cluster.FigureOperation, told: str) -> None:
    single = operation in {
        Op.FIGURE_OPERATION_SAME,
        Op.FIGURE_OPERATION_ROUNDED_UP,
        Op.FIGURE_OPERATION_TO_THOUSANDTHS,
    }
    parts = [a_figure("a", 64), a_figure("b", 3)][: 1 if single else 2]

    assert formula(a_figure("x", 1, *parts, operation=operation)) == told


def test_numbers_have_three_places_at_most_and_units_where_they_need_one() -> None:
    assert [number_of(value) for value in (64, 64 / 3, 0.5, 12_000)] == [
        "64",
        "21.333",
        "0.5",
        "12,000",
    ]
    assert number_of(2.5, "gpu_hours") == "2.5 GPU-hours"
    assert number_of(2.5, "gpus") == "2.5"


def test_the_world_of_these_tests_adds_up() -> None:
    assert ACCOUNT.accounts[0].entitled_gpus == ACCOUNT.accounts[0].figures[0].value
    assert OVERVIEW.pools[0].pool.capacity_gpus == 64
