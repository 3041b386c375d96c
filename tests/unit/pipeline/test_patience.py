"""Waiting for a part that is down."""

import asyncio

import pytest
from structlog.testing import capture_logs

from sms_service.adapters.memory import FakeClock
from sms_service.observability.metrics import Metrics
from sms_service.pipeline.patience import FIRST_PAUSE_S, LAST_PAUSE_S, Patience
from sms_service.ports import Unavailable


@pytest.fixture
def stand():
    clock, metrics = FakeClock(), Metrics()
    return Patience("journal", clock, metrics), clock, metrics


async def length_of(patience, clock):
    began = clock.monotonic()
    task = asyncio.create_task(patience.pause())
    await clock.advance(0)
    while not task.done():
        await clock.advance(0.01)
    return clock.monotonic() - began


async def test_pauses_double_up_to_a_bound(stand):
    """Short, because citizens wait; bounded, because a part that comes back must not be missed for long."""
    patience, clock, _ = stand
    patience.failed(Unavailable("journal: gone"))
    pauses = [await length_of(patience, clock) for _ in range(7)]
    assert pauses == pytest.approx([FIRST_PAUSE_S, 0.1, 0.2, 0.4, 0.8, LAST_PAUSE_S, LAST_PAUSE_S], abs=0.011)


async def test_a_success_makes_pauses_short_again(stand):
    """The next outage begins with the shortest pause."""
    patience, clock, _ = stand
    patience.failed(Unavailable())
    for _ in range(4):
        await length_of(patience, clock)
    patience.succeeded()
    patience.failed(Unavailable())
    assert await length_of(patience, clock) == pytest.approx(FIRST_PAUSE_S, abs=0.011)


async def test_logs_the_beginning_and_the_end_of_an_outage(stand):
    """Not each try; each try is counted."""
    patience, clock, metrics = stand
    with capture_logs() as logs:
        patience.succeeded()
        for _ in range(3):
            patience.failed(Unavailable("journal: the server does not answer"))
        await clock.advance(2.5)
        patience.succeeded()
        patience.succeeded()
    assert [line["event"] for line in logs] == ["port_down", "port_up"]
    assert logs[0]["why"] == "journal: the server does not answer"
    assert logs[1]["down_s"] == 2.5
    assert metrics.registry.get_sample_value("sms_port_failures_total", {"port": "journal"}) == 3


async def test_the_text_of_an_error_that_is_no_port_error_is_not_logged(stand):
    """Texts of libraries quote values."""
    patience, _, _ = stand
    with capture_logs() as logs:
        patience.failed(ValueError("84912345678 is no date"))
    assert "84912345678" not in str(logs)
    assert logs[0]["why"] == "ValueError"
