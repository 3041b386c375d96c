"""A whole run in memory: what is sent when, and what is said of every reply. Each wrong that is planted is found, and named."""

import pytest

from simulator.load.abuse import SETTLE_S
from simulator.load.figures import LAG_MAX_MS, Metric, Verdict
from simulator.load.latencies import decode
from simulator.load.plan import MIXES, Mix, Plan
from simulator.load.senders import ABUSE, PERIOD_S
from sms_service.smpp import CommandStatus, SubmitSm
from sms_service.sms import Alphabet, LongMessages, split, unaccent
from tests.unit.simulator.load.conftest import SYNTAX, Load, plan, right

PLAIN = MIXES["plain"]


def test_nothing_is_wrong():
    """Every inquiry of a mix is answered, and every answer is right."""
    ended = Load(plan(mix=MIXES["typical"])).go()
    assert ended.verdicts == {Verdict.RIGHT: 200}
    assert (ended.inquiries, sum(ended.kinds.values()), ended.wrongs, ended.void) == (200, 200, [], "")
    assert set(ended.kinds) > {"keyword", "citizen_id", "typed"}


def test_seconds_add_up():
    """What is told second by second is what is told in the end."""
    load = Load(plan(mix=MIXES["typical"]))
    ended = load.go()
    assert [one.second for one in load.seconds] == list(range(len(load.seconds)))
    assert sum(one.intended for one in load.seconds) == sum(one.sent for one in load.seconds) == 200
    assert sum(one.acknowledged for one in load.seconds) == sum(one.replies for one in load.seconds) == 200
    assert sum(one.verdicts.get(Verdict.RIGHT, 0) for one in load.seconds) == 200
    counts = sum(decode(one.latencies[Metric.LAST]).total_count for one in load.seconds if one.latencies)
    assert counts == decode(ended.latencies[Metric.LAST]).total_count == 200


def test_the_rate_is_kept():
    """Of each second, whatever the service does."""
    load = Load(plan(rate=40))
    load.go()
    assert [one.intended for one in load.seconds[:4]] == [pytest.approx(40, abs=1)] * 4


def somebody_else(load, sender):
    return next(one for one in load.senders if one.owed.personal and one.msisdn != sender.msisdn)


def other_text(load, sender):
    return [(sender.msisdn, "Xin chao")]


def lost(load, sender):
    return []


def twice(load, sender):
    return right(sender, 1) * 2


def others_reply(load, sender):
    return [(sender.msisdn, somebody_else(load, sender).owed.text)]


def others_field(load, sender):
    """One line of another's reply in the own one."""
    mine, theirs = sender.owed.text.split("\n"), somebody_else(load, sender).owed.text.split("\n")
    return [(sender.msisdn, "\n".join([theirs[0], *mine[1:]]))]


def others_number(load, sender):
    own = sender.person.citizen.citizen_id
    other = somebody_else(load, sender).person.citizen.citizen_id
    return [(sender.msisdn, sender.owed.text.replace(own, other))]


def truncated(load, sender):
    return [(sender.msisdn, sender.owed.text[:-5])]


def as_ucs2(load, sender):
    octets = sender.owed.text.encode("utf-16-be")
    parts = [octets[place : place + 132] for place in range(0, len(octets), 132)]
    headers = [bytes((5, 0, 3, 77, len(parts), number)) for number in range(1, len(parts) + 1)]
    return [
        (sender.msisdn, "", {"esm_class": 0x40, "data_coding": 8, "short_message": header + part})
        for header, part in zip(headers, parts, strict=True)
    ]


def refused(load, sender):
    return [(sender.msisdn, SYNTAX.refusal)]


def busy(load, sender):
    return [(sender.msisdn, SYNTAX.busy)]


def notice(load, sender):
    return [(sender.msisdn, SYNTAX.over_quota)]


def refusal_then_record(load, sender):
    return [(sender.msisdn, SYNTAX.refusal), (sender.msisdn, sender.owed.text)]


