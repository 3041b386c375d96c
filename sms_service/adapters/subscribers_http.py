"""The subscriber register over HTTP: `POST /v1/subscribers/lookup`, a batch of numbers at a time.

Rule: a register that answers nonsense is not believed. A wrong status, a wrong length, an entry for another number, a state
that nobody knows: none of them is taken for "unknown", which would refuse citizens who exist. Most are `Unavailable`: the
register as a whole is at fault, and may mend. A single entry that is not understood (a state that is new, say) is
`Misconfigured`: only a person can mend that, and the numbers beside it must not wait for it. A number that the register
does not know is `null`, in its place.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from http import HTTPStatus
from typing import Annotated, Final

import aiohttp
import msgspec
from msgspec import Meta

from sms_service.model import Subscriber, SubscriberState
from sms_service.ports import Misconfigured, Unavailable

PATH: Final = "/v1/subscribers/lookup"
ENTRY_BYTES_MAX: Final = 1024
"""Octets of an answer for each number asked: an entry has some 100. More is not ours to read."""
CONNECTIONS_MAX: Final = 8
"""One for each batch under way, and some to spare."""

CitizenId = Annotated[str, Meta(min_length=9, max_length=12)]
"""A số định danh has 12 digits, an old CMND 9. That they are digits is seen to in `lookup`, at a tenth of the cost of a
pattern here."""

_NOBODY: Final = b'{"msisdns":[]}'
_HEARD: Final = frozenset({HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
"""Of an answer to a question about nobody: the register lives."""

_REMEDIES: Final = {
    401: "check subscribers.token_file",
    403: "check subscribers.token_file",
    404: f"check subscribers.url; {PATH} is appended to it",
}


class _Entry(msgspec.Struct, frozen=True, gc=False):
    msisdn: str
    state: SubscriberState
    citizen_id: CitizenId | None


class _Answer(msgspec.Struct, frozen=True, gc=False):
    subscribers: list[_Entry | None]


class _LooseAnswer(msgspec.Struct, frozen=True, gc=False):
    subscribers: list[msgspec.Raw]


_DECODER: Final = msgspec.json.Decoder(_Answer)
_LOOSE_DECODER: Final = msgspec.json.Decoder(_LooseAnswer)


class HttpSubscribers:
    """The register behind an address."""

    def __init__(self, url: str, *, timeout_s: float, token: str = "") -> None:
        """`token` is sent as a bearer token when it is not empty. Made and closed within a running event loop."""
        self._url = url.rstrip("/") + PATH
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=timeout_s),
            connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def check(self) -> None:
        """Ask about nobody: whether the register is there and lets us in. One that calls that no question is there.

        Raises:
            Unavailable: it is not, or it does not.
        """
        await self._post(_NOBODY, ENTRY_BYTES_MAX, well=_HEARD)

    async def lookup(self, msisdns: Sequence[str]) -> list[Subscriber | None]:
        """See `ports.Subscribers`.

        Raises:
            Unavailable: the register does not answer, or not as it should.
            Misconfigured: it answers for each number, but what it says of one of them cannot be understood.
        """
        if not msisdns:
            return []
        answer = await self._post(msgspec.json.encode({"msisdns": msisdns}), len(msisdns) * ENTRY_BYTES_MAX)
        try:
            entries = _DECODER.decode(answer).subscribers
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if _answers_each(answer, len(msisdns)):
                raise Misconfigured("subscribers: the register says of a number what is not understood") from None
            entries = []
        if len(entries) != len(msisdns):
            raise Unavailable("subscribers: the register's answer is not what it should be")
        subscribers: list[Subscriber | None] = []
        for msisdn, entry in zip(msisdns, entries, strict=True):
            if entry is None:
                subscribers.append(None)
            elif entry.msisdn == msisdn and (entry.citizen_id is None or _is_number(entry.citizen_id)):
                subscribers.append(Subscriber(entry.state, entry.citizen_id))
            else:
                raise Unavailable("subscribers: the register's answer is not about the numbers asked, or gives no ID")
        return subscribers

    async def _post(self, body: bytes, limit: int, well: Container[int] = (HTTPStatus.OK,)) -> bytes:
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                if response.status not in well:
                    remedy = _REMEDIES.get(response.status, "see its log")
                    raise Unavailable(f"subscribers: the register answers HTTP {response.status}; {remedy}")
                return await _read(response.content, limit)
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"subscribers: the register cannot be reached ({type(error).__name__})") from None


def _answers_each(answer: bytes, asked: int) -> bool:
    """Whether there is an entry for each number, whatever it says: then one of them is at fault, not the register."""
    try:
        return len(_LOOSE_DECODER.decode(answer).subscribers) == asked
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


async def _read(content: aiohttp.StreamReader, limit: int) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > limit:
            raise Unavailable("subscribers: the register's answer is too long")
    return bytes(body)
