"""Tests of what a scrape reads from the view and the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exporters.collectors import FreshCounts
from exporters.queue_families import reason_label
from exporters.serve import new_registry
from scheduler.domain.changes.proposals import BY_ITSELF, again_in_force
from scheduler.domain.changes.warnings import WarningKind
from scheduler.domain.estimates import TrackRecord
from scheduler.domain.jobs import JobState
from scheduler.domain.policies import PerPool, Policy, Quota
from scheduler.domain.reasons import Reason
from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import CycleReport, QueueCount
from scheduler.errors import StoreUnavailable
from tests.build import NOON, POOL
from tests.exporters.world import (
    FELL_BACK,
    Queue,
    Scrape,
    a_count,
    a_policy_version,
    a_report,
    a_share,
    a_view,
    an_exporter,
)

ALPHA = {"class": "universities", "organisation": "alpha"}
BETA = {"class": "startups", "organisation": "beta"}


def scrape_of(report: CycleReport | None = None, *counts: QueueCount, up: bool = True) -> Scrape:
    registry, _ = an_exporter(a_view(report, up=up), Queue(*counts))
    return Scrape(registry)


def test_an_account_is_served_as_the_cycle_left_it() -> None:
    scrape = scrape_of(a_report(a_share(entitled=16.5, held=20, wanted=24, mean_gpus=4.5)))

    values = {
        column: scrape.value(f"tendik_organisation_gpus_{column}", **ALPHA, pool=POOL)
        for column in ("entitled", "held", "wanted", "borrowed", "lent")
    }
    assert values == {"entitled": 16.5, "held": 20, "wanted": 24, "borrowed": 4, "lent": 2}
    assert scrape.value("tendik_organisation_mean_gpus", **ALPHA) == 4.5


def test_the_mean_of_an_organisation_in_two_pools_is_served_once() -> None:
    scrape = scrape_of(a_report(a_share(), a_share(pool="gpu/a100")))

    assert scrape.value("tendik_organisation_mean_gpus", **ALPHA) == 4.5


def test_a_pool_adds_up_its_organisations() -> None:
    beta = a_share("beta", tenant_class="startups", held=12, wanted=12)
    scrape = scrape_of(a_report(a_share(held=8, wanted=24), beta))

    values = {
        column: scrape.value(f"tendik_pool_gpus_{column}", pool=POOL)
        for column in ("capacity", "held", "foreign", "wanted")
    }
    assert values == {"capacity": 64, "held": 20, "foreign": 4, "wanted": 36}


def test_nodes_that_cannot_start_jobs_are_counted_apart() -> None:
    scrape = scrape_of()

    assert scrape.value("tendik_pool_nodes", pool=POOL, state="available") == 7
    assert scrape.value("tendik_pool_nodes", pool=POOL, state="unavailable") == 1


def test_an_even_cluster_has_no_fairness_error() -> None:
    even = [a_share(name, entitled=8, held=8, wanted=9) for name in ("alpha", "beta")]
    scrape = scrape_of(a_report(*even))

    assert scrape.value("tendik_fairness_error_ratio", pool=POOL) == 0
    assert scrape.value("tendik_fairness_jain_ratio", pool=POOL) == 1


def test_one_holding_everything_shows_as_unfair() -> None:
    greedy = a_share("alpha", entitled=8, held=16, wanted=20)
    empty = a_share("beta", entitled=8, held=0, wanted=20)
    scrape = scrape_of(a_report(greedy, empty))

    assert scrape.value("tendik_fairness_error_ratio", pool=POOL) == 1
    assert scrape.value("tendik_fairness_jain_ratio", pool=POOL) == 0.5


def test_receipts_are_counted_as_their_book_counts_them() -> None:
    head = ReceiptHead(9, "", kept=7, failed=2, skipped=1)
    registry, _ = new_registry(a_view(), Queue(), lambda: head)
    scrape = Scrape(registry)

    counts = {
        outcome: scrape.value("tendik_receipts_total", outcome=outcome)
        for outcome in ("kept", "failed", "skipped")
    }
    assert counts == {"kept": 7, "failed": 2, "skipped": 1}


def test_what_the_policy_does_not_fit_is_counted_by_kind() -> None:
    view = a_view(a_report())
    quota = Quota(floor=PerPool(0, {POOL: 57, "gpu/h20": 1}))
    policy = Policy({"universities": quota, "startups": Quota()})
    view.cycle_ended(replace(a_policy_version(), policy=policy), a_report())
    scrape = Scrape(an_exporter(view)[0])

    found = {kind: scrape.value("tendik_policy_warnings", warning=kind) for kind in WarningKind}
    told = {kind for kind, count in found.items() if count}
    assert told == {WarningKind.UNKNOWN_POOL, WarningKind.FLOORS_OVER_NODES_UP}
    assert found[WarningKind.FLOORS_OVER_CAPACITY] == 0


def test_start_times_are_judged_by_class() -> None:
    view = a_view(a_report())
    view.start_times_judged((TrackRecord("students", judged=20, within_p50=11, within_p90=18),))
    scrape = Scrape(an_exporter(view)[0])

    parts = [
        scrape.value(
            "tendik_start_estimate_coverage_ratio", **{"class": "students", "quantile": level}
        )
        for level in ("0.5", "0.9")
    ]
    assert parts == [0.55, 0.9]
    assert scrape.value("tendik_start_estimates_judged", **{"class": "students"}) == 20


def test_only_the_last_status_of_the_solver_is_set() -> None:
    scrape = scrape_of(a_report(allocation=FELL_BACK))

    assert scrape.value("tendik_solver_status", status="not_run") == 1
    assert scrape.value("tendik_solver_status", status="optimal") == 0
    assert scrape.value("tendik_cycle_last_timestamp_seconds") == NOON.timestamp()


def test_a_policy_that_came_back_by_itself_is_told() -> None:
    view = a_view(a_report())
    registry, _ = an_exporter(view)
    before = Scrape(registry).value("tendik_policy_came_back")

    back = again_in_force(a_policy_version(), BY_ITSELF, NOON, "rolled back by itself")
    view.cycle_ended(replace(back, number=4), a_report())

    assert (before, Scrape(registry).value("tendik_policy_came_back")) == (0, 1)


def test_before_the_first_cycle_the_backend_and_the_policy_are_known() -> None:
    scrape = scrape_of(up=False)

    assert scrape.value("tendik_backend_up", backend="simulated") == 0
    assert scrape.value("tendik_backend_last_read_timestamp_seconds", backend="simulated") == 0
    assert scrape.value("tendik_cycle_last_timestamp_seconds") == 0
    assert scrape.value("tendik_policy_version") == 3


def test_jobs_of_an_organisations_users_are_added_up() -> None:
    counts = [a_count(user="u1", jobs=2), a_count(user="u2", jobs=3)]
    scrape = scrape_of(None, *counts, a_count(state=JobState.RUNNING, jobs=4))

    assert scrape.value("tendik_jobs", **ALPHA, state="pending") == 5
    assert scrape.value("tendik_jobs", **ALPHA, state="running") == 4


def test_an_organisation_without_jobs_shows_zero() -> None:
    scrape = scrape_of(a_report(a_share("beta", tenant_class="startups")))

    assert scrape.value("tendik_jobs", **BETA, state="pending") == 0


def test_pending_gpus_are_split_by_reason() -> None:
    waiting = a_count(reason="others_first", jobs=2, gpus=16)
    scrape = scrape_of(None, waiting, a_count(reason="", jobs=1, gpus=4))

    assert scrape.value("tendik_pending_gpus", **ALPHA, reason="others_first") == 16
    assert scrape.value("tendik_pending_jobs", **ALPHA, reason="not_yet_considered") == 1


@pytest.mark.parametrize("reason", Reason)
def test_a_known_reason_keeps_its_name(reason: Reason) -> None:
    assert reason_label(reason.value) == reason.value


def test_a_free_text_never_becomes_a_label() -> None:
    assert reason_label("sbatch: error: user 1001 said 'hello'") == "other"


def test_a_failing_store_costs_only_the_queue_and_is_counted() -> None:
    queue = Queue(a_count())
    registry, _ = an_exporter(a_view(a_report()), queue)
    queue.broken = True

    scrape = Scrape(registry)

    assert scrape.value("tendik_exporter_errors_total", source="store") == 1
    assert "tendik_jobs" not in scrape.names()
    assert scrape.value("tendik_pool_gpus_capacity", pool=POOL) == 64


def test_the_queue_is_back_with_the_store() -> None:
    queue = Queue(a_count())
    registry, _ = an_exporter(a_view(), queue)
    queue.broken = True
    Scrape(registry)

    queue.broken = False

    assert Scrape(registry).value("tendik_jobs", **ALPHA, state="pending") == 1


def test_scrapes_within_a_second_read_the_store_once() -> None:
    now = [100.0]
    queue = Queue()
    counts = FreshCounts(queue, keep_s=1.0, monotonic=lambda: now[0])
    reads = []
    for moment in (100.0, 100.9, 101.0):
        now[0] = moment
        counts.read()
        reads.append(queue.reads)

    assert reads == [1, 1, 2]


def test_old_counts_are_not_served_when_the_store_fails() -> None:
    now = [100.0]
    queue = Queue(a_count())
    counts = FreshCounts(queue, keep_s=1.0, monotonic=lambda: now[0])
    counts.read()
    now[0], queue.broken = 102.0, True

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            counts.read()


def test_registering_reads_nothing() -> None:
    queue = Queue()
    an_exporter(queue=queue)

    assert queue.reads == 0


def test_a_follower_serves_only_what_it_says_for_itself() -> None:
    view = a_view(a_report())
    view.follows()
    scrape = Scrape(an_exporter(view, Queue(a_count()))[0])

    assert (scrape.value("tendik_leader"), scrape.value("tendik_leader_epoch")) == (0, 1)
    assert scrape.value("tendik_backend_up", backend="simulated") == 1
    of_the_cluster = {"tendik_jobs", "tendik_pool_gpus_held", "tendik_cycle_last_timestamp_seconds"}
    assert scrape.names() & of_the_cluster == set()
