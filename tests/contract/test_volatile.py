"""The contract of `ports.Volatile`, in memory and in Redis."""

import os

import pytest

A, B, C = (bytes([number]) * 16 for number in (1, 2, 0xFF))
HERE, THERE = "gateway-1/5.1", "gateway-1/5.2"


@pytest.fixture
def volatile(volatiles):
    return volatiles.process("gateway-1")


async def test_each_inquiry_of_a_sender_counts(volatile):
    """A sender is counted by itself, also several times in a batch."""
    assert await volatile.count([A, B, A]) == [1, 1, 2]
    assert await volatile.count([C, A]) == [1, 3]
    assert await volatile.count([]) == []


async def test_a_count_begins_anew_after_its_period(volatiles, volatile):
    """The period begins with a sender's first inquiry and is not prolonged by the next."""
    await volatile.count([A])
    await volatiles.passes(59.0)
    assert await volatile.count([A, B]) == [2, 1]
    await volatiles.passes(2.0)
    assert await volatile.count([A, B]) == [1, 2]


async def test_what_was_answered_over_a_dropped_link_is_redelivered(volatile):
    """Only the same content, and only when the link that acknowledged it has dropped."""
    await volatile.links([HERE, THERE])
    await volatile.remember([(A, HERE), (B, THERE)])
    assert await volatile.redelivered([A, B, C]) == [False, False, False]
    await volatile.links([THERE])
    assert await volatile.redelivered([C, B, A, A]) == [False, False, True, True]
    assert await volatile.redelivered([]) == []


async def test_what_was_answered_over_a_link_that_ended_in_order_is_not_redelivered(volatiles, volatile):
    """The SMSC has the acknowledgement, so it will not send again; other links still drop, and the statement lasts as long
    as the memory of the answer.
    """
    await volatile.links([HERE, THERE])
    await volatile.remember([(A, HERE), (B, THERE)])
    await volatile.ended([HERE])
    await volatile.links([])
    assert await volatile.redelivered([A, B]) == [False, True]


async def test_an_empty_link_counts_as_dropped(volatile):
    """What was taken over after a crash was acknowledged by nobody who lives."""
    await volatile.links([HERE])
    await volatile.remember([(A, "")])
    assert await volatile.redelivered([A]) == [True]


async def test_answered_content_is_forgotten_after_the_window(volatiles, volatile):
    """A citizen may ask the same again; asking again within the window prolongs it."""
    await volatile.remember([(A, HERE), (B, HERE)])
    await volatiles.passes(200.0)
    await volatile.remember([(B, HERE)])
    await volatiles.passes(99.0)
    assert await volatile.redelivered([A, B]) == [True, True]
    await volatiles.passes(2.0)
    assert await volatile.redelivered([A, B]) == [False, True]


async def test_the_last_link_that_answered_counts(volatile):
    """Answered again over a living link, it is not redelivered."""
    await volatile.links([THERE])
    await volatile.remember([(A, HERE)])
    await volatile.remember([(A, THERE)])
    assert await volatile.redelivered([A]) == [False]


async def test_a_silent_instance_has_no_links(volatiles, volatile):
    """A process that is killed cannot say that its links have dropped."""
    await volatile.links([HERE])
    await volatile.remember([(A, HERE)])
    await volatiles.passes(4.0)
    assert await volatile.redelivered([A]) == [False]
    await volatiles.passes(2.0)
    assert await volatile.redelivered([A]) == [True]


async def test_no_live_link_at_all(volatile):
    """Stating none means that all have dropped."""
    await volatile.links([HERE])
    await volatile.remember([(A, HERE)])
    await volatile.links([])
    assert await volatile.redelivered([A]) == [True]


async def test_large_batches(volatile):
    """Thousands at once, beyond what one script call takes."""
    digests = [os.urandom(16) for _ in range(2500)]
    await volatile.links([HERE])
    await volatile.remember([(digest, HERE if number % 2 else THERE) for number, digest in enumerate(digests)])
    assert await volatile.redelivered(digests) == [number % 2 == 0 for number in range(2500)]
    assert await volatile.count([*digests, *digests]) == [1] * 2500 + [2] * 2500


async def test_instances_share_what_they_count_and_remember(volatiles, volatile):
    """Over Redis, quotas and duplicates span the instances; in memory each has its own."""
    other = volatiles.process("gateway-2")
    await volatile.links([HERE])
    await other.links(["gateway-2/6.1"])
    await volatile.count([A])
    await volatile.remember([(A, HERE), (B, THERE)])
    assert await other.count([A]) == [2 if volatiles.shared else 1]
    assert await other.redelivered([A, B]) == [False, volatiles.shared]