PLANTED = {
    "another text": (other_text, {Verdict.OTHER_TEXT: 1}),
    "lost": (lost, {Verdict.MISSING: 1}),
    "doubled": (twice, {Verdict.TWICE: 1}),
    "another's reply": (others_reply, {Verdict.OTHER_PERSON: 1}),
    "another's field": (others_field, {Verdict.OTHER_PERSON: 1}),
    "another's number": (others_number, {Verdict.OTHER_PERSON: 1}),
    "truncated": (truncated, {Verdict.TRUNCATED: 1}),
    "dearer encoding": (as_ucs2, {Verdict.ENCODING: 1}),
    "false refusal": (refused, {Verdict.REFUSED_WRONGLY: 1}),
    "busy": (busy, {Verdict.BUSY: 1}),
    "notice without cause": (notice, {Verdict.OTHER_TEXT: 1}),
    "a refusal first": (refusal_then_record, {Verdict.REFUSED_WRONGLY: 1, Verdict.UNASKED: 1}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(name):
    """Once, of two hundred; the others stay right; and nothing of a person is in what is said."""
    change, expected = PLANTED[name]
    done = []

    def service(sender, nth):
        if not done and sender.owed.personal and len(load.asked) > 9:
            done.append(sender)
            return change(load, sender)
        return right(sender, nth)

    load = Load(plan(mix=PLAIN), service=service)
    ended = load.go()
    wrong = {verdict: count for verdict, count in ended.verdicts.items() if verdict is not Verdict.RIGHT}
    assert wrong == expected
    answered = expected.keys() & {Verdict.TWICE, Verdict.UNASKED}
    assert ended.verdicts[Verdict.RIGHT] == 200 - sum(expected.values()) + len(answered)
    (sender,) = done
    for one in ended.wrongs:
        assert one.kind == sender.kind
        assert sender.msisdn not in one.what
        assert sender.person.citizen.full_name not in one.what
        assert not any(character.isdigit() and len(word) > 5 for word in one.what.split() for character in word)


def test_swapped_replies():
    """Both are found, as another person's data."""
    swapped = []

    def service(sender, nth):
        if len(swapped) < 2 and sender.owed.personal:
            swapped.append(sender)
            if len(swapped) == 1:
                return []
            one, two = swapped
            return [(one.msisdn, two.owed.text), (two.msisdn, one.owed.text)]
        return right(sender, nth)

    ended = Load(plan(mix=PLAIN), service=service).go()
    assert ended.verdicts[Verdict.OTHER_PERSON] == 2


def test_a_record_where_a_refusal_is_owed():
    """Of a locked number its owner's own data: disclosed wrongly."""
    done = []

    def service(sender, nth):
        if not done and not sender.owed.personal and sender.person.citizen is not None:
            done.append(sender)
            citizen = sender.person.citizen
            return [(sender.msisdn, f"Ho ten: {unaccent(citizen.full_name)}")]
        return right(sender, nth)

    assert Load(plan(mix=PLAIN), service=service).go().verdicts[Verdict.DISCLOSED_WRONGLY] == 1


def test_a_reply_that_lacks_a_segment():
    """Not missing, truncated: its beginning has come."""
    done = []

    def service(sender, nth):
        if not done and len(sender.owed.segments) > 1:
            done.append(sender)
            header = b"\x05\x00\x03\x63\x02\x01"
            fields = {
                "esm_class": 0x40,
                "data_coding": sender.owed.data_coding,
                "short_message": header + sender.owed.segments[0],
            }
            return [(sender.msisdn, "x", fields)]
        return right(sender, nth)

    ended = Load(plan(mix=Mix(accents=1)), service=service).go()
    assert ended.verdicts[Verdict.TRUNCATED] == 1


def test_segments_in_any_order():
    """A reply of several segments is right whatever comes first; its first segment is timed apart."""
    ended = Load(plan(mix=Mix(accents=1))).go()
    assert ended.verdicts == {Verdict.RIGHT: 200}


def test_from_another_short_code(monkeypatch):
    done = []

    def service(sender, nth):
        if not done:
            done.append(sender)
            return [(sender.msisdn, sender.owed.text, {"source_addr": "5506"})]
        return right(sender, nth)

    load = Load(plan(mix=PLAIN), service=service)
    monkeypatch.setattr("simulator.smsc.submissions.normalise", lambda address, *_: address)
    load.esme.link.account = type(load.esme.link.account)("gateway", "secret", ("5505", "5506"))
    assert load.go().verdicts[Verdict.SENDER] == 1


def test_an_inquiry_that_is_refused():
    """A permanent error of the ESME is told as such, with the status."""
    load = Load(plan(rate=10, duration=1.0, mix=PLAIN))
    load.step(answering=False)
    while not (pdus := load.esme.deliveries()):
        load.step(answering=False)
    load.esme.answer(pdus[:1], CommandStatus.ESME_RX_P_APPN)
    for pdu in pdus[1:]:
        load.esme.answer([pdu])
        load.submit(pdu.source_addr, load.by_msisdn[pdu.source_addr].owed.text)
    ended = load.go()
    assert ended.verdicts[Verdict.NOT_TAKEN] == 1
    assert "0x00000065" in ended.wrongs[0].what


def test_a_reply_to_somebody_who_asked_nothing():
    load = Load(plan(mix=PLAIN))
    idle = load.senders[-1]
    load.submit(idle.msisdn, "Xin chao")
    assert load.go().verdicts[Verdict.UNASKED] == 1


def test_phones_outside_the_run():
    """What is for them reaches the phone page."""
    load = Load(plan(mix=PLAIN))
    load.submit("84912345678", "hi")
    assert [arrival.content.text for arrival in load.world.arrivals] == ["hi"]


def test_no_coordinated_omission():
    """A service that stops for a second delays, too, what it kept from being sent: latencies begin at the intended time."""
    load = Load(plan(rate=100, duration=10.0, mix=PLAIN), senders=500)
    ended = load.go(answering=lambda now: not 4 <= now < 5)
    latencies = decode(ended.latencies[Metric.LAST])
    assert latencies.total_count == 1000
    over = sum(1 for q in range(1000) if latencies.get_value_at_percentile(q / 10) > 100_000)
    assert over == pytest.approx(90, abs=8)
    assert latencies.get_value_at_percentile(99) == pytest.approx(900_000, rel=0.05)


def test_the_warm_up_counts_in_no_latency():
    """It counts in the verdict."""
    ended = Load(plan(rate=50, duration=4.0, warmup_s=2.0, mix=PLAIN)).go()
    assert decode(ended.latencies[Metric.LAST]).total_count == pytest.approx(100, abs=1)
    assert ended.verdicts == {Verdict.RIGHT: 200}


def test_closed_loop():
    """So many are always on their way."""
    load = Load(Plan(concurrency=7, duration_s=1.0, drain_s=5.0, mix=PLAIN))
    load.step(answering=False)
    assert load.run.outstanding == 7
    ended = load.go()
    assert ended.verdicts[Verdict.RIGHT] > 200


def test_an_early_end():
    """What is on its way is still answered."""
    load = Load(plan(rate=50, duration=100.0, mix=PLAIN))
    for _ in range(100):
        load.step()
    load.run.stop()
    ended = load.go()
    assert ended.stopped
    assert 20 < ended.inquiries < 40
    assert ended.verdicts == {Verdict.RIGHT: ended.inquiries}


def test_a_run_that_lags_is_void():
    """It was not given the processor: what it measured is itself."""
    load = Load(plan(mix=PLAIN))
    load.step()
    load.world.now += LAG_MAX_MS / 1000 + 0.1
    ended = load.go()
    assert ended.lag_ms > LAG_MAX_MS
    assert "measured itself" in ended.void


def test_abusive_senders():
    """Their quota is answered, then one notice comes, then nothing; that is as it should be."""
    counts = {}

    def service(sender, nth):
        if not sender.abusive:
            return right(sender, nth)
        counts[sender.msisdn] = counts.get(sender.msisdn, 0) + 1
        if counts[sender.msisdn] <= 20:
            return right(sender, nth)
        return [(sender.msisdn, SYNTAX.over_quota)] if counts[sender.msisdn] == 21 else []

    load = Load(plan(rate=40, duration=10.0, mix=Mix(keyword=1, abusive=1)), abusive=20, service=service)
    ended = load.go()
    assert set(ended.verdicts) == {Verdict.RIGHT, Verdict.SILENT}
    assert sum(ended.verdicts.values()) == 400
    assert all(len(load.by_msisdn[msisdn].answers) == 20 for msisdn in counts), "the next run lets them rest"
    assert max(counts.values()) == ABUSE * 20


def test_a_service_without_quota_is_found():
    """It answers abusive senders for ever."""
    ended = Load(plan(rate=40, duration=6.0, mix=Mix(keyword=1, abusive=1)), abusive=20).go()
    assert ended.verdicts[Verdict.OTHER_TEXT] > 0
    assert ended.verdicts[Verdict.MISSING] > 0


def test_the_quota_of_polite_senders_is_kept():
    """No more than that in any minute, answered or not, with few senders and a fast service."""
    asked = {}

    def service(sender, nth):
        asked.setdefault(sender.msisdn, []).append(load.world.now)
        return right(sender, nth)

    load = Load(Plan(concurrency=3, duration_s=90.0, drain_s=5.0, mix=PLAIN), senders=5, service=service)
    load.go()
    assert max(map(len, asked.values())) > 20
    for times in asked.values():
        assert all(later - earlier >= PERIOD_S for earlier, later in zip(times, times[20:], strict=False))


def test_history_of_an_earlier_run():
    """A sender that has used its quota up rests."""
    answers = [999.0] * 20
    load = Load(plan(rate=10, duration=1.0, mix=PLAIN), senders=5)
    history = {load.senders[0].msisdn: answers}
    load = Load(plan(rate=10, duration=1.0, mix=PLAIN), senders=5, history=history)
    load.go()
    assert load.senders[0].msisdn not in load.asked


def test_what_is_due_and_cannot_leave_is_not_forgotten():
    """While all senders are unanswered nobody can send. What is due meanwhile leaves later, and counts from when it was meant."""
    load = Load(plan(rate=50, duration=4.0, mix=PLAIN), senders=40)
    ended = load.go(answering=lambda now: not 1 <= now < 3)
    assert ended.inquiries == 200
    assert ended.verdicts == {Verdict.RIGHT: 200}
    assert [one.intended for one in load.seconds[:4]] == [pytest.approx(50, abs=1)] * 4
    assert decode(ended.latencies[Metric.LAST]).get_value_at_percentile(99) == pytest.approx(1_960_000, rel=0.05)
    assert ended.void == ""


def test_what_never_left_is_told():
    """A service that is gone to the end: what nobody could send any more was not taken either."""
    load = Load(plan(rate=50, duration=4.0, drain_s=5.0, mix=PLAIN), senders=40)
    ended = load.go(answering=lambda now: now < 2)
    assert ended.inquiries == 200
    assert ended.verdicts == {Verdict.RIGHT: pytest.approx(100, abs=2), Verdict.NOT_TAKEN: pytest.approx(100, abs=2)}
    assert sum(ended.verdicts.values()) == 200
    assert sum(one.intended for one in load.seconds) == 200


def test_senders_whose_quota_is_used_up_void_the_run():
    """They lack by the fault of nobody but the load."""
    load = Load(plan(rate=50, duration=4.0, drain_s=2.0, mix=PLAIN), senders=5)
    ended = load.go()
    assert ended.inquiries == 200
    assert ended.verdicts[Verdict.NOT_TAKEN] == 100
    assert "more citizens" in ended.void


def test_abusive_senders_who_all_rest_are_stood_in_for():
    """The rate is kept."""
    load = Load(plan(rate=50, duration=4.0, drain_s=2.0, mix=Mix(keyword=1, abusive=1)), abusive=1, service=promised())
    ended = load.go()
    assert ended.inquiries == 200
    assert ended.kinds["abusive"] == ABUSE * 20
    assert set(ended.verdicts) == {Verdict.RIGHT, Verdict.SILENT}
    assert sum(ended.verdicts.values()) == 200


def promised():
    """The service of which abusive senders get their quota, one notice, and silence."""

    def service(sender, nth):
        if not sender.abusive or nth <= 20:
            return right(sender, nth)
        return [(sender.msisdn, SYNTAX.over_quota)] if nth == 21 else []

    return service


def test_what_nobody_acknowledges_is_not_taken():
    """To be missing a reply needs an inquiry that was taken."""
    load = Load(plan(rate=10, duration=1.0, drain_s=2.0, mix=PLAIN))
    ended = load.go(answering=lambda _now: False)
    assert ended.verdicts == {Verdict.NOT_TAKEN: 10}


def test_an_ended_run_leaves_nothing_behind():
    """What waited for a bind is not delivered into the next run, and those who may still be answered do not send there."""
    load = Load(plan(rate=10, duration=1.0, drain_s=1.0, mix=PLAIN))
    load.esme.drop()
    ended = load.go(answering=lambda _now: False)
    assert ended.verdicts == {Verdict.NOT_TAKEN: 10}
    assert load.world.center.waiting() == 0
    load = Load(plan(rate=10, duration=1.0, drain_s=1.0, mix=PLAIN), service=lambda _sender, _nth: [])
    assert load.go().verdicts == {Verdict.MISSING: 10}
    assert len(load.run.late) == 10


def test_what_comes_twice_at_the_very_end():
    """The run listens on for a moment after the last reply."""
    load = Load(plan(rate=10, duration=1.0, mix=PLAIN))
    while load.world.now < 1001.5:
        load.step()
    assert load.run.outstanding == 0
    last = next(reversed(load.asked))
    load.submit(last, load.by_msisdn[last].owed.text)
    ended = load.go()
    assert ended.verdicts[Verdict.TWICE] == 1
    assert sum(one.verdicts.get(Verdict.TWICE, 0) for one in load.seconds) == 1


def wrongly_labelled(coding, text_of):
    """The octets of a text under another data_coding."""
    done = []

    def service(sender, nth):
        if done or len(sender.owed.segments) != 1 or not sender.owed.personal:
            return right(sender, nth)
        done.append(sender)
        return [(sender.msisdn, "x", {"data_coding": coding, "short_message": text_of(sender)})]

    return service


@pytest.mark.parametrize("coding", [8, 3, 1])
def test_octets_that_say_something_else(coding):
    """The right octets, or the right text, under a data_coding that is not theirs."""
    service = wrongly_labelled(coding, lambda sender: sender.owed.single)
    ended = Load(plan(mix=PLAIN), service=service).go()
    assert ended.verdicts[Verdict.ENCODING] == 1
    assert sum(ended.verdicts.values()) == 200


def test_another_persons_octets_that_say_something_else():
    """The gravest, whatever else is wrong."""

    def other(sender):
        others = (one for one in load.senders if one.owed.personal and one.owed.single and one is not sender)
        return next(others).owed.single

    load = Load(plan(mix=PLAIN), service=wrongly_labelled(8, other))
    assert load.go().verdicts[Verdict.OTHER_PERSON] == 1


def test_a_run_ends_when_its_last_spree_has_settled():
    """It does not wait out its drain for the one that was under way."""
    load = Load(
        plan(rate=40, duration=2.0, drain_s=100.0, mix=Mix(keyword=1, abusive=1)), abusive=9, service=promised()
    )
    ended = load.go()
    assert set(ended.verdicts) == {Verdict.RIGHT, Verdict.SILENT}
    assert load.world.now - 1000 < 2 + SETTLE_S + 2


def test_an_smsc_without_room_voids_the_run():
    """What it does not take was never sent: that is not the service's fault."""
    load = Load(plan())
    load.world.center.offer = lambda _short_code, _deliveries: False
    load.go()
    assert "had no room" in load.ended.void


def test_any_reply_of_an_esme_that_knows_no_population():
    """Once, whole, from the short code; what is missing, twice or from elsewhere is told as ever."""

    def hello(_load, sender):
        return [(sender.msisdn, "Xin chao")]

    right_ones = Load(plan(replies="any"), service=lambda sender, _nth: hello(None, sender)).go()
    assert set(right_ones.verdicts) == {Verdict.RIGHT}
    elsewhere = Load(
        plan(replies="any"), service=lambda sender, _nth: [(sender.msisdn, "Xin chao", {"source_addr": "5506"})]
    )
    elsewhere.esme.link.account = type(elsewhere.esme.link.account)("gateway", "secret", ("5505", "5506"))
    assert set(elsewhere.go().verdicts) == {Verdict.SENDER}
    doubled = Load(plan(replies="any"), service=lambda sender, _nth: hello(None, sender) * 2).go()
    assert doubled.verdicts[Verdict.TWICE] == doubled.verdicts[Verdict.RIGHT]
    lost = Load(plan(replies="any"), service=lambda _sender, _nth: []).go()
    assert set(lost.verdicts) == {Verdict.MISSING}


@pytest.mark.parametrize("planted", ["another's", "own"])
def test_segments_that_become_no_reply_are_judged(planted):
    """The first one of another citizen's record, or of one's own reply once more, though the rest never comes."""
    load = Load(plan(mix=Mix(accents=1.0)))
    victim = next(one for one in load.senders if one.owed.personal and len(one.owed.segments) > 1)
    source = (
        victim
        if planted == "own"
        else next(one for one in load.senders if one is not victim and one.owed.personal and len(one.owed.segments) > 1)
    )
    planted_at = []

    def answer():
        type(load).answer(load)
        if victim.last and not planted_at and victim.inquiry is None:
            planted_at.append(1)
            segment = split(source.owed.text, reference=200, method=LongMessages.UDH, default=Alphabet.GSM7)[0]
            pdu = SubmitSm(
                source_addr="5505", destination_addr=victim.msisdn, esm_class=segment.esm_class,
                data_coding=segment.data_coding, short_message=segment.short_message,
            )  # fmt: skip
            load.esme.session.request(pdu, load.world.now)
            load.esme.push()
            load.esme.read()

    load.answer = answer
    ended = load.go()
    assert planted_at
    wrongs = {verdict: count for verdict, count in ended.verdicts.items() if verdict is not Verdict.RIGHT}
    assert sum(wrongs.values()) == 1
    assert set(wrongs) <= ({Verdict.OTHER_PERSON, Verdict.UNASKED} if planted == "another's" else {Verdict.TWICE})
