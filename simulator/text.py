"""`./sms text MSISDN TEXT`: text through the running demo as a phone would, and wait for the reply.

The reply goes to standard output and nothing else does, so that it can be compared octet by octet; what it took to carry goes to
standard error. The phone listens before it sends, so no reply is too fast to be seen.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import aiohttp
import click

SHORT_CODE: Final = "5505"
TIMEOUT_S: Final = 150.0
"""Seconds: the service answers or says that it is busy within 120."""
UNREACHABLE: Final = 2
NO_ANSWER: Final = 1
"""Exit codes; 2 is also click's own for wrong usage."""
LINE_MAX: Final = 1 << 20
"""Octets of one line of an event stream, a message of 1,530 characters escaped and much more."""


class Unreachable(Exception):
    """There is no phone to text from, or it refuses the message. The text says why and what to do."""


class NoAnswer(Exception):
    """Nothing came back in time."""


def phone_url(folder: Path) -> str:
    """Where the demo of this folder has its phones.

    Raises:
        Unreachable: there is no demo, or it has no phones.
    """
    try:
        facts = json.loads((folder / "demo.json").read_text("utf-8"))
    except FileNotFoundError:
        raise Unreachable(f"{folder}/demo.json is not there. Is the demo running? Start it with: ./sms demo") from None
    except (OSError, ValueError) as error:
        raise Unreachable(f"{folder}/demo.json cannot be read: {error}") from error
    url = facts.get("phone_url") if isinstance(facts, dict) else None
    if not isinstance(url, str):
        raise Unreachable("This demo has no phones: it serves an SMSC of your own.")
    return url.rstrip("/")


async def exchange(
    url: str, msisdn: str, text: str, *, timeout_s: float, short_code: str = SHORT_CODE
) -> dict[str, Any]:
    """Send a message and wait for the first that comes back; returns it as the phone's list has it.

    Raises:
        Unreachable, NoAnswer: see there.
    """
    try:
        async with asyncio.timeout(timeout_s), aiohttp.ClientSession(read_bufsize=LINE_MAX) as http:
            events = f"{url}/api/phones/{msisdn}/events"
            async with http.get(events, timeout=aiohttp.ClientTimeout(total=None)) as stream:
                await _refuse_errors(stream)
                body = {"from": msisdn, "to": short_code, "text": text}
                async with http.post(f"{url}/api/messages", json=body) as response:
                    await _refuse_errors(response)
                    sent = (await response.json())["id"]
                async for line in stream.content:
                    if line.startswith(b"data:"):
                        message: dict[str, Any] = json.loads(line.removeprefix(b"data:"))
                        if message["direction"] == "mt" and message["id"] > sent:
                            return message
    except TimeoutError:
        raise NoAnswer(f"no answer within {timeout_s:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(
            f"{url} does not answer ({type(error).__name__}). Is the demo running? Start it with: ./sms demo"
        ) from error
    raise Unreachable("The phone was switched off while it waited: has the demo ended?")


async def _refuse_errors(response: aiohttp.ClientResponse) -> None:
    if response.ok:
        return
    try:
        reason = (await response.json())["error"]
    except (aiohttp.ClientError, ValueError, KeyError, TypeError):
        reason = f"HTTP {response.status}"
    raise Unreachable(f"The phone refuses: {reason}")


@click.command()
@click.argument("msisdn")
@click.argument("text")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=".demo", show_default=True, help="The demo's folder."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=TIMEOUT_S,
    show_default=True,
    help="Seconds.",
)
@click.pass_context
def text(context: click.Context, msisdn: str, text: str, folder: Path, timeout_s: float) -> None:
    """Text the running demo from the phone MSISDN and print the reply.

    \b
    Exit codes: 0 answered, 1 no answer in time, 2 the demo cannot be reached or refuses.

    \b
    Examples:
      ./sms text 0983758274 "DC"
      ./sms text --dir .demo2 84983758274 "DC DAU"
    """  # noqa: D301 - click wants the character, not the two that spell it
    try:
        reply = asyncio.run(exchange(phone_url(folder), msisdn, text, timeout_s=timeout_s))
    except NoAnswer as error:
        click.echo(f"text: {error}", err=True)
        context.exit(NO_ANSWER)
    except Unreachable as error:
        click.echo(f"text: {error}", err=True)
        context.exit(UNREACHABLE)
    segments = reply["segments"]
    took = "" if reply["delay_ms"] is None else f", {reply['delay_ms']} ms"
    click.echo(f"encoding {reply['encoding']}, {segments} segment{'s' if segments != 1 else ''}{took}", err=True)
    click.echo(reply["text"])
