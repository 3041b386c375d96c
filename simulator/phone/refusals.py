"""What the phone's HTTP refuses, and how it reads a number: shared by all of its routes."""

from __future__ import annotations

from typing import Final

from sms_service.sms import normalise

ADDRESS_MAX: Final = 32
"""Characters of a typed number: 15 digits and the blanks and dots that people write."""


class NotSent(Exception):
    """The network did not take the message, or a question is none. Holds no number and no text."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def read_msisdn(typed: str) -> str:
    """A number as a person types it, 0…, +84… or 84…, with blanks, dots and dashes, in the form 84….

    Raises:
        NotSent: it is none.
    """
    if len(typed) <= ADDRESS_MAX:
        msisdn = normalise("".join(character for character in typed if character not in " .-()\u00a0"), 0, 0)
        if msisdn is not None:
            return msisdn
    raise NotSent("bad_number", "Số điện thoại không hợp lệ. Hãy nhập dạng 09…, +849… hoặc 849….")
