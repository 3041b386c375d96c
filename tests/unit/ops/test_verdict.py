"""Whether citizens are being answered, and why not: each trouble by itself, and the order in which they are told."""

import re

import pytest

from sms_service.model import BindState
from sms_service.ops.exchange import Seen
from sms_service.ops.figures import Backlog, Flow, InstanceState, Orders
from sms_service.ops.overview import Overview
from sms_service.ops.sayings import _WORDS, saying
from sms_service.ops.verdict import Finding, Level, judge
from tests.unit.ops.fleet import answered, bind, notice, part, parts, smsc, view

DOWN = bind(state=BindState.DOWN, why="Connection refused")
STOPPED = bind(state=BindState.STOPPED, why="stopped by an operator")
SLOW_BUCKET = 90


def minute(**fields):
    return Flow(**{"accepted": 600, "endings": {"answered": 600}} | fields)


def codes(*instances, alone=""):
    return [(finding.level.value, finding.code) for finding in judge(view(*instances, alone=alone))]


def test_well():
    """Answering, with how many and how fast; or nobody has texted."""
    (finding,) = judge(view())
    assert (finding.level, finding.code, finding.count) == (Level.WELL, "answering", 600)
    assert 0.009 < finding.seconds <= 0.0115
    assert codes(notice(minute=Flow(), latency_minute={})) == [("well", "quiet")]


CASES = {
    "bad starting": [notice(state=InstanceState.STARTING, parts=(part("start", "waiting for the journal"),), smscs=())],
    "bad leaving": [notice(state=InstanceState.LEAVING)],
    "bad journal_down": [notice(parts=parts(journal="journal: PostgreSQL cannot be reached"))],
    "warn journal_down_at": [notice("gateway-1"), notice("gateway-2", parts=parts(journal="away"))],
    "bad subscribers_down": [notice(parts=parts(subscribers="HTTP 503"))],
    "warn subscribers_down_at": [notice("gateway-1"), notice("gateway-2", parts=parts(subscribers="away"))],
    "bad population_down": [notice(parts=parts(population="does not answer in time"))],
    "warn population_down_at": [notice("gateway-1"), notice("gateway-2", parts=parts(population="away"))],
    "bad every_smsc_down": [notice(smscs=(smsc("viettel", DOWN, DOWN),))],
    "bad smsc_down": [notice(smscs=(smsc("viettel", DOWN), smsc("vina", bind("vina"))))],
    "warn binds_missing": [notice(smscs=(smsc("viettel", bind(), DOWN),))],
    "bad drained": [notice(orders=Orders(draining=True), minute=minute(turned_away={"try_later": 9}))],
    "warn drained_at": [notice("gateway-1"), notice("gateway-2", orders=Orders(draining=True))],
    "warn isolated": [notice(orders=Orders(isolated=("viettel",)), minute=minute(turned_away={"try_later": 9}))],
    "warn smsc_stopped": [notice(smscs=(smsc("viettel", STOPPED, STOPPED), smsc("vina", bind("vina"))))],
    "bad stuck": [notice(in_flight=4, oldest_s=31.0)],
    "warn waiting": [notice(in_flight=4, oldest_s=11.0)],
    "warn instance_silent": [notice("gateway-1"), Seen(notice("gateway-2"), 42.0)],
    "warn alone": [notice("gateway-1"), notice("gateway-2")],
    "warn turned_away": [notice(minute=minute(turned_away={"try_later": 7}))],
    "warn full": [notice(minute=minute(turned_away={"queue_full": 7}))],
    "warn expired": [notice(minute=minute(endings={"answered": 500, "expired": 3}))],
    "warn suspended": [notice(minute=minute(endings={"suspended": 3}))],
    "warn undeliverable": [notice(minute=minute(endings={"answered": 90, "undeliverable": 10}))],
    "warn slow": [notice(oldest_s=4.0, latency_minute={SLOW_BUCKET: 50})],
    "warn throttled": [notice(smscs=(smsc(minute=Flow(segments=600, throttled=7)),))],
    "warn unreadable": [notice(unreadable=2)],
    "warn redis_down": [notice(parts=parts(redis="redis: it cannot be reached"))],
    "warn redis_down_at": [notice("gateway-1"), notice("gateway-2", parts=parts(redis="away"))],
}


@pytest.mark.parametrize("told", CASES)
def test_each_trouble_by_itself(told):
    """Is found, and nothing else is."""
    level, code = told.split()
    assert codes(*CASES[told], alone="redis: away" if code == "alone" else "") == [(level, code)]


def test_every_word_is_of_a_finding():
    """And every finding has its words: those that are tried here are all."""
    assert {told.split()[1] for told in CASES} | {"answering", "quiet", "smsc_deaf"} == set(_WORDS)


