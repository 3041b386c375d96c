"""One gateway in a world of memory, with two links to its SMSC."""

import pytest

from tests.unit.pipeline.world import World


@pytest.fixture
async def world():
    async with World() as world:
        yield world


@pytest.fixture
async def gateway(world):
    return await world.instance().start("a1", "a2")
