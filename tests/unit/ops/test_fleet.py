"""All instances as one service."""

import pytest

from sms_service.model import BindState
from sms_service.ops.exchange import SILENT_S, Seen
from sms_service.ops.figures import Backlog, Flow, InstanceState
from tests.unit.ops.fleet import BOUNDS, bind, notice, parts, smsc, view


def test_figures_add_up():
    """Rates, counts, what is in flight and its limit."""
    seen = view(
        notice("gateway-1", in_flight=3, second=Flow(accepted=10, endings={"answered": 8, "refused": 1})),
        notice("gateway-2", in_flight=4, second=Flow(accepted=5.5, endings={"answered": 2, "undeliverable": 1})),
    )
    assert (seen.second.accepted, seen.second.replied, seen.second.finished) == (15.5, 11, 12)
    assert seen.second.endings == {"answered": 10, "refused": 1, "undeliverable": 1}
    assert (seen.in_flight, seen.in_flight_max) == (7, 4000)
    assert (seen.minute.replied, seen.total.replied) == (1200, 2000)
    assert [one.instance for one in seen.instances] == ["gateway-1", "gateway-2"]


def test_times_are_put_together_as_counts():
    """A slow instance with one reply in a hundred moves p99 and not p95; the mean of two percentiles would."""
    fast, slow = 20, 60
    seen = view(
        notice("gateway-1", latency_minute={fast: 97}),
        notice("gateway-2", latency_minute={slow: 3}),
    )
    assert BOUNDS[fast - 1] < seen.minute.p95_ms / 1000 <= BOUNDS[fast]
    assert BOUNDS[slow - 1] < seen.minute.p99_ms / 1000 <= BOUNDS[slow]
    assert view(notice(latency_minute={})).minute.p50_ms is None


def test_one_that_has_fallen_silent_counts_no_more():
    """It is named, with what it had in flight when it was last heard."""
    silent = Seen(notice("gateway-2", in_flight=9, oldest_s=3.0), SILENT_S)
    seen = view(notice("gateway-1"), silent)
    assert (seen.second.accepted, seen.in_flight, len(seen.smscs[0].binds)) == (10, 0, 2)
    one = seen.instances[1]
    assert (one.instance, one.state, one.silent_s, one.in_flight) == ("gateway-2", InstanceState.SILENT, SILENT_S, 9)
    assert (one.accepted, one.replied, one.p95_ms) == (0, 0, None)
    assert view(notice("gateway-1"), Seen(notice("gateway-2"), SILENT_S - 0.1)).second.accepted == 20


def test_alone_only_its_own_figures_count():
    """While the board is away nobody knows what the others do."""
    seen = view(notice("gateway-1"), notice("gateway-2"), alone="redis: away")
    assert (seen.second.accepted, seen.alone) == (10, "redis: away")
    assert [one.state for one in seen.instances] == ["serving", "silent"]


def test_binds_of_all_instances_stand_with_their_smsc():
    """Windows add up; each bind says whose it is."""
    seen = view(
        notice("gateway-2", smscs=(smsc("viettel", bind(in_window=30), bind(state=BindState.DOWN, why="lost")),)),
        notice("gateway-1", smscs=(smsc("viettel", bind(in_window=5, window=50)), smsc("vina", bind("vina")))),
    )
    viettel, vina = seen.smscs
    assert (viettel.name, viettel.bound, viettel.in_window, viettel.window, viettel.window_max) == (
        "viettel",
        2,
        35,
        150,
        300,
    )
    assert [(at.instance, at.bind.why) for at in viettel.binds] == [
        ("gateway-1", ""),
        ("gateway-2", ""),
        ("gateway-2", "lost"),
    ]
    assert (vina.name, vina.bound) == ("vina", 1)


def test_a_part_is_as_ill_as_where_it_is_worst():
    """Down for one instance, or for all that look at it."""
    some = view(notice("gateway-1", parts=parts(subscribers="HTTP 503")), notice("gateway-2"))
    register = next(part for part in some.parts if part.name == "subscribers")
    assert (register.down_at, register.everywhere, register.why) == (("gateway-1",), False, "HTTP 503")
    every = view(*(notice(f"gateway-{number}", parts=parts(journal="full")) for number in (1, 2)))
    journal = next(part for part in every.parts if part.name == "journal")
    assert (journal.down_at, journal.everywhere) == (("gateway-1", "gateway-2"), True)


@pytest.mark.parametrize(("in_flight", "in_journal", "oldest"), [(2.0, 40.0, 40.0), (7.0, 1.0, 7.0), (0.0, 0.0, 0.0)])
def test_the_oldest_may_be_in_the_journal(in_flight, in_journal, oldest):
    """What a dead instance has left is in nobody's memory, and waits all the same."""
    assert view(notice(oldest_s=in_flight, backlog=Backlog(1, 0, in_journal))).oldest_s == oldest
