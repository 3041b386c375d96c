"""A load run in memory: a real SMSC, and a service that answers as the population says, or as a test wants it to."""

import pytest

from simulator.load.figures import Ended, Second
from simulator.load.plan import MIXES, Mix, Plan, Point
from simulator.load.run import TICK_S, Run
from simulator.load.schedule import Schedule
from simulator.load.senders import Queue
from simulator.load.traffic import Traffic
from simulator.load.verdict import AnyReply, Judge
from simulator.population import Population
from sms_service.smpp import SessionSettings, SubmitSm
from sms_service.sms import Alphabet, LongMessages, split
from syntax import REFERENCE, load
from tests.unit.simulator.load.fake_engine import fakes, http  # noqa: F401 - fixtures of the command's tests
from tests.unit.simulator.smsc.conftest import World

SYNTAX = load(REFERENCE)
POPULATION = Population(citizens=400, seed=1)


class Load:
    """A run with its clock, and the service that it is against.

    `service(sender, nth)` gives the texts to send back to a sender's nth inquiry, as (msisdn, text, fields of the submit_sm).
    """

    def __init__(self, plan, *, senders=200, abusive=0, service=None, history=None):
        self.world = World(settings=SessionSettings(enquire_link_s=None, window_size=1000))
        self.esme = self.world.bound()
        self.plan = plan
        self.service = service or right
        traffic = Traffic(
            POPULATION, SYNTAX, plan.mix, seed=1, share=plan.share, shares=plan.shares, alphabet=Alphabet.GSM7
        )
        self.senders = list(traffic.senders(senders, abusive))
        self.by_msisdn = {sender.msisdn: sender for sender in self.senders}
        queue = Queue([one for one in self.senders if not one.abusive], plan.quota_per_minute, history or {}, 1000.0)
        self.judge = (AnyReply if plan.replies == "any" else Judge)(
            self.senders, refusal=SYNTAX.refusal, busy=SYNTAX.busy, notice=SYNTAX.over_quota, alphabet=Alphabet.GSM7
        )
        schedule = Schedule(plan.curve, plan.duration_s) if plan.curve else None
        self.run = Run(
            plan, schedule, senders=self.senders, queue=queue, judge=self.judge, smsc=self.world.center,
            alphabet=Alphabet.GSM7, history=history or {},
        )  # fmt: skip
        self.world.center.watcher = self.run
        self.seconds = []
        self.ended = None
        self.asked = {}
        self.reference = 0

    def answer(self):
        """The service takes what has come, and answers."""
        pdus = self.esme.deliveries()
        self.esme.answer(pdus)
        for pdu in pdus:
            if pdu.esm_class and pdu.short_message[5] != pdu.short_message[4]:
                continue  # not the last segment
            sender = self.by_msisdn[pdu.source_addr]
            nth = self.asked[sender.msisdn] = self.asked.get(sender.msisdn, 0) + 1
            for reply in self.service(sender, nth):
                self.submit(*reply)

    def submit(self, msisdn, text, fields=None):
        """One whole message to a phone."""
        self.reference += 1
        segments = split(text, reference=self.reference % 256, method=LongMessages.UDH, default=Alphabet.GSM7)
        for segment in segments:
            pdu = SubmitSm(
                **{
                    "source_addr": "5505", "destination_addr": msisdn, "esm_class": segment.esm_class,
                    "data_coding": segment.data_coding, "short_message": segment.short_message, **(fields or {}),
                }
            )  # fmt: skip
            self.esme.session.request(pdu, self.world.now)
        self.esme.push()
        self.esme.read()

    def step(self, answering=True):
        for happening in self.run.tick():
            if isinstance(happening, Second):
                self.seconds.append(happening)
            elif isinstance(happening, Ended):
                self.ended = happening
        if self.ended is None and answering:
            self.answer()
        self.world.now += TICK_S
        self.world.center.tick()

    def go(self, answering=lambda _now: True):
        """Until the end. `answering` says whether the service is there at a moment, in seconds since the start."""
        for _ in range(200_000):
            if self.ended is not None:
                return self.ended
            self.step(answering(self.world.now - 1000.0))
        raise AssertionError("the run does not end")


def right(sender, nth):
    return [(sender.msisdn, sender.owed.text)]


def plan(rate=50, duration=4.0, **fields):
    return Plan(curve=(Point(0, rate), Point(duration, rate)), duration_s=duration, **{"drain_s": 20.0, **fields})


@pytest.fixture
def make_load():
    return Load


__all__ = ["MIXES", "Load", "Mix", "plan", "right"]
