"""How the SMSC misbehaves when it is told to, and the profiles that have a name.

Nothing, unless said. No fault changes what a phone's message says: a load run under any of them must still end with the right
replies. What is odd by itself is sent besides, from numbers that nobody has (`magic`).
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from sms_service.smpp import CommandStatus

DELAY_MAX_MS: Final = 60_000.0
"""A minute: longer than any ESME waits for an answer."""
STATUS_MAX: Final = 0xFFFF_FFFF
"""command_status has four octets (SMPP 3.4 s3.2)."""

Rate = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=DELAY_MAX_MS)]
Status = Annotated[int, Meta(ge=0, le=STATUS_MAX)]


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong. Shares are of 1; every draw comes from the SMSC's seed, so that a run can be repeated."""

    bind_status: Status = 0
    """Every bind is refused with it, unless it is 0."""
    maintenance: bool = False
    """The ESMEs are asked to leave, and whoever connects is cut off."""
    submit_per_second: Annotated[float, Meta(ge=0)] = 0
    """submit_sm an account may send; what is more is answered with ESME_RTHROTTLED. 0 sets no limit."""
    submit_error_rate: Rate = 0
    """Share of submit_sm that is answered with `submit_status`, and not taken."""
    submit_status: Status = CommandStatus.ESME_RSYSERR
    """See `submit_error_rate`."""
    answer_delay_ms: Milliseconds = 0
    """Waited before a submit_sm is answered."""
    answer_jitter_ms: Milliseconds = 0
    """Waited besides, from nothing to this; answers may then overtake each other."""
    answer_loss_rate: Rate = 0
    """Share of submit_sm that is taken and never answered: the ESME cannot know, and may send it again."""
    duplicate_rate: Rate = 0
    """Share of deliver_sm that is sent twice, the second time before the first is answered."""
    disorder: bool = False
    """What waits goes out in any order, segments of a message included."""
    storm: bool = False
    """No answer to a deliver_sm is heard. When it ends, every bind is cut and all of them are delivered again."""
    noise_rate: Rate = 0
    """Share of deliver_sm before which an odd PDU is sent (`odd`): undecodable, unknown, of a wrong encoding, with strange TLVs."""
    cuts_per_minute: Annotated[float, Meta(ge=0, le=6000)] = 0
    """How often each connection breaks, on average."""
    silent: bool = False
    """Connections stay open and nothing is read from them, as when a firewall has forgotten them."""


PROFILES: Final = {
    "well-behaved": Faults(),
    "throttling": Faults(submit_per_second=200),
    "slow": Faults(answer_delay_ms=300, answer_jitter_ms=700),
    "flaky": Faults(cuts_per_minute=12),
    "duplicates": Faults(duplicate_rate=0.1),
    "out-of-order": Faults(disorder=True, answer_jitter_ms=50),
    "odd-pdus": Faults(noise_rate=0.05),
    "failing": Faults(submit_error_rate=0.1),
    "deaf": Faults(answer_loss_rate=0.01),
    "redelivery-storm": Faults(storm=True),
    "maintenance": Faults(maintenance=True),
    "silent": Faults(silent=True),
}
"""By name; each can be given where faults are."""


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    profile: str


class BadFaults(Exception):
    """What was asked for is none. The text says what would be."""


_read_faults = msgspec.json.Decoder(Faults).decode
_read_request = msgspec.json.Decoder(_Request).decode


def read_faults(body: bytes) -> Faults:
    """Faults as JSON: their fields, or `{"profile": NAME}`.

    Raises:
        BadFaults: see there.
    """
    try:
        profile = _read_request(body).profile
    except (msgspec.MsgspecError, UnicodeDecodeError):
        try:
            return _read_faults(body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadFaults(f"{error}; the fields are {', '.join(Faults.__struct_fields__)}, or profile") from None
    if profile not in PROFILES:
        raise BadFaults(f"there is no such profile; the profiles are {', '.join(PROFILES)}")
    return PROFILES[profile]
