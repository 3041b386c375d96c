"""Notices and binds for tests."""

from sms_service.model import BindState, BindView
from sms_service.observability.metrics import Metrics
from sms_service.ops import fleet
from sms_service.ops.exchange import Seen
from sms_service.ops.figures import Backlog, Flow, InstanceState, Notice, PartFigures, SmscFigures
from sms_service.ops.overview import Yardsticks

BOUNDS = Metrics().reply_seconds.bounds
LIMITS = Yardsticks(20, 60, 120.0)


def bind(smsc="viettel", state=BindState.BOUND, *, mode="trx", in_window=0, window=100, why=""):
    stands = state is BindState.BOUND
    return BindView(smsc, mode, state, 60.0, why, 50_000 if stands else 0, in_window, window if stands else 0, 100)


def smsc(name="viettel", *binds, second=None, minute=None):
    return SmscFigures(name, second or Flow(), minute or Flow(), binds or (bind(name), bind(name)))


def part(name, why="", ms=1.0):
    return PartFigures(name, why, ms)


WELL = tuple(part(name) for name in ("smsc", "journal", "population", "subscribers", "redis"))


def parts(**down):
    return tuple(part(one.name, down.get(one.name, "")) for one in WELL)


def answered(count):
    return Flow(received=count, accepted=count, endings={"answered": count})


def notice(instance="gateway-1", **fields):
    """An instance that is well and answers ten inquiries a second in some 10 ms each."""
    bucket = next(number for number, bound in enumerate(BOUNDS) if bound >= 0.01)
    return Notice(
        **{
            "instance": instance,
            "started_at": 1_780_000_000.0,
            "number": 1,
            "at": 1_780_000_100.0,
            "state": InstanceState.SERVING,
            "in_flight_max": 2000,
            "second": answered(10),
            "minute": answered(600),
            "total": answered(1000),
            "latency_second": {bucket: 10},
            "latency_minute": {bucket: 600},
            "smscs": (smsc(),),
            "parts": WELL,
            "backlog": Backlog(0, 0, 0.0),
        }
        | fields
    )


def view(own=None, *others, alone=""):
    """Of one instance, and of others that were heard just now or so many seconds ago."""
    seen = [one if isinstance(one, Seen) else Seen(one, 0.0) for one in others]
    return fleet.overview(own or notice(), seen, BOUNDS, LIMITS, alone)
