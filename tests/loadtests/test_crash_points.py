"""The engine dies once at every commit and every call, and no job is lost or doubled by it."""

from __future__ import annotations

import pytest

from loadtests.crash_points.__main__ import verdicts


@pytest.mark.postgres
def test_every_death_is_survived() -> None:
    judged = verdicts(("sqlite", "postgresql"), hits=(1,))

    assert [verdict for verdict in judged if verdict.faults] == []
