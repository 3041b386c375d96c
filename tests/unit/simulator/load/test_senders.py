"""Who may send next, and how many senders a plan needs."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.load.plan import MIXES, Mix, Plan, Point
from simulator.load.schedule import Schedule
from simulator.load.senders import PERIOD_S, SENDERS_MAX, Queue, TooFewSenders, check_enough, history, needs
from simulator.population import Population


def open_loop(rate, duration_s=120.0, **kwargs):
    plan = Plan(curve=(Point(0, rate),), duration_s=duration_s, **kwargs)
    return plan, needs(plan, Schedule(plan.curve, duration_s))


class Sender:
    """All that the queue needs of one."""

    def __init__(self, msisdn):
        self.msisdn = msisdn
        self.answers = []


def senders(count):
    return [Sender(f"8490{number:07}") for number in range(count)]


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(1, 12), st.integers(0, 2**32))
def test_quota_is_kept_however_it_is_counted(quota, count, seed):
    """Sent whenever somebody may send, answered in any order: wherever a period begins, and whenever between sending and answer an
    inquiry is counted, no more than the quota falls within it.
    """
    dice, now = Random(seed), 0.0
    queue = Queue(senders(count), quota, {}, now)
    spans = {}
    unanswered = []
    for _ in range(300):
        now += dice.choice((0.0, 0.01, 0.5, 5.0))
        while unanswered and dice.random() < 0.6:
            sender, sent = unanswered.pop(dice.randrange(len(unanswered)))
            spans.setdefault(sender.msisdn, []).append((sent, now))
            queue.answered(sender, now)
        sender = queue.take(now)
        if sender is not None:
            assert all(other is not sender for other, _ in unanswered)
            unanswered.append((sender, now))
    for sent_and_answered in spans.values():
        for (_, answered), (sent, _) in zip(sent_and_answered, sent_and_answered[quota:], strict=False):
            assert sent - answered >= PERIOD_S


def test_who_has_waited_longest_is_first():
    one, other = senders(2)
    queue = Queue([one, other], 1, {}, 0.0)
    assert queue.take(0.0) is one
    assert queue.take(0.0) is other
    assert queue.take(0.0) is None
    queue.answered(other, 1.0)
    queue.answered(one, 2.0)
    assert queue.resting == 2
    assert queue.take(60.9) is None
    assert queue.take(61.0) is other


def test_without_quota():
    (one,) = senders(1)
    queue = Queue([one], 0, {}, 0.0)
    for _ in range(100):
        assert queue.take(0.0) is one
        queue.answered(one, 0.0)


def test_an_earlier_run_counts():
    """What a sender asked just before is within the same period."""
    (one,) = before = senders(1)
    queue = Queue(before, 2, {}, 0.0)
    for now in (1.0, 2.0):
        queue.take(now)
        queue.answered(one, now)
    kept = history(before, 10.0)
    after = Queue(senders(1), 2, kept, 10.0)
    assert after.take(60.9) is None
    assert after.take(61.0) is not None
    assert history(before, 200.0) == {}


def test_needs_of_a_rate():
    """20 a minute: three senders for each inquiry a second, and some more; a short run needs those who wait for answers."""
    assert open_loop(100)[1].least == pytest.approx(315, abs=1)
    assert open_loop(100, 10)[1].least == 200
    assert open_loop(100)[1].wanted == 1000
    assert open_loop(100, quota_per_minute=0)[1].least == 200
    plan = Plan(concurrency=50, duration_s=10)
    assert needs(plan, None).least == 50
    assert needs(plan, None).wanted == 50 * 151


def test_needs_of_abuse():
    """They are besides, and as many as their rests need."""
    _, found = open_loop(100, mix=Mix(keyword=0.9, abusive=0.1))
    assert found.least == pytest.approx(315 * 0.9, abs=1)
    assert found.abusive == pytest.approx(2 + 10 * 105 / 40, abs=1)


def test_refusal_names_the_population():
    """With as many citizens as it says, the load is taken; the real population has the numbers."""
    plan, found = open_loop(1000, mix=MIXES["hostile"])
    with pytest.raises(TooFewSenders) as refused:
        check_enough(plan, found, 500)
    needed = int(re.search(r"those of (\d+) citizens; the population has 500", str(refused.value))[1])
    check_enough(plan, found, needed)
    with pytest.raises(TooFewSenders):
        check_enough(plan, found, needed - 1)
    population = Population(2000, 1)
    assert sum(len(population.numbers(index)) for index in range(2000)) >= 2000 * 1.4


def test_more_than_one_smsc_can():
    plan, found = open_loop(100_000)
    assert found.wanted == SENDERS_MAX
    with pytest.raises(TooFewSenders, match="more SMSCs"):
        check_enough(plan, found, 10**8)
