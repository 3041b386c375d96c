"""Simulated SMSCs as the load command sees them."""

import pytest_asyncio

from simulator.load.remote import Smsc, session


@pytest_asyncio.fixture
async def http():
    async with session() as opened:
        yield opened


@pytest_asyncio.fixture
async def fakes(http):
    """Starts fake SMSCs and returns them with their clients."""
    running = []

    async def start(*made):
        running.extend([await fake.start() for fake in made])
        return [Smsc(http, fake.url) for fake in made]

    yield start
    for fake in running:
        await fake.close()
