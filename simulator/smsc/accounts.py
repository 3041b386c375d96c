"""Who may bind, with which password, and whose short codes are whose (SMPP 3.4 s4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from sms_service.smpp import BindReceiver, BindTransceiver, BindTransmitter, CommandStatus

SHORT_CODE: Final = "5505"
"""Of the reference syntax."""
ACCOUNT_DEFAULT: Final = "gateway:secret"
SYSTEM_ID_MAX: Final = 15
"""Octets: SMPP 3.4 s5.2.1, 16 with the NUL."""
PASSWORD_MAX: Final = 8
"""Octets: SMPP 3.4 s5.2.2, 9 with the NUL."""
BINDS_MAX: Final = 256
"""Binds of an account at once: four gateways of 64."""


class Account(msgspec.Struct, frozen=True):
    """An ESME's account; its repr hides the password."""

    system_id: str
    password: str
    short_codes: tuple[str, ...] = (SHORT_CODE,)

    def __repr__(self) -> str:
        return f"<Account {self.system_id}>"


def parse_account(text: str) -> Account:
    """Read SYSTEM_ID:PASSWORD or SYSTEM_ID:PASSWORD:CODE,CODE.

    Raises:
        ValueError: what is wrong, in words for whoever typed it.
    """
    system_id, *rest = text.split(":")
    if not rest or len(rest) > 2 or not system_id:
        raise ValueError("expected SYSTEM_ID:PASSWORD or SYSTEM_ID:PASSWORD:CODE,CODE")
    if not text.isascii() or len(system_id) > SYSTEM_ID_MAX or len(rest[0]) > PASSWORD_MAX:
        raise ValueError(f"a system_id has at most {SYSTEM_ID_MAX} ASCII characters, a password {PASSWORD_MAX}")
    codes = tuple(rest[1].split(",")) if len(rest) == 2 else (SHORT_CODE,)
    if not all(code.isdecimal() for code in codes):
        raise ValueError("short codes are digits, joined by commas")
    return Account(system_id, rest[0], codes)


class Accounts:
    """All accounts. Where two own a short code, the first receives its messages and both may send from it."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_system_id: dict[str, Account] = {}
        self._by_short_code: dict[str, Account] = {}
        for account in accounts:
            self._by_system_id[account.system_id] = account
            for short_code in account.short_codes:
                self._by_short_code.setdefault(short_code, account)

    def check(self, bind: BindReceiver | BindTransmitter | BindTransceiver) -> Account | CommandStatus:
        """The account that the bind names, or why it is refused (SMPP 3.4 s5.1.3)."""
        account = self._by_system_id.get(bind.system_id)
        if account is None:
            return CommandStatus.ESME_RINVSYSID
        if bind.password != account.password:
            return CommandStatus.ESME_RINVPASWD
        return account

    def owner(self, short_code: str) -> Account | None:
        """The account that receives what is sent to this short code."""
        return self._by_short_code.get(short_code)
