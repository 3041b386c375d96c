"""A lane: the replies of one SMSC that wait, and the places that those under way take in its window.

Rule: a place is taken when a reply is chosen to leave and given back once, when its ending is committed, when it comes
back, or when it is no longer ours. A reply of more segments than the window holds leaves alone.
"""

from __future__ import annotations

from collections import deque

import msgspec

from sms_service.model import OutboundReply
from sms_service.pipeline.answering import Prepared


class Outgoing:
    """A reply on its way, from being ready to its ending."""

    __slots__ = ("audited", "message_ids", "places", "prepared", "segments_left", "uncertain", "uncertain_sendings")

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.segments_left = prepared.reply.segments
        self.message_ids: tuple[str, ...] = ()
        self.audited = False
        self.places = 0
        """Taken in the window; 0 while it waits."""
        self.uncertain = prepared.inquiry.may_have_left
        self.uncertain_sendings = 0

    def reply(self) -> OutboundReply:
        """What is left of it to send."""
        reply = self.prepared.reply
        if self.segments_left is reply.segments:
            return reply
        return msgspec.structs.replace(reply, segments=self.segments_left)

    def renew(self, prepared: Prepared) -> None:
        """Take a new answer to the same inquiry. It leaves whole: segments of two answers make no text. Whatever left of
        the earlier one the citizen may have besides.
        """
        self.uncertain = self.uncertain or bool(self.message_ids)
        self.prepared = prepared
        self.segments_left = prepared.reply.segments
        self.audited = False


class Lane:
    """The way to one SMSC."""

    def __init__(self) -> None:
        self.again: deque[Outgoing] = deque()
        """What came back, or was asked again; before what waits for the first time."""
        self.waiting: deque[Outgoing] = deque()
        """Oldest first."""
        self.taken = 0

    def admits(self, outgoing: Outgoing, window: int) -> bool:
        """Whether a reply may leave now."""
        if not window:
            return False
        return not self.taken or self.taken + len(outgoing.segments_left) <= window

    def take(self, outgoing: Outgoing) -> None:
        """Take its places."""
        outgoing.places = len(outgoing.segments_left)
        self.taken += outgoing.places

    def give_back(self, outgoing: Outgoing) -> None:
        """Give back its places."""
        self.taken -= outgoing.places
        outgoing.places = 0
