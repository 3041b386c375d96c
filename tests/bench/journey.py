"""What an inquiry costs the gateway in its own process: CPU time, without the stores and the network.

    .venv/bin/python -m tests.bench.journey [INQUIRIES=20000] [--profile] [--trace]

Real codec, session, link, pipeline and syntax; the stores are the in-memory adapters, the transport is a list. An SMSC
session at the other end makes the bytes and checks the answers. With `--trace` the
journeys are traced, and nobody reads them. The figure is the median over rounds, of CPU time.
"""

from __future__ import annotations

import asyncio
import cProfile
import datetime as dt
import gc
import pstats
import statistics
import sys
import time

from sms_service.adapters.clock import SystemClock
from sms_service.adapters.memory import (
    MemoryAuditTrail,
    MemoryJournal,
    MemoryPopulation,
    MemoryStore,
    MemorySubscribers,
    MemoryVolatile,
)
from sms_service.app import GC_THRESHOLD
from sms_service.esme import Esme
from sms_service.keys import new_keys
from sms_service.model import Subscriber, SubscriberState
from sms_service.observability.metrics import Metrics
from sms_service.ops.journeys import Journeys
from sms_service.pipeline.gateway import Gateway
from sms_service.pipeline.syntaxes import Syntaxes
from sms_service.ports import UNTRACED
from sms_service.settings import Limits, Smsc
from sms_service.smpp import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    RequestReceived,
    Role,
    Session,
    SessionSettings,
    SubmitSm,
    SubmitSmResp,
)
from syntax import REFERENCE, Versions, load, load_versions

WINDOW = 100
ROUNDS = 7


class Peer(asyncio.Protocol):
    """The SMSC: sends inquiries as its window allows, answers submit_sm, and counts."""

    def __init__(self, todo: list[DeliverSm]) -> None:
        self.todo = todo
        self.replies = 0
        self.wanted = 0
        self.done = asyncio.Event()
        self.spent = 0.0
        """CPU seconds of this end, to be taken off."""

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.session = Session(Role.SMSC, SessionSettings(window_size=WINDOW), time.monotonic())

    def data_received(self, data: bytes) -> None:
        began = time.process_time()
        now = time.monotonic()
        for event in self.session.receive_data(data, now):
            if type(event) is RequestReceived:
                if type(event.pdu) is SubmitSm:
                    self.session.respond(SubmitSmResp(sequence_number=event.pdu.sequence_number, message_id="1"))
                    self.replies += 1
                elif type(event.pdu) is BindTransceiver:
                    self.session.respond(BindTransceiverResp(sequence_number=event.pdu.sequence_number))
        self.send(now)
        if self.wanted and self.replies == self.wanted:
            self.done.set()
        self.spent += time.process_time() - began

    def send(self, now: float) -> None:
        while self.todo and self.session.window_free:
            self.session.request(self.todo.pop(), now)
        if data := self.session.data_to_send():
            self.transport.write(data)


async def _suits(_versions: Versions) -> None:
    """Any version will do."""


async def main(inquiries: int, profile: bool, trace: bool) -> None:
    """Run and print."""
    record = {
        "full_name": "Nguyễn Thị Minh Khai", "date_of_birth": dt.date(1985, 4, 30), "sex": "Nữ",
        "permanent_residence": "Số 12, đường Lý Thường Kiệt, Phường Cửa Nam, Hà Nội", "death_or_missing_date": None,
    }  # fmt: skip
    ids = [f"001185{i:06d}" for i in range(inquiries)]
    numbers = [f"8498{i:07d}" for i in range(inquiries)]
    people = {citizen_id: {**record, "citizen_id": citizen_id} for citizen_id in ids}
    owners = {
        msisdn: Subscriber(SubscriberState.AUTHENTICATED, citizen_id)
        for msisdn, citizen_id in zip(numbers, ids, strict=True)
    }
    peer = Peer([])
    server = await asyncio.get_running_loop().create_server(lambda: peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    smsc = Smsc(name="bench", host="127.0.0.1", port=port, system_id="bench", binds=1, window=WINDOW)
    clock, metrics = SystemClock(), Metrics()
    tracer = Journeys(clock) if trace else UNTRACED
    esme = Esme(smscs=[smsc], link_prefix="bench/1", throttle_retries=1, clock=clock, metrics=metrics, tracer=tracer)
    store = MemoryStore()
    journal = MemoryJournal(store, clock)
    run = await journal.open_run("bench")
    limits = Limits(quota=1_000_000)
    syntaxes = Syntaxes(
        Versions([load(REFERENCE)]), load=lambda: load_versions(REFERENCE), suits=_suits, clock=clock, metrics=metrics
    )
    gateway = Gateway(
        run=run, keys=new_keys(), syntaxes=syntaxes, smscs=[smsc], limits=limits, journal=journal,
        audit=MemoryAuditTrail(store), population=MemoryPopulation(people), subscribers=MemorySubscribers(owners),
        volatile=MemoryVolatile(clock=clock, quota_period_s=60, duplicate_window_s=300), transmitter=esme,
        clock=clock, metrics=metrics, tracer=tracer,
    )  # fmt: skip
    esme.start(gateway)
    tasks = [asyncio.create_task(gateway.run()), asyncio.create_task(esme.run())]
    while not esme.bound():
        await asyncio.sleep(0.01)
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    figures = []
    profiler = cProfile.Profile()
    for round_number in range(ROUNDS):
        peer.todo = [
            DeliverSm(
                source_addr_ton=1, source_addr_npi=1, source_addr=msisdn, destination_addr="5505", short_message=b"DC"
            )
            for msisdn in numbers
        ]
        peer.replies, peer.wanted, peer.spent = 0, inquiries, 0.0
        peer.done.clear()
        if profile and round_number == 1:
            profiler.enable()
        began = time.process_time()
        peer.send(time.monotonic())
        await peer.done.wait()
        while len(gateway.in_flight):
            await asyncio.sleep(0)
        figures.append((time.process_time() - began - peer.spent) / inquiries * 1e6)
        profiler.disable()
    print(f"{statistics.median(figures):.1f} µs CPU an inquiry (median of {ROUNDS}; least {min(figures):.1f}),")
    print("the in-memory stores' own cost included, PostgreSQL, Redis, HTTP excluded")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    server.close()
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(60)


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    asyncio.run(main(int(arguments[0]) if arguments else 20_000, "--profile" in sys.argv, "--trace" in sys.argv))
