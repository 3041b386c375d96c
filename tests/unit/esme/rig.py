"""An `Esme` under test: a clock that the test moves, a sink that remembers, metrics of its own."""

import asyncio
import contextlib

from sms_service.adapters.memory.clock import FakeClock
from sms_service.esme import Esme
from sms_service.esme.pacing import BEAT_S
from sms_service.model import OutboundReply
from sms_service.observability.metrics import Metrics
from sms_service.ports import UNTRACED
from sms_service.settings import Smsc
from sms_service.sms.segments import Segment
from tests.unit.esme.fake_smsc import until


def settings(port, **fields):
    """One SMSC on the loopback."""
    return Smsc(
        **{"name": "test", "host": "127.0.0.1", "port": port, "system_id": "c06", "password": "secret", "binds": 1}
        | fields
    )


def reply(inquiry_id, *texts, smsc="test", source="5505", destination="84912345678"):
    """A reply of a segment for each text."""
    segments = tuple(Segment(0, 0, text, ()) for text in texts or (b"answer",))
    return OutboundReply(
        inquiry_id=inquiry_id, smsc=smsc, source_addr=source, destination_addr=destination, segments=segments
    )


class NotingClock(FakeClock):
    """Remembers how long was slept, beats left out."""

    def __init__(self):
        super().__init__()
        self.waits = []

    async def sleep(self, seconds):
        if seconds != BEAT_S:
            self.waits.append(seconds)
        await super().sleep(seconds)


class Sink:
    """Remembers what the ESME handed over."""

    def __init__(self):
        self.messages = []
        self.batches = []
        self.results = []
        self.changes = 0
        self.on_received = lambda _batch: None

    def received(self, batch):
        self.messages += batch
        self.batches.append(len(batch))
        self.on_received(batch)

    def outcomes(self, batch):
        self.results += batch

    def links_changed(self):
        self.changes += 1


class Rig:
    """The ESME and what it is joined to."""

    def __init__(self, *smscs, throttle_retries=3, tracer=UNTRACED):
        self.clock = NotingClock()
        self.waits_lived = 0
        self.metrics = Metrics()
        self.sink = Sink()
        self.esme = Esme(
            smscs=smscs,
            link_prefix="gateway-1/7",
            throttle_retries=throttle_retries,
            clock=self.clock,
            metrics=self.metrics,
            tracer=tracer,
        )

    def value(self, metric, **labels):
        """A figure."""
        return self.metrics.registry.get_sample_value(metric, labels or {"smsc": "test"})

    @contextlib.asynccontextmanager
    async def running(self):
        """Run the ESME."""
        self.esme.start(self.sink)
        task = asyncio.create_task(self.esme.run())
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def bound(self, links=1):
        """Wait until that many links are bound."""
        await until(lambda: len(self.esme.live_links()) == links)
