"""The trails that are kept."""

from simulator.phone import trails as module
from simulator.phone.trails import Passed, Place, Trail, Trails

ONE, TWO = "84912345678", "84987654321"
PDU = Passed(sent=True, bind=1, port=2, at=3.0, octets=bytes.fromhex("00000010 80000005 00000000 00000007"))


def test_found_by_phone_and_id():
    """And by no other phone."""
    trails, trail = Trails(), Trail(ONE, 0.0)
    trails.keep(7, trail)
    assert trails.find(ONE, 7) is trail
    assert trails.find(TWO, 7) is trails.find(ONE, 8) is None
    assert trail.message_id == 7


def test_the_newest_are_kept(monkeypatch):
    """Trails, requests and the PDUs of one trail have their limits."""
    for name in ("TRAILS_MAX", "PLACES_MAX", "PASSED_MAX"):
        monkeypatch.setattr(module, name, 3)
    trails = Trails()
    for number in range(5):
        trail = Trail(ONE if number < 2 else TWO, 0.0)
        trails.keep(number, trail)
        trails.place(trail, Place(1, 5, number))
        trail.add(PDU)
    assert [trails.find(phone, number) is not None for phone, number in [(ONE, 1), (TWO, 2), (TWO, 4)]] == [
        False, True, True
    ]  # fmt: skip
    assert trails._by_phone.keys() == {TWO}
    assert [trails.at(Place(1, 5, number)) is not None for number in (1, 2)] == [False, True]
    for _ in range(4):
        trail.add(PDU)
    assert (len(trail.passed), trail.dropped) == (3, 2)


def test_what_a_pdu_is():
    """By its header; an unknown command by its number."""
    assert (PDU.command_name, PDU.command_status, PDU.sequence_number) == ("deliver_sm_resp", 0, 7)
    odd = Passed(sent=False, bind=1, port=2, at=3.0, octets=bytes.fromhex("00000010 00001234 00000000 00000007"))
    assert odd.command_name == "0x00001234"


def test_watchers():
    """Woken for their own phone, until they leave."""
    trails, woken = Trails(), []
    unwatch = trails.watch(ONE, lambda: woken.append(1))
    trails.changed(TWO)
    trails.changed(ONE)
    unwatch()
    trails.changed(ONE)
    assert woken == [1]
    assert trails._watchers == {}


def test_states_are_of_what_was_sent():
    """What came to the phone has none."""
    trails, came = Trails(), Trail(ONE, 0.0)
    came.ended_at = 1.0
    trails.keep(1, Trail(ONE, 0.0))
    trails.keep(2, came)
    assert trails.states(ONE) == {1: "waiting"}
    assert trails.states(TWO) == {}
