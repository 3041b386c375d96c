"""What waits for an account: order, second tries, limits."""

from simulator.smsc.backlog import AGE_MAX_S, RETRIES_MAX, RETRY_MAX_S, WAITING_MAX, Backlog, Delivery
from sms_service.smpp import DeliverSm, Prepared


def delivery(text=b"", at=0.0):
    return Delivery(Prepared(DeliverSm(short_message=text)), at)


def test_retry_waits_twice_as_long_each_time():
    """After a temporary error a delivery is ready again after 1, 2, 4, 8 and then always 8 seconds."""
    backlog, one = Backlog(), delivery()
    now, waits = 0.0, []
    for _ in range(5):
        assert backlog.retry(one, now)
        start = now
        while not backlog.ready:
            now += 0.5
            backlog.wake(now)
        waits.append(now - start)
        assert backlog.ready.popleft() is one
    assert waits == [1.0, 2.0, 4.0, RETRY_MAX_S, RETRY_MAX_S]


def test_retries_are_bounded_in_number():
    """A delivery that never succeeds is given up."""
    backlog, one = Backlog(), delivery()
    assert sum(backlog.retry(one, 0.0) for _ in range(RETRIES_MAX + 10)) == RETRIES_MAX


def test_retries_are_bounded_in_time():
    """A delivery that is too old is not tried again."""
    backlog = Backlog()
    assert backlog.retry(delivery(at=0.0), AGE_MAX_S)
    assert not backlog.retry(delivery(at=0.0), AGE_MAX_S + 1)


def test_retries_due_together_keep_their_order():
    """What failed first is tried first."""
    backlog, first, second = Backlog(), delivery(b"1"), delivery(b"2")
    backlog.retry(first, 5.0)
    backlog.retry(second, 5.0)
    backlog.wake(6.0)
    assert list(backlog.ready) == [first, second]


def test_given_back_goes_first():
    """What was on its way when a link broke is older than what waits, and keeps its own order."""
    backlog, waiting, first, second = Backlog(), delivery(), delivery(), delivery()
    backlog.ready.append(waiting)
    backlog.give_back([first, second])
    assert list(backlog.ready) == [first, second, waiting]


def test_room_counts_all_that_waits():
    """The limit holds for ready deliveries and those for later together."""
    backlog = Backlog()
    backlog.ready.append(delivery())
    backlog.retry(delivery(), 0.0)
    assert len(backlog) == 2
    assert backlog.has_room(WAITING_MAX - 2)
    assert not backlog.has_room(WAITING_MAX - 1)


def test_repr_shows_no_person():
    """A delivery's repr has no content of its PDU."""
    assert "Delivery" in repr(delivery(b"DC"))
    assert "DC" not in repr(delivery(b"DC"))


def test_what_a_watcher_offered_can_be_withdrawn():
    """Ready or to be tried again; what nobody watches stays."""
    backlog, kept, later = Backlog(), delivery(), delivery()
    watched = [Delivery(kept.prepared, 0.0, token) for token in "abc"]
    backlog.ready.extend([watched[0], kept, watched[1]])
    for one in (watched[2], later):
        backlog.retry(one, 0.0)
    assert backlog.withdraw() == 3
    assert list(backlog.ready) == [kept]
    backlog.wake(10.0)
    assert list(backlog.ready) == [kept, later]
