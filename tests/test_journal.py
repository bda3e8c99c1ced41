"""The journal tells where a fault happened, and nothing of what was worked on."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import structlog
from scheduler.journal import log_as_json

def identify(token):
    raise RuntimeError("a fault of ours")

log_as_json("info")
try:
    identify("tdk_" + "se" + "cret")
except RuntimeError:
    structlog.get_logger().exception("failed", error_id="e1")
"""


def test_a_fault_is_logged_without_the_values_that_its_code_held() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert "a fault of ours" in done.stderr
    assert "identify" in done.stderr
    assert "tdk_secret" not in done.stderr
