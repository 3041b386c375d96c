"""What each phone sent and received, in memory.

An `Inbox` holds one thread per number, oldest message first, and wakes whoever watches a number when its thread grows.
It is bounded twice: a thread drops its oldest message, and when all threads together grow too long, the phone that has
been quiet for longest is forgotten whole. A reply's delay is counted from the newest inquiry to the same address
that has had no reply yet: an inquiry that the service passes over in silence then spoils no later figure, and the delays
of several add up to the same in whatever order they are counted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final, Literal

import msgspec

from simulator.smsc.messages import Content, Encoding

THREAD_MAX: Final = 200
"""Messages kept of a phone: more than a person scrolls through."""
MESSAGES_MAX: Final = 200_000
"""Messages kept of all phones, about 150 MB: a load run of 100,000 inquiries and their replies."""
UNANSWERED_MAX: Final = 32
"""Inquiries of a phone that wait for a reply; the quota of a sender is lower."""
UNANSWERED_AGE_S: Final = 150.0
"""Seconds after which an inquiry is taken to stay without reply: the service's deadline of 120 s and some."""
LOCAL_TIME: Final = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh, which has known no other offset since 1975."""

Direction = Literal["mo", "mt"]


class Message(msgspec.Struct, frozen=True, gc=False):
    """One whole message, whatever the number of its segments."""

    id: int
    """Grows with time, over all phones and restarts; below 2**53, so that JavaScript reads it exactly."""
    direction: Direction
    peer: str
    """The other party: the short code."""
    text: str
    encoding: Encoding
    segments: int
    at: str
    """ISO 8601 with the offset of Vietnam."""
    delay_ms: int | None = None
    """Milliseconds from the inquiry to this reply; None for what the phone sent and for what answers nothing."""

    def __repr__(self) -> str:
        return f"<Message {self.direction} {self.id}>"


class _Thread:
    __slots__ = ("messages", "unanswered", "watchers")

    def __init__(self) -> None:
        # Lists: most phones hold two messages, and an empty deque takes 0.7 kB.
        self.messages: list[Message] = []
        self.unanswered: list[tuple[str, float]] = []
        self.watchers: list[Callable[[], None]] = []


class Inbox:
    """The threads of all phones. Times are arguments: `wall` in seconds of the epoch, `now` of a monotonic clock."""

    def __init__(self, *, wall: float) -> None:
        self._threads: OrderedDict[str, _Thread] = OrderedDict()
        self._count = 0
        # A million messages a second may pass before the next start would repeat a number.
        self._last_id = int(wall) << 20

    def sent(self, msisdn: str, peer: str, content: Content, *, wall: float, now: float) -> Message:
        """Record what the phone sent."""
        thread = self._thread(msisdn)
        thread.unanswered.append((peer, now))
        del thread.unanswered[:-UNANSWERED_MAX]
        return self._append(thread, "mo", peer, content, wall=wall)

    def arrived(self, msisdn: str, peer: str, content: Content, *, wall: float, now: float) -> Message:
        """Record what came to the phone."""
        thread = self._thread(msisdn)
        delay_ms = _delay_ms(thread.unanswered, peer, now)
        return self._append(thread, "mt", peer, content, wall=wall, delay_ms=delay_ms)

    def messages(self, msisdn: str, *, after: int = 0) -> list[Message]:
        """Those with an id above `after`, oldest first; empty for a phone that never texted."""
        thread = self._threads.get(msisdn)
        if thread is None:
            return []
        newer: list[Message] = []
        for message in reversed(thread.messages):
            if message.id <= after:
                break
            newer.append(message)
        newer.reverse()
        return newer

    def watch(self, msisdn: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` whenever the thread grows. Returns what ends the watch."""
        thread = self._thread(msisdn)
        thread.watchers.append(wake)

        def unwatch() -> None:
            thread.watchers.remove(wake)
            if not thread.watchers and not thread.messages and self._threads.get(msisdn) is thread:
                del self._threads[msisdn]

        return unwatch

    def _thread(self, msisdn: str) -> _Thread:
        thread = self._threads.get(msisdn)
        if thread is None:
            thread = self._threads[msisdn] = _Thread()
        else:
            self._threads.move_to_end(msisdn)
        return thread

    def _append(
        self,
        thread: _Thread,
        direction: Direction,
        peer: str,
        content: Content,
        *,
        wall: float,
        delay_ms: int | None = None,
    ) -> Message:
        self._last_id += 1
        at = datetime.fromtimestamp(wall, LOCAL_TIME).isoformat(timespec="milliseconds")
        message = Message(
            id=self._last_id,
            direction=direction,
            peer=peer,
            text=content.text,
            encoding=content.encoding,
            segments=content.segments,
            at=at,
            delay_ms=delay_ms,
        )
        thread.messages.append(message)
        if len(thread.messages) > THREAD_MAX:
            del thread.messages[0]
        else:
            self._count += 1
        while self._count > MESSAGES_MAX:
            self._forget_quietest()
        for wake in thread.watchers:
            wake()
        return message

    def _forget_quietest(self) -> None:
        msisdn, thread = self._threads.popitem(last=False)
        self._count -= len(thread.messages)
        if thread.watchers:
            thread.messages.clear()
            self._threads[msisdn] = thread  # somebody looks at it: it stays, empty


def _delay_ms(unanswered: list[tuple[str, float]], peer: str, now: float) -> int | None:
    """Milliseconds since the newest inquiry to this peer that waits, which is taken off."""
    for index in range(len(unanswered) - 1, -1, -1):
        asked, since = unanswered[index]
        if asked == peer and now - since <= UNANSWERED_AGE_S:
            del unanswered[index]
            return max(0, round((now - since) * 1000))
    return None
