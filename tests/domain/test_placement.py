"""Where a job could start, and which jobs are alike in that."""

from __future__ import annotations

from dataclasses import fields

from scheduler.domain.placement import LAYOUT_FIELDS, options
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.resources import Amount
from tests.build import a_node, a_pending, a_snapshot, nodes


def test_a_job_has_an_option_in_each_pool_that_suits_it() -> None:
    machines = [a_node("n1"), a_node("n2", pool="gpu/a100"), a_node("n3", pool="big/a100")]

    found = options(a_pending(1, gpu_type="a100"), a_snapshot(on=machines))

    assert {option.pool: option.nodes for option in found} == {
        "gpu/a100": ("n2",),
        "big/a100": ("n3",),
    }


def test_a_gang_is_laid_out_for_the_largest_node_even_when_it_is_drained() -> None:
    machines = [a_node("n1", available=False), a_node("n2", gpus=4)]

    (option,) = options(a_pending(1, gpus=8), a_snapshot(on=machines))

    assert (option.gang.nodes, option.nodes, option.unavailable) == (1, (), 1)
    assert not option.is_up


def test_nodes_need_the_features_and_the_size() -> None:
    machines = [a_node("n1", features=["nvlink"]), a_node("n2"), a_node("n3", cpus=2)]
    job = a_pending(1, gpus=1, cpus_per_task=4)
    picky = a_pending(2, constraint=(frozenset({"nvlink"}),))

    snapshot = a_snapshot(on=machines)

    assert [option.nodes for option in options(job, snapshot)] == [("n1", "n2")]
    assert [option.nodes for option in options(picky, snapshot)] == [("n1",)]


def test_busy_nodes_are_options_too() -> None:
    busy = a_node(used=Amount(8, 8, 8))

    assert options(a_pending(gpus=8), a_snapshot(on=[busy]))[0].is_up


def test_a_gang_larger_than_the_cluster_has_no_option() -> None:
    request = a_pending(1, gpus=8, gpus_per=GpusPer.NODE, nodes=3)

    assert options(request, a_snapshot(on=nodes(2))) == ()


def test_only_the_walltime_of_a_request_does_not_decide_where_it_fits() -> None:
    every = {field.name for field in fields(GpuRequest)}

    assert every - set(LAYOUT_FIELDS) == {"walltime_s"}
