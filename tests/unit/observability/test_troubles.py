"""What the stages wait for."""

from sms_service.adapters.memory import FakeClock
from sms_service.observability.metrics import Metrics
from sms_service.observability.troubles import LATELY_S, Troubles
from sms_service.pipeline.patience import Patience
from sms_service.ports import Unavailable


def test_a_part_is_in_trouble_while_one_of_its_stages_is():
    """A success of one stage says nothing about another's failure: a full disk is read, and takes nothing."""
    troubles = Troubles()
    reads, writes = troubles.of("journal"), troubles.of("journal")
    assert troubles.lately("journal", 0) == ""
    writes.failed("disk full", 1)
    reads.over()
    assert troubles.lately("journal", 2) == "disk full"
    assert troubles.lately("population", 2) == ""
    writes.over()
    assert troubles.lately("journal", 2) == ""


def test_a_failure_counts_for_a_while():
    """A stage to which nothing comes cannot meet a success."""
    troubles = Troubles()
    one = troubles.of("journal")
    one.failed("down", 1)
    assert troubles.lately("journal", LATELY_S) == "down"
    assert troubles.lately("journal", 1 + LATELY_S) == ""
    one.failed("down", LATELY_S)
    assert troubles.lately("journal", 2 * LATELY_S - 1) == "down"


async def test_patience_tells_of_each_failure_and_of_the_success():
    """With the reason, which names parts and remedies."""
    clock, metrics = FakeClock(), Metrics()
    patience = Patience("population", clock, metrics)
    patience.failed(Unavailable("population: down"))
    await clock.advance(LATELY_S)
    patience.failed(ValueError("84912345678"))
    why = metrics.troubles.lately("population", clock.monotonic())
    assert why.startswith("ValueError")
    assert "84912345678" not in why
    patience.succeeded()
    assert metrics.troubles.lately("population", clock.monotonic()) == ""
