"""A Prometheus that has watched the exporter for some cycles, once per test run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exporters.serve import serve_metrics
from tests.exporters.feed import Feed
from tests.exporters.prometheus_server import Prometheus, running_prometheus
from tests.exporters.world import Queue, a_view, an_exporter


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    view, queue = a_view(), Queue()
    registry, metrics = an_exporter(view, queue)
    exporter = serve_metrics("127.0.0.1", 0, registry)
    try:
        with running_prometheus(tmp_path_factory.mktemp("prometheus"), exporter.port) as server:
            server.wait_for('up{job="tendik-scheduler"} == 1')
            Feed(view, queue, metrics).run()
            server.wait_for("scheduler:tendik_submissions_not_accepted:ratio_15m > 0")
            yield server
    finally:
        exporter.close()
