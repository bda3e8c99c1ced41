"""Tests of the HTTP side: loopback, a free port, an end."""

from __future__ import annotations

import socket
from urllib.request import urlopen

import pytest

from exporters.serve import serve_metrics
from tests.exporters.world import an_exporter


def test_metrics_are_served_on_loopback_until_closed() -> None:
    registry, _ = an_exporter()
    server = serve_metrics("", 0, registry)
    with urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    server.close()

    assert "tendik_build_info" in text
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_a_taken_port_is_an_error_at_the_start() -> None:
    registry, _ = an_exporter()
    first = serve_metrics("127.0.0.1", 0, registry)

    with pytest.raises(OSError, match="in use"):
        serve_metrics("127.0.0.1", first.port, registry)
    first.close()


def test_two_registries_live_side_by_side() -> None:
    assert an_exporter()[0] is not an_exporter()[0]