@pytest.mark.parametrize(
    "well",
    [
        [notice("gateway-1"), notice("gateway-2", state=InstanceState.STARTING, parts=(part("start", "waits"),), smscs=())],
        [notice("gateway-1"), notice("gateway-2", state=InstanceState.LEAVING)],
        [notice(smscs=(smsc("viettel", bind(mode="tx"), bind(mode="rx")),))],
        [notice(smscs=(smsc("viettel", bind(), STOPPED),))],
        [notice(smscs=(smsc(minute=Flow(segments=600, throttled=6)),))],
        [notice(minute=minute(endings={"answered": 600, "undeliverable": 4}))],
        [notice(oldest_s=9.9)],
        [notice(latency_minute={SLOW_BUCKET: 50})],
        [notice(oldest_s=4.0, latency_minute={SLOW_BUCKET: 50}, minute=answered(19))],
        [notice(minute=minute(duplicates=50, discarded=9, uncertain=1, resumed=4, endings={"over_quota": 9, "answered": 1}))],
    ],
    ids=[
        "one of two starts", "one of two leaves", "a pair", "one bind is ordered down", "a burst is smoothed", "single numbers", "a short wait",
        "a slow minute is past", "too few to tell", "what is no trouble",
    ],
)  # fmt: skip
def test_no_trouble(well):
    """What looks like one, and is none."""
    assert codes(*well) == [("well", "answering")]


def test_half_a_pair_serves_nobody():
    """Without the transmitter no reply leaves, without the receiver nothing comes."""
    for mode in ("tx", "rx"):
        other = bind(state=BindState.DOWN, mode="rx" if mode == "tx" else "tx")
        assert codes(notice(smscs=(smsc("viettel", bind(mode=mode), other),))) == [("bad", "every_smsc_down")]


def test_causes_come_before_consequences():
    """The register is away, so citizens wait; what stops answers comes before what does not."""
    told = codes(
        notice(
            oldest_s=50.0,
            parts=parts(subscribers="away", redis="away"),
            smscs=(smsc("viettel", bind(), DOWN),),
            backlog=Backlog(8, 0, 50.0),
        )
    )
    assert told == [
        ("bad", "subscribers_down"),
        ("bad", "stuck"),
        ("warn", "binds_missing"),
        ("warn", "redis_down"),
    ]


def test_an_smsc_that_confirms_nothing_explains_a_wait():
    """The other one does; for a short wait nobody is blamed."""
    deaf, well = smsc("viettel", bind(in_window=2)), smsc("vina", bind("vina", in_window=9), second=Flow(segments=80))
    found = judge(view(notice(oldest_s=12.0, smscs=(deaf, well))))
    assert [(one.code, one.names) for one in found] == [("smsc_deaf", ("viettel",)), ("waiting", ())]
    assert codes(notice(oldest_s=9.0, smscs=(deaf, well))) == [("well", "answering")]


def test_a_throttle_explains_a_wait():
    """It is told first: who reads only the first line knows whom to call."""
    slow = notice(oldest_s=9.0, latency_minute={SLOW_BUCKET: 50}, smscs=(smsc(minute=Flow(segments=90, throttled=70)),))
    assert codes(slow) == [("warn", "throttled"), ("warn", "slow")]


def test_no_words_are_left_open():
    """Each sentence is whole in both languages, and the first has no full stop: it is a headline."""
    for code in _WORDS:
        said = saying(Finding(Level.BAD, code, ("viettel", "vina"), "why", count=11_990, seconds=1.5))
        for words in (said.vi, said.en):
            assert words.say
            assert not words.say.endswith(".")
            assert words.do.endswith(".")
            assert not re.search(r"[{}]", words.say + words.do)
        assert len(said.vi.say) <= 60
        assert said.vi.say != said.en.say


def test_numbers_as_people_write_them():
    """By language."""
    said = saying(Finding(Level.WELL, "answering", count=11_990, seconds=1.46))
    assert "11.990 tin" in said.vi.do
    assert "1,5 giây" in said.vi.do
    assert "11,990 inquiries" in said.en.do
    assert "1.5 s" in said.en.do


@pytest.mark.parametrize(
    ("seconds", "vi"), [(0.0004, "1 ms"), (0.027, "27 ms"), (9.9, "9,9 giây"), (42.0, "42 giây"), (600.0, "10 phút")]
)
def test_durations_as_people_say_them(seconds, vi):
    """Milliseconds, seconds, minutes."""
    assert vi in saying(Finding(Level.WARN, "slow", seconds=seconds)).vi.say


def test_names_of_several():
    """All are named."""
    finding = next(one for one in judge(_two_down()) if one.code == "smsc_down")
    assert finding.names == ("viettel", "mobi")
    assert finding.why == "Connection refused"


def _two_down() -> Overview:
    gone = (smsc("viettel", DOWN), smsc("mobi", bind("mobi", BindState.DOWN)), smsc("vina", bind("vina")))
    return view(notice(smscs=gone))
