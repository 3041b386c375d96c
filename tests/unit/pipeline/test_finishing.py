"""The ending is committed, the sealed content forgotten, the place given back."""

import pytest

from sms_service.model import Ending, Finished
from sms_service.ports import Misconfigured, Unavailable
from tests.unit.pipeline.world import ALICE, BOB


@pytest.mark.parametrize("error", [Unavailable("journal: down"), Misconfigured("journal: no right")])
@pytest.mark.parametrize("committed", [False, True])
async def test_is_tried_until_it_succeeds(world, gateway, error, committed):
    """An inquiry whose ending is not recorded would be answered again. A hidden commit is counted once."""
    gateway.journal.fail_with(error, calls=3, method="finish", committed=committed)
    await gateway.texts(gateway.message(ALICE))
    assert len(gateway.gateway.in_flight) == 1
    await world.clock.advance(2)
    assert len(gateway.gateway.in_flight) == 0
    assert world.ending_names() == {"answered": 1}
    assert gateway.sample("sms_endings_total", ending="answered") == 1
    assert gateway.journal.calls["finish"] == 4


async def test_an_ending_that_another_run_recorded_is_not_counted(world, gateway):
    """Each inquiry counts once over all instances; the place is given back all the same."""
    gateway.smsc.prompt = False
    await gateway.texts(gateway.message(ALICE))
    (inquiry_id,) = world.store.inquiries
    other = await world.instance("gateway-2").start()
    await other.journal.finish(other.run, [Finished(inquiry_id, Ending.EXPIRED, 0.0, 0, False)])
    gateway.smsc.confirm(gateway.smsc.submitted[0])
    await world.settle()
    assert len(gateway.gateway.in_flight) == 0
    assert gateway.sample("sms_endings_total", ending="answered") == 0
    assert world.ending_names() == {"expired": 1}


async def test_what_is_answered_is_remembered_before_its_row_goes(world, gateway):
    """A message redelivered in that moment is found in one of the two."""
    gateway.journal.fail_with(Unavailable("journal: down"), calls=1, method="finish")
    await gateway.texts(gateway.message(ALICE))
    (row,) = world.store.inquiries.values()
    gateway.smsc.drop("a1")
    await world.settle()
    assert await world.volatile.redelivered([row.row.digest]) == [True]


async def test_endings_are_committed_in_batches(world, gateway):
    """Those of a batch of outcomes, with one call."""
    await gateway.texts(gateway.message(ALICE), gateway.message(BOB), gateway.message(ALICE, "HD"))
    assert gateway.journal.calls["finish"] <= 2
    assert world.ending_names() == {"answered": 3}
