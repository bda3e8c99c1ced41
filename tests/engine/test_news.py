"""The serving process is told what it needs, as often as it needs it."""

from __future__ import annotations

from scheduler.domain.receipts import ReceiptHead
from scheduler.engine.news import News, Newscaster
from tests.engine.rig import Rig, a_rig

HEAD = ReceiptHead(0, "", 0, 0, 0)


def told_by(rig: Rig) -> list[News]:
    """Return the list into which a listener of the rig's engine puts its news."""
    told: list[News] = []
    caster = Newscaster(rig.view, lambda: HEAD, told.append)
    rig.told.on_cycle = caster.on_cycle  # type: ignore[method-assign]  # the rig's one listener
    rig.told.on_backend = caster.on_backend  # type: ignore[method-assign]
    return told


def test_a_tick_tells_its_cycle_in_brief_and_the_nodes_once() -> None:
    with a_rig() as rig:
        told = told_by(rig)
        for _ in range(9):
            rig.submit("alpha", gpus=8)
        rig.ticks(2)

    up, first, second = (news.view for news in told)
    assert up.cluster is not None
    assert up.cluster.nodes == rig.view.latest().cluster.nodes  # type: ignore[union-attr]
    assert (first.cluster, second.cluster) == (None, None)
    assert first.report is not None
    assert (first.report.started_jobs, first.report.waiting_jobs) == (8, 1)
    assert first.report.allocation.decisions == ()


def test_a_node_that_fails_is_told() -> None:
    with a_rig() as rig:
        told = told_by(rig)
        rig.ticks(1)
        rig.backend.node_down("n1")
        rig.ticks(1)

    cluster = told[-1].view.cluster
    assert cluster is not None
    assert [node.name for node in cluster.nodes if not node.available] == ["n1"]


def test_an_outage_is_told_although_no_cycle_ends() -> None:
    with a_rig() as rig:
        told = told_by(rig)
        rig.ticks(1)
        rig.backend.stop_answering()
        for _ in range(3):
            rig.engine.careful_tick()

    assert [news.view.backend_up for news in told] == [True, True, False]
