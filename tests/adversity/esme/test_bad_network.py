"""The ESME over a network that cuts, delays and splits: every reply has one outcome, and is delivered in the end.

Here the clock is the machine's, since the network is; the waits are made short by the settings.
"""

import asyncio
import contextlib
from collections import Counter

import pytest
import uvloop

from sms_service.adapters.clock import SystemClock
from sms_service.esme import Esme
from sms_service.model import Acknowledgement, AckStatus, DeliveryResult
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.dispatch import UNCERTAIN_SENDINGS_MAX
from sms_service.smpp import CommandStatus
from tests.adversity.proxy import Proxy, Weather
from tests.unit.esme.fake_smsc import FakeSmsc, mo, until
from tests.unit.esme.rig import reply, settings

IMPATIENT = {
    "rebind_min_s": 0.01,
    "rebind_max_s": 0.05,
    "response_timeout_s": 0.5,
    "enquire_link_s": 0.3,
}

PATIENT = {"response_timeout_s": 60.0, "enquire_link_s": 60.0}
"""Where nothing is lost, a busy machine must not look like a loss."""


def pytest_asyncio_loop_factories(config, item):
    """The gateway's own event loop."""
    return {"uvloop": uvloop.new_event_loop}


class Pipeline:
    """As much of the pipeline as the ESME sees: it acknowledges what comes, and sends again what is returned."""

    def __init__(self):
        self.received = self._received
        self.outcomes = self._outcomes
        self.pending = {}
        self.sent = Counter()
        self.uncertain = Counter()
        self.results = Counter()
        self.messages = Counter()
        self.again = []

    def join(self, esme):
        self.esme = esme

    def send(self, replies):
        for one in replies:
            assert one.inquiry_id not in self.pending
            self.pending[one.inquiry_id] = one
            self.sent[one.inquiry_id] += 1
        self.esme.submit(replies)

    def _received(self, batch):
        for message in batch:
            self.messages[message.short_message] += 1
        self.esme.acknowledge([Acknowledgement(one.link, one.sequence_number, AckStatus.ACCEPTED) for one in batch])

    def _outcomes(self, batch):
        for outcome in batch:
            one = self.pending.pop(outcome.inquiry_id)  # KeyError: a second outcome for one sending
            self.results[outcome.result] += 1
            self.uncertain[outcome.inquiry_id] += outcome.uncertain
            if outcome.result is DeliveryResult.RETURNED:
                assert outcome.unconfirmed
                self.again.append(one)

    def links_changed(self):
        pass

    async def until_confirmed(self, count):
        """Send again what comes back, until that many replies are confirmed."""
        async with asyncio.timeout(40):
            while self.results[DeliveryResult.CONFIRMED] < count:
                if self.again and self.esme.window("test"):
                    again, self.again = self.again, []
                    self.send(again)
                await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def esme_through(proxy, **fields):
    pipeline = Pipeline()
    esme = Esme(
        smscs=[settings(proxy.port, **IMPATIENT | fields)],
        link_prefix="gateway-1/7",
        throttle_retries=100,
        clock=SystemClock(),
        metrics=Metrics(),
    )
    pipeline.join(esme)
    esme.start(pipeline)
    task = asyncio.create_task(esme.run())
    try:
        await until(lambda: esme.window("test"))
        yield pipeline
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def smsc():
    fake = FakeSmsc()
    await fake.listen()
    yield fake
    await fake.close()


def arrivals(smsc):
    """How often each reply's text arrived."""
    return Counter(pdu.short_message for pdu in smsc.submitted)


