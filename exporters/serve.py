"""Serves a registry over HTTP for Prometheus, on loopback unless told otherwise."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from exporters import names
from exporters.collectors import FreshCounts, StateCollector, StoreReader
from exporters.families import gauge
from exporters.listener import EngineMetrics
from scheduler.domain.receipts import ReceiptHead
from scheduler.ports import ViewReader

LOOPBACK = "127.0.0.1"


class MetricsServer:
    """Answers GET /metrics from a thread of its own until it is closed."""

    def __init__(self, server: WSGIServer, thread: Thread) -> None:
        self._server = server
        self._thread = thread
        self.port = server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


NO_RECEIPTS = ReceiptHead(0, "", 0, 0, 0)


def new_registry(
    view: ViewReader, store: StoreReader, receipts: Callable[[], ReceiptHead] = lambda: NO_RECEIPTS
) -> tuple[CollectorRegistry, EngineMetrics]:
    """Return a registry with every metric, and the listener that the engine must tell.

    `receipts` says where the chain of receipts stands; without it none are kept.
    """
    # The library would add a *_created series to each counter: twice the series for no question.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it bare
    registry = CollectorRegistry()
    registry.register(StateCollector(view, FreshCounts(store), store, receipts))
    build = gauge(names.BUILD_INFO, registry)
    build.labels(version("tendik"), platform.python_version()).set(1)
    ProcessCollector(registry=registry)
    return registry, EngineMetrics(registry)


def serve_metrics(address: str, port: int, registry: CollectorRegistry) -> MetricsServer:
    """Start serving; port 0 takes a free one. Raises OSError when the port is taken."""
    return MetricsServer(*start_http_server(port, address or LOOPBACK, registry))
