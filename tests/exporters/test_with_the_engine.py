"""The exporter beside a real engine, store and simulated cluster: the metrics tell their truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry

from exporters.listener import EngineMetrics
from exporters.serve import new_registry
from scheduler.allocator.greedy import allocate_greedily
from tests.engine.rig import Rig, a_rig
from tests.exporters.world import Scrape

ALPHA = {"class": "universities", "organisation": "alpha"}
BETA = {"class": "universities", "organisation": "beta"}


@dataclass
class Watched:
    """A rig and the exporter that watches it."""

    rig: Rig
    registry: CollectorRegistry
    metrics: EngineMetrics

    def tick(self) -> None:
        """Let one second pass, and tell the exporter what the engine told the rig."""
        self.rig.ticks(1)
        self.metrics.on_moved(self.rig.told.moved, self.rig.clock.now())
        for report in self.rig.told.reports:
            self.metrics.on_cycle(report)
        self.rig.told.moved, self.rig.told.reports = [], []


@pytest.fixture
def watched() -> Iterator[Watched]:
    with a_rig(allocate=allocate_greedily) as rig:
        yield Watched(rig, *new_registry(rig.view, rig.store))


def test_a_running_and_a_waiting_job_show_as_such(watched: Watched) -> None:
    watched.rig.submit("alpha", gpus=8, sleep_s=600)
    for _ in range(3):
        watched.tick()
    watched.rig.submit("beta", gpus=64)
    watched.tick()

    scrape = Scrape(watched.registry)
    assert scrape.value("tendik_jobs", **ALPHA, state="running") == 1
    assert scrape.value("tendik_jobs", **BETA, state="pending") == 1
    assert scrape.value("tendik_pending_gpus", **BETA, reason="not_enough_free_gpus") == 64
    assert scrape.value("tendik_backend_up", backend="simulated") == 1


def test_pools_add_up_to_what_organisations_hold(watched: Watched) -> None:
    for organisation in ("alpha", "beta", "startup"):
        watched.rig.submit(organisation, gpus=8, sleep_s=600)
    for _ in range(3):
        watched.tick()

    samples = Scrape(watched.registry).samples
    held = [s.value for s in samples if s.name == "tendik_organisation_gpus_held"]
    pool = [s.value for s in samples if s.name == "tendik_pool_gpus_held"]
    assert sum(held) == sum(pool) == 24
    assert [s.value for s in samples if s.name == "tendik_pool_gpus_capacity"] == [64]


def test_a_short_job_is_counted_from_its_start_to_its_end(watched: Watched) -> None:
    watched.rig.submit("alpha", gpus=4, sleep_s=10)
    for _ in range(20):
        watched.tick()

    scrape = Scrape(watched.registry)
    assert scrape.value("tendik_job_wait_seconds_count", **ALPHA) == 1
    assert scrape.value("tendik_jobs_ended_total", **ALPHA, state="completed") == 1
    assert scrape.value("tendik_jobs", **ALPHA, state="running") == 0
    used = [s.value for s in scrape.samples if s.name == "tendik_gpu_seconds_total"]
    assert sum(used) == pytest.approx(4 * 10, abs=4 * 2)