async def test_pieces_and_delays(smsc):
    """PDUs cut into pieces of any size and late are the same PDUs: nothing is lost, doubled or out of order."""
    weather = Weather(piece_octets=(1, 97), delay_s=(0, 0.0003))
    async with (
        Proxy(("127.0.0.1", smsc.port), weather=weather, seed=1) as proxy,
        esme_through(proxy, **PATIENT) as pipeline,
    ):
        peer = smsc.peers[0]
        numbers = peer.deliver(*(mo(b"DC %d" % number) for number in range(200)))
        pipeline.send([reply(number, b"%d a" % number, b"%d b" % number) for number in range(200)])
        await pipeline.until_confirmed(200)
        await until(lambda: len(peer.responses) == 200)
        assert peer.statuses() == dict.fromkeys(numbers, CommandStatus.ESME_ROK)
        assert list(pipeline.messages) == [b"DC %d" % number for number in range(200)]
        expected = [b"%d %s" % (number, part) for number in range(200) for part in (b"a", b"b")]
        assert [pdu.short_message for pdu in peer.submitted] == expected
        assert proxy.cuts == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_connections_that_die_at_any_octet(smsc, seed):
    """Every sending has one outcome; every reply arrives in the end; twice only where an outcome said that it may have."""
    weather = Weather(life_octets=(500, 6_000), piece_octets=(1, 3000))
    count = 600
    async with Proxy(("127.0.0.1", smsc.port), weather=weather, seed=seed) as proxy:
        async with esme_through(proxy, binds=3, window=20) as pipeline:
            pipeline.send([reply(number, b"%d" % number) for number in range(count)])
            await pipeline.until_confirmed(count)
            assert not pipeline.pending
        assert proxy.cuts >= 5
        arrived = arrivals(smsc)
        assert set(arrived) == {b"%d" % number for number in range(count)}
        for number in range(count):
            assert arrived[b"%d" % number] <= 1 + pipeline.uncertain[number]
        assert sum(pipeline.uncertain.values()) <= 20 * proxy.cuts  # never more than were in the windows
        print(
            f"{proxy.cuts} cuts, {sum(pipeline.uncertain.values())} uncertain, {sum(arrived.values()) - count} doubled"
        )


async def test_a_parted_network(smsc):
    """Nothing passes and nobody is told: the bind is given up by its silence, and stands again when the network does."""
    async with Proxy(("127.0.0.1", smsc.port)) as proxy, esme_through(proxy) as pipeline:
        proxy.hold()
        pipeline.send([reply(1), reply(2)])
        await until(lambda: pipeline.results[DeliveryResult.RETURNED] == 2)
        assert pipeline.uncertain == {1: 1, 2: 1}
        await until(lambda: not pipeline.esme.live_links())
        proxy.release()
        await until(pipeline.esme.live_links)
        await pipeline.until_confirmed(2)


async def test_an_smsc_that_restarts(smsc):
    """Refused connections are retried until the SMSC is back, on all binds."""
    async with Proxy(("127.0.0.1", smsc.port)) as proxy, esme_through(proxy, binds=4) as pipeline:
        await until(lambda: len(pipeline.esme.live_links()) == 4)
        await proxy.refuse()
        proxy.cut()
        await until(lambda: not pipeline.esme.live_links())
        pipeline.send([reply(1)])
        assert pipeline.again
        await proxy.accept()
        await until(lambda: len(pipeline.esme.live_links()) == 4)
        await pipeline.until_confirmed(1)
        assert not any(pipeline.uncertain.values())


async def test_one_bind_of_two_answers_no_submit_sm(smsc):
    """It answers enquire_link, so it stands; its replies leave over the other, none three times in vain, and it is cut."""
    async with Proxy(("127.0.0.1", smsc.port)) as proxy, esme_through(proxy, binds=2) as pipeline:
        await until(lambda: len(pipeline.esme.live_links()) == 2)
        deaf = smsc.peers[0]
        smsc.on_submit = lambda peer, pdu: peer is deaf or peer.answer(pdu)
        pipeline.send([reply(number, b"%d" % number) for number in range(200)])
        await pipeline.until_confirmed(200)
        await until(lambda: deaf.lost)  # the proxy tells it a moment after the bind is cut
        assert max(pipeline.uncertain.values()) < UNCERTAIN_SENDINGS_MAX
        assert sum(pipeline.uncertain.values()) == len(deaf.submitted)
