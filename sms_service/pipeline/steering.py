"""Steering: what operators may do to a running instance, each action once, by name, and written down.

Nothing here loses a message: whoever is turned away is told to try later, so that the SMSC keeps the message or gives it to another
instance; what was accepted is answered. An action is done even when it cannot be written down, for the database may be what is wrong; then
it stands in the log. Blocked senders are the same for all instances: each reads them again every `BLOCKLIST_S`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import msgspec
import structlog

from sms_service.keys import Pseudonyms
from sms_service.model import Blocked, Inquiry, Steered
from sms_service.pipeline.inflight import InFlight
from sms_service.pipeline.intake import Intake
from sms_service.ports import Clock, PortError, Steerage
from sms_service.sms.msisdn import normalise

BLOCKLIST_S: Final = 2.0
"""Seconds between two looks at who is blocked: how long it takes until another instance knows."""
OLD_S: Final = 10.0
"""Seconds from which an inquiry in flight is listed unless told: nearly all are answered within one."""
LISTED_MAX: Final = 200
"""Inquiries in flight, or actions, that are listed."""
RATE_MAX: Final = 1_000_000.0
"""Segments a second, as in the configuration."""

_log = structlog.get_logger()


class CannotSteer(Exception):
    """What was asked for cannot be done. The text says why, and names no person."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An action, as it is asked for."""

    action: str
    operator: str = ""
    """Who asks: a name for the record."""
    smsc: str | None = None
    bind: int | None = None
    """1 …"""
    per_second: float | None = None
    msisdn: str | None = None
    sender: str | None = None
    """A pseudonym, in hexadecimal digits, as records and the log show it."""
    reason: str = ""
    inquiry_id: int | None = None

    def __repr__(self) -> str:
        return f"<Asked {self.action}>"


class Open(msgspec.Struct, frozen=True):
    """An inquiry in flight."""

    inquiry_id: int
    age_s: float
    smsc: str
    sender: str
    """Pseudonym."""
    resumed: bool


class State(msgspec.Struct, frozen=True):
    """How this instance is steered."""

    instance: str
    smscs: list[str]
    draining: bool
    in_flight: int
    isolated: list[str]
    stopped: list[str]
    blocked: int
    actions: list[Steered]
    """The latest of all instances; none while the journal does not answer."""


class Gateway(Protocol):
    """What is steered of the pipeline."""

    in_flight: InFlight

    @property
    def intake(self) -> Intake:
        """See `pipeline.gateway.Gateway`."""

    def close(self) -> None:
        """See there."""

    def open(self) -> None:
        """See there."""

    def give_up(self, inquiry_id: int) -> bool:
        """See there."""

    def requeue(self, inquiry_id: int) -> bool:
        """See there."""


class Binds(Protocol):
    """What is steered of the ESME; a KeyError tells that there is no such SMSC or bind."""

    async def stop_smsc(self, smsc: str, bind: int | None = None) -> int:
        """See `esme.Esme`."""

    def start_smsc(self, smsc: str, bind: int | None = None) -> int:
        """See there."""

    def stopped(self) -> list[str]:
        """See there."""

    def pace(self, smsc: str, per_second: float) -> float:
        """See there."""


class Blocklist:
    """Who is blocked, as this instance knows it."""

    def __init__(self, steerage: Steerage, clock: Clock) -> None:
        self.steerage: Final = steerage
        """Where they are kept."""
        self._clock = clock
        self._down = False
        self.senders: frozenset[bytes] = frozenset()
        """Pseudonyms."""

    async def look(self) -> None:
        """Read them again. What cannot be read now stays as it was."""
        try:
            blocked = await self.steerage.blocked()
        except PortError as error:
            if not self._down:
                _log.warning("blocklist_stale", why=str(error))
            self._down = True
            return
        self._down = False
        self.senders = frozenset(one.sender for one in blocked)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(BLOCKLIST_S)


