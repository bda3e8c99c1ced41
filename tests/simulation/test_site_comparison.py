"""Who gains and who loses between two policies on one site's jobs."""

from __future__ import annotations

from scheduler.cli.simulation.running import allocator_of
from scheduler.policy_files import parse_policy
from scheduler.simulation.replay import POLICY
from scheduler.simulation.site_comparison import (
    Change,
    Comparison,
    Fared,
    change_of,
    compared,
    held_by_organisation,
)
from scheduler.simulation.site_replay import replay_site
from scheduler.simulation.synthetic import twelve_overloaded
from tests.simulation.test_site_replay import as_site

SITE = as_site(twelve_overloaded(1).first(500), 24 * 3600.0)
HARMED = "org06"


def against(more: str) -> Comparison:
    old, new = (
        replay_site(SITE, parse_policy(text)[1], allocator_of(SITE), 60)
        for text in (POLICY, POLICY + more)
    )
    return compared(SITE, old, new, 60)


def test_the_same_policy_makes_no_difference() -> None:
    found = against("")

    assert {one.change for one in found.organisations} == {Change.SAME}
    assert all(one.old == one.new for one in found.organisations)
    assert found.old == found.new


def test_a_ceiling_that_is_cut_harms_the_one_it_cuts() -> None:
    found = {one.organisation: one for one in against(_ceiling(HARMED, 1)).organisations}

    assert found[HARMED].change is Change.LOSES
    assert found[HARMED].new.gpu_hours < 0.8 * found[HARMED].old.gpu_hours
    assert found[HARMED].new.wait_median_s > found[HARMED].old.wait_median_s
    assert sum(one.change is Change.GAINS for one in found.values()) > 3


def test_a_ceiling_below_a_gang_is_told_as_refusals() -> None:
    large = max(SITE.jobs, key=lambda job: job.request.gpus)
    name = large.tenant.organisation

    found = {one.organisation: one for one in against(_ceiling(name, 1)).organisations}

    assert found[name].new.refusals > 0
    assert found[name].old.refusals == 0
    assert found[name].change in (Change.LOSES, Change.MIXED)


def test_gpu_hours_add_up_to_what_the_cluster_was_used() -> None:
    found = against("")
    hours = sum(one.old.gpu_hours for one in found.organisations)

    assert abs(hours - found.old.utilisation * SITE.capacity_gpus * 24) < 1e-6
    assert 0 < found.old.jain <= 1


def test_pictures_see_the_same_gpu_seconds_as_the_table() -> None:
    schedule = replay_site(SITE, parse_policy(POLICY)[1], allocator_of(SITE), 60)
    held = held_by_organisation(SITE.jobs, schedule)
    fares = compared(SITE, schedule, schedule, 60).organisations

    for fare in fares:
        hours = sum((end - start) * gpus for start, end, gpus in held[fare.organisation]) / 3600
        assert abs(hours - fare.old.gpu_hours) < 1e-6


def test_little_is_no_difference_and_both_ways_is_mixed() -> None:
    fared = Fared(10, 100.0, 600.0, 7200.0, 0, 0, 0)

    assert change_of(fared, Fared(10, 101.0, 620.0, 7250.0, 0, 0, 0), 60) is Change.SAME
    assert change_of(fared, Fared(10, 110.0, 600.0, 7200.0, 0, 0, 0), 60) is Change.GAINS
    assert change_of(fared, Fared(10, 100.0, 900.0, 7200.0, 0, 0, 0), 60) is Change.LOSES
    assert change_of(fared, Fared(10, 110.0, 900.0, 7200.0, 0, 0, 0), 60) is Change.MIXED
    assert change_of(fared, Fared(10, 100.0, 600.0, 7200.0, 0, 1, 0), 60) is Change.LOSES


def _ceiling(name: str, gpus: int) -> str:
    return f"[organisations.{name}]\nceiling_gpus = {gpus}\n"
