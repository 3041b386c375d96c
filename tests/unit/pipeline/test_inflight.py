"""The table of inquiries in flight."""

from sms_service.model import Content, Inquiry
from sms_service.pipeline.inflight import InFlight


def inquiry(inquiry_id, since=0.0):
    return Inquiry(
        inquiry_id=inquiry_id,
        smsc="viettel",
        since=since,
        content=Content("84912345678", "5505", "DC"),
        sender=b"",
        digest=b"",
    )


def test_places_that_are_reserved_count():
    """What is being stored takes room, whether it becomes an inquiry or not."""
    table = InFlight(3)
    table.reserve([1, 2])
    assert (len(table), table.room) == (2, 1)
    table.add([inquiry(1)])
    assert (len(table), table.room) == (2, 1)
    table.release([1, 2])
    assert (len(table), table.room) == (1, 2)
    table.remove([1, 99])
    assert (len(table), table.room) == (0, 3)


def test_says_when_places_are_given_back():
    """Whoever waits for room looks again."""
    table, calls = InFlight(2), []
    table.when_freed(lambda: calls.append(table.room))
    table.add([inquiry(1)])
    table.reserve([2])
    table.add([inquiry(3)])
    assert (calls, table.room) == ([], -1)
    table.release([2])
    table.remove([1])
    assert calls == [0, 1]


def test_each_smsc_has_its_share():
    """One that takes no replies leaves the others theirs; all together never have more than the limit."""
    table = InFlight(5, smscs=2)
    assert (table.room_for("viettel"), table.room_for("vinaphone")) == (3, 3)
    table.add([inquiry(1), inquiry(2), inquiry(3)])
    table.add([inquiry(3)])
    assert (table.room_for("viettel"), table.room_for("vinaphone")) == (0, 2)
    table.reserve([9])
    assert table.room_for("vinaphone") == 1
    table.remove([2, 2])
    assert (table.room_for("viettel"), table.room_for("vinaphone")) == (1, 2)


def test_knows_what_is_stored_and_what_is_being_stored():
    """Recovery asks by number, the stages by the very inquiry."""
    table = InFlight(5)
    first, again = inquiry(1), inquiry(1)
    table.reserve([2])
    table.add([first])
    assert table.knows(1)
    assert table.knows(2)
    assert not table.knows(3)
    assert table.get(1) is first
    assert table.get(2) is None
    assert table.holds(first)
    assert not table.holds(again), "an inquiry that was lost and came back is another one"
    table.remove([1])
    table.add([again])
    assert not table.holds(first)


def test_tells_all_and_the_oldest():
    """For the gauges and for recovery."""
    table = InFlight(5)
    assert table.oldest_since() is None
    table.add([inquiry(1, 5.0), inquiry(2, 3.0)])
    table.reserve([9])
    assert table.ids() == [1, 2]
    assert table.oldest_since() == 3.0
