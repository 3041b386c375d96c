"""A scripted SMSC and an ESME bound to it, on asyncio's own event loop and on uvloop, which the gateway runs on."""

import asyncio
import contextlib

import pytest
import uvloop

from tests.unit.esme.fake_smsc import FakeSmsc
from tests.unit.esme.rig import Rig, settings


def pytest_asyncio_loop_factories(config, item):
    """Their transports differ in when they call back."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def smsc():
    """An SMSC that listens."""
    fake = FakeSmsc()
    await fake.listen()
    yield fake
    await fake.close()


@pytest.fixture
def joined(smsc):
    """Run an ESME against the SMSC, with these settings, and wait until its binds stand."""

    @contextlib.asynccontextmanager
    async def join(*, links=1, throttle_retries=3, **fields):
        rig = Rig(settings(smsc.port, **fields), throttle_retries=throttle_retries)
        async with rig.running():
            await rig.bound(links)
            yield rig

    return join
