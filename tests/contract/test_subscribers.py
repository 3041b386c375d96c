"""The contract of `ports.Subscribers`, in memory and over HTTP."""

from sms_service.model import Subscriber, SubscriberState


async def test_the_answers_stand_in_the_order_of_the_questions(subscribers):
    """Each number's own entry, None for one that nobody knows, a number asked twice answered twice."""
    asked = ["84900000003", "84911111111", "84900000001", "84900000003", "84900000002"]
    assert await subscribers.lookup(asked) == [
        Subscriber(SubscriberState.UNVERIFIED, None),
        None,
        Subscriber(SubscriberState.AUTHENTICATED, "001085012345"),
        Subscriber(SubscriberState.UNVERIFIED, None),
        Subscriber(SubscriberState.DISOWNED, "001085012346"),
    ]


async def test_an_empty_batch_is_nothing(subscribers):
    """No call fails for having nothing to do."""
    assert await subscribers.lookup([]) == []