class Steering:
    """The wheel of one instance."""

    def __init__(
        self,
        instance: str,
        *,
        gateway: Gateway,
        binds: Binds,
        smscs: Sequence[str],
        blocklist: Blocklist,
        pseudonyms: Pseudonyms,
        reload: Callable[[], Awaitable[str]],
        clock: Clock,
    ) -> None:
        """`reload` reads the syntax files again, and says what came of it."""
        self._instance = instance
        self._gateway = gateway
        self._binds = binds
        self._smscs = list(smscs)
        self._steerage = blocklist.steerage
        self._blocklist = blocklist
        self._pseudonyms = pseudonyms
        self._reload = reload
        self._clock = clock
        self._actions: dict[str, Callable[[Asked], Awaitable[tuple[str, str]]]] = {
            "drain": self._drain,
            "resume": self._resume,
            "stop": self._stop,
            "start": self._start,
            "isolate": self._isolate,
            "admit": self._admit,
            "pace": self._pace,
            "block": self._block,
            "unblock": self._unblock,
            "give-up": self._give_up,
            "requeue": self._requeue,
            "reload-syntax": self._reload_syntax,
        }

    @property
    def actions(self) -> list[str]:
        """What can be asked for."""
        return list(self._actions)

    async def do(self, asked: Asked) -> tuple[Steered, bool]:
        """Do it, and write it down.

        Returns:
            What was done, and whether it is written down.

        Raises:
            CannotSteer: it cannot be done.
            PortError: of `block` and `unblock`, which are nothing but what is written down.
        """
        action = self._actions.get(asked.action)
        if action is None:
            raise CannotSteer(f"there is no such action; the actions are {', '.join(self._actions)}")
        target, outcome = await action(asked)
        at = dt.datetime.fromtimestamp(self._clock.time(), dt.UTC)
        steered = Steered(at, self._instance, asked.operator or "unnamed", asked.action, target, outcome)
        _log.info("steered", operator=steered.operator, action=steered.action, target=target, outcome=outcome)
        try:
            await self._steerage.record(steered)
        except PortError as error:
            _log.error("action_not_recorded", action=steered.action, target=target, why=str(error))
            return steered, False
        return steered, True

    @property
    def draining(self) -> bool:
        """Whether every new message is turned away."""
        return self._gateway.intake.closed

    @property
    def isolated(self) -> list[str]:
        """The SMSCs whose messages are turned away."""
        return self._gateway.intake.isolated

    async def state(self) -> State:
        """How it is now."""
        try:
            actions = await self._steerage.recorded(LISTED_MAX)
        except PortError:
            actions = []
        return State(
            instance=self._instance,
            smscs=self._smscs,
            draining=self.draining,
            in_flight=len(self._gateway.in_flight),
            isolated=self.isolated,
            stopped=self._binds.stopped(),
            blocked=len(self._blocklist.senders),
            actions=actions,
        )

    async def blocked(self) -> list[Blocked]:
        """Who is blocked.

        Raises:
            PortError: see there.
        """
        return await self._steerage.blocked()

    def inquiries(self, older_s: float = OLD_S) -> list[Open]:
        """Those in flight here that are older, the oldest first, `LISTED_MAX` at most."""
        now = self._clock.monotonic()
        found = [
            one
            for inquiry_id in self._gateway.in_flight.ids()
            if (one := self._gateway.in_flight.get(inquiry_id)) is not None and now - one.since >= older_s
        ]
        found.sort(key=lambda one: one.since)
        return [_open(one, now) for one in found[:LISTED_MAX]]

    # ---- the actions: each returns its target and what came of it -----------------------------------------------------

    async def _drain(self, _asked: Asked) -> tuple[str, str]:
        self._gateway.close()
        return "", f"new messages are turned away; {len(self._gateway.in_flight)} in flight are answered still"

    async def _resume(self, _asked: Asked) -> tuple[str, str]:
        self._gateway.open()
        return "", "messages are taken again"

    async def _stop(self, asked: Asked) -> tuple[str, str]:
        target = self._target(asked)
        try:
            count = await self._binds.stop_smsc(self._smsc(asked), asked.bind)
        except KeyError:
            raise CannotSteer(f"it has no bind {asked.bind}") from None
        return target, f"{count} binds are down and stay so"

    async def _start(self, asked: Asked) -> tuple[str, str]:
        target = self._target(asked)
        try:
            count = self._binds.start_smsc(self._smsc(asked), asked.bind)
        except KeyError:
            raise CannotSteer(f"it has no bind {asked.bind}") from None
        return target, f"{count} binds are bound again"

    def _target(self, asked: Asked) -> str:
        smsc = self._smsc(asked)
        return smsc if asked.bind is None else f"{smsc} bind {asked.bind}"

    async def _isolate(self, asked: Asked) -> tuple[str, str]:
        smsc = self._smsc(asked)
        self._gateway.intake.isolate(smsc)
        return smsc, "its messages are turned away; replies leave"

    async def _admit(self, asked: Asked) -> tuple[str, str]:
        smsc = self._smsc(asked)
        self._gateway.intake.admit(smsc)
        return smsc, "its messages are taken again"

    async def _pace(self, asked: Asked) -> tuple[str, str]:
        smsc = self._smsc(asked)
        if asked.per_second is None or not 0 <= asked.per_second <= RATE_MAX:
            raise CannotSteer(
                f"per_second: segments a second over all binds of this instance, 0 … {RATE_MAX:.0f}; 0 for no limit"
            )
        before = self._binds.pace(smsc, asked.per_second)
        return smsc, f"{asked.per_second:g} segments a second instead of {before:g}, until the next start (0: no limit)"

    async def _block(self, asked: Asked) -> tuple[str, str]:
        sender = self._sender(asked)
        if not asked.reason.strip():
            raise CannotSteer("reason: say why, for whoever finds it later")
        at = dt.datetime.fromtimestamp(self._clock.time(), dt.UTC)
        await self._steerage.block(Blocked(sender, at, asked.reason, asked.operator or "unnamed"))
        await self._blocklist.look()
        return sender.hex(), f"inquiries are acknowledged and not answered: {asked.reason}"

    async def _unblock(self, asked: Asked) -> tuple[str, str]:
        sender = self._sender(asked)
        if not await self._steerage.unblock(sender):
            raise CannotSteer("that sender is not blocked")
        await self._blocklist.look()
        return sender.hex(), "inquiries are answered again"

    async def _give_up(self, asked: Asked) -> tuple[str, str]:
        inquiry_id = _inquiry_id(asked)
        if not self._gateway.give_up(inquiry_id):
            raise CannotSteer(_NOT_HERE)
        return str(inquiry_id), "ended without a reply, as undeliverable"

    async def _requeue(self, asked: Asked) -> tuple[str, str]:
        inquiry_id = _inquiry_id(asked)
        if not self._gateway.requeue(inquiry_id):
            raise CannotSteer(_NOT_HERE)
        return str(inquiry_id), "read and answered anew"

    async def _reload_syntax(self, _asked: Asked) -> tuple[str, str]:
        return "", await self._reload()

    # ---- what is meant -------------------------------------------------------------------------------------------------

    def _smsc(self, asked: Asked) -> str:
        if asked.smsc not in self._smscs:
            raise CannotSteer(f"smsc: one of {', '.join(self._smscs)}")
        if asked.bind is not None and asked.bind < 1:
            raise CannotSteer("bind: 1 for the first, 2 for the second …")
        return str(asked.smsc)

    def _sender(self, asked: Asked) -> bytes:
        if (asked.msisdn is None) == (asked.sender is None):
            raise CannotSteer("a sender is meant by msisdn, or by sender, its pseudonym")
        if asked.msisdn is not None:
            msisdn = normalise(asked.msisdn, 0, 0)
            if msisdn is None:
                raise CannotSteer("msisdn: a number, 84… or 0…")
            return self._pseudonyms.msisdn(msisdn)
        try:
            sender = bytes.fromhex(asked.sender or "")
        except ValueError:
            sender = b""
        if len(sender) != _SENDER_OCTETS:
            raise CannotSteer(f"sender: {2 * _SENDER_OCTETS} hexadecimal digits, as records and the log show it")
        return sender


_SENDER_OCTETS: Final = 16
_NOT_HERE: Final = (
    "it is not in flight at this instance, or its reply is under way at the SMSC; "
    "/api/control/inquiries lists those that are in flight"
)


def _inquiry_id(asked: Asked) -> int:
    if asked.inquiry_id is None:
        raise CannotSteer("inquiry_id: of one that is in flight; /api/control/inquiries lists them")
    return asked.inquiry_id


def _open(inquiry: Inquiry, now: float) -> Open:
    return Open(inquiry.inquiry_id, round(now - inquiry.since, 1), inquiry.smsc, inquiry.sender.hex(), inquiry.resumed)


def told(outcome: Any) -> str:
    """What a reload of the syntax came to, in words."""
    if outcome.accepted:
        return "; ".join(outcome.changes) or "taken"
    return f"refused, {len(outcome.findings)} findings; the versions in use stay"
