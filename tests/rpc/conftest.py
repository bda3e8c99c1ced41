"""The service that these tests speak to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.rpc.world import World, a_world


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as served:
        yield served
